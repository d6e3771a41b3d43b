"""A report as a figure of matplotlib, and the figure as the bytes of a picture."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from kpisdk.builtin.pages.publishing import source_name
from kpisdk.builtin.plots.panel_drawing import INK, MOST_BARS, SOFT, draw
from kpisdk.builtin.plots.plot_errors import (
    NothingToPlotError,
    PictureFormatError,
    TooManyPlotsError,
)
from kpisdk.builtin.plots.plot_panels import Panel, panels_of, short
from kpisdk.builtin.reports import figure_text as figures
from kpisdk.contracts.results import Report
from kpisdk.errors import MissingDependencyError

ENDINGS = ("png", "svg")
"""The kinds of picture that can be written, as files end."""

MOST_PANELS = 30
DOTS = 200  # per inch: sharp in print, and small enough for a slide

_MARKS = {
    True: "Synthetic data",
    None: "Perhaps synthetic data: the mark cannot be read",
}


def require_matplotlib(purpose: str) -> None:
    """See to it that pictures can be drawn.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingDependencyError("matplotlib", purpose, "pip install 'kpisdk[plot]'") from error
    del mpl


def figure_of(report: Report, purpose: str = "Report.plot") -> Any:
    """A figure with a panel for each KPI: trends where there are periods, else bars by slice.

    Args:
        report: what to draw.
        purpose: what needs the figure, for the error.

    Returns:
        A ``matplotlib.figure.Figure`` of its own, which no global state knows; a notebook shows it.

    Raises:
        MissingDependencyError: matplotlib is not installed.
        NothingToPlotError: no result has a value that can be drawn.
        TooManyPlotsError: there are more KPIs than one picture can show.
    """
    require_matplotlib(purpose)
    panels = panels_of(report)
    if all(panel.absent for panel in panels):
        raise NothingToPlotError(tuple(dict.fromkeys(panel.absent for panel in panels)))
    if len(panels) > MOST_PANELS:
        raise TooManyPlotsError(len(panels), MOST_PANELS)
    heights = [_height(panel) for panel in panels]
    foot = 0.45  # inches for the line at the bottom
    figure = _figure_class()(
        figsize=(8.0, sum(heights) + foot), layout="constrained", facecolor="white"
    )
    grid = figure.add_gridspec(len(panels), 1, height_ratios=heights)
    with _quiet():
        for place, panel in enumerate(panels):
            draw(figure.add_subplot(grid[place]), panel)
    bottom = foot / (sum(heights) + foot)
    figure.get_layout_engine().set(rect=(0, bottom, 1, 1 - bottom), hspace=0.06)
    _signed(figure, report)
    return figure


def picture(figure: Any, ending: str) -> bytes:
    """A figure as PNG or SVG; the same results give the same bytes.

    Args:
        figure: of :func:`figure_of`.
        ending: ``png`` or ``svg``.
    """
    import matplotlib as mpl

    out = BytesIO()
    facts: dict[str, Any] = {"Title": "KPI report"}
    facts |= {"Date": None, "Creator": "kpisdk"} if ending == "svg" else {"Software": "kpisdk"}
    with mpl.rc_context({"svg.hashsalt": "kpisdk"}), _quiet():
        figure.savefig(out, format=ending, dpi=DOTS, metadata=facts)
    return out.getvalue()


def ending_of(path: Path) -> str:
    """The kind of picture that a file's name asks for.

    Raises:
        PictureFormatError: the name ends otherwise.
    """
    ending = path.suffix.lower().removeprefix(".")
    if ending not in ENDINGS:
        raise PictureFormatError(str(path), ENDINGS)
    return ending


def _height(panel: Panel) -> float:
    """Inches."""
    if panel.absent:
        return 1.0
    return 2.9 if panel.series else 1.15 + 0.28 * min(len(panel.bars), MOST_BARS)


def _signed(figure: Any, report: Report) -> None:
    """At the bottom: where the numbers come from, and whether they are made up."""
    synthetic = False if report.source is None else report.source.synthetic
    mark = _MARKS.get(synthetic, "")
    told = [] if report.source is None else [f"Source: {short(source_name(report.source.name))}"]
    through = [each.data_through for each in report.results if each.data_through is not None]
    told += [f"data through {figures.instant(max(through))} UTC"] if through else []
    levels = sorted({each.interval.level for each in report.results if each.interval})
    told += [f"bands and whiskers: intervals at {100 * level:g} %" for level in levels]
    foot = {"va": "bottom", "fontsize": 7.5, "parse_math": False}
    figure.text(0.01, 0.012, "; ".join(told), color=SOFT, ha="left", **foot)
    if mark:
        figure.text(0.99, 0.012, mark, color=INK, ha="right", fontweight="bold", **foot)


@cache
def _figure_class() -> type[Any]:
    """A figure of matplotlib, which a notebook shows without pyplot."""
    from matplotlib.figure import Figure

    class ReportFigure(Figure):
        """A figure of a report."""

        def _repr_png_(self) -> bytes:
            return picture(self, "png")

    return ReportFigure


@contextmanager
def _quiet() -> Iterator[None]:
    """Without remarks on characters that the font lacks: they are drawn as boxes."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        yield

"""Reports as pictures: what is drawn, where it lies, and that texts of the data are only text."""

import sys
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kpisdk.builtin.plots.panel_drawing import MOST_BARS
from kpisdk.builtin.plots.plot_errors import (
    NothingToPlotError,
    PictureFormatError,
    TooManyPlotsError,
)
from kpisdk.builtin.plots.plot_panels import panels_of
from kpisdk.builtin.plots.report_figure import ending_of, picture
from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.results import Report, Result, SourceIdentity
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Reason, Status, Unit
from kpisdk.errors import MissingDependencyError

pytest.importorskip("matplotlib", reason="matplotlib is an extra")

HOSTILE = [
    "$\\frac{",
    "_hidden",
    "</svg><script>alert(1)</script>",
    "a\x1b[31m\nb\u202e",
    "药",
    "x" * 500,
]
BOUNDS = Thresholds(0.6, 0.45, 0.3)


def make(value=0.5, **facts):
    plain = {
        "kpi_id": "WS2-TR-004",
        "name": "Acceptance rate",
        "workstream": "ws2",
        "unit": Unit.RATIO,
        "status": Status.WARNING,
        "thresholds": BOUNDS,
    }
    return Result(value=value, **{**plain, **facts})


def month(number, value, **facts):
    window = Window(datetime(2026, number, 1, tzinfo=UTC), label=f"2026-{number:02}")
    reason = Reason.NO_ROWS if value is None else None
    return make(value, period=f"2026-{number:02}", window=window, reason=reason, **facts)


def texts(figure):
    """All words of a figure."""
    from matplotlib.text import Text

    return [each.get_text() for each in figure.findobj(Text)]


def test_a_trend_is_a_line_with_its_band_and_a_gap_stays_one():
    """The line has a point per period in order of time, and none where there is no value."""
    results = [
        month(3, 0.7, interval=Interval(0.6, 0.8)),
        month(1, 0.5, interval=Interval(0.4, 0.6)),
        month(2, None),
    ]
    (axes,) = Report(tuple(results)).plot().axes

    values = axes.lines[0].get_ydata()
    assert (values[0], values[2]) == (0.5, 0.7)
    assert values[1] != values[1]
    assert [each.get_text() for each in axes.get_xticklabels()] == ["2026-01", "2026-02", "2026-03"]
    low, high = axes.get_ylim()
    assert low < 0.3
    assert high > 0.8
    assert {"good", "warning", "critical"} <= set(texts(axes.figure))


def test_bars_are_sorted_and_have_their_intervals():
    """The largest slice is on top; what a slice has no value for is not drawn as zero."""
    results = [
        make(0.2, slice={"brand": "A"}, interval=Interval(0.1, 0.3)),
        make(0.9, slice={"brand": "B"}),
        make(None, slice={"brand": "C"}, reason=Reason.NO_ROWS),
    ]
    (axes,) = Report(tuple(results)).plot().axes

    assert [
        each.get_width() for each in axes.patches if each.get_height() == pytest.approx(0.62)
    ] == [0.9, 0.2]
    assert [each.get_text() for each in axes.get_yticklabels()] == ["B", "A"]
    assert axes.yaxis_inverted()


def test_synthetic_data_are_marked_and_real_ones_are_not():
    """Also where the mark cannot be read."""
    for synthetic, expected in ((True, ["Synthetic data"]), (False, [])):
        source = SourceIdentity("demo", "duckdb", "f", synthetic=synthetic)
        found = texts(Report((make(),), source).plot())
        assert [each for each in found if "ynthetic" in each] == expected
    unreadable = SourceIdentity("demo", "duckdb", "f", synthetic=None)
    assert any("Perhaps synthetic" in each for each in texts(Report((make(),), unreadable).plot()))


@pytest.mark.parametrize("ending", ["png", "svg"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_only_text(ending, text):
    """Names, slices and sources: no formula, no markup, no picture that cannot be written."""
    source = SourceIdentity(text, "duckdb", "f")
    bars = Report((make(name=text, slice={"b": text}), make(slice={"b": "y"})), source)
    lines = Report(
        tuple(month(each, 0.5, name=text, slice={"b": b}) for each in (1, 2) for b in (text, "y")),
        source,
    )
    for report in (bars, lines):
        figure = report.plot()
        written = picture(figure, ending)
        assert written == picture(report.plot(), ending)
        if ending == "svg":
            tree = ET.fromstring(written)  # noqa: S314 - written by ourselves
            assert not [each for each in tree.iter() if each.tag.endswith("script")]
    if text.startswith("_"):  # matplotlib would leave it out of a legend
        assert text in texts(lines.plot())


@pytest.mark.parametrize("value", [0.0, -1.0, 1e-300, 1e199, -1e199])
def test_extreme_values_are_drawn(value):
    """Without an error, and inside the axes."""
    bars = Report((make(value, slice={"b": "x"}, thresholds=None),)).plot()
    assert picture(bars, "png").startswith(b"\x89PNG")
    figure = Report((month(1, value, thresholds=None), month(2, value, thresholds=None))).plot()
    low, high = figure.axes[0].get_ylim()
    assert low < value < high
    assert picture(figure, "svg")


def test_what_is_too_large_is_said_and_not_drawn():
    """Beside a KPI that can be drawn; alone it is an error."""
    huge = make(1e308, kpi_id="BR-001", unit=Unit.COUNT, thresholds=None)
    figure = Report((huge, make())).plot()

    assert any("too large" in each for each in texts(figure))
    with pytest.raises(NothingToPlotError, match="too large"):
        Report((huge,)).plot()


def test_an_absent_kpi_says_why_in_its_place():
    """It is not left out in silence."""
    gone = make(None, kpi_id="BR-001", reason=Reason.MISSING_TABLE, message="No table 'x'.")
    figure = Report((make(), gone)).plot()

    assert any("missing_table" in each for each in texts(figure))


def test_nothing_to_draw_is_an_error_with_the_reasons():
    """Not an empty picture."""
    gone = make(None, reason=Reason.MISSING_TABLE, message="No table 'x'.")
    with pytest.raises(NothingToPlotError, match="missing_table: No table 'x'"):
        Report((gone,)).plot()
    with pytest.raises(NothingToPlotError, match="no results"):
        Report(()).plot()


def test_too_many_kpis_are_refused_and_too_many_slices_are_counted():
    """A picture that nobody could read is not written."""
    many = tuple(make(kpi_id=f"BR-{number:03}") for number in range(31))
    with pytest.raises(TooManyPlotsError, match="30 KPIs at most, and these are 31"):
        Report(many).plot()
    slices = tuple(make(0.5, slice={"b": str(number)}) for number in range(MOST_BARS + 3))
    assert any("3 more slices" in each for each in texts(Report(slices).plot()))
    lines = tuple(month(1, 0.5, slice={"b": str(number)}) for number in range(11))
    assert any("3 more not drawn" in each for each in texts(Report(lines).plot()))


def test_filters_and_parameters_stand_in_the_title():
    """A picture that left its question would be taken for the whole."""
    one = make(where={"brand": ["Kisqali"]}, parameters={"k": 5})

    assert panels_of(Report((one,)))[0].title.endswith("brand=Kisqali, k=5")


def test_the_ending_says_what_is_written():
    """Case does not matter; anything else is refused before a row is read."""
    assert ending_of(Path("a/x.PNG")) == "png"
    assert ending_of(Path("x.svg")) == "svg"
    for name in ("x", "x.pdf", ".png"):
        with pytest.raises(PictureFormatError, match=r"\.png or \.svg"):
            ending_of(Path(name))


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    """The extra's name."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    with pytest.raises(MissingDependencyError, match=r"pip install 'kpisdk\[plot\]'"):
        Report((make(),)).plot()


def test_a_notebook_shows_the_figure_without_pyplot():
    """PNG bytes, as IPython asks for them."""
    figure = Report((make(),)).plot()

    assert figure._repr_png_().startswith(b"\x89PNG")

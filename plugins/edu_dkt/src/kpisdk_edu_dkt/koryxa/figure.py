"""The figure: completion and tickets of each cohort, with their intervals, one above the other."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from kpisdk import MissingDependencyError, Result
from kpisdk_edu_dkt.koryxa.evidence import Groups

FORMATS = ("png", "svg")


def drawn(cohorts: Groups) -> dict[str, bytes]:
    """The figure as PNG and SVG, the same bytes for the same values.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingDependencyError(
            "matplotlib", "The figure", "pip install 'kpisdk-edu-dkt[plots]'"
        ) from error
    names = list(cohorts.values)
    principal = [pair[0] for pair in cohorts.values.values()]
    guardrail = [pair[1] for pair in cohorts.values.values()]
    # The salt keeps the ids in an SVG from being random.
    with mpl.rc_context({"svg.hashsalt": "koryxa", "svg.fonttype": "none"}):
        figure = Figure(figsize=(max(4.0, 0.8 * len(names) + 2.0), 4.5), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True)
        _panel(above, names, principal, "completion_rate_m1", "tab:blue")
        _panel(below, names, guardrail, "support_ticket_rate", "tab:red")
        above.set_ylim(0.0, 1.0)
        below.set_ylim(bottom=0.0)
        below.set_xlabel("cohort_id")
        below.tick_params(axis="x", rotation=30 if len(names) > 6 else 0)
        return {form: _saved(figure, form) for form in FORMATS}


def _panel(
    axes: Any, names: Sequence[str], results: Sequence[Result], what: str, colour: str
) -> None:
    places = range(len(names))
    values = [result.value for result in results]
    axes.plot(
        places, [float("nan") if each is None else each for each in values], "o-", color=colour
    )
    for place, result in zip(places, results, strict=True):
        if result.interval is not None:
            axes.vlines(place, result.interval.low, result.interval.high, color=colour, alpha=0.4)
    known = [value for value in values if value is not None]
    axes.set_ylim(top=1.25 * max([*known, 0.8]))
    axes.set_xticks(list(places), list(names))
    axes.set_ylabel(what)
    axes.grid(axis="y", alpha=0.3)


def _saved(figure: Any, form: str) -> bytes:
    buffer = io.BytesIO()
    metadata = {"Date": None} if form == "svg" else {"Software": None}
    figure.savefig(buffer, format=form, dpi=120, metadata=metadata)
    return buffer.getvalue()

"""The change against another period, in words and on a scale around zero."""

from __future__ import annotations

import attrs

from kpisdk.builtin.pages.axes import Axis
from kpisdk.builtin.reports import figure_text as figures
from kpisdk.contracts.results import Comparison, Result
from kpisdk.contracts.vocabulary import Unit

WIDTH = 240
"""Of the drawing, in its own units."""


@attrs.frozen
class ChangeDrawing:
    """A change: its words, the value then and now, and places on a scale that holds zero.

    ``zero`` to ``high`` are ``None`` where there is no change to draw.
    """

    words: str
    since: str
    before: str
    now: str
    decided: str
    zero: float | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None


_DECIDED = {
    True: "All of the interval lies on one side of zero: the direction is decided.",
    False: "The interval holds zero: which way it went is undecided.",
    None: "How certain the change is, is not known.",
}


def change_of(result: Result) -> ChangeDrawing | None:
    """The change of a result; none where it is compared with nothing."""
    found = result.comparison
    if found is None:
        return None
    bounds = figures.bounds_of(result.thresholds)
    told = ChangeDrawing(
        words=_words(found, result.unit),
        since=found.period or figures.window_ends(found.window),
        before="absent"
        if found.value is None
        else figures.figure(found.value, result.unit, bounds),
        now="absent" if result.value is None else figures.figure(result.value, result.unit, bounds),
        decided=_DECIDED[found.decided],
    )
    if found.change is None:
        return told
    ends = [] if found.interval is None else [found.interval.low, found.interval.high]
    axis = Axis.around([0.0, found.change, *ends], 0, WIDTH)
    if axis is None:
        return told
    drawn = attrs.evolve(told, zero=axis.at(0.0), value=axis.at(found.change))
    if found.interval is None:
        return drawn
    return attrs.evolve(drawn, low=axis.at(found.interval.low), high=axis.at(found.interval.high))


def _words(found: Comparison, unit: Unit) -> str:
    if found.change is None:
        return "no change is known"
    parts = [figures.change(found.change, unit)]
    parts += [f"({figures.percent(found.relative)})"] if found.relative is not None else []
    parts += [figures.change_span(found.interval, unit)] if found.interval is not None else []
    return " ".join(parts)

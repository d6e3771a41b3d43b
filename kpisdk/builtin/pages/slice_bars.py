"""The values of one KPI slice by slice, as sorted bars with their intervals."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from kpisdk.builtin.pages.axes import Axis
from kpisdk.builtin.pages.trend_points import status_words
from kpisdk.builtin.reports import figure_text as figures
from kpisdk.builtin.reports.escaping import slice_value
from kpisdk.contracts.results import Result

WIDTH = 240
"""Of a bar's drawing, in its own units."""

MOST = 40
"""Bars that are drawn; the rest are counted."""


@attrs.frozen
class SliceBar:
    """One slice: its words, and the places of its bar, interval and target.

    The bar runs from ``start`` (where zero lies, or the end of the axis that is nearest to it) to
    ``end``. ``low`` and ``high`` are ``None`` without an interval.
    """

    slice: str
    start: float
    end: float
    low: float | None
    high: float | None
    figure: str
    interval: str
    status: str
    word: str
    n: str

    @property
    def left(self) -> float:
        """Where the bar begins, from the left."""
        return min(self.start, self.end)

    @property
    def length(self) -> float:
        """How long the bar is; never nothing, so that a zero can be seen."""
        return max(1.0, round(abs(self.end - self.start), 1))


@attrs.frozen
class SliceBars:
    """The bars of one KPI by some columns, largest value first.

    ``target`` is its place, where it has one; ``left_out`` counts the slices beyond the first
    forty, ``absent`` those without a value.
    """

    columns: str
    bars: tuple[SliceBar, ...]
    target: float | None
    left_out: int
    absent: int


def slice_bars(results: Iterable[Result]) -> SliceBars | None:
    """The bars of results of one KPI in slices; none where no slice has a value.

    Args:
        results: each in a slice by the same columns, without periods.
    """
    found = [each for each in results if each.slice and each.period is None]
    known = [(each.value, each) for each in found if each.value is not None]
    if not known:
        return None
    known.sort(key=lambda pair: -pair[0])
    shown = [result for _, result in known[:MOST]]
    bounds = next((each.thresholds for each in shown if each.thresholds is not None), None)
    numbers = [0.0, *(value for value, _ in known[:MOST])]
    numbers += [end for r in shown if r.interval for end in (r.interval.low, r.interval.high)]
    numbers += [bounds.target] if bounds is not None else []
    axis = Axis.around(numbers, 0, WIDTH)
    if axis is None:
        return None
    return SliceBars(
        columns=", ".join(map(str, shown[0].slice)),
        bars=tuple(_bar(result, axis) for result in shown),
        target=None if bounds is None else axis.at(bounds.target),
        left_out=len(known) - len(shown),
        absent=len(found) - len(known),
    )


def _bar(result: Result, axis: Axis) -> SliceBar:
    bounds, interval = figures.bounds_of(result.thresholds), result.interval
    value = 0.0 if result.value is None else result.value
    return SliceBar(
        slice=", ".join(map(slice_value, result.slice.values())),
        start=axis.at(0.0),
        end=axis.at(value),
        low=None if interval is None else axis.at(interval.low),
        high=None if interval is None else axis.at(interval.high),
        figure=figures.figure(value, result.unit, bounds),
        interval="" if interval is None else figures.span(interval, result.unit, bounds),
        status=result.status.value,
        word=status_words(result),
        n="" if result.n is None else f"{result.n:,}",
    )

"""A trend as shapes: lines of values, bands of their intervals, zones of the statuses behind."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, groupby
from typing import Any

import attrs

from kpisdk.builtin.pages.axes import Axis
from kpisdk.builtin.pages.trend_points import Trend, TrendPoint
from kpisdk.builtin.pages.zones import Zone, zones
from kpisdk.builtin.reports import figure_text as figures


@attrs.frozen
class Dot:
    """A value's place, with the words of its point."""

    x: float
    y: float
    point: TrendPoint


@attrs.frozen
class Tick:
    """A place on an axis, and what is written there."""

    at: float
    text: str


@attrs.frozen
class Mark:
    """A period in which something happened: its place on the time axis, a sign, and what it was.

    ``index`` is the period's position among the points of the trend. Whatever happened in one
    period has one sign, so that no sign lies on another.
    """

    at: float
    sign: str
    text: str
    period: str
    index: int


@attrs.frozen
class TrendDrawing:
    """Shapes of a trend in a box of ``width`` by ``height``.

    ``lines`` and ``bands`` are lists of places (``x,y x,y``) as SVG takes them: one for each
    stretch without a gap, because a line over an absent period would claim a value there.
    """

    width: int
    height: int
    left: int
    right: int
    label: str
    zones: tuple[Zone, ...]
    bands: tuple[str, ...]
    lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    trend: Trend
    marks: tuple[Mark, ...] = ()

    def to_marks(self) -> list[list[Any]]:
        """The marks as plain lists for a script: position of the period, sign, text."""
        return [[each.index, each.sign, each.text] for each in self.marks]

    def mark_of(self, period: str) -> Mark | None:
        """The mark of a period, where it has one.

        Args:
            period: the period's label.
        """
        return next((each for each in self.marks if each.period == period), None)


@attrs.frozen
class Box:
    """The size of a drawing and the room at its sides, in its own units."""

    width: int
    height: int
    left: int = 3
    right: int = 4
    top: int = 2
    bottom: int = 2


SPARK = Box(128, 34)
"""A trend beside a value, without axes; twelve periods lie eleven units apart."""

LARGE = Box(760, 280, left=64, right=16, top=14, bottom=30)
"""A trend that is read by itself, with axes."""


def drawing_of(
    trend: Trend,
    box: Box,
    *,
    with_thresholds: bool = False,
    marked: Mapping[str, Sequence[str]] | None = None,
) -> TrendDrawing | None:
    """The shapes of a trend; none where its numbers are too large to be placed.

    Args:
        trend: the periods.
        box: the size.
        with_thresholds: make room for all thresholds, even those far from every value.
        marked: labels of periods to what is told of them; a period that the trend does not show
            has no mark.
    """
    numbers = trend.spans
    if with_thresholds:
        numbers += figures.bounds_of(trend.thresholds)
    up = Axis.around(numbers, box.height - box.bottom, box.top)
    if up is None:
        return None
    step = (box.width - box.left - box.right) / max(1, len(trend.points) - 1)
    across = [round(box.left + step * place, 1) for place in range(len(trend.points))]
    places = list(zip(across, trend.points, strict=True))
    return TrendDrawing(
        width=box.width,
        height=box.height,
        left=box.left,
        right=box.width - box.right,
        label=_label(trend),
        zones=zones(up, trend.thresholds),
        bands=tuple(_bands(places, up)),
        lines=tuple(_lines(places, up)),
        dots=tuple(Dot(x, up.at(p.value), p) for x, p in places if p.value is not None),
        rows=tuple(Tick(up.at(each), _written(each, trend)) for each in up.ticks()),
        columns=_columns(places, box),
        trend=trend,
        marks=tuple(_marks(places, marked or {})),
    )


def _marks(
    places: Sequence[tuple[float, TrendPoint]], marked: Mapping[str, Sequence[str]]
) -> Iterator[Mark]:
    numbers = count(1)
    for index, (x, point) in enumerate(places):
        told = marked.get(point.period)
        if told:
            yield Mark(x, str(next(numbers)), "; ".join(told), point.period, index)


def _written(tick: float, trend: Trend) -> str:
    number = figures.figure(tick, trend.unit).partition(" ")[0]
    return number.rstrip("0").rstrip(".") if "." in number else number


_APART = 84  # units between two labels of periods, so that they never touch


def _columns(places: Sequence[tuple[float, TrendPoint]], box: Box) -> tuple[Tick, ...]:
    room = max(1, int((box.width - box.left - box.right) // _APART))
    every = max(1, math.ceil(len(places) / room))
    newest = len(places) - 1
    return tuple(
        Tick(x, point.period)
        for place, (x, point) in enumerate(places)
        if (newest - place) % every == 0
    )


def _stretches(
    places: Sequence[tuple[float, TrendPoint]], *, banded: bool
) -> Iterator[list[tuple[float, TrendPoint]]]:
    def is_there(place: tuple[float, TrendPoint]) -> bool:
        point = place[1]
        return (point.low if banded else point.value) is not None

    for there, stretch in groupby(places, is_there):
        if there:
            yield list(stretch)


def _lines(places: Sequence[tuple[float, TrendPoint]], up: Axis) -> Iterator[str]:
    for stretch in _stretches(places, banded=False):
        if len(stretch) > 1:
            yield " ".join(
                f"{x:g},{up.at(point.value):g}" for x, point in stretch if point.value is not None
            )


def _bands(places: Sequence[tuple[float, TrendPoint]], up: Axis) -> Iterator[str]:
    for stretch in _stretches(places, banded=True):
        # A stretch of one period is drawn two units wide: a band of no width could not be seen.
        wide = (
            stretch if len(stretch) > 1 else [(stretch[0][0] + by, stretch[0][1]) for by in (-1, 1)]
        )
        above = [f"{x:g},{up.at(p.high):g}" for x, p in wide if p.high is not None]
        below = [f"{x:g},{up.at(p.low):g}" for x, p in reversed(wide) if p.low is not None]
        yield " ".join([*above, *below])


def _label(trend: Trend) -> str:
    known = [point for point in trend.points if point.value is not None]
    first, last = known[0], known[-1]
    total = len(trend.points)
    told = f"Trend over {total} period{'' if total == 1 else 's'}"
    return f"{told}: {first.figure} in {first.period}, {last.figure} in {last.period}"

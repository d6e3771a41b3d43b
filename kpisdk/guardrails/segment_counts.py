"""What a rate is counted from in each segment of two sides, and how its units spread."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from kpisdk.contracts.results import Result
from kpisdk.contracts.sampling import ROW
from kpisdk.contracts.unit_moments import UnitMoments
from kpisdk.guardrails.compared_sides import ComparedSide
from kpisdk.guardrails.questions import Guard
from kpisdk.statistics import Decomposition, Segment, decomposed

_BUCKETS = 1000
"""Units are put together in this many buckets at most, as they are where intervals are read."""


class NotCountedError(Exception):
    """A change that cannot be split by segments; the message says why."""


def decomposition(
    guard: Guard, kpi_id: str, column: str, before: ComparedSide, now: ComparedSide
) -> Decomposition:
    """The change of a rate between two sides, split into mix and within-segment change.

    Rows that are units of their own are counted from the results at hand. Where several rows share
    a unit, the counts of each unit are requested, on both sides, so that units of several segments
    and of both sides are taken into account.

    Args:
        guard: what computes results.
        kpi_id: the KPI.
        column: the column of the segments.
        before: the baseline.
        now: the side that is compared with it.

    Raises:
        NotCountedError: the KPI is no quotient of counts, its segments share rows, or the counts of
            its units cannot be had.
    """
    sides = {"before": before, "now": now}
    values = tuple(dict.fromkeys((*before.values(kpi_id, column), *now.values(kpi_id, column))))
    counts: dict[str, float] = {}
    for name, side in sides.items():
        results = {value: side.segment(kpi_id, column, value) for value in values}
        found = _counts(name, values, results)
        _check(side.whole(kpi_id), found)
        counts |= found
    segments = tuple(_segment(place) for place in range(len(values)))
    units = {_unit(side.whole(kpi_id)) for side in sides.values()}
    if units == {ROW}:
        moments = _of_rows(counts, sides.values(), kpi_id)
    elif len(units) == 1:
        moments = _of_units(guard, kpi_id, (column, units.pop()), values, sides, counts)
    else:
        raise NotCountedError("its units differ between the two sides")
    parts = decomposed(moments, segments)
    if parts is None:
        raise NotCountedError("one side holds no rows")
    return parts


def _segment(place: int) -> Segment:
    return Segment(
        f"hits now {place}", f"rows now {place}", f"hits before {place}", f"rows before {place}"
    )


def _counts(
    side: str, values: Iterable[Any], results: Mapping[Any, Result | None]
) -> dict[str, float]:
    counts = {}
    for place, value in enumerate(values):
        result = results[value]
        hits, rows = (None, None) if result is None else (result.numerator, result.denominator)
        if result is not None and result.value is not None and (hits is None or not rows):
            raise NotCountedError("its value is no quotient of counts")
        counts[f"hits {side} {place}"] = hits or 0.0
        counts[f"rows {side} {place}"] = rows or 0.0
    return counts


def _check(whole: Result | None, counts: Mapping[str, float]) -> None:
    """Refuse counts of segments that do not add up to those of the whole."""
    if whole is None or whole.value is None or whole.numerator is None or not whole.denominator:
        raise NotCountedError("its value is no quotient of counts")
    if not _is_close(whole.value, whole.numerator / whole.denominator):
        raise NotCountedError("its value is no quotient of counts")
    for what, total in (("hits", whole.numerator), ("rows", whole.denominator)):
        summed = math.fsum(each for name, each in counts.items() if name.startswith(what))
        if not _is_close(summed, total):
            raise NotCountedError("its segments share rows, or leave some out")


def _is_close(one: float, two: float) -> bool:
    return math.isclose(one, two, rel_tol=1e-9, abs_tol=1e-9)


def _unit(result: Result | None) -> str | None:
    return None if result is None or result.interval is None else result.interval.unit


def _of_rows(
    counts: Mapping[str, float], sides: Iterable[ComparedSide], kpi_id: str
) -> UnitMoments:
    for side in sides:
        whole = side.whole(kpi_id)
        if whole is None or whole.interval is None or whole.interval.method != "wilson":
            raise NotCountedError("how its rows spread is in no count")
    nested = {name: f"rows{name[4:]}" for name in counts if name.startswith("hits")}
    return UnitMoments.of_rows(counts, nested)


def _of_units(
    guard: Guard,
    kpi_id: str,
    by: tuple[str, str | None],
    values: tuple[Any, ...],
    sides: Mapping[str, ComparedSide],
    counts: Mapping[str, float],
) -> UnitMoments:
    column, unit = by
    if unit is None:
        raise NotCountedError("it has no interval")
    by_unit: dict[Any, dict[str, float]] = defaultdict(dict)
    for name, side in sides.items():
        results = guard.results_of((kpi_id,), (column, unit), **_SILENT, **side.narrowed)
        if not results:
            why = next((each.message for each in guard.last or ()), None)
            raise NotCountedError(f"its counts by {unit} cannot be had ({why})")
        for owner in dict.fromkeys(key[1][1] for key in results):
            own = {value: results.get((kpi_id, (value, owner))) for value in values}
            by_unit[owner] |= _counts(name, values, own)
    buckets = [dict.fromkeys(counts, 0.0) for _ in range(min(_BUCKETS, len(by_unit)))]
    for place, owner in enumerate(sorted(by_unit, key=str)):
        for name, count in by_unit[owner].items():
            buckets[place % len(buckets)][name] += count
    moments = UnitMoments.of(buckets, units=len(by_unit))
    if not all(_is_close(moments.total(name), total) for name, total in counts.items()):
        raise NotCountedError(f"its counts by {unit} do not add up")
    return moments


_SILENT = {"intervals": "none", "family": "none"}
"""Units are counted, and none of them is judged."""

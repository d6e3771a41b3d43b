"""How much of a rate's change is another mix of segments, and how much is within.

A rate over all segments can fall while it rises in each (Simpson's paradox), because more of the
rows lie where it is low. Both parts are formulas of the same counts, and each has its interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from kpisdk.contracts.unit_moments import Number, UnitMoments
from kpisdk.statistics.bounds import Bounds
from kpisdk.statistics.intervals import LEVEL
from kpisdk.statistics.spread import formula_interval


@attrs.frozen
class Segment:
    """A segment's counts in both windows, by the names of their measures."""

    hits_now: str
    rows_now: str
    hits_before: str
    rows_before: str


@attrs.frozen
class Decomposition:
    """A change in two parts that add up to it, each with its interval.

    Attributes:
        change: the rate now less the rate before.
        mix: what the shares of the segments moved it by.
        within: what the rates within the segments moved it by.
        mix_interval: of the first part, or why there is none.
        within_interval: of the second part.
    """

    change: float
    mix: float
    within: float
    mix_interval: Bounds
    within_interval: Bounds


def decomposed(
    moments: UnitMoments, segments: Sequence[Segment], level: float = LEVEL
) -> Decomposition | None:
    """The change of a rate, split into mix and within-segment change.

    ``mix = sum of (w1 - w0) (r1 + r0) / 2`` and ``within = sum of (r1 - r0) (w1 + w0) / 2``, with
    ``w`` a segment's share of all rows and ``r`` its rate (E. M. Kitagawa, Journal of the American
    Statistical Association 50, 1955). A segment that is there in one window only has one rate, and
    only moves the mix.

    Args:
        moments: of all counts named in ``segments``, of both windows, read by the same buckets; of
            independent rows ``UnitMoments.of_rows``.
        segments: each with its four counts.
        level: the confidence level, 0 to 1.

    Returns:
        ``None`` where a window has no rows.
    """
    totals = moments.totals
    if not all(sum(totals[each] for each in rows) for rows in _rows(segments)):
        return None

    def mix(counts: Mapping[str, Number]) -> float:
        return sum((w1 - w0) * (r1 + r0) / 2 for w1, r1, w0, r0 in _figures(counts, segments))

    def within(counts: Mapping[str, Number]) -> float:
        return sum((r1 - r0) * (w1 + w0) / 2 for w1, r1, w0, r0 in _figures(counts, segments))

    parts = mix(totals), within(totals)
    intervals = (formula_interval(moments, each, level, (-1.0, 1.0)) for each in (mix, within))
    return Decomposition(sum(parts), *parts, *intervals)


def _rows(segments: Sequence[Segment]) -> tuple[list[str], list[str]]:
    return [each.rows_now for each in segments], [each.rows_before for each in segments]


def _figures(
    counts: Mapping[str, Number], segments: Sequence[Segment]
) -> list[tuple[float, float, float, float]]:
    """Share now, rate now, share before and rate before of each segment."""
    now, before = (sum(counts[each] for each in rows) for rows in _rows(segments))
    found = []
    for segment in segments:
        rows1, rows0 = counts[segment.rows_now], counts[segment.rows_before]
        rate1 = counts[segment.hits_now] / rows1 if rows1 else None
        rate0 = counts[segment.hits_before] / rows0 if rows0 else None
        known = rate1 if rate1 is not None else rate0
        if known is None:
            continue
        rates = (known if rate1 is None else rate1, known if rate0 is None else rate0)
        found.append((rows1 / now, rates[0], rows0 / before, rates[1]))
    return found

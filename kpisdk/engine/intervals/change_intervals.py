"""The interval of a change between two windows or cells, and whether its sign is settled.

Both windows of a KPI are read by the same buckets of units, so that their joint moments tell how
the two values go together: a patient who is in both is counted as the pair that this is. Where that
was not read (a calculator, a relation that is read for each bucket of a trend anew), it is 0 for
units that cannot be in both sides, and otherwise the worst that it can be, -1: the two intervals'
reaches are then added up. Values of the same units mostly rise and fall together, which makes the
interval of their change wider than it need be, but never one that promises too much.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from kpisdk.contracts.measures import Measure
from kpisdk.contracts.results import Comparison
from kpisdk.contracts.sampling import ROW, Sampling
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.unit_moments import Number, SharedProducts, UnitMoments, pairs
from kpisdk.contracts.value_ranges import ValueRange
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.engine.intervals.moment_parts import CellMoments, Labels, PartsReader
from kpisdk.sql.unit_buckets import BUCKETS
from kpisdk.statistics import Formula, Range, Side, correlation_of, difference

_NOW, _BEFORE = "now/", "before/"
_WORST = -1.0
"""The correlation at which a change is least certain."""


def joint_reader(now: Labels, before: Labels, measures: Mapping[str, Measure]) -> PartsReader:
    """A reader of the moments that both windows of a KPI have in one statement.

    Args:
        now: the labels of the measures in the window itself.
        before: those in the window that it is compared with.
        measures: the measures by name, the same in both.
    """
    labels = {f"{_NOW}{name}": label for name, label in now.items()}
    labels.update((f"{_BEFORE}{name}", label) for name, label in before.items())
    both = {
        f"{side}{name}": measure for side in (_NOW, _BEFORE) for name, measure in measures.items()
    }
    return PartsReader([labels], both)


def joint_moments(
    now: UnitMoments | None, before: UnitMoments | None, shared: SharedProducts | None
) -> UnitMoments | None:
    """The moments of two calendar buckets as those of one cell, its parts named by their side.

    Args:
        now: of the later one.
        before: of the one that it is compared with.
        shared: by a part of the later one and one of the earlier, the sum over buckets of units of
            their product.

    Returns:
        ``None`` where one of them could not be told.
    """
    if now is None or before is None or shared is None:
        return None
    own = {_NOW + name: (now, name) for name in now.names}
    own.update((_BEFORE + name, (before, name)) for name in before.names)

    def product(one: str, other: str) -> Number:
        (first, name), (second, named) = own[one], own[other]
        return shared[name, named] if first is not second else first.product(name, named)

    return UnitMoments(
        tuple(own),
        max(now.buckets, before.buckets),
        now.sums + before.sums,
        tuple(product(one, other) for one, other in pairs(own)),
        tuple(moments.filled_by(name) for moments, name in own.values()),
    )


def neighbour_reader(now: Labels, before: Labels, measures: Mapping[str, Measure]) -> PartsReader:
    """A reader of :func:`joint_moments`, as :func:`joint_reader` is of windows' moments."""
    return joint_reader(
        {name: _NOW + label for name, label in now.items()},
        {name: _BEFORE + label for name, label in before.items()},
        measures,
    )


def paired(joint: CellMoments | IntervalReason, now: Formula, before: Formula) -> float | None:
    """The correlation of two windows' values, from the moments of both; ``None`` if not known.

    Args:
        joint: what :func:`joint_reader` read of the cell.
        now: what moves as the value of the window itself does (``MetricIntervals.influence``).
        before: the same of the window that it is compared with, with that one's values.
    """
    if isinstance(joint, IntervalReason) or len(joint) != 1:
        return None
    # How many units there are is chance, and an empty bucket is as much a part of that as a full
    # one: totals of the same units would else seem to go together less than they do.
    moments = attrs.evolve(joint[0], buckets=max(joint[0].buckets, BUCKETS))
    return correlation_of(moments, _of_side(now, _NOW), _of_side(before, _BEFORE))


def unpaired(sampling: Sampling, unit: str, *sides: Window | None) -> float:
    """The correlation of two windows' values that is assumed where it was not read.

    Args:
        sampling: what the rows are a sample of.
        unit: what the intervals took as independent: ``row``, where each row was.
        sides: the two windows. A day, or a row, cannot be in two that do not overlap.
    """
    is_in_one = sampling.by_day or unit == ROW
    return 0.0 if is_in_one and _are_apart(*sides) else _WORST


def compared(
    comparison: Comparison,
    now: Side | IntervalReason | None,
    before: Side | IntervalReason | None,
    correlation: float,
    possible: ValueRange,
) -> Comparison:
    """A comparison with the interval of its change, and whether the sign is settled.

    Without a change (of sides that are unlike, partial or immature) there is nothing to say. The
    change of a census is exact, and its sign settled.

    Args:
        comparison: with the change, or without one.
        now: the value and its interval, or why it has none; ``None`` where there is no value.
        before: the same of the other side.
        correlation: of the two (:func:`paired`, :func:`unpaired`).
        possible: the values that the KPI can have.
    """
    if comparison.change is None:
        return comparison
    if not isinstance(now, Side):
        return _without(comparison, now)
    if not isinstance(before, Side):
        return _without(comparison, before)
    found = difference(now, before, correlation, _range_of_change(possible))
    if isinstance(found, IntervalReason):
        return attrs.evolve(comparison, interval_reason=found)
    found = attrs.evolve(found, unit=now.interval.unit)
    return attrs.evolve(comparison, interval=found, decided=found.low > 0 or found.high < 0)


def _without(comparison: Comparison, reason: IntervalReason | None) -> Comparison:
    decided = True if reason is IntervalReason.CENSUS else None
    return attrs.evolve(comparison, interval_reason=reason, decided=decided)


def _range_of_change(possible: ValueRange) -> Range:
    if possible.low is None or possible.high is None:
        return (None, None)
    return possible.low - possible.high, possible.high - possible.low


def _of_side(formula: Formula, side: str) -> Formula:
    """A formula of one side's parts, as one of the parts of both."""

    def of_both(parts: Mapping[str, Number]) -> float | None:
        start = len(side)
        return formula(
            {name[start:]: each for name, each in parts.items() if name.startswith(side)}
        )

    return of_both


def _are_apart(*windows: Window | None) -> bool:
    """Whether no instant lies in two of the windows."""
    known = [each for each in windows if each is not None]
    if len(known) < 2:
        return False
    one, other = known
    return _ends_before(one, other) or _ends_before(other, one)


def _ends_before(one: Window, other: Window) -> bool:
    return one.end is not None and other.start is not None and one.end <= other.start

"""The numbers of a measure that add up over units, and the measure made of them again.

A count is its own part. A mean is not additive, but the deviations from it and the count are; a
median is not, but the rows below it and their count are. Deviations are taken from the value of the
whole cell, so that values far from zero (1e9 and 1e9 + 1) lose no digits when they are squared.

=========  ==========================================================================
aggregate  parts, by the measure's label and a suffix
=========  ==========================================================================
count      itself
sum        itself
distinct   itself, where no value lies in two buckets
mean       ``_n`` rows, ``_e`` sum of the deviations from the cell's mean
variance   ``_n``, ``_e``, ``_q`` sum of the squared deviations from the cell's mean
quantile   ``_n`` rows, ``_below`` rows below the cell's quantile (for Woodruff's interval)
others     none
=========  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kpisdk.contracts.expression_tree import Expression
from kpisdk.contracts.measures import Aggregate, Measure

_SUFFIXES: Mapping[Aggregate, tuple[str, ...]] = {
    Aggregate.COUNT: ("",),
    Aggregate.SUM: ("",),
    Aggregate.DISTINCT: ("",),
    Aggregate.MEAN: ("_n", "_e"),
    Aggregate.VARIANCE: ("_n", "_e", "_q"),
    Aggregate.QUANTILE: ("_n", "_below"),
}
WITH_VALUE = (*_SUFFIXES, Aggregate.MIN, Aggregate.MAX)
"""What a statement with units can return the value of."""


def parts_of(label: str, aggregate: Aggregate) -> tuple[str, ...]:
    """The names of a measure's parts; none where it has no parts that add up."""
    return tuple(label + suffix for suffix in _SUFFIXES.get(aggregate, ()))


def remade(
    label: str, aggregate: Aggregate, value: float | None, parts: Mapping[str, float]
) -> float | None:
    """A measure from its parts: of all units, or of all but some.

    Args:
        label: the measure's label in the statement.
        aggregate: what the measure is made by.
        value: the measure over the whole cell, from which deviations were taken.
        parts: the parts by name, summed over the units that are kept.

    Returns:
        The measure over those units; ``None`` where they hold too few rows, and for a quantile,
        which its parts do not tell.
    """
    if aggregate in (Aggregate.COUNT, Aggregate.SUM, Aggregate.DISTINCT):
        return parts[label]
    if value is None or aggregate not in (Aggregate.MEAN, Aggregate.VARIANCE):
        return None
    n, deviation = parts[f"{label}_n"], parts[f"{label}_e"]
    if aggregate is Aggregate.MEAN:
        return value + deviation / n if n else None
    return (parts[f"{label}_q"] - deviation**2 / n) / (n - 1) if n > 1 else None


def entity_of(measures: Iterable[Measure]) -> Expression | None:
    """What the distinct counts among measures count; ``None`` where there is no such count."""
    counted = (each.value for each in measures if each.aggregate is Aggregate.DISTINCT)
    return next(counted, None)


def share_statement(measures: Iterable[Measure]) -> bool:
    """Whether one statement with units can return all of these measures.

    They are taken over one relation, and their distinct counts (if any) count one thing.
    """
    listed = tuple(measures)
    entities = {each.value for each in listed if each.aggregate is Aggregate.DISTINCT}
    relations = {each.relation for each in listed}
    kinds = {each.aggregate for each in listed}
    return len(entities) <= 1 and len(relations) <= 1 and kinds <= set(WITH_VALUE)

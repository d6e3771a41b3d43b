"""From measures to aggregates, conditional where a statement holds several predicates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from kpisdk.contracts.measures import Aggregate, Measure
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.sql import constructs
from kpisdk.sql.expression_sql import Environment, bound, compiled
from kpisdk.sql.rendering import holds_in_view


def aggregate(
    measure: Measure, columns: Mapping[str, Any], environment: Environment, extra: Any = None
) -> Any:
    """The aggregate of ``measure`` over the rows where its predicate (and ``extra``) is true."""
    where = None if measure.where is None else compiled(measure.where, columns, environment)
    conditions = [condition for condition in (extra, where) if condition is not None]
    predicate = sa.and_(*conditions) if conditions else None
    if measure.aggregate is Aggregate.COUNT:
        return sa.func.count() if predicate is None else constructs.CountIf(predicate)
    assert measure.value is not None  # noqa: S101 - Measure refuses anything else
    value = compiled(measure.value, columns, environment)
    if measure.aggregate is Aggregate.VARIANCE and predicate is not None:
        return constructs.Variance(sa.case((predicate, value)))
    function = _function(measure, value)
    return function if predicate is None else function.filter(predicate)


def _function(measure: Measure, value: Any) -> Any:  # noqa: PLR0911 - one return an aggregate
    match measure.aggregate:
        case Aggregate.DISTINCT:
            return sa.func.count(sa.distinct(value))
        case Aggregate.SUM:
            return constructs.Sum(value)
        case Aggregate.MEAN:
            return constructs.Mean(value)
        case Aggregate.VARIANCE:
            return constructs.Variance(value)
        case Aggregate.MIN:
            return sa.func.min(value)
        case Aggregate.MAX:
            return sa.func.max(value)
        case Aggregate.QUANTILE:
            return constructs.Quantile(value, bound(measure.q, LogicalType.FLOAT))
        case _:
            return constructs.Rank(value, bound(measure.q, LogicalType.FLOAT))


_CONSTRUCTS = {
    Aggregate.SUM: constructs.Sum,
    Aggregate.MEAN: constructs.Mean,
    Aggregate.VARIANCE: constructs.Variance,
    Aggregate.QUANTILE: constructs.Quantile,
    Aggregate.RANK: constructs.Rank,
}


def can_stand_in_view(measure: Measure, dialect: str) -> bool:
    """Whether an engine has words of its own for the measure's aggregate."""
    kind = _CONSTRUCTS.get(measure.aggregate)
    return kind is None or holds_in_view(kind, dialect)

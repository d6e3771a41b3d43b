"""From measures to aggregates, conditional where a statement holds several predicates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from kpisdk.contracts.measures import Aggregate, Measure
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.sql import functions
from kpisdk.sql.expressions import Environment, bound, compiled


def aggregate(
    measure: Measure, columns: Mapping[str, Any], environment: Environment, extra: Any = None
) -> Any:
    """The aggregate of ``measure`` over the rows where its predicate (and ``extra``) is true."""
    where = None if measure.where is None else compiled(measure.where, columns, environment)
    conditions = [condition for condition in (extra, where) if condition is not None]
    predicate = sa.and_(*conditions) if conditions else None
    if measure.aggregate is Aggregate.COUNT:
        return sa.func.count() if predicate is None else functions.CountIf(predicate)
    assert measure.value is not None  # noqa: S101 - Measure refuses anything else
    value = compiled(measure.value, columns, environment)
    if measure.aggregate is Aggregate.VARIANCE and predicate is not None:
        return functions.Variance(sa.case((predicate, value)))
    function = _function(measure, value)
    return function if predicate is None else function.filter(predicate)


def _function(measure: Measure, value: Any) -> Any:  # noqa: PLR0911 - one return an aggregate
    match measure.aggregate:
        case Aggregate.DISTINCT:
            return sa.func.count(sa.distinct(value))
        case Aggregate.SUM:
            return sa.func.sum(value)
        case Aggregate.MEAN:
            return sa.func.avg(value)
        case Aggregate.VARIANCE:
            return functions.Variance(value)
        case Aggregate.MIN:
            return sa.func.min(value)
        case Aggregate.MAX:
            return sa.func.max(value)
        case Aggregate.QUANTILE:
            return functions.Quantile(value, bound(measure.q, LogicalType.FLOAT))
        case _:
            return functions.Rank(value, bound(measure.q, LogicalType.FLOAT))

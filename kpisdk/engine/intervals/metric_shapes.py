"""What kind of figure a metric is, so that it gets the interval of its kind.

A plugin often wraps a metric of ours, to add facts to its estimate. The metric within is then what
the value is; that the two values are equal is checked in every cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import attrs

from kpisdk.contracts.measures import Aggregate, Measure
from kpisdk.contracts.metric_protocol import Metric
from kpisdk.contracts.metrics import Lift, Mean, Median, Ratio
from kpisdk.contracts.plain_metrics import Difference, Simple

OurMetric: TypeAlias = Ratio | Mean | Median | Lift | Simple | Difference
"""Metrics whose value is known from their fields alone."""

_DEPTH = 3
"""Wrappers around a metric are looked through so many times."""
_ADDITIVE = (Aggregate.COUNT, Aggregate.DISTINCT, Aggregate.SUM)


def our_metric(metric: Metric, measures: Mapping[str, Measure]) -> OurMetric | None:
    """The metric of ours that a metric is, or holds in a field.

    Args:
        metric: of a KPI's option.
        measures: its measures. Those of the metric within must be among them, under their names.

    Returns:
        ``None`` where there is none, or more than one.
    """
    found = [each for each in _within(metric, _DEPTH) if _belongs(each, measures)]
    distinct = [each for place, each in enumerate(found) if each not in found[:place]]
    return distinct[0] if len(distinct) == 1 else None


def is_share_of_whole(metric: Ratio) -> bool:
    """Whether a quotient of counts counts the same above and below, but of fewer slices above."""
    above, below = metric.numerator, metric.denominator
    return (
        above.aggregate.is_count
        and attrs.evolve(below, across=above.across) == above
        and set(above.across) < set(below.across)
    )


def is_additive(measure: Measure) -> bool:
    """Whether a measure adds up over rows."""
    return measure.aggregate in _ADDITIVE


def _within(value: Any, depth: int) -> Iterator[OurMetric]:
    if isinstance(value, Ratio | Mean | Median | Lift | Simple | Difference):
        yield value
    elif depth and attrs.has(type(value)) and callable(getattr(value, "estimate", None)):
        for field in attrs.fields(type(value)):
            yield from _within(getattr(value, field.name, None), depth - 1)


def _belongs(metric: OurMetric, measures: Mapping[str, Measure]) -> bool:
    return all(measures.get(name) == each for name, each in metric.measures().items())

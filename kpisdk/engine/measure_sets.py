"""The measures of a metric, which is asked for them once, and the rows that each relation has."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from kpisdk.contracts.measures import Aggregate, Measure
from kpisdk.contracts.metric_protocol import Metric
from kpisdk.contracts.relations import Relation
from kpisdk.engine.failures import is_ours
from kpisdk.planner.planning import RowCount


@attrs.frozen
class MeasureSet:
    """A metric with everything that it says of itself before there are numbers.

    Attributes:
        metric: the formula.
        own: its measures by name.
        row_counts: the number of rows of each relation that follows the slice, each under a
            :class:`RowCount`.
        concepts: the names of counts whose zero is suspect.
        is_ours: whether its code is the core's, which needs no guard.
    """

    metric: Metric
    own: Mapping[str, Measure]
    row_counts: Mapping[str, Measure]
    concepts: tuple[str, ...]
    is_ours: bool

    @classmethod
    def of(cls, metric: Metric) -> MeasureSet:
        """What a metric says of itself."""
        own = dict(metric.measures())
        counts = row_counts(own)
        return cls(metric, own, counts, tuple(metric.concepts()), is_ours(metric))

    @property
    def measures(self) -> Mapping[str, Measure]:
        """Its measures, and the numbers of rows."""
        return {**self.own, **self.row_counts}

    @property
    def relations(self) -> tuple[Relation, ...]:
        """The relations that its measures run over, each once."""
        return tuple(dict.fromkeys(measure.relation for measure in self.own.values()))


def row_counts(measures: Mapping[str, Measure]) -> dict[str, Measure]:
    """For each relation that follows the slice, how many rows there are to measure."""
    relations = dict.fromkeys(each.relation for each in measures.values() if not each.across)
    return {
        RowCount.beside(measures, position): Measure(Aggregate.COUNT, relation)
        for position, relation in enumerate(relations)
    }


def with_rows(metric: Metric) -> Mapping[str, Measure]:
    """A metric's measures, and for each of its relations how many rows there are to measure."""
    own = dict(metric.measures())
    return {**own, **row_counts(own)}

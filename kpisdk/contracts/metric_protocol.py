"""What a metric is: a formula over measures, which are given to it by the names it asked for.

A metric is any record with the methods of :class:`Metric`; a plugin may bring its own. Measures are
given to :meth:`Metric.estimate` by the names under which :meth:`Metric.measures` asked for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias

import attrs

from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.measures import Measure, count

Values: TypeAlias = Mapping[str, float | None]
"""Measure values by name; ``None`` where no row held what the measure needs."""


class Metric(Protocol):
    """A formula over measures.

    One that has an attribute ``is_extensive`` says by it whether its value grows with the rows that
    it is taken over, as a count does and a share does not; otherwise the KPI's unit tells.
    """

    def measures(self) -> Mapping[str, Measure]:
        """What is asked of the source, by name."""
        ...

    def follow_ups(self, values: Values) -> Mapping[str, Measure]:
        """Measures that can only be asked once the first are known (ranks that depend on n)."""
        ...

    def concepts(self) -> tuple[str, ...]:
        """Names of counts whose zero is suspect when the concept occurs nowhere in the table."""
        ...

    def estimate(self, values: Values) -> Estimate:
        """The value and its interval from the measures."""
        ...


@attrs.frozen
class MetricBase:
    """What most metrics have in common: no growth with rows, nothing that is asked later."""

    @property
    def is_extensive(self) -> bool | None:
        """Whether the value grows with the rows that it is taken over."""
        return False

    def follow_ups(self, values: Values) -> Mapping[str, Measure]:  # noqa: ARG002 - part of Metric
        return {}

    def concepts(self) -> tuple[str, ...]:
        return ()


def whole(n: float | None) -> int | None:
    """A number of rows, which an engine may give as a double."""
    return None if n is None else int(n)


def behind(measure: Measure) -> Measure:
    """How many rows a measure's value rests on: those that it reads a value from."""
    if measure.value is None:
        return measure
    known = measure.value.not_null()
    where = known if measure.where is None else measure.where & known
    return count(measure.relation, where, across=measure.across)


def least(*numbers: float | None) -> float | None:
    """The smallest of the numbers that are known."""
    return min((each for each in numbers if each is not None), default=None)

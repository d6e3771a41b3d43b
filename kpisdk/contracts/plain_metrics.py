"""Metrics without an interval of their own: one measure, a difference, any function of measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from kpisdk.contracts.estimates import Estimate, few_rows
from kpisdk.contracts.measures import Measure
from kpisdk.contracts.metric_protocol import MetricBase, Values, behind, least, whole


@attrs.frozen
class Simple(MetricBase):
    """One measure as it is: a count, a sum, a largest value. It has no interval.

    All but counts say how many rows their value rests on.
    """

    measure: Measure

    @property
    def is_extensive(self) -> bool:
        """Whether it is a count or a sum."""
        return self.measure.aggregate.is_extensive

    def measures(self) -> Mapping[str, Measure]:
        counted = {} if self.measure.aggregate.is_count else {"n": behind(self.measure)}
        return {"value": self.measure, **counted}

    def concepts(self) -> tuple[str, ...]:
        return ("value",) if self.measure.aggregate.is_count else ()

    def estimate(self, values: Values) -> Estimate:
        value = values["value"]
        if self.measure.aggregate.is_count:
            return Estimate.of(value, n=whole(value))
        n = values.get("n")
        return Estimate.of(value, n=whole(n), warnings=() if value is None else few_rows(n))


@attrs.frozen
class Difference(MetricBase):
    """``left - right``: for instance the largest minus the smallest value over groups.

    ``n`` names the measure that counts the rows; by default it is the fewer of those that the two
    rest on, and nothing where both are counts.
    """

    left: Measure
    right: Measure
    n: Measure | None = None

    @property
    def is_extensive(self) -> bool:
        """Whether one of the two is a count or a sum."""
        return self.left.aggregate.is_extensive or self.right.aggregate.is_extensive

    def measures(self) -> Mapping[str, Measure]:
        both = {"left": self.left, "right": self.right}
        if self.n is not None:
            return {**both, "n": self.n}
        sides = {"n_left": self.left, "n_right": self.right}
        rows = {name: behind(each) for name, each in sides.items() if not each.aggregate.is_count}
        return {**both, **rows}

    def estimate(self, values: Values) -> Estimate:
        left, right = values["left"], values["right"]
        n = least(*map(values.get, ("n", "n_left", "n_right")))
        if left is None or right is None:
            return Estimate.of(None, n=whole(n))
        return Estimate.of(left - right, n=whole(n), warnings=few_rows(n))


@attrs.frozen
class Formula(MetricBase):
    """Any function of named measures, for what the metrics above do not say.

    ``function`` receives the values by name and returns an
    :class:`~kpisdk.contracts.estimates.Estimate`.
    """

    inputs: Mapping[str, Measure]
    function: Callable[[Values], Estimate]
    counted: tuple[str, ...] = ()

    @property
    def is_extensive(self) -> bool | None:
        """What the function says of itself, by a method of that name; it is not known otherwise."""
        said: Callable[[Mapping[str, Measure]], bool] | None
        said = getattr(self.function, "is_extensive", None)
        return None if said is None else said(self.inputs)

    def measures(self) -> Mapping[str, Measure]:
        return self.inputs

    def concepts(self) -> tuple[str, ...]:
        return self.counted

    def estimate(self, values: Values) -> Estimate:
        return self.function(values)

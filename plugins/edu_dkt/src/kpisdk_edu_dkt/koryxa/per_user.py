"""Per user: a total over users, divided by their number, with the interval of a mean."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from kpisdk import Derived, Estimate, Expression, Mean, Measure, Reason, Values, count, total


@attrs.frozen
class PerUser:
    """``sum over users of value / users``; a user without a known value adds nothing.

    It is a mean over users, so its 95 % interval is Student's t interval of a mean: unlike a
    Poisson interval it holds when a few users account for most of the total.

    Attributes:
        relation: the users.
        value: what each of them has.
    """

    relation: Derived
    value: Expression

    @property
    def _mean(self) -> Mean:
        return Mean(self.relation, self.value.or_else(0))

    def measures(self) -> Mapping[str, Measure]:
        return {
            **self._mean.measures(),
            "total": total(self.relation, self.value),
            "known": count(self.relation, self.value.not_null()),
        }

    def follow_ups(self, values: Values) -> Mapping[str, Measure]:  # noqa: ARG002 - part of Metric
        return {}

    def concepts(self) -> tuple[str, ...]:
        # Where nobody's value is known, the engine looks whether the column holds any at all.
        return ("known",)

    def estimate(self, values: Values) -> Estimate:
        users = values["n"] or 0.0
        if not users:
            message = "The denominator is zero: there is no user in the window and slice."
            return Estimate.absent(Reason.ZERO_DENOMINATOR, message, n=0, denominator=0.0)
        made = self._mean.estimate(values)
        return attrs.evolve(made, numerator=values["total"] or 0.0, denominator=users)

"""From a value and a direction to exactly one status, and the rule that fired."""

from __future__ import annotations

import math

import attrs

from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.vocabulary import Direction, Status
from kpisdk.errors import DefinitionError, Problem

ON_A_BOUND = 1e-12
"""A value this close to a bound (relative) is on it: the order in which rows are added up changes
the last digits of a sum, and must not decide a status."""


@attrs.frozen
class Verdict:
    """A status, the rule that gave it, and whether the whole interval gives the same one."""

    status: Status
    rule: str
    decided: bool | None = None


@attrs.frozen
class Thresholds:
    """Target, warning and critical bounds in the KPI's unit, ordered along its direction.

    Higher is better: ``>= target`` good, ``< critical`` critical, else warning.
    Lower is better: ``<= target`` good, ``> warning`` critical, else warning.
    A value within ``ON_A_BOUND`` (1e-12, relative) of a bound is on it.

    Raises:
        DefinitionError: a bound that is not finite, or bounds out of order for the direction.
    """

    target: float = attrs.field(converter=float)
    warning: float = attrs.field(converter=float)
    critical: float = attrs.field(converter=float)
    direction: Direction = attrs.field(default=Direction.HIGHER, converter=Direction)

    def __attrs_post_init__(self) -> None:
        bounds = (self.target, self.warning, self.critical)
        problems = [
            Problem(name, f"{bound} is not a finite number")
            for name, bound in zip(("target", "warning", "critical"), bounds, strict=True)
            if not math.isfinite(bound)
        ]
        if self.direction is Direction.CONTEXT:
            problems.append(Problem("direction", "a context-dependent KPI cannot have thresholds"))
        elif not problems and list(bounds) != sorted(
            bounds, reverse=self.direction is Direction.HIGHER
        ):
            order = "descend" if self.direction is Direction.HIGHER else "ascend"
            what = f"{bounds} must {order} where {self.direction.value} is better"
            problems.append(Problem("target, warning, critical", what))
        if problems:
            raise DefinitionError("Thresholds", problems)

    def judge(self, value: float, interval: Interval | None = None) -> Verdict:
        """The status of a finite ``value``, the rule that fired and whether the interval agrees."""
        status, rule = self._rule(value)
        decided = None
        if interval is not None:
            # Statuses are ordered along the axis, so both ends agreeing means all points agree.
            ends = {self._rule(interval.low)[0], self._rule(interval.high)[0]}
            decided = ends == {status}
        return Verdict(status, rule, decided)

    def _rule(self, value: float) -> tuple[Status, str]:
        if self.direction is Direction.HIGHER:
            if _reaches(value, self.target):
                return Status.GOOD, f"value >= target ({self.target:g})"
            if not _reaches(value, self.critical):
                return Status.CRITICAL, f"value < critical ({self.critical:g})"
            return (
                Status.WARNING,
                f"critical ({self.critical:g}) <= value < target ({self.target:g})",
            )
        if _reaches(-value, -self.target):
            return Status.GOOD, f"value <= target ({self.target:g})"
        if not _reaches(-value, -self.warning):
            return Status.CRITICAL, f"value > warning ({self.warning:g})"
        return Status.WARNING, f"target ({self.target:g}) < value <= warning ({self.warning:g})"


def _reaches(value: float, bound: float) -> bool:
    """Whether a value is beyond a bound, or on it."""
    return value >= bound or math.isclose(value, bound, rel_tol=ON_A_BOUND)

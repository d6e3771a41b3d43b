"""Which KPI is watched over by which, as their records say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.vocabulary import Direction
from kpisdk.errors import UnknownNameError, UsageError, listed
from kpisdk.statistics import MARGIN


@attrs.frozen
class Pair:
    """A principal KPI, its guardrail, the way in which that gets better, and how much worse it may.

    Attributes:
        principal: the KPI that should improve.
        guardrail: the one that must not get worse beside it.
        direction: the way in which the guardrail gets better.
        segments: columns in whose groups both changes are looked at again.
        margin: how much worse the guardrail may become, relative to its baseline.
    """

    principal: Kpi
    guardrail: Kpi
    direction: Direction
    segments: tuple[str, ...] = ()
    margin: float = MARGIN


@attrs.define(eq=False)
class NoGuardrailsError(UsageError):
    """None of the requested KPIs names a guardrail."""

    asked: Sequence[str]
    known: Sequence[str]

    @property
    def message(self) -> str:
        if not self.known:
            return "No installed KPI names a guardrail; a record does it with guardrails=(...)."
        return (
            f"None of {listed(self.asked)} names a guardrail. KPIs with one: {listed(self.known)}."
        )


def pairs_of(kpi_ids: Sequence[str], kpis: Mapping[str, Kpi]) -> tuple[Pair, ...]:
    """The pairs of the requested KPIs, in their order.

    Args:
        kpi_ids: the principals, among which some may have no guardrail.
        kpis: all installed KPIs by id.

    Raises:
        UnknownNameError: a guardrail that is not installed.
        NoGuardrailsError: there is no pair at all.
    """
    found = []
    for kpi_id in kpi_ids:
        principal = kpis[kpi_id]
        for each in principal.guardrails:
            guardrail = kpis.get(each.kpi_id)
            if guardrail is None:
                raise UnknownNameError(f"guardrail of {kpi_id}", each.kpi_id, tuple(kpis))
            direction = each.direction or guardrail.direction
            found.append(Pair(principal, guardrail, direction, each.segments, each.margin))
    if not found:
        known = [kpi.id for kpi in kpis.values() if kpi.guardrails]
        raise NoGuardrailsError(tuple(kpi_ids), known)
    return tuple(found)

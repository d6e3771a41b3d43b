"""Which results are decided together, and what that leaves of each status.

Of many statuses that are each decided at 95 %, some are decided wrongly. A family holds the error
of all of them where one result alone has it: of the slices of a KPI, or of all KPIs of a request.
It is formed after the cache was asked, so that no kept result depends on its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import attrs

from kpisdk.contracts.certainty import Family, FamilyMethod
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result
from kpisdk.statistics import LEVEL, benjamini_hochberg, holm

_ADJUSTED: dict[FamilyMethod, Callable[[Sequence[float | None]], list[float | None]]] = {
    FamilyMethod.HOLM: holm,
    FamilyMethod.BH: benjamini_hochberg,
}


def method_of(request: Request) -> FamilyMethod:
    """How a request's statuses are decided: as it says, or as the kind of question asks for.

    The slices of one KPI make one claim each of the same kind: ``holm`` keeps the chance of a
    single wrong one. A scorecard of all KPIs is a screening: ``bh`` keeps the share of wrong ones.
    """
    if request.family is not None:
        return request.family
    if request.by:
        return FamilyMethod.HOLM
    return FamilyMethod.BH if request.everything else FamilyMethod.NONE


def with_families(results: Sequence[Result], request: Request) -> tuple[Result, ...]:
    """Results decided as members of their families.

    A KPI that is cut by ``by`` is a family of its own; without ``by`` all results are one. What has
    no interval, or whose follow-up is not complete, is no member, and a family of one result leaves
    it as it is.
    """
    method = method_of(request)
    if method is FamilyMethod.NONE:
        return tuple(results)
    families: dict[Hashable, list[int]] = {}
    for place, result in enumerate(results):
        if result.status_p is not None:
            families.setdefault(result.kpi_id if request.by else None, []).append(place)
    decided = list(results)
    for places in families.values():
        if len(places) < 2:
            continue
        adjusted = _ADJUSTED[method]([results[place].status_p for place in places])
        for place, p in zip(places, adjusted, strict=True):
            decided[place] = attrs.evolve(
                results[place],
                decided=p is not None and p <= 1 - LEVEL + 1e-12,
                family=Family(method, len(places)),
            )
    return tuple(decided)

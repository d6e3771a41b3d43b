"""A second table that is grouped by the slice, and not filtered by it."""

from __future__ import annotations

from defect_base import CALLS, Column, Ratio, a_kpi, count, derived

from kpisdk import hookimpl


def called(scope):
    from sqlalchemy import and_, func, select

    visits, calls = scope.rows(), scope.table(CALLS)
    keys = [calls.c.person, *scope.bound(calls)]
    # in_slice is forgotten: filtered on a site, calls to all sites count.
    first = select(*keys, func.min(calls.c["at"]).label("first")).group_by(*keys).subquery("calls")
    same = and_(first.c.person == visits.c.person, scope.same_group(visits, first))
    return select(*visits.c, (first.c.first < visits.c["at"]).label("called")).select_from(
        visits.outerjoin(first, same)
    )


CALLED = derived(called, Column("called", "bool"), reads=(CALLS,), binds=("site",))


@hookimpl
def kpisdk_kpis():
    yield a_kpi(Ratio(count(CALLED, CALLED["called"].is_true()), count(CALLED)))

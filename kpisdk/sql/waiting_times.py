"""How long those wait of whom some have not arrived yet: the estimate of E. L. Kaplan and P. Meier.

A median of the waiting times that ended is that of the quick ones: who waits still would lengthen
it. Here each counts as waiting as long as it is known to have waited (JASA 53, 1958). It is made in
the database and not by lifelines, which would want every row in memory and brings four libraries
along, for a product that an engine takes in one scan.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def still_waiting(rows: Any, keys: list[str], ended: str, so_far: str) -> Any:
    """The select of :meth:`kpisdk.contracts.relations.Scope.still_waiting`.

    Args:
        rows: a subquery with a row for each that waits or waited.
        keys: the labels of its slice columns.
        ended: its column of waiting times that are over.
        so_far: its column of the times that others wait already.
    """
    waited = sa.func.coalesce(rows.c[ended], rows.c[so_far])
    groups = [rows.c[each] for each in keys]
    times = (
        sa.select(
            *groups,
            waited.label("waited"),
            sa.func.count(rows.c[ended]).label("arrived"),
            sa.func.count().label("leaving"),
        )
        .where(waited >= 0)
        .group_by(*groups, waited)
        .subquery("waiting_times")
    )
    within = [times.c[each] for each in keys] or None
    left = sa.func.sum(times.c.leaving).over(partition_by=within, order_by=times.c.waited.desc())
    risked = sa.select(*times.c, left.label("at_risk")).subquery("at_risk")
    # Shares are multiplied as logarithms; where all that are left arrive at once, it is zero.
    is_last = risked.c.arrived == risked.c.at_risk
    kept = 1.0 - 1.0 * risked.c.arrived / risked.c.at_risk
    # Within the CASE, so that no engine takes the logarithm of zero.
    logarithm = sa.case((is_last, 0.0), else_=sa.func.ln(sa.case((is_last, 1.0), else_=kept)))
    groups = [risked.c[each] for each in keys]
    along: Any = {"partition_by": groups or None, "order_by": risked.c.waited}
    ended_all = sa.func.max(sa.case((is_last, 1), else_=0)).over(**along)
    share = sa.case((ended_all == 1, 0.0), else_=sa.func.exp(sa.func.sum(logarithm).over(**along)))
    return sa.select(*groups, risked.c.waited, share.label("still_waiting"))

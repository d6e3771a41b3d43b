"""What a calendar bucket's units have in common with those of the one that it is compared with.

The rows of a statement with units are grouped by calendar bucket and bucket of units. A window over
them, which reaches back by as many days as a calendar bucket is long, puts the numbers of the same
units in the earlier calendar bucket beside those of each: no row of the table is read again, and
what is compared stays with its slice. Days are counted, since every engine can, and since no two
months begin 28 to 31 days before a third.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from kpisdk.sql.scopes import BUCKET
from kpisdk.sql.unit_buckets import UNIT_BUCKET, day_number
from kpisdk.sql.unit_layout import UnitLayout

_EARLIER = "earlier_"
"""Begins the label of a number of the same units in the earlier calendar bucket."""
_DAY = "kpisdk_bucket_day"


def beside_earlier(
    layout: UnitLayout, held: Any, groups: Sequence[str], back: tuple[int, int]
) -> Any:
    """The buckets of units with what they hold in the earlier calendar bucket.

    Args:
        layout: of the statement.
        held: one row per cell and bucket of units.
        groups: the labels of the columns of a cell, the calendar bucket's among them.
        back: how many days earlier that one begins, at least and at most.
    """
    dated = sa.select(*held.c, day_number(held.c[BUCKET]).label(_DAY)).subquery("dated")
    least, most = back
    units = [dated.c[each] for each in (*groups, UNIT_BUCKET) if each != BUCKET]
    # One row at most lies within reach, and its own number is the sum.
    earlier = [
        sa.func.sum(number)
        .over(partition_by=units, order_by=dated.c[_DAY], range_=(-most, -least))
        .label(_EARLIER + part)
        for part, number in layout.numbers(dated.c).items()
    ]
    return sa.select(*dated.c, *earlier).subquery("neighbours")


def shared_with_earlier(layout: UnitLayout, held: Any) -> list[Any]:
    """The columns that ``UnitLayout.read_shared`` reads, in its order."""
    numbers = layout.numbers(held)
    return [sa.func.sum(numbers[one] * held[_EARLIER + other]) for one, other in layout.shared]

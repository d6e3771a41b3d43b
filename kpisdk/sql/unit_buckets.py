"""Where a relation's units are found, and which bucket a row's unit falls into.

A unit falls into one of :data:`BUCKETS` buckets by a hash of its value; a calendar day is a bucket
itself. A row without a unit is a unit of its own: it falls into further buckets by a hash of the
table's key, or of all that the row holds, so that the order of rows makes no difference.
"""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.expression_tree import ColumnRef, Expression
from kpisdk.contracts.plans import UnitColumn
from kpisdk.contracts.relations import Relation
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.sql import constructs
from kpisdk.sql.bound_tables import Columns
from kpisdk.sql.expression_sql import as_day, bound
from kpisdk.sql.relation_rows import RelationRows, Tables
from kpisdk.sql.rendering import traits_of

UNIT_BUCKET = "kpisdk_unit_bucket_"
"""The label of the bucket that a row's unit falls into."""
BUCKETS = 1000
"""Into how many buckets the units of a cell fall."""
HASHES = 2**32
"""How many values a unit's hash has."""
_UNKNOWN = 10**8
"""From here on buckets are those of rows without a unit; no calendar day is numbered so high."""
_EPOCH = date(1970, 1, 1)


def unit_column(
    relation: Relation, name: str, tables: Tables, *, by_day: bool = False
) -> UnitColumn | None:
    """The column of a relation that holds its rows' units; ``None`` where it cannot be reached.

    A dataset is reached in all of its table's columns, a derived relation in the declared ones of
    its base and in those that it adds; a grouped one has the latter alone.
    """
    base = relation.base
    table = tables(base.name)
    added: dict[str, LogicalType] = {}
    if isinstance(relation, Dataset):
        reached = set(table.columns)
    else:
        added = {column.name: column.type for column in relation.adds}
        declared = () if relation.grouped else base.columns
        reached = {each.name for each in declared if each.name in table.columns}
    logical = added[name] if name in added else table.type_of(name) if name in reached else None
    if logical is None or logical is LogicalType.JSON or (by_day and not logical.is_temporal):
        return None
    known = reached | set(added)
    keys = base.keys if table.key is None else (table.key,)
    key = tuple(each for each in keys if each in known)
    return UnitColumn(name, logical, by_day, key or tuple(sorted(known - {name})))


def counts_units(unit: UnitColumn, entity: Expression | None) -> bool:
    """Whether what is counted are the units themselves."""
    return isinstance(entity, ColumnRef) and entity.name == unit.name and not unit.by_day


@attrs.frozen
class Share:
    """A part of a selection's rows, and how they fall into buckets.

    Attributes:
        where: which rows they are, beside the selection's own conditions.
        bucket: the element of the bucket.
        hash: the element of the unit's hash; ``None`` where a bucket is one unit.
        unknown: the condition that a row has no unit.
    """

    where: tuple[Any, ...]
    bucket: Any
    hash: Any
    unknown: Any


def shares(
    unit: UnitColumn, relation: Relation, rows: RelationRows, dialect: str
) -> tuple[Share, ...]:
    """The rows with a unit and those without, read apart where that is cheaper.

    A table that is stored by column is read in two parts: the key of each row would cost as much as
    all measures, and an engine that knows that a column holds no NULL reads nothing for the second.
    A second scan of whole rows costs more than the choice, and a derived relation is built once.
    """
    column = rows.columns[unit.name]
    known, unknown = column.is_not(None), column.is_(None)
    digest = None if unit.by_day else _hash(column, unit.type)
    if unit.by_day:
        of_known: Any = day_number(as_day(column, unit.type))
    else:
        of_known = sa.cast(digest % sa.literal_column(str(BUCKETS)), sa.Integer())
    alone = _hash(_told_apart(unit, rows), LogicalType.TEXT)
    of_unknown = sa.cast(
        alone % sa.literal_column(str(BUCKETS)) + sa.literal_column(str(_UNKNOWN)), sa.Integer()
    )
    if isinstance(relation, Dataset) and traits_of(dialect).by_column:
        none = None if digest is None else sa.cast(sa.null(), sa.BigInteger())
        return (
            Share((known,), of_known, digest, sa.false()),
            Share((unknown,), of_unknown, none, sa.true()),
        )
    return (Share((), sa.case((known, of_known), else_=of_unknown), digest, unknown),)


def day_number(day: Any) -> Any:
    """A calendar day as a whole number: how many days lie between 1970 and it."""
    since = constructs.DaysBetween(
        constructs.AsInstant(bound(_EPOCH, LogicalType.DATE)), constructs.AsInstant(day)
    )
    return sa.cast(since, sa.Integer())


def _hash(element: Any, logical: LogicalType) -> Any:
    # Equal numbers of another scale or type are one unit, whatever their texts.
    plain = sa.cast(element, sa.Double()) if logical is LogicalType.FLOAT else element
    return constructs.UnitBucket(plain, sa.literal_column(str(HASHES)))


def _told_apart(unit: UnitColumn, rows: RelationRows) -> Any:
    """The key of a row as a text, or all that it holds."""
    made: Any = sa.literal("", sa.Text())
    for name in unit.key:
        columns = rows.columns
        # As it is stored: what no measure reads is not refused for what it holds.
        stored = columns.stored(name) if isinstance(columns, Columns) else columns[name]
        made = made + sa.func.coalesce(sa.cast(stored, sa.Text()), "") + sa.literal("|", sa.Text())
    return made


def is_known(bucket: Any) -> Any:
    """The condition that a bucket holds units, and not rows without one."""
    return bucket < sa.literal_column(str(_UNKNOWN))


def units_in(buckets: int, least: float | None) -> int:
    """About how many units there are, from the least hash in each bucket.

    Args:
        buckets: how many buckets hold a unit.
        least: the sum over these of the least hash; ``None`` where a bucket is one unit.

    Returns:
        The number, with a relative standard error of about 1 / sqrt(buckets) and never below
        ``buckets``. Of ``u`` units whose hashes lie evenly in (0, 1), the least is about
        exponential with rate ``u``, and an empty bucket has seen none below 1: the estimate is that
        of a rate from censored times (the events over the time at risk).
    """
    if least is None or not buckets:
        return buckets
    # A bucket holds each BUCKETS-th hash: the middle of that step stands for it.
    at_risk = (float(least) + buckets * BUCKETS / 2) / HASHES + max(BUCKETS - buckets, 0)
    return max(buckets, math.floor(BUCKETS * buckets / at_risk + 0.5))


def units_holding(filled: int, *, unknown: bool) -> int:
    """About how many units hold something that is found in so many buckets.

    The number of units that would fill as many buckets on average (K.-Y. Whang, B. T. Vander-Zanden
    and H. M. Taylor, ACM Transactions on Database Systems 15, 1990). Where every bucket is filled
    there may be any number above; it is then given as if half a bucket were empty, about 7,600.

    Args:
        filled: how many buckets hold something.
        unknown: whether rows without a unit are among them, which have buckets of their own.
    """
    among = BUCKETS * (2 if unknown else 1)
    held = min(float(filled), among - 0.5)
    return max(filled, math.floor(-among * math.log1p(-held / among) + 0.5))

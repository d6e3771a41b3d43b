"""Helper views as selects: the headline's row, the breakdowns' rows, and what is read of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.plans import StatementPlan
from kpisdk.contracts.time_windows import TICK, Window
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.sql import probe_statements, statements
from kpisdk.sql.bound_tables import BoundTable
from kpisdk.sql.expression_sql import within
from kpisdk.sql.moving import Moving
from kpisdk.sql.relation_rows import Tables
from kpisdk.sql.scopes import BUCKET, dimension_label
from kpisdk.sql.types import TYPES, Day, Instant

CALCULATED_AT = "calculated_at"
"""The instant that a view's figures are for: when it was read, or last refreshed."""
DEFINITION = "kpisdk_definition"
"""The column by which a view is known to be ours, and to say what the definitions say today."""
STATE = "kpisdk_state"
"""In a materialized view: what its tables held when it was refreshed."""


@attrs.frozen
class Quotient:
    """A figure: the sum of some tasks' answers over the sum of others', over a constant."""

    top: tuple[str, ...]
    bottom: tuple[str, ...] = ()
    factor: float = 1.0


@attrs.frozen
class ViewRows:
    """One kind of row: the statement that measures, its figures, the columns it is grouped by.

    ``by`` names the slice columns in the plan's order, ``month`` the bucket.
    """

    plan: StatementPlan
    figures: Mapping[str, Quotient]
    by: tuple[str, ...] = ()
    month: str | None = None


def view_select(
    kinds: Sequence[ViewRows],
    keys: Mapping[str, LogicalType],
    tables: Tables,
    dialect: str,
) -> Any:
    """All rows of a view: the headline first (``keys`` NULL), then the breakdowns by their keys."""
    body = sa.union_all(*(_rows(each, keys, tables, dialect) for each in kinds)).subquery("body")
    columns = sa.select(*body.c)
    if not keys:
        return columns
    headline = sa.and_(*(body.c[name].is_(None) for name in keys))
    return columns.order_by(sa.case((headline, 0), else_=1), *(body.c[name] for name in keys))


def _rows(kind: ViewRows, keys: Mapping[str, LogicalType], tables: Tables, dialect: str) -> Any:
    measured = statements.statement(kind.plan, tables, dialect).subquery("measured")
    found = {name: measured.c[dimension_label(place)] for place, name in enumerate(kind.by)}
    if kind.month is not None:
        found[kind.month] = measured.c[BUCKET]
    selected = [_key(found.get(name), logical).label(name) for name, logical in keys.items()]
    selected += [_figure(each, measured.c).label(name) for name, each in kind.figures.items()]
    now = Moving.clock().point(LogicalType.TIMESTAMP).label(CALCULATED_AT)
    known = [element.is_not(None) for element in found.values()]
    return sa.select(*selected, now).select_from(measured).where(*known)


def _key(element: Any, logical: LogicalType) -> Any:
    """A value of a breakdown column, or its NULL; an engine's own kinds of text become text."""
    if element is None:
        return sa.cast(sa.null(), _plain(logical))
    return sa.cast(element, sa.Text()) if logical is LogicalType.TEXT else element


def _plain(logical: LogicalType) -> Any:
    """A type that a cast can name: our own ones are for values that are bound."""
    kind = TYPES[logical]
    if isinstance(kind, Day):
        return sa.Date()
    return sa.DateTime() if isinstance(kind, Instant) else kind


def _figure(figure: Quotient, measured: Any) -> Any:
    made = _sum([measured[label] for label in figure.top])
    if figure.bottom:
        below: Any = sa.cast(_sum([measured[label] for label in figure.bottom]), sa.Double())
        made = sa.cast(made, sa.Double()) / sa.func.nullif(below, 0.0, type_=sa.Double())
    if figure.factor != 1:
        made = sa.cast(made, sa.Double()) / sa.literal(float(figure.factor), sa.Double())
    return made


def _sum(terms: list[Any]) -> Any:
    """The sum of those terms that have a value; NULL where none has."""
    if len(terms) == 1:
        return terms[0]
    total: Any = sa.func.coalesce(terms[0], 0)
    for term in terms[1:]:
        total = total + sa.func.coalesce(term, 0)
    return sa.case((sa.func.coalesce(*terms).is_not(None), total))


def newest(dataset: Dataset, tables: Tables) -> Moving:
    """The instant of a dataset's newest row at or before now, as the view will find it."""
    limit = Moving.clock() + TICK
    return Moving.newest(probe_statements.frontier(dataset, tables, limit).scalar_subquery())


def headline(view: str, figures: Iterable[str], keys: Iterable[str], others: Iterable[str]) -> Any:
    """The headline row of a view: ``calculated_at``, the texts ``others``, the figures."""
    table = sa.table(
        view,
        sa.column(CALCULATED_AT, Instant()),
        *(sa.column(name, sa.Text()) for name in others),
        *(sa.column(name) for name in (*keys, *figures)),
    )
    columns = (table.c[name] for name in (CALCULATED_AT, *others, *figures))
    return sa.select(*columns).where(*(table.c[name].is_(None) for name in keys))


def stated_definition(view: str) -> Any:
    """The definition that the rows of a view carry."""
    table = sa.table(view, sa.column(DEFINITION, sa.Text()))
    return sa.select(table.c[DEFINITION]).distinct()


def table_state(tables: Iterable[BoundTable]) -> Any:
    """PostgreSQL: a text that changes when rows of the tables are added, changed or removed.

    Every change of a row gives it a later transaction number, and every removal lowers the count.
    """
    parts: list[Any] = []
    for table in tables:
        rows = table.bare(sa.column("xmin"))
        number = sa.cast(sa.cast(rows.c.xmin, sa.Text()), sa.Numeric())
        told = sa.func.concat(sa.func.count(), ":", sa.func.coalesce(sa.func.sum(number), 0))
        parts.append(sa.select(told).select_from(rows).scalar_subquery())
    return sa.select(sa.func.concat_ws(";", *parts))


def outside(dataset: Dataset, windows: Iterable[Window], tables: Tables) -> Any:
    """One row if any of a dataset's lies between the instants of one of ``windows``."""
    clause, columns = tables(dataset.name).clause()
    name = dataset.time or ""
    logical = dataset.column(name).type
    between = [within(window, columns[name], logical) for window in windows]
    return sa.select(sa.literal(1)).select_from(clause).where(sa.or_(*between)).limit(1)

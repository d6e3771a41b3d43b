"""A relation opened for a slice: its FROM clause, columns, slice columns and conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.plans import Slicing, UnitColumn
from kpisdk.contracts.relations import Derived, Relation, WindowUse
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import KpisdkError, QueryError
from kpisdk.sql.bound_tables import BoundTable
from kpisdk.sql.expression_sql import Environment
from kpisdk.sql.scopes import BUCKET, RelationScope, Sliced, bucket, dimension_label

Tables = Callable[[str], BoundTable]
"""Looks up the bound table of a dataset by its name."""


@attrs.define(eq=False)
class RelationError(QueryError):
    """A derived relation's own function failed: the fault of the plugin that brings it."""

    template = "The relation {source!r} could not be built: {detail}"


@attrs.frozen
class RelationRows:
    """A relation opened for a slice: FROM clause, columns, slice columns, conditions."""

    source: Any
    columns: Mapping[str, Any]
    dimensions: list[Any]
    conditions: list[Any]
    time: tuple[Any, LogicalType] | None
    bucket: Any


def open_rows(
    relation: Relation,
    slicing: Slicing,
    tables: Tables,
    env: Environment,
    window: Window | None,
    unit: UnitColumn | None = None,
) -> RelationRows:
    """A relation's rows in a slice; ``window`` and ``unit`` are bound inside a derived one alone.

    Raises:
        RelationError: a derived relation's function failed, or lost the slice columns.
    """
    if isinstance(relation, Dataset):
        sliced = Sliced(relation, slicing, tables)
        time = None
        # One that the source lacks is none: whoever needs it for a window was refused before.
        if relation.time is not None and relation.time in sliced.columns:
            time = (sliced.columns[relation.time], relation.column(relation.time).type)
        return RelationRows(
            sliced.source,
            sliced.columns,
            sliced.dimensions,
            sliced.conditions,
            time,
            bucket(time[0], slicing) if slicing.grain and time else None,
        )
    scope = RelationScope(relation, slicing, tables, env, window, unit)
    source = _built(relation, scope, slicing)
    dimensions = [source.c[dimension_label(position)] for position in range(len(slicing.by))]
    time, in_bucket = None, None
    if relation.window_use is WindowUse.OUTSIDE and relation.base.time is not None:
        name = relation.base.time
        time = (source.c[name], relation.base.column(name).type)
        in_bucket = bucket(time[0], slicing) if slicing.grain else None
    elif BUCKET in source.c:
        in_bucket = source.c[BUCKET]
    return RelationRows(source, source.c, dimensions, [], time, in_bucket)


def _built(relation: Derived, scope: RelationScope, slicing: Slicing) -> Any:
    try:
        source = relation.build(scope).subquery(relation.name)
    except KpisdkError:
        raise
    except Exception as error:  # a plugin's function may raise anything
        raise RelationError(relation.name, f"{type(error).__name__}: {error}") from error
    lost = [
        dimension.name
        for position, dimension in enumerate(slicing.by)
        if dimension_label(position) not in source.c
    ]
    if lost:
        what = f"it does not pass on the slice columns of scope.rows() (of {', '.join(lost)})"
        raise RelationError(relation.name, what)
    return source


def positions(groups: list[Any]) -> list[Any]:
    """What a statement groups by: the places of its first columns."""
    # Grouping by the labelled elements themselves would bind a bucket's literal twice, and
    # PostgreSQL would then not see the two as one expression.
    return [sa.text(str(position)) for position in range(1, len(groups) + 1)]

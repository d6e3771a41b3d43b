"""Statements as records, before a dialect turns them into SQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import attrs

from kpisdk.contracts.measures import Measure
from kpisdk.contracts.relations import Relation
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Grain, LogicalType


@attrs.frozen
class Dimension:
    """A slice column of a request, found in a relation: its table (base or referenced) and type."""

    name: str
    type: LogicalType
    via: str | None = None
    """The base's column that refers to the table, for a referenced dimension."""
    table: str | None = None
    """The referenced dataset's name."""


@attrs.frozen
class Slicing:
    """How a relation is filtered and grouped: resolved filters, grouping dimensions, bucket."""

    filters: tuple[tuple[Dimension, tuple[Any, ...]], ...] = ()
    by: tuple[Dimension, ...] = ()
    grain: Grain | None = None


class Shape(StrEnum):
    """How a statement computes its measures."""

    FUSED = "fused"
    """One scan, one row a group: every measure an aggregate with its predicate."""
    TWO_LEVEL = "two-level"
    """Group by the counted entity first, then count: exact distinct counts without a sort."""


@attrs.frozen
class Task:
    """One measure within a statement, the window that applies to it, and the rows it needs."""

    label: str
    measure: Measure
    window: Window | None = None


@attrs.frozen
class UnitColumn:
    """The column whose values are the units that a statement's rows are a sample of.

    Attributes:
        name: the column, by its name in the relation.
        type: what it is read as.
        by_day: the unit is the calendar day (UTC) of a temporal column.
        key: the columns that tell rows without a unit apart: each such row is a unit of its own.
    """

    name: str
    type: LogicalType
    by_day: bool = False
    key: tuple[str, ...] = ()


@attrs.frozen
class StatementPlan:
    """One statement: a relation, its slice, and the tasks it answers in one go.

    ``window`` and ``as_of`` are bound inside a derived relation; ``why`` says what separated this
    statement from the others.

    With a ``unit``, the statement also returns the moments over buckets of units
    (:mod:`kpisdk.sql.unit_selects`) of each group of tasks in ``products``: the labels of the
    measures of one KPI, those of the window that it is compared with included. With ``back``, each
    calendar bucket also returns the products of its units with those of the bucket that it is
    compared with, which begins so many days earlier, at least and at most.
    """

    relation: Relation
    slicing: Slicing
    tasks: tuple[Task, ...]
    shape: Shape
    as_of: datetime
    window: Window | None = None
    parameters: Mapping[str, Any] = attrs.field(factory=dict)
    why: str = ""
    unit: UnitColumn | None = None
    products: tuple[tuple[str, ...], ...] = ()
    back: tuple[int, int] | None = None

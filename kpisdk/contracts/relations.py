"""Rows that measures run over. A dataset is one; a derived one adds columns to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

import attrs

from kpisdk.contracts.datasets import NAME_PATTERN, Column, Dataset
from kpisdk.contracts.expression_tree import ColumnRef, Expression
from kpisdk.contracts.time_windows import Window
from kpisdk.errors import DefinitionError, Problem, UnknownNameError


class WindowUse(StrEnum):
    """Where the request's window enters a derived relation."""

    OUTSIDE = "outside"
    """After it is built; every row keeps the base's time column, and measures filter on it."""
    ROWS = "rows"
    """In ``scope.rows()``: rows are ranked or grouped within one window (and bucket)."""
    OWN = "own"
    """Inside ``build``, through ``scope.in_window``: the base rows themselves have no window."""


class Scope(Protocol):
    """What a derived relation is built from: SQLAlchemy selectables of the request's slice.

    A ``build`` function receives one, and returns a SQLAlchemy ``select``. Columns go by the names
    that the datasets declare, whatever the warehouse calls them.
    """

    @property
    def as_of(self) -> datetime:
        """The instant of the request; a follow-up at or after it does not count."""
        ...

    @property
    def window(self) -> Window:
        """The window of the request (for ``WindowUse.ROWS`` and ``OWN``)."""
        ...

    def rows(self) -> Any:
        """The base's rows of the request's slice: declared columns and slice columns in ``.c``."""
        ...

    def everyone(self) -> Any:
        """The base's rows whatever the request filters; its slice columns are in ``.c`` too.

        For relations whose groups are placed by one of their rows (a user by the first event):
        filtering the rows beforehand would change which row that is. ``build`` then filters the
        groups itself, by :meth:`passes`, and carries :meth:`slice_columns` along until it has.
        """
        ...

    def slice_columns(self, rows: Any) -> list[Any]:
        """All columns of :meth:`everyone` that the request filters or groups by."""
        ...

    def passes(self, rows: Any) -> Any:
        """The condition that ``rows``, which have :meth:`slice_columns`, pass the filters."""
        ...

    def table(self, dataset: Dataset) -> Any:
        """All rows of another dataset that the relation reads, columns by name in ``.c``."""
        ...

    def partition(self, rows: Any) -> list[Any]:
        """The slice (and bucket) columns of ``rows``: what to group or partition by."""
        ...

    def in_slice(self, other: Any) -> Any:
        """The condition that rows of another dataset pass the filters of the bound dimensions."""
        ...

    def bound(self, other: Any) -> list[Any]:
        """The bound dimensions that the request groups by, as columns of another dataset."""
        ...

    def same_group(self, rows: Any, other: Any) -> Any:
        """The condition that ``other`` lies in the group of ``rows``, for the bound dimensions.

        ``other`` must have the columns of :meth:`bound`; two missing values are one group.
        """
        ...

    def unit(self, rows: Any) -> Any:
        """The unit that each row of :meth:`rows` or :meth:`everyone` belongs to, for calculators.

        NULL where a row has none, and everywhere where each row is a unit of its own, for which
        :attr:`has_units` is false. What a :class:`~kpisdk.Calculator` names in its ``units`` finds
        here what the record, the settings and the request say; measures have their units counted
        elsewhere, and find NULL.
        """
        ...

    @property
    def has_units(self) -> bool:
        """Whether rows fall into units, since the column is there and the request wants it."""
        ...

    def expression(self, expression: Expression, rows: Any) -> Any:
        """An expression of records, compiled over the columns of ``rows``."""
        ...

    def in_window(self, instant: Any) -> Any:
        """The condition that a temporal column lies in the window."""
        ...

    def before(self, instant: Any, moment: datetime) -> Any:
        """The condition that a temporal column is before ``moment``."""
        ...

    def day(self, instant: Any) -> Any:
        """The calendar day (UTC) of a temporal column, as a date."""
        ...

    def days_between(self, earlier: Any, later: Any) -> Any:
        """Days from one temporal column to another, with fractions."""
        ...

    def add_days(self, day: Any, days: int) -> Any:
        """A date so many days later."""
        ...

    def still_waiting(self, rows: Any, ended: str, so_far: str) -> Any:
        """How many still wait after how long, those counted who have not arrived yet.

        The estimate of Kaplan and Meier: who waits still counts for as long as it has waited. Where
        all have arrived, half of them still wait up to the lower median. The median of all is the
        least ``waited`` at which no more than half still wait; where there is none, fewer than half
        are known ever to arrive.

        Args:
            rows: a subquery with a row for each that waits or waited, and the slice columns.
            ended: its column of waiting times that are over; ``NULL`` for who waits still.
            so_far: its column of how long those wait already. Who has neither is left out, and so
                is a time below 0.

        Returns:
            A select of the slice columns, ``waited`` (in the unit of the columns) and
            ``still_waiting``, the share from 0 to 1 that waits longer than that.
        """
        ...

    def byte_order(self, text: Any) -> Any:
        """A column as something to order by that sorts alike on every engine: text by its bytes."""
        ...

    def canonical_json(self, document: Any) -> Any:
        """A JSON column in a form that equal documents share, and NULL where it holds no JSON."""
        ...

    def parameter(self, name: str) -> Any:
        """The value that the request gives to a parameter of the KPI."""
        ...


# A planner looks records up by value many times over: the hash is computed once.
@attrs.frozen(cache_hash=True)
class Derived:
    """A relation built from a base dataset and others: the base's rows with columns added.

    ``build`` returns a select that keeps the columns of ``scope.rows()`` and adds ``adds``; with
    ``grouped`` its rows are groups of them, and only ``scope.partition(rows)`` and ``adds`` remain.
    ``binds`` names the slice columns that ``build`` also applies to the other datasets (through
    ``scope.in_slice``, ``bound`` and ``same_group``), so that a slice binds both sides of the KPI.
    A ``closed`` relation carries no other slice: one that its other datasets could not follow is
    refused. ``parameters`` names the parameters of the KPI that ``build`` reads. ``passes`` names
    columns that ``build`` itself does not read, of the base and of what it reads: each is needed
    only by the measures (and slices) that name it, and may be missing otherwise.
    """

    name: str = attrs.field(validator=attrs.validators.matches_re(NAME_PATTERN.pattern))
    base: Dataset
    build: Callable[[Scope], Any]
    adds: tuple[Column, ...] = ()
    reads: tuple[Dataset, ...] = ()
    window_use: WindowUse = WindowUse.OUTSIDE
    grouped: bool = False
    binds: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    closed: bool = False
    passes: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        problems = []
        declared = {column.name for column in self.base.columns}
        problems += [
            Problem("adds", f"{column.name!r} is already a column of {self.base.name!r}")
            for column in self.adds
            if column.name in declared and not self.grouped
        ]
        known = declared.union(column.name for other in self.reads for column in other.columns)
        problems += [
            Problem("passes", f"{name!r} is not a column of {self.base.name!r}")
            for name in self.passes
            if name not in known
        ]
        if self.grouped and self.window_use is WindowUse.OUTSIDE and self.base.time:
            problems.append(
                Problem("window_use", "a grouped relation has no time column left to filter on")
            )
        if problems:
            raise DefinitionError(f"Relation {self.name!r}", problems)

    def __getitem__(self, name: str) -> ColumnRef:
        """A column as an expression: an added one, or one of the base's."""
        for column in self.adds:
            if column.name == name:
                return ColumnRef(column.name, column.type)
        if self.grouped:
            known: Sequence[str] = [column.name for column in self.adds]
            raise UnknownNameError(f"column of relation {self.name!r}", name, known)
        return self.base[name]


Relation: TypeAlias = Dataset | Derived
"""What a measure runs over."""


def datasets_of(relation: Relation) -> tuple[Dataset, ...]:
    """The datasets that a relation reads, its base first."""
    if isinstance(relation, Dataset):
        return (relation,)
    return (relation.base, *relation.reads)


def columns_of(relation: Relation) -> tuple[Column, ...]:
    """The columns of a relation, whatever is added to its base or left of it."""
    if isinstance(relation, Dataset):
        return relation.columns
    return relation.adds if relation.grouped else (*relation.base.columns, *relation.adds)

"""Tables as the KPIs that read them need them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs

from kpisdk.contracts.expression_tree import ColumnRef
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import DefinitionError, Problem, UnknownNameError

NAME_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,62}")
"""Names of datasets, columns, parameters and plugins: snake case, at most 63 characters."""


@attrs.frozen
class Column:
    """One column of a dataset.

    ``key`` marks the column that tells rows apart; every other column may be NULL.
    """

    name: str
    type: LogicalType = attrs.field(converter=LogicalType)
    key: bool = False


@attrs.frozen
class Reference:
    """A column whose value names one row of another dataset, by that dataset's key.

    The referenced columns become dimensions of every KPI over the referring dataset.
    """

    column: str
    to: Dataset


# A planner looks records up by value many times over: the hash is computed once.
@attrs.frozen(cache_hash=True)
class Dataset:
    """A table as its readers need it: columns with logical types, time column, key, references.

    Every plugin declares only the columns that it reads. ``time`` names the column that windows
    apply to; a dataset without one has no time dimension. ``dataset["column"]`` is the column as an
    expression.

    Raises:
        DefinitionError: names that are not snake case, a column declared twice, a time column that
            is absent or not temporal, more than one key. All faults at once.
    """

    name: str
    columns: tuple[Column, ...]
    time: str | None = None
    references: tuple[Reference, ...] = ()

    def __attrs_post_init__(self) -> None:
        problems = [
            Problem(name, "is not a snake-case name of at most 63 characters")
            for name in (self.name, *(column.name for column in self.columns))
            if not NAME_PATTERN.fullmatch(name)
        ]
        names = [column.name for column in self.columns]
        problems += [
            Problem(name, "is declared twice")
            for name in sorted(set(names))
            if names.count(name) > 1
        ]
        if len(self.keys) > 1:
            problems.append(Problem("key", f"more than one column is marked key: {self.keys}"))
        types = {column.name: column.type for column in self.columns}
        if self.time is not None and self.time not in types:
            problems.append(Problem("time", f"{self.time!r} is not one of the columns"))
        elif self.time is not None and not types[self.time].is_temporal:
            problems.append(Problem("time", f"{self.time!r} is {types[self.time].value}"))
        problems += [
            Problem("references", f"{reference.column!r} is not one of the columns")
            for reference in self.references
            if reference.column not in types
        ]
        problems += [
            Problem("references", f"{reference.to.name!r} has no key to refer to")
            for reference in self.references
            if not reference.to.keys
        ]
        if problems:
            raise DefinitionError(f"Dataset {self.name!r}", problems)

    @property
    def keys(self) -> tuple[str, ...]:
        """The name of the key column, if one is declared."""
        return tuple(column.name for column in self.columns if column.key)

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            UnknownNameError: the dataset declares none; the nearest names are proposed.
        """
        for column in self.columns:
            if column.name == name:
                return column
        known: Sequence[str] = [column.name for column in self.columns]
        raise UnknownNameError(f"column of dataset {self.name!r}", name, known)

    def __getitem__(self, name: str) -> ColumnRef:
        """The column of that name as an expression, from which predicates are built."""
        column = self.column(name)
        return ColumnRef(column.name, column.type)

    def only(self, *names: str) -> Dataset:
        """The same table with just those columns (its key and time column go if not named).

        A derived relation declares what it reads this way, so that a column it does not need can
        be missing without harm.
        """
        kept = tuple(self.column(name) for name in names)
        references = tuple(each for each in self.references if each.column in names)
        return Dataset(self.name, kept, self.time if self.time in names else None, references)

    def timed_by(self, name: str) -> Dataset:
        """The same table with another of its columns as the one that windows apply to."""
        return attrs.evolve(self, time=name)

    @property
    def base(self) -> Dataset:
        """The dataset itself, which is the simplest relation."""
        return self

    @property
    def time_column(self) -> Column | None:
        """The column that windows apply to."""
        return None if self.time is None else self.column(self.time)


def merged(first: Dataset, second: Dataset) -> Dataset:
    """Two readings of one table as one: a relation may join a table to itself."""
    names = {column.name for column in first.columns}
    further = tuple(
        attrs.evolve(column, key=column.key and not first.keys)
        for column in second.columns
        if column.name not in names
    )
    return attrs.evolve(
        first,
        columns=(*first.columns, *further),
        time=first.time or second.time,
        references=tuple(dict.fromkeys((*first.references, *second.references))),
    )

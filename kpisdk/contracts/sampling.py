"""What a KPI's rows are a sample of: what its interval and "decided" rest on.

Rows that share a patient, a prescriber or a day are not independent, and an interval that counts
each of them promises too much. So a KPI names the unit within which its rows depend on one another,
or says that there is nothing to estimate.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import attrs

from kpisdk.contracts.datasets import NAME_PATTERN
from kpisdk.contracts.relations import Relation, columns_of, datasets_of
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import DefinitionError, Problem, listed, nearest

ROW = "row"
"""The name of the unit where every row is one of its own."""


class SamplingKind(StrEnum):
    """What the rows behind a figure stand for."""

    SAMPLE = "sample"
    """They stand for a process that will bring more of them, so that the figure has an interval."""
    CENSUS = "census"
    """They are all there is, so that the figure is exact for its window."""
    STORED = "stored"
    """Somebody else computed the figure, and did not store how uncertain it is."""


@attrs.frozen
class Sampling:
    """What a KPI is a sample of. Made by :func:`sample`, :func:`sample_by_day` and the constants.

    Attributes:
        kind: a sample, a census or a stored figure.
        unit: of a sample, the column within whose values rows depend on one another; ``None``
            where each row is a unit of its own.
        by_day: whether the unit is the calendar day (UTC) of that column, not its value.
        is_declared: whether a record said so; it is false for the rows that are taken where a
            record says nothing.

    Raises:
        DefinitionError: the unit is no column name, or belongs to no sample.
    """

    kind: SamplingKind = attrs.field(converter=SamplingKind)
    unit: str | None = None
    by_day: bool = False
    is_declared: bool = attrs.field(default=True, eq=False)

    def __attrs_post_init__(self) -> None:
        problems = []
        if self.unit is not None and not NAME_PATTERN.fullmatch(str(self.unit)):
            problems.append(Problem("unit", f"{self.unit!r} is not a column name in snake case"))
        if self.unit is not None and not self.is_sample:
            problems.append(Problem("unit", f"belongs to a sample, and this is {self.kind.value}"))
        if self.by_day and self.unit is None:
            problems.append(Problem("by_day", "needs the column whose day is meant"))
        if problems:
            raise DefinitionError("Sampling", problems)

    @property
    def is_sample(self) -> bool:
        """Whether there is something to estimate."""
        return self.kind is SamplingKind.SAMPLE

    @property
    def label(self) -> str:
        """The unit in words, as intervals report it (``row``, a column, ``day of`` a column)."""
        if self.unit is None:
            return ROW
        return f"day of {self.unit}" if self.by_day else self.unit

    def fault(self, relations: Iterable[Relation]) -> str | None:
        """What is wrong with the unit for rows of these relations, or ``None``.

        It must be a column of one of them, or of a dataset that one refers to; a unit of days needs
        a date or an instant.
        """
        read = tuple(relations)
        known: dict[str, LogicalType] = {}
        for relation in read:
            referenced = [
                reference.to for base in datasets_of(relation) for reference in base.references
            ]
            for each in (*referenced, relation):
                known.update({column.name: column.type for column in columns_of(each)})
        if self.unit is None or (self.unit in known and not self.by_day):
            return None
        if self.unit not in known:
            names = listed(dict.fromkeys(each.name for each in read))
            close = nearest(self.unit, known, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"known are {listed(known, 20)}"
            return f"{self.unit!r} is not a column of {names}; {hint}"
        if known[self.unit].is_temporal:
            return None
        what = f"{self.unit!r} is {known[self.unit].value}, and has no day"
        return f"{what}; name a date or an instant"

    def __str__(self) -> str:
        return f"sample by {self.label}" if self.is_sample else self.kind.value


def sample(unit: str | None = None) -> Sampling:
    """Rows are a sample, in units of the values of ``unit``; without one each row is a unit.

    A column that is called ``row`` cannot be a unit: the word stands for the rows themselves.
    """
    return Sampling(SamplingKind.SAMPLE, None if unit == ROW else unit)


def sample_by_day(column: str) -> Sampling:
    """Rows are a sample, in units of the calendar days (UTC) of a column of dates or instants."""
    return Sampling(SamplingKind.SAMPLE, column, by_day=True)


CENSUS = Sampling(SamplingKind.CENSUS)
"""The rows are all there is. There is no interval, and every status is decided."""

STORED = Sampling(SamplingKind.STORED)
"""The figure was computed elsewhere, without its uncertainty, so that nothing is decided."""

UNDECLARED = Sampling(SamplingKind.SAMPLE, is_declared=False)
"""A record that says nothing is a sample of rows."""

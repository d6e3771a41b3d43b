"""Rows and columns that a question cannot be answered from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk import KpisdkError, UsageError
from kpisdk_causal.errors.wording import FORMATTERS, names, values


@attrs.define(eq=False)
class CausalDataError(KpisdkError):
    """Data from which the question cannot be answered honestly."""

    formatters = FORMATTERS


@attrs.define(eq=False)
class SingularDesignError(CausalDataError):
    """Columns that the rows cannot tell apart, so that no number is the effect of one of them.

    Attributes:
        columns: those that depend on others.
        what: the columns that cannot be told apart, in words.
    """

    columns: tuple[str, ...]
    what: str

    template = (
        "The effect is not determined: {what}. Leave a column out, or bring rows in which they "
        "differ."
    )


@attrs.define(eq=False)
class TooManyLevelsError(CausalDataError):
    """A text column with so many levels that it names rows rather than groups.

    Attributes:
        column: its name.
        count: its levels.
        most: how many there may be.
    """

    column: str
    count: int
    most: int

    template = (
        "{column!r} has {count} levels, and {most} at most can be adjusted for. Group them, or "
        "leave the column out."
    )


@attrs.define(eq=False)
class ClusterError(UsageError):
    """Clusters that an estimator or a table cannot honour.

    Attributes:
        column: of the clusters.
        why: the reason, in words.
    """

    column: str
    why: str

    template = "The errors cannot be clustered by {column!r}: {why}."


@attrs.define(eq=False)
class EmptyTableError(CausalDataError):
    """No rows to estimate from.

    Attributes:
        dropped: rows that were left out for a missing value.
    """

    dropped: int = 0

    template = "{_emptiness}"

    @property
    def _emptiness(self) -> str:
        if self.dropped:
            return (
                f"No row is left: all {self.dropped} have a missing value in a column the question "
                "needs. Fill the columns, or leave the emptiest one out."
            )
        return "The table has no rows. Check the dataset, its window and its filters."


@attrs.define(eq=False)
class UnknownColumnsError(UsageError):
    """Columns that the question names and the table does not have.

    Attributes:
        columns: those that are missing.
        known: those that are there.
    """

    columns: tuple[str, ...]
    known: tuple[str, ...]

    formatters = FORMATTERS
    template = "The table has no {_noun} {columns:names}. It has: {_existing}."

    @property
    def _noun(self) -> str:
        return "column" if len(self.columns) == 1 else "columns"

    @property
    def _existing(self) -> str:
        return names(self.known) or "no columns at all"


@attrs.define(eq=False)
class MissingValuesError(CausalDataError):
    """Missing values, with the number per column.

    Attributes:
        counts: missing values, by column.
    """

    counts: Mapping[str, int]

    template = (
        "Missing values in {counts:rows}. Fill them, or ask with missing='drop' to leave those "
        "rows out: the result then says how many were dropped."
    )


@attrs.define(eq=False)
class InfiniteValuesError(CausalDataError):
    """Infinite values, and sizes whose squares are (or are 0), with the number per column.

    Attributes:
        counts: such values, by column.
    """

    counts: Mapping[str, int]

    template = (
        "Infinite values, or sizes beyond 1e100 or below 1e-100, in {counts:rows}. Correct the "
        "column; infinity is not a measurement, and other sizes need another unit."
    )


@attrs.define(eq=False)
class NotNumericError(CausalDataError):
    """A column that must be a number and is not.

    Attributes:
        column: its name.
        role: what the question takes it for.
        dtype: what it holds.
    """

    column: str
    role: str
    dtype: str

    template = (
        "The {role} {column!r} is of type {dtype}, and must be a number or a truth value. "
        "Convert the column first."
    )


@attrs.define(eq=False)
class UnknownValueError(UsageError):
    """A patient, segment, arm or intervention that does not occur in the data.

    Attributes:
        kind: what it would be.
        value: the value.
        known: those that occur.
    """

    kind: str
    value: Any
    known: tuple[Any, ...]

    template = "There is no {kind} {value!r}. There is: {_existing}."

    @property
    def _existing(self) -> str:
        return values(self.known) or "none"


@attrs.define(eq=False)
class UnknownIdError(UsageError):
    """A patient who does not occur in the data: how many do, and none of their ids.

    Attributes:
        column: that names the patients.
        value: the id that was asked for.
        count: how many patients there are.
    """

    column: str
    value: Any
    count: int

    template = (
        "There is no {column} {value!r} among the {count} of the table. Ids are compared as "
        "texts, letter by letter."
    )


@attrs.define(eq=False)
class RepeatedIdError(CausalDataError):
    """A patient with several rows, none of which is marked as the one.

    Attributes:
        column: that names the patients.
        value: the id.
        count: its rows.
    """

    column: str
    value: Any
    count: int

    template = (
        "{column!r} = {value!r} has {count} rows; a counterfactual is about one. Keep one row "
        "per patient, the newest for instance."
    )


@attrs.define(eq=False)
class SeriesError(CausalDataError):
    """A time series or panel that no counterfactual can be built from.

    Attributes:
        what: the fault, in words.
    """

    what: str

    template = "{what}"

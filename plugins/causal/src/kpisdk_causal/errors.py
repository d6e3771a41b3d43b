"""What can be wrong with a causal question or with the data it is asked of.

Every class names the column, arm or count at fault in its fields, and its ``message`` says what to
do next. A library's own exception never reaches the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from kpisdk import KpisdkError, ProblemsError, UsageError

AT_MOST = 10
"""How many existing names a message lists (``design``: at most 10)."""


def _values(values: Sequence[Any]) -> str:
    """Values of a column: a few groups are named, many would be somebody's data."""
    return _names(values) if len(values) <= 2 * AT_MOST else f"{len(values)} values"


def _names(words: Sequence[Any]) -> str:
    shown = ", ".join(repr(word) for word in words[:AT_MOST])
    rest = len(words) - AT_MOST
    return f"{shown} and {rest} more" if rest > 0 else shown


@attrs.define(eq=False)
class CausalDataError(KpisdkError):
    """Data from which the question cannot be answered honestly."""


@attrs.define(eq=False)
class QuestionError(ProblemsError):
    """A causal question that contradicts itself; all its faults are listed."""


@attrs.define(eq=False)
class SingularDesignError(CausalDataError):
    """Columns that the rows cannot tell apart, so that no number is the effect of one of them."""

    columns: tuple[str, ...]
    what: str

    @property
    def message(self) -> str:
        return (
            f"The effect is not determined: {self.what}. Leave a column out, or bring rows in "
            "which they differ."
        )


@attrs.define(eq=False)
class TooManyLevelsError(CausalDataError):
    """A text column with so many levels that it names rows rather than groups."""

    column: str
    count: int
    most: int

    @property
    def message(self) -> str:
        return (
            f"{self.column!r} has {self.count} levels, and {self.most} at most can be adjusted "
            "for. Group them, or leave the column out."
        )


@attrs.define(eq=False)
class ClusterError(UsageError):
    """Clusters that an estimator or a table cannot honour."""

    column: str
    why: str

    @property
    def message(self) -> str:
        return f"The errors cannot be clustered by {self.column!r}: {self.why}."


@attrs.define(eq=False)
class EmptyTableError(CausalDataError):
    """No rows to estimate from."""

    dropped: int = 0

    @property
    def message(self) -> str:
        if self.dropped:
            return (
                f"No row is left: all {self.dropped} have a missing value in a column the question "
                "needs. Fill the columns, or leave the emptiest one out."
            )
        return "The table has no rows. Check the dataset, its window and its filters."


@attrs.define(eq=False)
class UnknownColumnsError(UsageError):
    """Columns that the question names and the table does not have."""

    columns: tuple[str, ...]
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        noun = "column" if len(self.columns) == 1 else "columns"
        return (
            f"The table has no {noun} {_names(self.columns)}. "
            f"It has: {_names(self.known) or 'no columns at all'}."
        )


@attrs.define(eq=False)
class MissingValuesError(CausalDataError):
    """Missing values, with the number per column."""

    counts: Mapping[str, int]

    @property
    def message(self) -> str:
        shown = ", ".join(f"{name!r} ({count} rows)" for name, count in self.counts.items())
        return (
            f"Missing values in {shown}. Fill them, or ask with missing='drop' to leave those rows "
            "out: the result then says how many were dropped."
        )


@attrs.define(eq=False)
class InfiniteValuesError(CausalDataError):
    """Infinite values, and sizes whose squares are (or are 0), with the number per column."""

    counts: Mapping[str, int]

    @property
    def message(self) -> str:
        shown = ", ".join(f"{name!r} ({count} rows)" for name, count in self.counts.items())
        return (
            f"Infinite values, or sizes beyond 1e100 or below 1e-100, in {shown}. Correct the "
            "column; infinity is not a measurement, and other sizes need another unit."
        )


@attrs.define(eq=False)
class NotNumericError(CausalDataError):
    """A column that must be a number and is not."""

    column: str
    role: str
    dtype: str

    @property
    def message(self) -> str:
        return (
            f"The {self.role} {self.column!r} is of type {self.dtype}, and must be a number or a "
            "truth value. Convert the column first."
        )


@attrs.define(eq=False)
class OneArmError(CausalDataError):
    """Everybody got the same treatment: there is nothing to compare with."""

    treatment: str
    value: Any
    count: int

    @property
    def message(self) -> str:
        return (
            f"An effect needs both arms, and all {self.count} rows have {self.treatment!r} = "
            f"{self.value!r}. Widen the window or the filters until both arms occur."
        )


@attrs.define(eq=False)
class SmallArmError(CausalDataError):
    """An arm with fewer than two rows, from which no spread can be told."""

    treatment: str
    arm: Any
    count: int

    @property
    def message(self) -> str:
        return (
            f"The arm {self.treatment!r} = {self.arm!r} has {self.count} row(s); at least 2 are "
            "needed to tell an effect from noise."
        )


@attrs.define(eq=False)
class TreatmentLevelsError(UsageError):
    """Levels of the treatment that could be read in more than one way."""

    treatment: str
    levels: tuple[Any, ...]
    advice: str = ""

    @property
    def message(self) -> str:
        return (
            f"The treatment {self.treatment!r} has the levels {_values(self.levels)}, and which is "
            f"the control is not clear. {self.advice}"
        )


@attrs.define(eq=False)
class UnknownValueError(UsageError):
    """A patient, segment, arm or intervention that does not occur in the data."""

    kind: str
    value: Any
    known: tuple[Any, ...]

    @property
    def message(self) -> str:
        return f"There is no {self.kind} {self.value!r}. There is: {_values(self.known) or 'none'}."


@attrs.define(eq=False)
class UnknownIdError(UsageError):
    """A patient who does not occur in the data: how many do, and none of their ids."""

    column: str
    value: Any
    count: int

    @property
    def message(self) -> str:
        return (
            f"There is no {self.column} {self.value!r} among the {self.count} of the table. "
            "Ids are compared as texts, letter by letter."
        )


@attrs.define(eq=False)
class BadControlError(UsageError):
    """Confounders that are none: adjusting for them would bias the effect."""

    columns: tuple[str, ...]
    why: str = ""

    @property
    def message(self) -> str:
        return f"{_names(self.columns)} cannot be adjusted for: {self.why}."


@attrs.define(eq=False)
class GraphError(UsageError):
    """A graph that cannot be read, or that lacks what the question names."""

    what: str

    @property
    def message(self) -> str:
        return self.what


@attrs.define(eq=False)
class GraphSyntaxError(GraphError):
    """Something in a graph's text that is not read, with its place (lines and columns from 1)."""

    line: int | None = None
    column: int | None = None
    file: str | None = None

    @property
    def message(self) -> str:
        subject = "The graph" if self.file is None else f"The graph {self.file!r}"
        place = "" if self.line is None else f" at line {self.line}"
        place += "" if self.column is None else f", column {self.column}"
        return f"{subject} cannot be read{place}: {self.what}."


@attrs.define(eq=False)
class GraphCycleError(GraphError):
    """A graph with a cycle, which no causal order fits."""

    cycle: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        shown = self.cycle[:AT_MOST] if len(self.cycle) > AT_MOST + 1 else self.cycle
        gap = () if shown == self.cycle else ("…",)
        circle = " -> ".join((*shown, *gap, self.cycle[0]))
        return f"The graph has a cycle: {circle}. A cause cannot be its own effect; drop an arrow."


@attrs.define(eq=False)
class NotIdentifiedError(CausalDataError):
    """No set of observed columns blocks every back-door path of the graph."""

    treatment: str
    outcome: str
    unobserved: tuple[str, ...]

    @property
    def message(self) -> str:
        missing = f" Not in the table: {_names(self.unobserved)}." if self.unobserved else ""
        return (
            f"The effect of {self.treatment!r} on {self.outcome!r} is not identified by adjustment "
            f"for any observed columns.{missing} Measure a confounder, or randomise."
        )


@attrs.define(eq=False)
class UnidentifiedSplitError(NotIdentifiedError):
    """No set of observed columns tells a direct from an indirect effect, by the graph."""

    mediators: tuple[str, ...] = ()
    between: str = ""

    @property
    def message(self) -> str:
        missing = f" Not in the table: {_names(self.unobserved)}." if self.unobserved else ""
        return (
            f"How much of the effect of {self.treatment!r} on {self.outcome!r} runs through "
            f"{_names(self.mediators)} is not identified: {self.between} have a common cause in "
            f"the graph that no observed column blocks, or one that the treatment causes.{missing} "
            "Measure it, or ask for the total effect."
        )


@attrs.define(eq=False)
class SeriesError(CausalDataError):
    """A time series or panel that no counterfactual can be built from."""

    what: str

    @property
    def message(self) -> str:
        return self.what


@attrs.define(eq=False)
class NoEstimatorError(UsageError):
    """No installed estimator answers the question; each that could is named with its command."""

    task: str
    estimand: str
    commands: tuple[str, ...]
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        start = f"No installed estimator answers {self.task!r} for the estimand {self.estimand!r}."
        if self.commands:
            return f"{start} Run: {' or '.join(self.commands)}"
        return f"{start} Known estimators of that task: {_names(self.known) or 'none'}."


@attrs.define(eq=False)
class EstimatorMisfitError(UsageError):
    """A named estimator that would leave out what the question asks to adjust for."""

    estimator: str

    @property
    def message(self) -> str:
        return (
            f"The estimator {self.estimator!r} does not adjust, and the question names confounders "
            "that would be ignored. Name another estimator, or no confounders."
        )


@attrs.define(eq=False)
class EstimatorFailedError(CausalDataError):
    """An estimator gave up; the sentence of its library is kept as a fact, not as the error."""

    estimator: str
    library: str
    said: str

    @property
    def message(self) -> str:
        return (
            f"The estimator {self.estimator!r} ({self.library}) could not answer: {self.said}. "
            "Check the columns it was given, or choose another estimator."
        )


@attrs.define(eq=False)
class RepeatedIdError(CausalDataError):
    """A patient with several rows, of which none is told to be the one."""

    column: str
    value: Any
    count: int

    @property
    def message(self) -> str:
        return (
            f"{self.column!r} = {self.value!r} has {self.count} rows; a counterfactual is about "
            "one. Keep one row per patient, the newest for instance."
        )


@attrs.define(eq=False)
class MediatorError(CausalDataError):
    """Mediators that no regression can tell apart from the rest."""

    columns: tuple[str, ...]
    why: str = ""

    @property
    def message(self) -> str:
        return f"The mediators {_names(self.columns)} cannot be used: {self.why}."


@attrs.define(eq=False)
class DuplicateEstimatorError(CausalDataError):
    """Two estimators of one task that go by one name."""

    name: str
    task: str

    @property
    def message(self) -> str:
        return (
            f"Two installed plugins bring an estimator {self.name!r} for {self.task!r}. "
            "Uninstall one of them, or ask its author for another name."
        )

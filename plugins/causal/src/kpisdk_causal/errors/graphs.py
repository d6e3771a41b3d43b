"""Graphs that cannot be read, and roles of columns that the assumed causes forbid."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from kpisdk import UsageError
from kpisdk_causal.errors.data import CausalDataError
from kpisdk_causal.errors.wording import AT_MOST, FORMATTERS, names


@attrs.define(eq=False)
class GraphError(UsageError):
    """A graph that cannot be read, or that lacks what the question names.

    Attributes:
        what: the fault, in words.
    """

    what: str

    template = "{what}"


@attrs.define(eq=False)
class GraphSyntaxError(GraphError):
    """Something in a graph's text that is not read, with its place.

    Attributes:
        line: from 1.
        column: from 1.
        file: where the text is from.
    """

    line: int | None = None
    column: int | None = None
    file: str | None = None

    template = "{_subject} cannot be read{_place}: {what}."

    @property
    def _subject(self) -> str:
        return "The graph" if self.file is None else f"The graph {self.file!r}"

    @property
    def _place(self) -> str:
        place = "" if self.line is None else f" at line {self.line}"
        return place if self.column is None else f"{place}, column {self.column}"


@attrs.define(eq=False)
class GraphCycleError(GraphError):
    """A graph with a cycle, which no causal order fits.

    Attributes:
        cycle: its nodes, in order.
    """

    cycle: tuple[str, ...] = ()

    template = "The graph has a cycle: {_circle}. A cause cannot be its own effect; drop an arrow."

    @property
    def _circle(self) -> str:
        shown = self.cycle[:AT_MOST] if len(self.cycle) > AT_MOST + 1 else self.cycle
        gap = () if shown == self.cycle else ("…",)
        return " -> ".join((*shown, *gap, self.cycle[0]))


@attrs.define(eq=False)
class BadControlError(UsageError):
    """Confounders that are none: adjusting for them would bias the effect.

    Attributes:
        columns: the confounders.
        why: what adjusting for them would do, in words.
    """

    columns: tuple[str, ...]
    why: str = ""

    formatters = FORMATTERS
    template = "{columns:names} cannot be adjusted for: {why}."


@attrs.define(eq=False)
class MediatorError(CausalDataError):
    """Mediators that no regression can tell apart from the rest.

    Attributes:
        columns: the mediators.
        why: what makes that impossible, in words.
    """

    columns: tuple[str, ...]
    why: str = ""

    template = "The mediators {columns:names} cannot be used: {why}."


@attrs.define(eq=False)
class NotIdentifiedError(CausalDataError):
    """No set of observed columns blocks every back-door path of the graph.

    Attributes:
        treatment: its node.
        outcome: its node.
        unobserved: nodes that are no columns.
    """

    treatment: str
    outcome: str
    unobserved: tuple[str, ...]

    template = (
        "The effect of {treatment!r} on {outcome!r} is not identified by adjustment for any "
        "observed columns.{_unobserved} Measure a confounder, or randomise."
    )

    @property
    def _unobserved(self) -> str:
        return _missing(self.unobserved)


@attrs.define(eq=False)
class UnidentifiedSplitError(NotIdentifiedError):
    """No set of observed columns tells a direct from an indirect effect, by the graph.

    Attributes:
        mediators: their nodes.
        between: the nodes whose common cause nothing blocks, in words.
    """

    mediators: tuple[str, ...] = ()
    between: str = ""

    template = (
        "How much of the effect of {treatment!r} on {outcome!r} runs through {mediators:names} is "
        "not identified: {between} have a common cause in the graph that no observed column "
        "blocks, or one that the treatment causes.{_unobserved} Measure it, or ask for the total "
        "effect."
    )


def _missing(unobserved: Sequence[str]) -> str:
    return f" Not in the table: {names(unobserved)}." if unobserved else ""

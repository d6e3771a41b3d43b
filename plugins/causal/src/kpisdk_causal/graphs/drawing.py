"""What a graph file draws: nodes and arrows with their numbers, read once and of bounded size."""

from __future__ import annotations

import math
import re
from typing import Any

import attrs

from kpisdk_causal.errors import GraphError, GraphSyntaxError

Edge = tuple[str, str]

MOST_BYTES = 4_000_000
"""A larger file is no drawing of assumed causes; it is refused unread."""
MOST_NODES = 50_000
MOST_ARROWS = 50_000
"""A graph with more arrows is refused, also where few words draw them (``{…} -> {…}``)."""
MOST_DEPTH = 50
"""Groups within groups, or lists within lists."""

NUMBERS = ("coefficient", "std_error")
"""Attributes of an arrow that mean something here; all others are for the eye."""

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


@attrs.define
class Drawing:
    """A directed graph while it is read.

    Attributes:
        labels: what is written on each node, by its name; the name where nothing else is.
        arrows: the numbers on each arrow, by (cause, effect).
    """

    labels: dict[str, str] = attrs.field(factory=dict)
    arrows: dict[Edge, dict[str, float]] = attrs.field(factory=dict)

    def node(self, name: str) -> None:
        """Add a node, unless it is there.

        Raises:
            GraphError: there are too many.
        """
        self.labels.setdefault(name, name)
        if len(self.labels) > MOST_NODES:
            raise GraphError(
                f"The graph has more than {MOST_NODES:,} nodes; draw those that matter."
            )

    def arrow(self, cause: str, effect: str, numbers: dict[str, float], line: int | None) -> None:
        """Add an arrow; drawn twice it is one arrow.

        Args:
            cause: its node.
            effect: its node.
            numbers: on the arrow, by name.
            line: of the text, for faults.

        Raises:
            GraphSyntaxError: it was drawn before with other numbers.
            GraphError: there are too many.
        """
        self.node(cause)
        self.node(effect)
        before = self.arrows.setdefault((cause, effect), dict(numbers))
        if before != numbers:
            what = f"the arrow {cause} -> {effect} is drawn twice with different numbers"
            raise GraphSyntaxError(f"{what}; keep one", line)
        self.make_room(0)

    def make_room(self, more: int) -> None:
        """Refuse ``more`` arrows than there is room for, before they are made."""
        if len(self.arrows) + more > MOST_ARROWS:
            raise GraphError(
                f"The graph has more than {MOST_ARROWS:,} arrows; draw the causes that matter."
            )


def numbers_on(attributes: dict[str, Any], line: int | None) -> dict[str, float]:
    """The numbers among the attributes of an arrow.

    Args:
        attributes: by name.
        line: of the text, for faults.

    Raises:
        GraphSyntaxError: one of them is no finite number, or an error is negative.
    """
    found = {}
    for key in NUMBERS:
        if key not in attributes:
            continue
        text = str(attributes[key]).strip()
        number = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not math.isfinite(number) or (key == "std_error" and number < 0):
            raise GraphSyntaxError(f"the {key} {text[:40]!r} cannot be read as a number", line)
        found[key] = number
    return found

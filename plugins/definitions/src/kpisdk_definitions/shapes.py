"""What a definition file may hold, as records that check a document.

The reader checks documents against the same shapes that the published JSON Schema is written from,
so that the two cannot say different things.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod

import attrs

from kpisdk import listed, nearest, quoted
from kpisdk_definitions.misfits import kind
from kpisdk_definitions.places import Faults, Node


@attrs.frozen(kw_only=True)
class Shape(ABC):
    """What one value may be.

    Attributes:
        about: what the value means, for the schema.
    """

    about: str = ""

    @abstractmethod
    def check(self, node: Node, faults: Faults) -> None:
        """Note all that is wrong with a value.

        Args:
            node: the value in its document.
            faults: where what is wrong is noted.
        """
        ...

    @abstractmethod
    def takes(self, node: Node) -> bool:
        """Whether the value is of the kind that this shape checks further."""
        ...

    def accepts(self, node: Node) -> bool:
        """Whether nothing is wrong with a value."""
        faults = Faults()
        self.check(node, faults)
        return not faults.found


@attrs.frozen(kw_only=True)
class Text(Shape):
    """A text that is not blank.

    Attributes:
        pattern: what all of it must match; any text will do without one.
        form: what messages call that form.
    """

    pattern: str = ""
    form: str = ""

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, str)

    def check(self, node: Node, faults: Faults) -> None:
        if not self.takes(node):
            hint = "" if isinstance(node.value, dict | tuple) else "; put it in quotes"
            faults.add(node.place, f"must be text; it is {kind(node)}{hint}")
        elif not node.value.strip():
            faults.add(node.place, "must not be empty")
        elif self.pattern and not re.fullmatch(self.pattern, node.value):
            faults.add(node.place, f"{quoted(node.value)} is not {self.form}")


@attrs.frozen(kw_only=True)
class Number(Shape):
    """A finite number.

    Attributes:
        above: it must be larger than this.
        low: its least value.
        high: its largest value.
        whole: whether it has no decimals.
    """

    above: float | None = None
    low: float | None = None
    high: float | None = None
    whole: bool = False

    def takes(self, node: Node) -> bool:
        kinds = int if self.whole else int | float
        return isinstance(node.value, kinds) and not isinstance(node.value, bool)

    def check(self, node: Node, faults: Faults) -> None:
        if not self.takes(node):
            wanted = "a whole number" if self.whole else "a number"
            faults.add(node.place, f"must be {wanted}; it is {kind(node)}")
        elif not _is_finite(node.value):
            faults.add(node.place, f"must be a finite number; it is {kind(node)}")
        elif self.above is not None and not node.value > self.above:
            faults.add(node.place, f"must be above {self.above:g}; it is {node.value}")
        elif self.low is not None and node.value < self.low:
            faults.add(node.place, f"must be at least {self.low:g}; it is {node.value}")
        elif self.high is not None and node.value > self.high:
            faults.add(node.place, f"must be at most {self.high:g}; it is {node.value}")


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond all floats
        return False


@attrs.frozen(kw_only=True)
class Truth(Shape):
    """``true`` or ``false``."""

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, bool)

    def check(self, node: Node, faults: Faults) -> None:
        if not self.takes(node):
            faults.add(node.place, f"must be true or false; it is {kind(node)}")


@attrs.frozen(kw_only=True)
class Choice(Shape):
    """One of a closed list of words.

    Attributes:
        words: the list.
        name: what messages call one of them.
    """

    words: tuple[str, ...]
    name: str

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, str)

    def check(self, node: Node, faults: Faults) -> None:
        if node.value in self.words:
            return
        close = nearest(str(node.value), self.words, 1)
        hint = f"did you mean {close[0]!r}?" if close else f"known are {listed(self.words, 20)}"
        shown = quoted(node.value) if self.takes(node) else kind(node)
        faults.add(node.place, f"{shown} is not {self.name}; {hint}")


@attrs.frozen(kw_only=True)
class Scalar(Shape):
    """A text, a number or a truth value.

    Attributes:
        missing: whether it may be null.
    """

    missing: bool = False

    def takes(self, node: Node) -> bool:
        return not isinstance(node.value, dict | tuple)

    def check(self, node: Node, faults: Faults) -> None:
        if not self.takes(node) or (node.value is None and not self.missing):
            faults.add(node.place, f"must be a single value; it is {kind(node)}")
        elif isinstance(node.value, int | float) and not _is_finite(node.value):
            faults.add(node.place, "must be a finite number")

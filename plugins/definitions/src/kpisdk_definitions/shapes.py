"""What a definition file may hold, as records that check a document.

The reader checks documents against the same shapes that the published JSON Schema is written from,
so that the two cannot say different things.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping

import attrs

from kpisdk import listed, nearest, quoted
from kpisdk_definitions.misfits import kind, one_of, unknown
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


@attrs.frozen(kw_only=True)
class Items(Shape):
    """A list whose items are all of one shape.

    Attributes:
        of: the shape of every item.
        least: how many there must be.
        most: how many there may be.
    """

    of: Shape
    least: int = 0
    most: int | None = None

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, tuple)

    def check(self, node: Node, faults: Faults) -> None:
        if not self.takes(node):
            faults.add(node.place, f"must be a list; it is {kind(node)}")
            return
        count = len(node.value)
        if count < self.least or (self.most is not None and count > self.most):
            wanted = self.least if count < self.least else self.most
            word = "at least" if count < self.least else "at most"
            faults.add(node.place, f"must hold {word} {wanted}; it holds {count}")
        for item in node.value:
            self.of.check(item, faults)


@attrs.frozen(kw_only=True)
class Keyed(Shape):
    """A table whose keys the author chooses, all values of one shape.

    Attributes:
        of: the shape of every value.
        keys: what the keys must be.
        least: how many there must be.
    """

    of: Shape
    keys: Text = attrs.field(factory=Text)
    least: int = 0

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, dict)

    def check(self, node: Node, faults: Faults) -> None:
        if not self.takes(node):
            faults.add(node.place, f"must be a table; it is {kind(node)}")
            return
        if len(node.value) < self.least:
            faults.add(node.place, f"must hold at least {self.least}; it holds {len(node.value)}")
        for key, value in node.items():
            self.keys.check(Node(key, node.at(key)), faults)
            self.of.check(value, faults)


@attrs.frozen
class Field:
    """One key of a table.

    Attributes:
        shape: what its value may be.
        required: whether it must be there.
        about: what it means here.
    """

    shape: Shape
    required: bool = False
    about: str = ""


@attrs.frozen(kw_only=True)
class Fields(Shape):
    """A table with fixed keys.

    Attributes:
        name: what messages call it.
        fields: its keys.
        one_of: keys of which exactly one is there.
    """

    name: str
    fields: Mapping[str, Field] = attrs.field(hash=False)
    one_of: tuple[str, ...] = ()

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, dict)

    def check(self, node: Node, faults: Faults) -> None:
        if not self.takes(node):
            faults.add(node.place, f"must be a table ({self.name}); it is {kind(node)}")
            return
        for key, value in node.items():
            field = self.fields.get(key)
            if field is None:
                within = [
                    name
                    for name, each in self.fields.items()
                    if isinstance(each.shape, Fields) and key in each.shape.fields
                ]
                faults.add(node.at(key), unknown(key, self.name, self.fields, within))
            else:
                field.shape.check(value, faults)
        missing = [key for key, field in self.fields.items() if field.required and key not in node]
        if missing:
            faults.add(node.place, f"{self.name} lacks {listed(missing)}")
        one_of(node, self.one_of, self.name, faults)


@attrs.frozen(kw_only=True)
class Variants(Shape):
    """A table that is one of several, told apart by the key that only it has.

    Attributes:
        name: what messages call it.
        variants: the tables, by the key that tells each apart.
    """

    name: str
    variants: Mapping[str, Fields] = attrs.field(hash=False)

    def takes(self, node: Node) -> bool:
        return isinstance(node.value, dict)

    def check(self, node: Node, faults: Faults) -> None:
        if not self.takes(node):
            faults.add(node.place, f"must be a table ({self.name}); it is {kind(node)}")
            return
        present = [key for key in self.variants if key in node]
        if len(present) == 1:
            self.variants[present[0]].check(node, faults)
            return
        one_of(node, tuple(self.variants), self.name, faults)
        known = {key for variant in self.variants.values() for key in variant.fields}
        for key in node.value:
            if key not in known:
                faults.add(node.at(key), unknown(key, self.name, known))


@attrs.frozen(kw_only=True)
class Either(Shape):
    """One of several shapes of different kinds.

    Attributes:
        of: the shapes.
        name: what messages call it.
    """

    of: tuple[Shape, ...]
    name: str

    def takes(self, node: Node) -> bool:
        return any(shape.takes(node) for shape in self.of)

    def check(self, node: Node, faults: Faults) -> None:
        for shape in self.of:
            if shape.takes(node):
                shape.check(node, faults)
                return
        faults.add(node.place, f"must be {self.name}; it is {kind(node)}")

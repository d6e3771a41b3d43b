"""Lists and tables that a definition file may hold, and choices between shapes."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from kpisdk import listed
from kpisdk_definitions.misfits import kind, one_of, unknown
from kpisdk_definitions.places import Faults, Node
from kpisdk_definitions.shapes import Shape, Text


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

"""Where in a file each value stands, and the faults that are reported with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from kpisdk import Problem


@attrs.frozen
class Place:
    """A position in a file; lines and columns count from 1.

    Attributes:
        file: as messages name it.
        line: from 1.
        column: from 1.
    """

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@attrs.frozen(eq=False)
class Node:
    """One value of a document: a text, number, truth value or ``None``, or nodes in turn.

    A table is a dict of nodes with the places of its keys, a list is a tuple of nodes.

    Attributes:
        value: the value.
        place: where it stands.
        keys: the places of the keys of a table.
        raw: how a scalar is written, quotes included.
    """

    value: Any
    place: Place
    keys: Mapping[str, Place] = attrs.field(factory=dict)
    raw: str = attrs.field(default="", repr=False)

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def __getitem__(self, key: str) -> Node:
        found: Node = self.value[key]
        return found

    def get(self, key: str) -> Node | None:
        """The value of a key of a table, if it is there."""
        found: Node | None = self.value.get(key) if isinstance(self.value, dict) else None
        return found

    def items(self) -> Iterator[tuple[str, Node]]:
        """The keys and values of a table."""
        yield from self.value.items()

    def at(self, key: str) -> Place:
        """Where a key stands; where the whole table stands if it has no such key."""
        return self.keys.get(key, self.place)

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, tuple):
            return [node.plain() for node in self.value]
        return self.value

    def within(self, offset: int) -> Place:
        """Where the character at ``offset`` of a text stands.

        Each line of the text is looked for in what is written; a text that is written otherwise
        (folded, or with escapes) has the place where it starts.
        """
        text, cursor = str(self.value), 0
        for line in text.splitlines(keepends=True) or [""]:
            bare = line.rstrip("\n")
            found = self.raw.find(bare, cursor)
            if found < 0:
                return self.place
            if offset <= len(bare):
                before = self.raw[: found + offset]
                lines = before.count("\n")
                start = 1 if lines else self.place.column
                return Place(
                    self.place.file,
                    self.place.line + lines,
                    start + len(before) - (before.rfind("\n") + 1),
                )
            offset, cursor = offset - len(line), found + len(bare)
        return self.place


@attrs.define(eq=False)
class Faults:
    """What is wrong with the documents so far, each with its place.

    Attributes:
        found: each place with what is wrong there.
    """

    found: list[tuple[Place, str]] = attrs.field(factory=list)

    def add(self, place: Place, what: str) -> None:
        """Note a fault, once.

        Args:
            place: where it is.
            what: what is wrong.
        """
        if (place, what) not in self.found:
            self.found.append((place, what))

    def problems(self) -> list[Problem]:
        """The faults in the order of the files."""
        ordered = sorted(
            enumerate(self.found), key=lambda each: (each[1][0].line, each[1][0].column, each[0])
        )
        files = dict.fromkeys(place.file for place, _ in self.found)
        return [
            Problem(str(place), what)
            for file in files
            for _, (place, what) in ordered
            if place.file == file
        ]

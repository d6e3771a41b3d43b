"""TOML text as nodes with places: the standard library reads the values, Tree-sitter the places.

``tomllib`` does not say where a value stands, so the syntax tree of the same text is walked beside.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from kpisdk_definitions.places import Faults, Node, Place

if TYPE_CHECKING:
    import tree_sitter as ts

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list positions that lead to a value."""

_POSITION = re.compile(r" ?\(at line (?P<line>\d+), column (?P<column>\d+)\)$")


def read_toml(text: str, file: str, faults: Faults) -> Node | None:
    """The document that ``text`` holds; ``None`` where it is none, with its fault noted.

    Args:
        text: of the file.
        file: its name in messages.
        faults: where what is wrong is noted.
    """
    import tomllib

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        faults.add(*_fault(str(error), text, file))
        return None
    except RecursionError:
        faults.add(Place(file, 1, 1), "is nested too deeply to be read")
        return None
    places = _Places(file, text.encode())
    places.read()
    return _node(table, (), places)


def _fault(message: str, text: str, file: str) -> tuple[Place, str]:
    position = _POSITION.search(message)
    if position is None:
        lines = text.split("\n")
        place = Place(file, len(lines), len(lines[-1]) + 1)
        return place, f"is not valid TOML: {message.removesuffix(' (at end of document)')}"
    place = Place(file, int(position["line"]), int(position["column"]))
    return place, f"is not valid TOML: {message[: position.start()]}"


@attrs.define(eq=False)
class _Places:
    """Where the keys and values of a TOML document stand, by path."""

    file: str
    source: bytes
    keys: dict[Path, Place] = attrs.field(factory=dict)
    values: dict[Path, tuple[Place, str]] = attrs.field(factory=dict)
    counts: dict[Path, int] = attrs.field(factory=dict)

    def read(self) -> None:
        import tree_sitter
        import tree_sitter_toml

        parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
        for part in parser.parse(self.source).root_node.named_children:
            if part.type == "pair":
                self.pair(part, ())
            elif part.type in ("table", "table_array_element"):
                self.table(part)

    def table(self, part: ts.Node) -> None:
        name, *pairs = [each for each in part.named_children if each.type != "comment"]
        *before, last = _keys(name)
        path: Path = ()
        for key in before:
            path = self.entered((*path, _text(key)), key)
        path = (*path, _text(last))
        if part.type == "table_array_element":
            self.keys.setdefault(path, self.place(last))
            self.counts[path] = self.counts.get(path, -1) + 1
            path = (*path, self.counts[path])
        else:
            self.keys.setdefault(path, self.place(last))
        self.values[path] = (self.place(part), "")
        for each in pairs:
            self.pair(each, path)

    def pair(self, part: ts.Node, path: Path) -> None:
        name, value = [each for each in part.named_children if each.type != "comment"]
        for key in _keys(name):
            path = (*path, _text(key))
            self.keys.setdefault(path, self.place(key))
        self.value(value, path)

    def value(self, part: ts.Node, path: Path) -> None:
        self.values[path] = (self.place(part), (part.text or b"").decode())
        inner = [each for each in part.named_children if each.type != "comment"]
        if part.type == "inline_table":
            for each in inner:
                self.pair(each, path)
        elif part.type == "array":
            for place, each in enumerate(inner):
                self.value(each, (*path, place))

    def entered(self, path: Path, key: ts.Node) -> Path:
        """The path of a table on the way: in a list of tables, the latest of them."""
        self.keys.setdefault(path, self.place(key))
        return (*path, self.counts[path]) if path in self.counts else path

    def place(self, part: ts.Node) -> Place:
        row, column = part.start_point
        # Columns are counted in bytes there and in characters here.
        line = self.source[part.start_byte - column : part.start_byte]
        return Place(self.file, row + 1, len(line.decode()) + 1)


def _keys(name: ts.Node) -> list[ts.Node]:
    if name.type != "dotted_key":
        return [name]
    return [key for part in name.named_children for key in _keys(part)]


def _text(key: ts.Node) -> str:
    text = (key.text or b"").decode()
    if key.type == "bare_key":
        return text
    import tomllib

    return next(iter(tomllib.loads(f"{text} = 0")))


def _node(value: Any, path: Path, places: _Places) -> Node:
    fallback = places.keys.get(path, Place(places.file, 1, 1))
    place, raw = places.values.get(path, (fallback, ""))
    if isinstance(value, dict):
        items = {key: _node(each, (*path, key), places) for key, each in value.items()}
        keys = {key: places.keys.get((*path, key), place) for key in value}
        return Node(items, place, keys)
    if isinstance(value, list):
        return Node(tuple(_node(each, (*path, i), places) for i, each in enumerate(value)), place)
    # Dates stand in YAML as texts: one form for both, read by the type that is declared.
    is_time = isinstance(value, date | datetime | time)
    return Node(value.isoformat() if is_time else value, place, raw=raw)

"""YAML text as nodes with places: the core schema of YAML 1.2, in which ``no`` is a text."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import attrs

from kpisdk import quoted
from kpisdk_definitions.places import Faults, Node, Place

if TYPE_CHECKING:
    import yaml


LARGEST = 200_000
"""More values than this in one document, aliases counted each time, are refused."""

DEEPEST = 50
"""Levels; what is nested deeper is refused before it costs time."""

_KINDS = {"MappingNode": "table", "SequenceNode": "list", "ScalarNode": "scalar"}
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = re.compile(r"[-+]?[0-9]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII)


def read_yaml(text: str, file: str, faults: Faults) -> Node | None:
    """The document that ``text`` holds; ``None`` where it is none, with its faults noted.

    Args:
        text: of the file.
        file: its name in messages.
        faults: where what is wrong is noted.
    """
    import yaml

    # The one in C reads ten times faster; wheels have it, and some platforms have no wheel.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        if not _scanned(text, loader, file, faults):
            return None
        root = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        faults.add(_place(file, error.problem_mark), f"is not valid YAML: {error.problem}")
        return None
    except yaml.YAMLError as error:
        faults.add(Place(file, 1, 1), f"is not valid YAML: {' '.join(str(error).split())}")
        return None
    if root is None:
        faults.add(Place(file, 1, 1), "is empty: it must be a table with datasets and kpis")
        return None
    try:
        return _Builder(text, file, faults).node(root)
    except RecursionError:
        faults.add(Place(file, 1, 1), "is nested too deeply, or an alias holds itself")
        return None


def _scanned(text: str, loader: Any, file: str, faults: Faults) -> bool:
    """Whether the text can be composed; tags, which would say what a value is, are noted."""
    import yaml

    depth = 0
    for token in yaml.scan(text, Loader=loader):
        kind = type(token).__name__
        depth += kind.endswith(("SequenceStartToken", "MappingStartToken"))
        depth -= kind.endswith("EndToken") and kind not in ("StreamEndToken", "DocumentEndToken")
        if depth > DEEPEST:
            faults.add(_place(file, token.start_mark), "is nested too deeply to be read")
            return False
        if kind == "TagToken":
            faults.add(_place(file, token.start_mark), "tags (!…) are not read; leave it out")
    return True


def _place(file: str, mark: yaml.Mark | None) -> Place:
    return Place(file, 1, 1) if mark is None else Place(file, mark.line + 1, mark.column + 1)


@attrs.define
class _Builder:
    """One walk over the tree that PyYAML composed."""

    text: str
    file: str
    faults: Faults
    count: int = 0

    def node(self, node: yaml.Node) -> Node:
        place = _place(self.file, node.start_mark)
        self.count += 1
        if self.count > LARGEST:
            if self.count == LARGEST + 1:
                self.faults.add(place, f"the document holds more than {LARGEST} values")
            return Node(None, place)
        kind, inner = _KINDS[type(node).__name__], node.value
        if kind == "table":
            return self.table(inner, place)
        if kind == "list":
            return Node(tuple(self.node(each) for each in inner), place)
        raw = self.text[node.start_mark.index : node.end_mark.index]
        is_plain = not getattr(node, "style", None)
        return Node(self.plain(inner, place) if is_plain else inner, place, raw=raw)

    def table(self, pairs: list[tuple[yaml.Node, yaml.Node]], place: Place) -> Node:
        items: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        for key_node, value_node in pairs:
            key = self.node(key_node)
            if key.value == "<<" and isinstance(key.value, str):
                what = "merge keys (<<) are not read; an alias (*name) may stand for a whole value"
                self.faults.add(key.place, what)
                continue
            if not isinstance(key.value, str):
                self.faults.add(key.place, "a key must be text; put it in quotes")
                continue
            if key.value in items:
                first = keys[key.value]
                what = f"{quoted(key.value)} stands here twice (first in line {first.line})"
                self.faults.add(key.place, what)
                continue
            items[key.value], keys[key.value] = self.node(value_node), key.place
        return Node(items, place, keys)

    def plain(self, text: str, place: Place) -> Any:
        if text in _WORDS:
            return _WORDS[text]
        if _INT.fullmatch(text):
            return self.whole(text, place)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if not math.isfinite(number):
                self.faults.add(place, f"{quoted(text)} is too large for a number")
            return number
        if _SPECIAL.fullmatch(text):
            self.faults.add(place, f"{quoted(text)} is not a finite number; put a text in quotes")
            return None
        return text

    def whole(self, text: str, place: Place) -> int:
        try:
            return int(text)
        except ValueError:  # Python refuses thousands of digits
            self.faults.add(place, f"a number of {len(text)} digits is too large")
            return 0

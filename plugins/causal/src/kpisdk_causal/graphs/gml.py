"""The Graph Modelling Language: keys with numbers, strings and lists in brackets.

An own reader, because networkx reads ``1e-3`` as 1, refuses what is not ASCII, keeps one of two
parallel arrows, and answers damaged files with errors of many kinds.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import attrs

from kpisdk_causal.errors import GraphError, GraphSyntaxError
from kpisdk_causal.graphs.drawing import MOST_DEPTH, NUMBERS, Drawing, numbers_on

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|\#[^\n]*)
    | (?P<string>"[^"]*")
    | (?P<mark>[\[\]])
    | (?P<number>[+-]?(?:\d+[.]?\d*|[.]\d+)(?:[eE][+-]?\d+)?(?=[\s\[\]]|$))
    | (?P<odd>[+-]?(?:INF|NAN)(?=[\s\[\]]|$))
    | (?P<key>[A-Za-z]\w*(?=[\s\[]))
    """,
    re.VERBOSE | re.ASCII,
)
_FORWARD = {
    "dir": ("forward",),
    "directed": ("1", "true"),
    "bidirected": ("0", "false"),
}
"""Keys that other programs (and drawings in DOT turned into GML) write on an edge, and what they
say where it goes from its source to its target."""


@attrs.frozen
class _Entry:
    """One key with its value: text, or the entries of a list."""

    key: str
    value: Any
    line: int


def read_gml(text: str) -> Drawing:
    """Read a directed graph.

    Raises:
        GraphSyntaxError: an edge from or to no node, an arrow of both directions, or something
            that is not of the language, with its line.
        GraphError: no graph, several or an undirected one; too many nodes or arrows.
    """
    graphs = [entry for entry in _entries(text) if entry.key.lower() == "graph"]
    if len(graphs) != 1 or not isinstance(graphs[0].value, list):
        raise GraphError(f"not a GML graph: {len(graphs)} graphs are in it, and 1 is needed.")
    entries: list[_Entry] = graphs[0].value
    if _text(entries, "directed") not in {"1", "1.0"}:
        raise GraphError("the graph is undirected; write 'directed 1'.")
    drawing = Drawing()
    names = _nodes(entries, drawing)
    for entry in entries:
        if entry.key == "edge":
            _edge(entry, names, drawing)
    return drawing


def _nodes(entries: list[_Entry], drawing: Drawing) -> dict[str, str]:
    """Names of the nodes by id; a label is the name, where there is one."""
    names: dict[str, str] = {}
    for entry in entries:
        if entry.key != "node":
            continue
        number = _text(_list(entry), "id")
        if number is None or number in names:
            what = "a node has no id" if number is None else f"two nodes have the id {number}"
            raise GraphSyntaxError(what, entry.line)
        label = _text(_list(entry), "label")
        name = number if label is None else label
        if name in drawing.labels:
            raise GraphSyntaxError(f"two nodes are called {name[:40]!r}", entry.line)
        drawing.node(name)
        names[number] = name
    return names


def _edge(entry: _Entry, names: dict[str, str], drawing: Drawing) -> None:
    inner = _list(entry)
    ends = []
    for key in ("source", "target"):
        number = _text(inner, key)
        if number not in names:
            raise GraphSyntaxError(f"the {key} {number} of an edge is no node", entry.line)
        ends.append(names[number])
    for graphics in inner:
        if graphics.key == "graphics" and isinstance(graphics.value, list):
            drawn = _text(graphics.value, "arrow")
            tail = _text(graphics.value, "sourceArrow")
            head = _text(graphics.value, "targetArrow")
            if drawn not in {None, "last"} or tail not in {None, "none", ""}:
                what = f"an edge is drawn with arrow {drawn or tail!r}, against its source"
                raise GraphSyntaxError(what, graphics.line)
            if head in {"none", ""}:
                raise GraphSyntaxError("an edge is drawn without a head", graphics.line)
    for key, forward in _FORWARD.items():
        said = _text(inner, key)
        if said is not None and said.lower() not in forward:
            what = f"an edge with {key} {said[:40]!r} does not go from its source to its target"
            raise GraphSyntaxError(what, entry.line)
    attributes = {key: _text(inner, key) for key in NUMBERS if any(e.key == key for e in inner)}
    drawing.arrow(ends[0], ends[1], numbers_on(attributes, entry.line), entry.line)


def _list(entry: _Entry) -> list[_Entry]:
    if not isinstance(entry.value, list):
        raise GraphSyntaxError(f"{entry.key!r} has no list in brackets", entry.line)
    return entry.value


def _text(entries: list[_Entry], key: str) -> str | None:
    """The value of a key that stands at most once."""
    found = [entry for entry in entries if entry.key == key]
    if len(found) > 1:
        raise GraphSyntaxError(f"{key!r} is given twice", found[1].line)
    if found and isinstance(found[0].value, list):
        raise GraphSyntaxError(f"{key!r} is a list", found[0].line)
    return str(found[0].value) if found else None


def _entries(text: str) -> list[_Entry]:
    """All keys with their values, lists within lists."""
    whole: list[_Entry] = []
    open_lists: list[list[_Entry]] = [whole]
    key: str | None = None
    for kind, said, line in _tokens(text):
        if kind == "key" and key is None:
            key = said
        elif said == "]" and kind == "mark" and key is None and len(open_lists) > 1:
            open_lists.pop()
        elif kind in {"key", "mark"} and (key is None or said != "["):
            wanted = "a key" if key is None else f"the value of {key!r}"
            raise GraphSyntaxError(f"{said[:40]!r} stands where {wanted} should be", line)
        elif key is None:
            raise GraphSyntaxError(f"{said[:40]!r} stands where a key should be", line)
        elif kind == "mark":
            if len(open_lists) > MOST_DEPTH:
                raise GraphError(f"lists lie deeper than {MOST_DEPTH} in one another.")
            inner: list[_Entry] = []
            open_lists[-1].append(_Entry(key, inner, line))
            open_lists.append(inner)
            key = None
        else:
            open_lists[-1].append(_Entry(key, said, line))
            key = None
    if key is not None or len(open_lists) > 1:
        raise GraphError("not a GML graph: it ends within a list.")
    return whole


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    place, line = 0, 1
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise GraphSyntaxError(f"{text[place]!r} is not read", line)
        kind, said = str(found.lastgroup), found.group()
        if kind == "string":
            said = html.unescape(said[1:-1])
        if kind != "space":
            yield kind, said, line
        line += text.count("\n", place, found.end())
        place = found.end()

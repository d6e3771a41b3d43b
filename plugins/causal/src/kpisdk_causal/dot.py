"""The part of the DOT language that a causal graph needs, read without a library.

``digraph { x -> {t y}; t -> y [coefficient=0.5]; lonely; }``: arrows in chains, groups in braces,
quoted names, attributes, comments. Defaults (``node [shape=box]``) and attributes of the graph are
skipped; everything else is refused with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise, product

import attrs

from kpisdk_causal.errors import GraphError

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*|\#[^\n]*|/\*.*?\*/)
    | (?P<quoted>"(?:[^"\\]|\\.)*")
    | (?P<arrow>->)
    | (?P<line>--)
    | (?P<mark>[{}\[\];,=])
    | (?P<name>-?(?:[.]\d+|\d+(?:[.]\d*)?)|[^\W\d][\w.]*)
    """,
    re.VERBOSE | re.DOTALL,
)
_HEADS = ("digraph", "dag")
_DEFAULTS = ("node", "edge", "graph")


@attrs.frozen
class Drawing:
    """What a DOT file draws.

    Args:
        nodes: all names, in order of appearance.
        arrows: attributes by (cause, effect).
    """

    nodes: tuple[str, ...]
    arrows: Mapping[tuple[str, str], Mapping[str, str]]


@attrs.frozen
class _Token:
    kind: str
    text: str
    line: int


def read_dot(text: str) -> Drawing:
    """Read a directed graph.

    Raises:
        GraphError: an undirected graph, or something that is not of the language above, with its
            line.
    """
    return _Reader(list(_tokens(text))).drawing()


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        line = text.count("\n", 0, place) + 1
        if found is None:
            raise GraphError(f"not a DOT graph: line {line} has {text[place]!r}.")
        if found.lastgroup == "quoted":
            inner = found.group()[1:-1].replace('\\"', '"')
            yield _Token("name", inner, line)
        elif found.lastgroup != "space":
            yield _Token(str(found.lastgroup), found.group(), line)
        place = found.end()


@attrs.define
class _Reader:
    tokens: list[_Token]
    at: int = 0
    nodes: dict[str, None] = attrs.field(factory=dict)
    arrows: dict[tuple[str, str], dict[str, str]] = attrs.field(factory=dict)

    def drawing(self) -> Drawing:
        if self._is("strict"):
            self.at += 1
        if self._is("graph"):
            raise GraphError("the graph is undirected; write 'digraph' and '->'.")
        if not any(self._is(head) for head in _HEADS):
            raise GraphError("not a DOT graph; begin it with 'digraph {'.")
        self.at += 1
        if not self._is("{"):
            self._name()
        self._take("{")
        while not self._is("}"):
            self._statement()
        self._take("}")
        if self.at < len(self.tokens):
            self._fail("the end of the file")
        return Drawing(tuple(self.nodes), self.arrows)

    def _statement(self) -> None:
        if self._is(";"):
            self.at += 1
            return
        if any(self._is(word) for word in _DEFAULTS):
            self.at += 1
            self._attributes()
            return
        groups = [self._group()]
        if self._is("="):
            self.at += 1
            self._name()
            for name in groups[0]:
                del self.nodes[name]
            return
        while self._is("->"):
            self.at += 1
            groups.append(self._group())
        if self._is("--"):
            raise GraphError("the graph is undirected; write '->' instead of '--'.")
        found = self._attributes()
        for causes, effects in pairwise(groups):
            for arrow in product(causes, effects):
                self.arrows.setdefault(arrow, {}).update(found)

    def _group(self) -> list[str]:
        """One name, or several in braces."""
        if not self._is("{"):
            names = [self._name()]
        else:
            self.at += 1
            names = []
            while not self._is("}"):
                if self._is(";") or self._is(","):
                    self.at += 1
                else:
                    names.append(self._name())
            self.at += 1
        self.nodes.update(dict.fromkeys(names))
        return names

    def _attributes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        while self._is("["):
            self.at += 1
            while not self._is("]"):
                if self._is(",") or self._is(";"):
                    self.at += 1
                    continue
                key = self._name()
                if self._is("="):
                    self.at += 1
                    found[key] = self._name()
            self.at += 1
        return found

    def _is(self, text: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].text == text

    def _take(self, text: str) -> None:
        if not self._is(text):
            self._fail(f"{text!r}")
        self.at += 1

    def _name(self) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at].kind != "name":
            self._fail("a name")
        self.at += 1
        return self.tokens[self.at - 1].text

    def _fail(self, wanted: str) -> None:
        if self.at >= len(self.tokens):
            raise GraphError(f"not a DOT graph: it ends where {wanted} should be.")
        token = self.tokens[self.at]
        raise GraphError(
            f"not a DOT graph: line {token.line} has {token.text!r} where {wanted} should be."
        )

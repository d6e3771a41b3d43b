"""The DOT language of Graphviz: which arrows a file draws, in which direction.

``digraph { x -> {t y}; t -> y [coefficient=0.5]; y -> z [dir=back]; lonely; }``. An own reader,
because pydot takes 14 s for 20,000 arrows, refuses ``1e-3`` and leaves ``dir`` and ``edge [dir=…]``
to its caller. What would change an arrow and cannot be read is refused with its line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import attrs

from kpisdk_causal.errors import GraphError, GraphSyntaxError
from kpisdk_causal.graphs.dot_tokens import Token, tokens
from kpisdk_causal.graphs.drawing import MOST_DEPTH, Drawing, Edge, numbers_on

_HEADS = ("digraph", "dag")
_SHAPE = re.compile(
    r"(?:[olr]*(?:box|crow|curve|diamond|dot|normal|tee|vee)|empty|ediamond|open|halfopen|none)+"
)
"""Arrow heads that point where they stand; ``inv`` points the other way and is not among them."""

Attributes = dict[str, str]


def read_dot(text: str) -> Drawing:
    """Read a directed graph.

    Raises:
        GraphSyntaxError: an undirected graph, an arrow of no or of both directions, or something
            that is not of the language, with its line.
        GraphError: too many nodes or arrows.
    """
    return _Reader(tuple(tokens(text))).drawing()


@attrs.define
class _Reader:
    tokens: Sequence[Token]
    at: int = 0
    made: Drawing = attrs.field(factory=Drawing)

    def drawing(self) -> Drawing:
        if self._word("strict"):
            self.at += 1
        if self._word("graph"):
            raise GraphError("the graph is undirected; write 'digraph' and '->'.")
        if not self._word(*_HEADS):
            raise GraphError("not a DOT graph; begin it with 'digraph {'.")
        self.at += 1
        if not self._mark("{"):
            self._name()
        self._group_of_statements({}, depth=1)
        if self.at < len(self.tokens):
            self._fail("the end of the file")
        return self.made

    def _group_of_statements(self, edges: Attributes, depth: int) -> dict[str, None]:
        """The nodes that stand between two braces; ``edges`` are the defaults of its arrows."""
        if depth > MOST_DEPTH:
            raise GraphError(f"groups lie deeper than {MOST_DEPTH} in one another.")
        self._take("{")
        own = dict(edges)
        found: dict[str, None] = {}
        while not self._mark("}"):
            if self._mark(";") or self._mark(","):
                self.at += 1
            elif self._word("node", "edge", "graph"):
                head = self.tokens[self.at]
                self.at += 1
                given = self._attributes()
                if head.is_word("edge"):
                    own.update(given)
            else:
                found.update(self._statement(own, depth))
        self._take("}")
        return found

    def _statement(self, edges: Attributes, depth: int) -> dict[str, None]:
        """Nodes and arrows of one statement; an attribute of the graph gives none."""
        if self._is_id() and self._mark("=", ahead=1):
            self.at += 2
            self._name()
            return {}
        line = self._line()
        is_group = self._mark("{") or self._word("subgraph")
        groups = [self._end(edges, depth)]
        while self._kind("edge"):
            if self.tokens[self.at].text == "--":
                what = "'--' has no direction; write '->' from the cause to the effect"
                raise GraphSyntaxError(what, self._line())
            self.at += 1
            groups.append(self._end(edges, depth))
        given = self._attributes()
        if len(groups) > 1:
            for one, other in pairwise(groups):
                self._arrows(one, other, {**edges, **given}, line)
        elif "label" in given and not is_group:
            name = next(iter(groups[0]))
            self.made.labels[name] = given["label"].replace("\\N", name).strip()
        return {name: None for group in groups for name in group}

    def _end(self, edges: Attributes, depth: int) -> dict[str, None]:
        """What an arrow begins or ends with: one node, or the nodes of a group."""
        if self._word("subgraph"):
            self.at += 1
            if not self._mark("{"):
                self._name()
            return self._group_of_statements(edges, depth + 1)
        if self._mark("{"):
            return self._group_of_statements(edges, depth + 1)
        name = self._name()
        self.made.node(name)
        return {name: None}

    def _arrows(
        self, ones: dict[str, None], others: dict[str, None], given: Attributes, line: int
    ) -> None:
        back = _points_back(given, line)
        numbers = numbers_on(given, line)
        self.made.make_room(len(ones) * len(others) - len(self.made.arrows))
        for one in ones:
            for other in others:
                arrow: Edge = (other, one) if back else (one, other)
                self.made.arrow(*arrow, numbers, line)

    def _attributes(self) -> Attributes:
        found: Attributes = {}
        while self._mark("["):
            self.at += 1
            while not self._mark("]"):
                if self._mark(",") or self._mark(";"):
                    self.at += 1
                    continue
                key, line = self._name(), self._line()
                value = ""
                if self._mark("="):
                    self.at += 1
                    value = self._name()
                if found.setdefault(key, value) != value:
                    raise GraphSyntaxError(f"{key!r} is given twice, and differs", line)
            self.at += 1
        return found

    def _line(self) -> int:
        return self.tokens[min(self.at, len(self.tokens) - 1)].line

    def _kind(self, kind: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].kind == kind

    def _mark(self, text: str, ahead: int = 0) -> bool:
        place = self.at + ahead
        if place >= len(self.tokens):
            return False
        return self.tokens[place].kind == "mark" and self.tokens[place].text == text

    def _word(self, *words: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].is_word(*words)

    def _is_id(self) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].is_id

    def _take(self, text: str) -> None:
        if not self._mark(text):
            self._fail(f"{text!r}")
        self.at += 1

    def _name(self) -> str:
        if not self._is_id():
            self._fail("a name")
        token = self.tokens[self.at]
        self.at += 1
        text = token.text
        while token.kind == "quoted" and self._mark("+"):
            self.at += 1
            if not self._kind("quoted"):
                self._fail("a quoted name")
            text += self.tokens[self.at].text
            self.at += 1
        return text

    def _fail(self, wanted: str) -> None:
        if self.at >= len(self.tokens):
            raise GraphError(f"not a DOT graph: it ends where {wanted} should be.")
        token = self.tokens[self.at]
        raise GraphSyntaxError(f"{token.text[:40]!r} stands where {wanted} should be", token.line)


def _points_back(given: Attributes, line: int) -> bool:
    """Whether the arrow of ``one -> other`` is drawn with its head at ``one``.

    Raises:
        GraphSyntaxError: it has a head at both ends, at none, or is not drawn at all.
    """
    direction = given.get("dir", "forward").lower()
    if direction not in {"forward", "back", "both", "none"}:
        raise GraphSyntaxError(f"the direction {direction[:40]!r} is not read", line)
    if "invis" in given.get("style", "").lower():
        what = "an invisible arrow is for the layout; take it out, or draw it"
        raise GraphSyntaxError(what, line)
    heads = {}
    for end, drawn in (("arrowhead", ("forward", "both")), ("arrowtail", ("back", "both"))):
        shape = given.get(end, "normal").lower()
        if direction in drawn and not _SHAPE.fullmatch(shape):
            raise GraphSyntaxError(f"the {end} {shape[:40]!r} is not read", line)
        heads[end] = direction in drawn and shape != "none"
    if heads["arrowhead"] == heads["arrowtail"]:
        what = "has a head at both ends" if heads["arrowhead"] else "has no head"
        advice = "draw an unobserved node for a common cause, or one direction"
        raise GraphSyntaxError(f"an arrow {what}; {advice}", line)
    return heads["arrowtail"]

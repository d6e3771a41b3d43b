"""The words of a DOT file, each with the line it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from kpisdk_causal.errors import GraphSyntaxError

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*|\#[^\n]*|/\*.*?\*/)
    | (?P<quoted>"(?:[^"\\]|\\.)*")
    | (?P<turned><->|<-)
    | (?P<html><)
    | (?P<edge>->|--)
    | (?P<mark>[{}\[\];,=+])
    | (?P<number>-?(?:[.]\d+|\d+(?:[.]\d*)?)(?:[eE][+-]?\d+)?)
    | (?P<name>[^\W\d][\w.]*)
    """,
    re.VERBOSE | re.DOTALL,
)
_IDS = ("quoted", "number", "name", "html")


@attrs.frozen
class Token:
    """A word of a drawing.

    Attributes:
        kind: what kind of word it is.
        text: what it says, quotes removed.
        line: from 1.
    """

    kind: str
    text: str
    line: int

    @property
    def is_id(self) -> bool:
        """Whether it can name something."""
        return self.kind in _IDS

    def is_word(self, *words: str) -> bool:
        """Whether it is one of the language's own words, which know no case."""
        return self.kind == "name" and self.text.lower() in words


def tokens(text: str) -> Iterator[Token]:
    """Cut a DOT file into words.

    Raises:
        GraphSyntaxError: something that is no word of the language.
    """
    place, line, end_of_id = 0, 1, -1
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise GraphSyntaxError(_unread(text[place]), line)
        kind, end = str(found.lastgroup), found.end()
        if kind == "turned":
            what = f"{found.group()!r} is no arrow of DOT; write the cause first: 'a -> b'"
            raise GraphSyntaxError(what, line)
        if kind == "html":
            end = _end_of_html(text, place, line)
        if kind in _IDS and place == end_of_id:
            what = f"{text[place:end][:40]!r} follows a name without a blank; quote such names"
            raise GraphSyntaxError(what, line)
        if kind in _IDS:
            end_of_id = end
        if kind != "space":
            yield Token(kind, _said(kind, text[place:end]), line)
        line += text.count("\n", place, end)
        place = end


def _said(kind: str, text: str) -> str:
    if kind != "quoted":
        return text
    # Only these two escapes belong to the name; others (\n, \l) are for the eye and stay.
    return text[1:-1].replace('\\"', '"').replace("\\\n", "")


def _end_of_html(text: str, place: int, line: int) -> int:
    depth = 0
    for found in re.compile(r"[<>]").finditer(text, place):
        depth += 1 if found.group() == "<" else -1
        if depth == 0:
            return found.end()
    raise GraphSyntaxError("'<' begins a label that does not end", line)


def _unread(sign: str) -> str:
    if sign == ":":
        return "':' is there; ports are not read, quote names that hold a colon"
    if sign == '"':
        return "a quoted name does not end"
    return f"{sign!r} is not read; quote names that hold it"

"""A graph in one line of text: ``x -> t -> y; x -> y``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from kpisdk_causal.errors import GraphSyntaxError
from kpisdk_causal.graphs.drawing import Drawing

_STATEMENT = re.compile(r'(?:"[^"]*"|[^";])+')
_NAME = re.compile(r'((?:"[^"]*"|(?!->)[^"])*)(->|$)')
_DRAWS = re.compile(r"->|<-|--|;|\n|→|←|↔")
_SIGNS = frozenset("<>=|~,#{}[]\"'`\\")


def is_arrow_text(text: str) -> bool:
    """Whether a text means a graph rather than the path of a file."""
    return _DRAWS.search(text) is not None


def read_arrows(text: str) -> Drawing:
    """Read chains of arrows, separated by semicolons or lines; names may be quoted.

    Raises:
        GraphSyntaxError: anything but names and ``->``, with its line and column.
        GraphError: too many nodes or arrows.
    """
    drawing = Drawing()
    for number, line in enumerate(text.splitlines(), start=1):
        if line.count('"') % 2:
            raise GraphSyntaxError("a quoted name does not end", number, line.rindex('"') + 1)
        for found in _STATEMENT.finditer(line):
            if not found.group().strip():
                continue
            names = [
                _name(name, number, found.start() + place) for name, place in _names(found.group())
            ]
            drawing.node(names[0])
            for cause, effect in pairwise(names):
                drawing.arrow(cause, effect, {}, number)
    return drawing


def _names(statement: str) -> Iterator[tuple[str, int]]:
    """What stands before, between and after the arrows, and where."""
    place = 0
    while True:
        found = _NAME.match(statement, place)
        if found is None:  # an arrow may follow anything, and so may the end
            return
        yield found.group(1), place
        if not found.group(2):
            return
        place = found.end()


def _name(text: str, line: int, place: int) -> str:
    name = text.strip()
    if not name:
        raise GraphSyntaxError("a name is missing beside '->'", line, place + 1)
    if name[0] == name[-1] == '"' and name.count('"') == 2:
        return name[1:-1]
    for offset, sign in enumerate(text):
        # An invisible sign (Cf) would make another node of a name that looks like a column.
        is_odd = sign not in "+^\t" and unicodedata.category(sign) in {"Sm", "So", "Cf", "Cc"}
        if sign in _SIGNS or is_odd:
            what = f"{sign!r} is not read; write 'cause -> effect', and quote names that hold it"
            raise GraphSyntaxError(what, line, place + offset + 1)
    if "//" in name:
        what = f"{name[:40]!r} holds '//'; comments are not read here, quote names that hold it"
        raise GraphSyntaxError(what, line, place + 1)
    if "--" in name or name[0] == "-" or name[-1] == "-" or " - " in name:
        what = f"{name[:40]!r} holds a line without a direction; write '->' from cause to effect"
        raise GraphSyntaxError(what, line, place + 1)
    return name

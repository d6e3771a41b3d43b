"""Texts of others, made safe to show: no control characters, no directions, nothing unencodable."""

from __future__ import annotations

import json
from typing import Any

from kpisdk.contracts.results import plain

NULL = "(null)"
"""How people see a slice of rows that have no value in the slice's column."""

EMPTY = "(empty)"
"""How people see a slice of rows that have an empty text there, which is another slice."""


def visible(text: str) -> str:
    """``text`` on one line, with everything that does not print written as an escape.

    Line breaks, terminal sequences, characters that turn the direction of writing, lone
    surrogates: all would change what surrounds them, or could not be printed at all.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def visible_lines(text: str) -> str:
    """``text`` with its line breaks, each line as :func:`visible` has it."""
    return "\n".join(visible(line.expandtabs(4)) for line in text.split("\n"))


def encodable(text: str) -> str:
    """``text`` with lone surrogates escaped, so that it can be written as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def slice_value(value: Any) -> str:
    """One value of a slice as a text, not yet escaped: what JSON has for it, without quotes."""
    given = plain(value)
    if given is None:
        return NULL
    if given == "":
        return EMPTY
    return given if isinstance(given, str) else json.dumps(given)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")

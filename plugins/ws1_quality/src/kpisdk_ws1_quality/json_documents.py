"""JSON documents as sources hold them: parsed strictly, and what cannot be is counted."""

import json
import math
import os
import re
from collections.abc import Iterator, Sequence
from typing import Any

from kpisdk import Note


def parsed(document: Any) -> dict[str, Any] | None:
    """A JSON object from a column's value (text, or a mapping that the engine has parsed).

    ``None`` for junk: text that is no JSON (``NaN`` and ``Infinity`` are none), or a document that
    is not an object.
    """
    if isinstance(document, dict):
        return document
    try:
        found = _STRICT.decode(document)
    except (ValueError, TypeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def parsed_each(documents: Sequence[Any]) -> Iterator[dict[str, Any] | None]:
    """What :func:`parsed` says of each document, in half the time: many texts are read at once."""
    for start in range(0, len(documents), _AT_ONCE):
        some = documents[start : start + _AT_ONCE]
        together = _parsed_together(some)
        yield from map(parsed, some) if together is None else together


_AT_ONCE = 500


def _parsed_together(texts: Sequence[Any]) -> list[dict[str, Any] | None] | None:
    """The texts as members of one list; ``None`` unless each of them is JSON by itself.

    A mark that no text can hold stands between any two. Where all marks are found in their places,
    no text has begun, ended or swallowed another.
    """
    mark = os.urandom(16).hex()
    try:
        found = _STRICT.decode("[" + f',"{mark}",'.join(texts) + "]")
    except (ValueError, TypeError, RecursionError):
        return None
    if len(found) != 2 * len(texts) - 1 or found[1::2] != [mark] * (len(texts) - 1):
        return None
    return [each if isinstance(each, dict) else None for each in found[::2]]


def is_nothing(document: Any) -> bool:
    """Whether a column's value says that there is nothing: JSON's null."""
    return isinstance(document, str) and document.strip() == "null"


def number(value: Any) -> float | None:
    """A JSON number as a float; ``None`` for anything else, and for one that no float holds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def number_in_text(value: Any) -> float | None:
    """A number that a document writes as a text: digits as JSON has them, ``None`` for the rest.

    A leading plus sign, leading zeros and blanks around it are let pass; what a reader might take
    for another number (``9,5``, ``1_000``, ``0x10``, ``inf``) is none.
    """
    if not isinstance(value, str) or _NUMBER.fullmatch(value.strip(" \t\r\n")) is None:
        return None
    found = float(value)
    return found if math.isfinite(found) else None


_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def kind_of(value: Any) -> str:
    """What a JSON value is that is no number, in one word."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "not finite"
    return "nested"


def json_junk(rows: float | None, column: str) -> tuple[Note, ...]:
    """The warning of so many rows whose JSON column holds no document of its kind.

    Args:
        rows: how many; nothing is said of none.
        column: that holds the documents.
    """
    if not rows:
        return ()
    words = f"{rows:g} row(s) hold junk in JSON column {column!r}; they count as empty."
    return (Note("json_junk", words),)


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")


_STRICT = json.JSONDecoder(parse_constant=_refused)
"""One decoder for all documents: ``json.loads`` would make one for each."""

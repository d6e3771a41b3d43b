"""JSON documents as sources hold them: parsed strictly, and what cannot be is counted."""

import json
import math
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


def json_junk(rows: float | None, column: str) -> tuple[Note, ...]:
    """The warning of so many rows whose JSON column holds no document of its kind."""
    if not rows:
        return ()
    words = f"{rows:g} row(s) hold junk in JSON column {column!r}; they count as empty."
    return (Note("json_junk", words),)


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")


_STRICT = json.JSONDecoder(parse_constant=_refused)
"""One decoder for all documents: ``json.loads`` would make one for each."""

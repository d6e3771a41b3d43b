"""Columns that cannot be read: they raise where they are, and do no harm where they are not."""

from __future__ import annotations

from kpisdk.builtin.sources.typed_views import text
from kpisdk.errors import QueryError

_REFUSED = "kpisdk-column"

SEPARATOR = "\x1e"
"""What separates the parts of an error that is raised within a statement of ours."""


def refusal(why: str, type_: str) -> str:
    """An expression of a type that raises; ``why`` is the sentence of its error."""
    return f"CAST(error({text(_REFUSED + SEPARATOR + why)}) AS {type_})"


def refused(source: str, message: str) -> QueryError | None:
    """The error behind what DuckDB says, where such a column raised it."""
    if f"{_REFUSED}{SEPARATOR}" not in message:
        return None
    return QueryError(source, message.split(SEPARATOR, maxsplit=1)[1])

"""How the sentences of errors list names, values and counts without becoming somebody's data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kpisdk import KpisdkError

AT_MOST = 10
"""How many existing names a sentence lists."""


def names(words: Sequence[Any]) -> str:
    """The words in quotes; beyond :data:`AT_MOST` the rest is counted."""
    shown = ", ".join(repr(word) for word in words[:AT_MOST])
    rest = len(words) - AT_MOST
    return f"{shown} and {rest} more" if rest > 0 else shown


def values(found: Sequence[Any]) -> str:
    """Values of a column: a few groups are named, many would be somebody's data."""
    return names(found) if len(found) <= 2 * AT_MOST else f"{len(found)} values"


def rows_by_column(counts: Mapping[str, int]) -> str:
    """Columns with the number of their rows that are at fault."""
    return ", ".join(f"{name!r} ({count} rows)" for name, count in counts.items())


FORMATTERS: Mapping[str, Callable[[Any], str]] = {
    **KpisdkError.formatters,
    "names": names,
    "values": values,
    "rows": rows_by_column,
}
"""What may stand after the colon in a template of this plugin's errors."""

"""Where a container puts rows, and what of a row it can hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from kpisdk.testing.differential.event_rows import EVENTS, UNDECLARED, Row, missing

COLUMNS = (*(column.name for column in EVENTS.columns), UNDECLARED)


@attrs.frozen
class Place:
    """What a container may use: a folder of its own, and an empty PostgreSQL database."""

    folder: Path
    postgresql: str = ""


Put: TypeAlias = Callable[[Sequence[Row], Place], Any]
"""Writes rows to a place, and returns the source."""


def as_is(row: Row) -> Row:
    """The row, nothing lost."""
    return row


def without_not_a_number(row: Row) -> Row:
    """The row of a container that knows no not-a-number: it is missing there."""
    return {name: None if missing(value) else value for name, value in row.items()}


def as_decimals(row: Row) -> Row:
    """The row of a container whose numbers are decimals: they are neither NaN nor infinite."""
    return {
        name: None if missing(value) or value == math.inf else value for name, value in row.items()
    }


def unpadded(row: Row) -> Row:
    """What is left of ``person`` in a column of type ``char(4)``, whose blanks are padding."""
    person = row["person"]
    return {**row, "person": None if person is None else person.rstrip(" ")}


def json_documents(row: Row) -> Row:
    """What a column of type JSON takes: documents, and no junk."""
    doc = row["doc"]
    return {**row, "doc": None if doc is None or doc in ("junk", '{"k": 1} x') else doc}


def columns_of(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """The rows by column."""
    return {name: [row[name] for row in rows] for name in COLUMNS}

"""Staging: an events log of text becomes a typed table, and what did not fit is counted.

The table is a Parquet file that the KPIs are then computed on like on any other one. Rows are
streamed: neither the log nor the table is ever in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import attrs

from kpisdk import LogicalType, Note
from kpisdk_edu_dkt.koryxa.csv_text import CsvText, csv_text, plainly_named
from kpisdk_edu_dkt.koryxa.datasets import REQUIRED, ROW_MARK, SCHOOL_EVENTS
from kpisdk_edu_dkt.koryxa.errors import EventsError, MissingColumnsError
from kpisdk_edu_dkt.koryxa.loading import (
    STAGED,
    connected,
    loaded,
    quoted_name,
    reported_as,
    written,
)

MEMORY = "1GB"
UNREAD = ("step_id", "notebook_executed", "project_submit_time")
"""Columns that no KPI reads: they are not staged, but tell equal events from others, as columns
that the school does not know do, too."""

_NO_VALUE = ("", "na", "n/a", "nan", "nat", "null", "none")
"""Words that stand for a missing number or time, in lower case."""

_FLAGS = ("true", "false")
"""Words that stand for 1 and 0."""

_BAD, _CAST = "koryxa_bad_", "koryxa_cast_"


@attrs.frozen
class Staged:
    """A staged log: the folder of its table, and what had to be left out or read as missing.

    Attributes:
        folder: where its table is.
        notes: what had to be left out or read as missing.
    """

    folder: Path
    notes: tuple[Note, ...]


def stage(events: Path | str | Any, folder: Path) -> Staged:
    """Stage a CSV or Parquet file, or a pandas frame, in ``folder``.

    Every value is read as text and then as what its column holds. Text that is no UTC timestamp or
    no number is read as missing; lines that are no rows are left out; ``notes`` counts both.

    Args:
        events: the log.
        folder: where the table is written.

    Raises:
        EventsError: the log cannot be read at all, or has no rows.
        MissingColumnsError: required columns are missing, all of them named.
    """
    place = str(events) if isinstance(events, str | Path) else "the frame"
    tables = folder / "staged"
    tables.mkdir()
    with connected(folder, MEMORY) as connection, reported_as(place, folder):
        text = None
        given = events
        if isinstance(events, str | Path):
            if _is_parquet(Path(events)):
                given = plainly_named(Path(events), folder)
            else:
                text = csv_text(Path(events), folder)
        columns = loaded(connection, given, text)
        missing = [name for name in REQUIRED if name not in columns]
        if missing:
            raise MissingColumnsError(place, missing, columns)
        written(connection, _typed(columns), tables / "school_events.parquet")
        notes = [*_reading_notes(connection, text), *_value_notes(connection, columns)]
        if not connection.execute(f"SELECT count(*) FROM {STAGED}").fetchone()[0]:
            raise EventsError(place, "it has a header and no rows.")
    return Staged(tables, tuple(notes))


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() in (".parquet", ".pq")


def _typed(names: Sequence[str]) -> str:
    """The select that reads the raw text as what it should be, and marks equal rows."""
    known = [column for column in SCHOOL_EVENTS.columns if column.name in names]
    cast, items = [], []
    for column in (each for each in known if each.name not in UNREAD):
        name = f'"{column.name}"'
        if column.type is LogicalType.TEXT:
            items.append(f"nullif({name}, '') AS {name}")
            continue
        is_time = column.type is LogicalType.TIMESTAMP
        value = f'"{_CAST}{column.name}"'
        cast.append(f"{_read_time(name) if is_time else f'TRY_CAST({name} AS DOUBLE)'} AS {value}")
        items += [_instant(name, value) if is_time else _number(name, value), _is_bad(name, value)]
    items.append(f"CAST(hash({', '.join(map(quoted_name, names))}) >> 1 AS BIGINT) AS {ROW_MARK}")
    return f"SELECT {', '.join(items)} FROM (SELECT {', '.join(['*', *cast])} FROM raw_events)"


def _read_time(name: str) -> str:
    """Text as UTC. A plain timestamp drops an offset without a word, so only Z may go that way."""
    zoned = f"CAST(TRY_CAST({name} AS TIMESTAMPTZ) AS TIMESTAMP)"
    return f"CASE WHEN suffix({name}, 'Z') THEN TRY_CAST({name} AS TIMESTAMP) ELSE {zoned} END"


def _instant(name: str, value: str) -> str:
    return f"CASE WHEN isfinite({value}) THEN {value} END AS {name}"


def _number(name: str, value: str) -> str:
    flag = f"CASE lower(trim({name})) WHEN 'true' THEN 1.0 WHEN 'false' THEN 0.0 END"
    return (
        f"CASE WHEN {value} IS NULL THEN {flag} WHEN isfinite({value}) THEN {value} END AS {name}"
    )


def _is_bad(name: str, value: str) -> str:
    """Whether there is text and no value; looked at closely only where there is none."""
    words = ", ".join(f"'{word}'" for word in (*_NO_VALUE, *(() if "time" in name else _FLAGS)))
    said = f"{name} IS NOT NULL AND lower(trim({name})) NOT IN ({words})"
    label = f'"{_BAD}{name.strip(chr(34))}"'
    return f"CASE WHEN {value} IS NULL THEN {said} ELSE NOT isfinite({value}) END AS {label}"


def _reading_notes(connection: Any, text: CsvText | None) -> list[Note]:
    if text is None:
        return []
    found = []
    if text.was_latin1:
        what = "The file is not UTF-8; it was read as Latin-1. Names with accents may be wrong."
        found.append(Note("read_as_latin1", what))
    if text.delimiter != ",":
        said = {"\t": "a tab", ";": "a semicolon", "|": "a bar"}[text.delimiter]
        found.append(Note("other_delimiter", f"The file's columns are separated by {said}."))
    rejected, first = connection.execute(
        "SELECT count(DISTINCT line), min(line) FROM reject_errors"
    ).fetchone()
    if rejected:
        what = f"Lines that are no rows, left out (the first is line {first}): {rejected}."
        found.append(Note("line_dropped", what))
    return found


def _judged(columns: Iterable[str]) -> list[str]:
    """The columns whose text has to be a number or a time."""
    return [
        column.name
        for column in SCHOOL_EVENTS.columns
        if column.name in columns
        and column.name not in UNREAD
        and column.type is not LogicalType.TEXT
    ]


def _value_notes(connection: Any, columns: Iterable[str]) -> list[Note]:
    names = _judged(columns)
    counts = ", ".join(f'count_if("{_BAD}{name}")' for name in names)
    found = []
    counted = connection.execute(f"SELECT {counts} FROM {STAGED}").fetchone()
    for name, n in zip(names, counted, strict=True):
        if n:
            is_time = SCHOOL_EVENTS.column(name).type is LogicalType.TIMESTAMP
            kind = "UTC timestamps" if is_time else "numbers"
            what = f"Values of {name} that are no {kind}, read as missing: {n}."
            found.append(Note("value_unreadable", what))
    return found

"""CSV files as DuckDB is told to read them: the first line names the columns, the rest are rows."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from kpisdk.builtin.sources.views import DUCKDB_TYPES, paths, quoted, text
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import QueryError, listed

DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
"""What may separate columns, and the words for it."""

_LOOKED_AT = 1 << 16
"""How many characters of a file are looked at to find out what separates its columns."""

_NUMBERS = ("BIGINT", "DOUBLE", "HUGEINT", "INTEGER")
_ISO = "dateformat = '%Y-%m-%d', timestampformat = '%Y-%m-%d %H:%M:%S'"
"""What looks like a day or an instant; in other orders of day and month it is a text."""

_PROPOSALS = ("Possible fixes", "Potential Fixes", "Possible Solution", "LINE 1:")
"""Where DuckDB begins to propose options of its own, which nobody can give from here."""


@attrs.frozen
class DelimitedRows:
    """The rows of a table's CSV files; ``source`` is the name that errors give the source."""

    source: str
    files: Sequence[str]

    def item(self, connection: Any, declared: Mapping[str, LogicalType]) -> str:
        """A FROM item for DuckDB, columns typed as they are declared, the others as they look.

        Raises:
            QueryError: a file cannot be read, its first line names a declared column twice, or a
                row is longer or shorter than that line.
        """
        first, delimiter = self._first_line()
        self._refuse_twins(first, declared)
        # Left to find out by itself, DuckDB prefers a way of reading in which no row is too long:
        # one with a single column, say, or with leading lines that are no rows.
        options = (
            f"delim = {text(delimiter)}, quote = '\"', escape = '\"', comment = '', "
            "header = true, skip = 0, strict_mode = true, hive_partitioning = false"
        )
        sniffed = self._sniffed(connection, f"{options}, {_ISO}", max(len(first), 1))
        types = ", ".join(
            f"{text(column)}: {text(_type(native, declared.get(column)))}"
            for column, native in sniffed
        )
        rows = f"read_csv({paths(self.files)}, {options}, types = {{{types}}})"
        casts = ", ".join(
            f"{_cast(column, type_)} AS {quoted(column)}"
            for column, native in sniffed
            if (type_ := _temporal(native, declared.get(column))) is not None
        )
        return f"(SELECT * REPLACE ({casts}) FROM {rows})" if casts else rows

    def _refuse_twins(self, first: Sequence[str], declared: Mapping[str, LogicalType]) -> None:
        names = [name.strip().casefold() for name in first]
        twice = [name for name in declared if names.count(name.casefold()) > 1]
        if twice:
            detail = f"the first line of {self.files[0]!r} names {listed(map(repr, twice))} twice"
            raise QueryError(self.source, f"{detail}; keep one")

    def _sniffed(self, connection: Any, options: str, width: int) -> list[tuple[str, str]]:
        """The columns with the types that they look like."""
        import duckdb

        files = paths(self.files)
        try:
            found = connection.execute(
                f"DESCRIBE SELECT * FROM read_csv({files}, {options})"
            ).fetchall()
        except duckdb.InvalidInputException as error:
            # It says that it can make nothing of the file; asked for texts, it names the line.
            columns = ", ".join(f"c{each}: 'VARCHAR'" for each in range(width))
            strictly = f"{options}, auto_detect = false, columns = {{{columns}}}"
            try:
                connection.execute(f"SELECT count(*) FROM read_csv({files}, {strictly})").fetchall()
            except duckdb.InvalidInputException as precise:
                raise self._refused(precise) from precise
            raise self._refused(error) from error
        return [(column, native) for column, native, *_ in found]

    def _refused(self, error: Exception) -> QueryError:
        said = " ".join(str(error).split())
        for proposal in _PROPOSALS:
            said = said.split(proposal)[0].strip()
        return QueryError(self.source, f"{listed(map(repr, self.files), 3)}: {said}")

    def _first_line(self) -> tuple[list[str], str]:
        """The names of the columns, and what separates them."""
        file = self.files[0]
        beginning = self._beginning(file)
        rows = {each: _rows(beginning, each) for each in DELIMITERS}
        named = [each for each, (first, *_) in rows.items() if len(first) > 1]
        fitting = [each for each in named if len({len(row) for row in rows[each]}) == 1]
        likely = named if len(named) == 1 else fitting
        if not named:
            return rows[","][0], ","
        if len(likely) == 1:
            return rows[likely[0]][0], likely[0]
        words = " or ".join(DELIMITERS[each] for each in likely or named)
        detail = f"whether {words} separates the columns of {file!r} cannot be told"
        raise QueryError(self.source, f"{detail}; put names that hold one into double quotes")

    def _beginning(self, file: str) -> str:
        opener: Any = gzip.open if file.lower().endswith(".gz") else open
        try:
            # What is no UTF-8 is found, with its line, by DuckDB.
            with opener(file, "rt", encoding="utf-8-sig", errors="replace") as stream:
                return str(stream.read(_LOOKED_AT))
        except (OSError, EOFError, zlib.error) as error:
            raise QueryError(self.source, f"{file!r} cannot be read: {error}") from error


def _rows(beginning: str, delimiter: str) -> list[list[str]]:
    """The rows at a file's beginning, if this is what separates columns; one at least."""
    rows = [row for row in csv.reader(io.StringIO(beginning), delimiter=delimiter) if row]
    cut = len(beginning) == _LOOKED_AT and len(rows) > 1
    return (rows[:-1] if cut else rows) or [[]]


def _type(native: str, declared: LogicalType | None) -> str:
    if _temporal(native, declared) is not None:
        return "VARCHAR"
    # "3.0" is how frames write a whole number beside missing ones: what reads as a number stays it.
    if declared is None or (declared is LogicalType.INT and native in _NUMBERS):
        return native
    return DUCKDB_TYPES[declared]


def _temporal(native: str, declared: LogicalType | None) -> str | None:
    """DuckDB's word for the days or instants that a column holds; ``None``: it holds neither."""
    instants = native.startswith("TIMESTAMP")
    if declared is LogicalType.TIMESTAMP or (declared in (LogicalType.DATE, None) and instants):
        return "TIMESTAMPTZ"
    if declared is LogicalType.DATE or (declared is None and native == "DATE"):
        return "DATE"
    return None


def _cast(column: str, type_: str) -> str:
    """A text read as a day or an instant, or as an error that names it.

    DuckDB's own reading guesses the order of day and month from the rows that it looks at, drops
    offsets, or (with a zone) turns junk into nothing. A cast does none of this, and takes a text
    without an offset in the session's zone, which is UTC; but "01/02/25" is a day of the year 1 to
    it, so that the year has to show its four digits.
    """
    name = quoted(column)
    read = (
        rf"CASE WHEN regexp_matches({name}, '(?i)^\s*(\d{{4}}[-/]|[+-]?infinity)') "
        f"THEN TRY_CAST(trim({name}) AS TIMESTAMPTZ) END"
    )
    if type_ == "DATE":
        # Most are plain days, and those are read several times faster without an hour.
        plain = rf"regexp_full_match({name}, '\d{{4}}-\d\d-\d\d')"
        read = f"CASE WHEN {plain} THEN TRY_CAST({name} AS DATE) ELSE CAST({read} AS DATE) END"
    said = text(f"Column {column!r}: could not convert ")
    form = text(" to a date or an instant, written as 2025-03-01 or 2025-03-01T10:00Z")
    return (
        f"CASE WHEN {name} IS NULL THEN NULL "
        f"ELSE coalesce({read}, CAST(error({said} || {name} || {form}) AS {type_})) END"
    )

"""A table's files of text in DuckDB: each cell a text, then what its column is declared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from kpisdk.builtin.sources.cell_advice import why_not
from kpisdk.builtin.sources.csv_faults import bad_cell, bad_row
from kpisdk.builtin.sources.csv_headers import Header, is_compressed
from kpisdk.builtin.sources.text_cells import MARK, NUMBER, WHOLE, TextCells
from kpisdk.builtin.sources.text_files import ROW, TextFile
from kpisdk.builtin.sources.typed_views import paths, text
from kpisdk.builtin.sources.unreadable_columns import SEPARATOR
from kpisdk.contracts.text_formats import TableFormat
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import KpisdkError, QueryError, UnknownNameError, listed

_CSV_WORDS = ("CSV Error on Line", "CSV Parser", "CSV File", "read_csv")
"""What DuckDB says where the rows of a CSV file are at fault."""


@attrs.define(eq=False)
class WiderNumbersError(KpisdkError):
    """A column declared int holds more than it was read as; read as ``width``, it is no fault."""

    column: str
    width: str


@attrs.frozen
class DelimitedRows:
    """The rows of a table's files of text; ``source`` is the name that errors give the source.

    ``how`` says how the files are written, and ``setting`` where that is set. ``widths`` are those
    of :class:`TextCells`.
    """

    source: str
    table: str
    files: tuple[TextFile, ...]
    declared: Mapping[str, LogicalType]
    how: TableFormat = attrs.field(factory=TableFormat)
    setting: str = ""
    widths: Mapping[str, str] = attrs.field(factory=dict)

    def item(self) -> str:
        """A FROM item for DuckDB."""
        self._require_known_columns()
        columns = list(self._columns())
        alike: dict[Any, list[TextFile]] = {}
        for file in self.files:
            layout = attrs.astuple(attrs.evolve(file, shown="", path=""), recurse=False)
            alike.setdefault((layout, is_compressed(file.path)), []).append(file)
        parts = (self._part(files, columns) for files in alike.values())
        return f"({' UNION ALL '.join(parts)})"

    def _require_known_columns(self) -> None:
        """Refuse a format for a column that no file has: the one that is meant would go without."""
        names = [name for file in self.files for name in file.header.names]
        folded = {name.casefold() for name in names}
        for column in self.how.columns:
            if column.casefold() not in folded:
                known = UnknownNameError(f"column of table {self.table!r}", column, names).message
                raise QueryError(self.source, f"{self.setting}.columns is not used. {known}")

    def fault(self, message: str) -> KpisdkError | None:
        """What DuckDB's error is in our words: a cell or a row; ``None``: neither."""
        if f"{MARK}{SEPARATOR}{self.table}{SEPARATOR}" in message:
            _, _, column, declared, plain, cell = message.split(SEPARATOR, maxsplit=5)
            return self._cell_fault(column, LogicalType(declared), plain, cell)
        if any(words in message for words in _CSV_WORDS):
            return self._row_fault(message)
        return None

    def _cell_fault(self, column: str, declared: LogicalType, plain: str, cell: str) -> KpisdkError:
        why = None
        if declared is LogicalType.INT:
            width = self.widths.get(column, "BIGINT")
            wider, why = _wider(plain, width)
            if wider is not None:
                return WiderNumbersError(column, wider)
        why = why or why_not(cell, declared, self.how.of(column), self.setting)
        return bad_cell(self.source, self.files, column, declared, cell, why)

    def row_fault(self) -> QueryError | None:
        """The error of the first row that cannot be read as one."""
        found = (bad_row(self.source, file) for file in self.files)
        return next((error for error in found if error is not None), None)

    def _row_fault(self, message: str) -> KpisdkError | None:
        named = re.search(r"^\s*file = (.*)$", message, re.MULTILINE)
        suspects = [
            file
            for file in self.files
            if named is None or Path(named[1].strip()) == Path(file.path)
        ]
        first = attrs.evolve(self, files=tuple(suspects)).row_fault()
        if first is None and suspects:
            said = re.search(r"Maximum line size.*|Expected Number of Columns.*", message)
            files = listed((repr(file.shown) for file in suspects), 3)
            why = "" if said is None else f": {said[0].strip()}"
            return QueryError(self.source, f"{files} cannot be read as CSV (RFC 4180){why}")
        return first

    def _columns(self) -> Iterator[str]:
        """The names of all columns, each once; one that is declared as it is declared.

        Names differ in more than their case, or are of one column: a file that names two alike is
        refused where they are read.
        """
        declared: dict[str, list[str]] = {}
        for name in self.declared:
            declared.setdefault(name.casefold(), []).append(name)
        seen: dict[str, str] = {}
        for file in self.files:
            for name in file.header.names:
                meant = declared.get(name.casefold(), [])
                called = name if name in meant or len(meant) != 1 else meant[0]
                known = seen.setdefault(name.casefold(), called)
                if called != known and called in self.declared:
                    seen[name.casefold()] = called
        yield from (name for name in seen.values() if name != ROW)

    def _part(self, files: Sequence[TextFile], columns: Sequence[str]) -> str:
        first, header = files[0], files[0].header
        has_points = first.is_sheet or header.delimiter == ";"
        cells = TextCells(
            self.table, self.widths, self.how, has_points, first.is_sheet, first.is_1904
        )
        places = {name.casefold(): place for place, name in enumerate(header.names)}
        items = []
        for column in columns:
            declared = self.declared.get(column)
            place = places.get(column.casefold())
            if place is None:
                value = cells.refused(column, declared, self._lacking(column, files))
            elif column.casefold() in header.repeated:
                where = "the header" if first.is_sheet or header.lines_above else "the first line"
                why = f"{where} of {first.shown!r} names {column!r} twice; keep one"
                value = cells.refused(column, declared, why)
            else:
                value = cells.value(f"c{place}", column, declared)
            items.append(cells.named(value, column))
        rows = f"SELECT {', '.join(items)} FROM {_reading(header, [each.path for each in files])}"
        if not first.has_empty_rows:
            return rows
        every = ", ".join(f"nullif(trim(c{place}), '')" for place in range(len(header.names)))
        return f"{rows} WHERE coalesce({every}) IS NOT NULL"

    def _lacking(self, column: str, files: Sequence[TextFile]) -> str:
        folded = column.casefold()
        holding = [
            repr(file.shown)
            for file in self.files
            if folded in map(str.casefold, file.header.names)
        ]
        lacking = listed((repr(file.shown) for file in files), 3)
        return (
            f"column {column!r} of table {self.table!r} is in {listed(holding, 3)}, and "
            f"not in {lacking}: the parts of a table have the same columns"
        )


def _wider(cell: str, width: str) -> tuple[str | None, str | None]:
    """The type that a whole number's column must be read as, or why the cell is at fault."""
    whole = re.fullmatch(WHOLE, cell, re.ASCII)
    if whole and width != "DOUBLE":
        if width == "BIGINT" and abs(int(cell.strip().partition(".")[0])) < 1 << 127:
            return "HUGEINT", None
        return None, "is a whole number of more than 38 digits; declare an id as text"
    if whole:
        return None, "is a whole number too long to be kept exactly beside fractions"
    number = re.fullmatch(NUMBER, cell, re.ASCII) and abs(float(cell)) != float("inf")
    infinite = cell.strip().lower().lstrip("+-") in ("inf", "infinity")
    if width != "DOUBLE" and (number or infinite):
        return "DOUBLE", None
    return None, None


def _reading(header: Header, files: Sequence[str]) -> str:
    """A call that reads every cell of files as text, in columns that go by their positions."""
    compression = "gzip" if is_compressed(files[0]) else "none"
    # Left to find out by itself, DuckDB prefers a way of reading in which no row is too long: one
    # with a single column, say, or with leading lines that are no rows.
    columns = ", ".join(f"c{place}: 'VARCHAR'" for place in range(len(header.names)))
    return (
        f"read_csv({paths(files)}, auto_detect = false, columns = {{{columns}}}, "
        f"delim = {text(header.delimiter)}, quote = '\"', escape = '\"', comment = '', "
        f"header = true, skip = {header.lines_above}, strict_mode = true, "
        f"hive_partitioning = false, compression = '{compression}')"
    )

"""A table's CSV files as DuckDB reads them: each cell a text, then what its column is declared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from kpisdk.builtin.sources.csv_faults import bad_cell, bad_row
from kpisdk.builtin.sources.csv_headers import Header, is_compressed, read_header
from kpisdk.builtin.sources.text_cells import MARK, NUMBER, WHOLE, TextCells
from kpisdk.builtin.sources.typed_views import paths, text
from kpisdk.builtin.sources.unreadable_columns import SEPARATOR
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import KpisdkError, QueryError, listed

_CSV_WORDS = ("CSV Error on Line", "CSV Parser", "CSV File", "read_csv")
"""What DuckDB says where the rows of a CSV file are at fault."""


@attrs.define(eq=False)
class WiderNumbersError(KpisdkError):
    """A column declared int holds more than it was read as; read as ``width``, it is no fault."""

    column: str
    width: str


@attrs.frozen
class DelimitedRows:
    """The rows of a table's CSV files; ``source`` is the name that errors give the source.

    ``widths`` are those of :class:`TextCells`.
    """

    source: str
    table: str
    files: tuple[tuple[str, Header], ...]
    declared: Mapping[str, LogicalType]
    widths: Mapping[str, str] = attrs.field(factory=dict)

    @classmethod
    def of(
        cls,
        source: str,
        table: str,
        files: Sequence[str],
        declared: Mapping[str, LogicalType],
        widths: Mapping[str, str],
    ) -> DelimitedRows:
        """The rows of files whose headers are read.

        Raises:
            QueryError: a file cannot be read, or its first line names no columns.
        """
        headers = tuple((file, read_header(source, file)) for file in files)
        return cls(source, table, headers, declared, widths)

    def item(self) -> str:
        """A FROM item for DuckDB."""
        columns = list(self._columns())
        alike: dict[tuple[Header, bool], list[str]] = {}
        for file, header in self.files:
            alike.setdefault((header, is_compressed(file)), []).append(file)
        parts = (self._part(header, files, columns) for (header, _), files in alike.items())
        return f"({' UNION ALL '.join(parts)})"

    def fault(self, message: str) -> KpisdkError | None:
        """What DuckDB's error is in our words: a cell or a row; ``None``: neither."""
        if f"{MARK}{SEPARATOR}{self.table}{SEPARATOR}" in message:
            _, _, column, declared, cell = message.split(SEPARATOR, maxsplit=4)
            return self._cell_fault(column, LogicalType(declared), cell)
        if any(words in message for words in _CSV_WORDS):
            return self._row_fault(message)
        return None

    def _cell_fault(self, column: str, declared: LogicalType, cell: str) -> KpisdkError:
        why = None
        if declared is LogicalType.INT:
            width = self.widths.get(column, "BIGINT")
            wider, why = _wider(cell, width)
            if wider is not None:
                return WiderNumbersError(column, wider)
        return bad_cell(self.source, self.files, column, declared, cell, why)

    def row_fault(self) -> QueryError | None:
        """The error of the first row that cannot be read as one."""
        found = (bad_row(self.source, file, header) for file, header in self.files)
        return next((error for error in found if error is not None), None)

    def _row_fault(self, message: str) -> KpisdkError | None:
        named = re.search(r"^\s*file = (.*)$", message, re.MULTILINE)
        suspects = [
            (file, header)
            for file, header in self.files
            if named is None or Path(named[1].strip()) == Path(file)
        ]
        first = attrs.evolve(self, files=tuple(suspects)).row_fault()
        if first is None and suspects:
            said = re.search(r"Maximum line size.*|Expected Number of Columns.*", message)
            files = listed((repr(file) for file, _ in suspects), 3)
            why = "" if said is None else f": {said[0].strip()}"
            return QueryError(self.source, f"{files} cannot be read as CSV (RFC 4180){why}")
        return first

    def _columns(self) -> Iterator[str]:
        """The names of all columns, each once; one that is declared as it is declared."""
        seen: dict[str, str] = {}
        for _, header in self.files:
            for name in header.names:
                known = seen.setdefault(name.casefold(), name)
                if name != known and name in self.declared:
                    seen[name.casefold()] = name
        yield from seen.values()

    def _part(self, header: Header, files: Sequence[str], columns: Sequence[str]) -> str:
        cells = TextCells(self.table, self.widths)
        places = {name.casefold(): place for place, name in enumerate(header.names)}
        items = []
        for column in columns:
            declared = self.declared.get(column)
            place = places.get(column.casefold())
            if place is None:
                value = cells.refused(column, declared, self._lacking(column, files))
            elif column.casefold() in header.repeated:
                why = f"the first line of {files[0]!r} names {column!r} twice; keep one"
                value = cells.refused(column, declared, why)
            else:
                value = cells.value(f"c{place}", column, declared)
            items.append(cells.named(value, column))
        return f"SELECT {', '.join(items)} FROM {_reading(header, files)}"

    def _lacking(self, column: str, files: Sequence[str]) -> str:
        folded = column.casefold()
        holding = [file for file, header in self.files if folded in map(str.casefold, header.names)]
        return (
            f"column {column!r} of table {self.table!r} is in {listed(map(repr, holding), 3)}, and "
            f"not in {listed(map(repr, files), 3)}: the parts of a table have the same columns"
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
        f"header = true, skip = {header.blank_lines}, strict_mode = true, "
        f"hive_partitioning = false, compression = '{compression}')"
    )

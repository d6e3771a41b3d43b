"""Where a CSV file is at fault: the line and the one cell, never the row that it stands in."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

import attrs

from kpisdk.builtin.sources.cell_advice import FORMS
from kpisdk.builtin.sources.csv_headers import Header, not_text, opened_text
from kpisdk.builtin.sources.sheet_rows import VALUE
from kpisdk.builtin.sources.text_files import TextFile
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import BadValueError, QueryError

_SHOWN = 40
"""How many characters of a cell are shown; a stray quote makes a cell of many rows."""


@attrs.define(eq=False)
class BadCellError(BadValueError):
    """A cell of a file that cannot be read as its column is declared.

    ``line`` is the line of the file on which the cell's row begins, or the row of the sheet;
    ``None`` where it is not found. ``cell`` is the cell's text, cut where it is long.
    """

    file: str
    line: int | None
    column: str
    cell: str


def bad_cell(
    source: str,
    files: Sequence[TextFile],
    column: str,
    declared: LogicalType,
    cell: str,
    why: str | None = None,
) -> BadCellError:
    """The error of a cell, at its first place in the files that hold the column."""
    file, line, cell = _place(files, column, cell)
    shown = _shown(cell)
    where = repr(file.shown) if line is None else f"{file.shown!r}, {file.unit} {line}"
    detail = f"{where}, column {column!r}: {shown!r} {why or f'is not {FORMS[declared]}'}"
    return BadCellError(source, detail, file.shown, line, column, shown)


def bad_row(source: str, file: TextFile) -> QueryError | None:
    """The error of the first row that a file's header does not fit; ``None``: none is found."""
    found = _undecodable_line(file) or _unfit_row(file)
    if found is None:
        return None
    line, what = found
    return QueryError(source, f"{file.shown!r}, line {line}: {what}")


def without_rows(message: str) -> str:
    """What DuckDB says of a CSV file, without the line that it copies."""
    return _COPIED_LINE.sub("", message)


_COPIED_LINE = re.compile(
    r"Original Line:.*?(?=\n(?:Error when|Expected Number|Invalid unicode|Value with|Maximum line|"
    r"Possible|\s*file = )|\Z)",
    re.DOTALL,
)


def _shown(cell: str) -> str:
    cell = cell[2:] if cell.startswith(VALUE) else cell
    first = cell.splitlines()[0] if cell.splitlines() else cell
    return first if first == cell and len(cell) <= _SHOWN else f"{first[:_SHOWN]}…"


def _place(files: Sequence[TextFile], column: str, cell: str) -> tuple[TextFile, int | None, str]:
    holding = [file for file in files if _position(file.header, column) is not None]
    for file in holding:
        position = _position(file.header, column) or 0
        try:
            for line, row in _rows(file):
                # DuckDB writes the one character that no text of it may hold as two.
                if len(row) > position and row[position].replace("\0", r"\0") == cell:
                    return file, int(row[-1]) if file.is_sheet else line, row[position]
        except (csv.Error, OSError, EOFError):
            continue  # the file is at fault in another way, which its own error names
    return (holding or files)[0], None, cell


def _position(header: Header, column: str) -> int | None:
    folded = [name.casefold() for name in header.names]
    return folded.index(column.casefold()) if column.casefold() in folded else None


def _rows(file: TextFile, errors: str = "replace") -> Iterator[tuple[int, list[str]]]:
    """The rows of a file after its header, each with the line on which it begins."""
    above = file.header.lines_above
    with opened_text(file.path, errors) as stream:
        for _ in range(above):
            stream.readline()
        reader = csv.reader(stream, delimiter=file.header.delimiter, strict=True)
        begins, seen = above + 1, False
        while True:
            try:
                row = next(reader, None)
            except csv.Error as error:
                raise _RowError(begins, str(error)) from error
            if row is None:
                return
            if row and seen:
                yield begins, row
            seen = seen or bool(row)
            begins = above + reader.line_num + 1


class _RowError(csv.Error):
    """A row that the reader cannot tell from the next one."""

    @property
    def line(self) -> int:
        """The line on which the row begins."""
        line: int = self.args[0]
        return line


def _undecodable_line(file: TextFile) -> tuple[int, str] | None:
    with opened_text(file.path, errors="surrogateescape") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.encode()
            except UnicodeEncodeError:
                return number, not_text(file.setting)
    return None


def _unfit_row(file: TextFile) -> tuple[int, str] | None:
    header = file.header
    width = len(header.names)
    named = "the first line" if not header.lines_above else f"line {header.lines_above + 1}"
    try:
        for line, row in _rows(file):
            # An empty cell behind the last column is passed by: some programs end lines with it.
            if len(row) != width and not (len(row) == width + 1 and row[-1] == ""):
                cells = "1 cell" if len(row) == 1 else f"{len(row)} cells"
                return line, f"{cells}, and {named} names {width} columns"
    except _RowError as error:
        return error.line, "a double quote that does not end, or is not doubled within a cell"
    ends = _line_ends(file.path)
    if len(ends) > 1:
        return 1, "lines end in more than one way (LF, CRLF or CR); save the file with one of them"
    return None


def _line_ends(file: str) -> set[str]:
    with opened_text(file, errors="replace") as stream:
        for _ in stream:
            pass
        found = getattr(stream, "newlines", None)
    return set(found) if isinstance(found, tuple) else {found or "\n"}

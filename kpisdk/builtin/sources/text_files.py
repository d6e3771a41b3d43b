"""Files of a table as text that DuckDB reads: those that are so as they are, and others made so.

A file in another encoding, compressed as zst, with lines at its end that are no rows, or a sheet of
a workbook is written anew, as UTF-8, into a folder that goes when its source does.
"""

from __future__ import annotations

import codecs
import csv
import mmap
import re
import shutil
import tempfile
import weakref
import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import attrs

from kpisdk.builtin.sources.closing_lines import looks_like_totals
from kpisdk.builtin.sources.csv_headers import (
    Header,
    is_compressed,
    read_header,
    reason,
)
from kpisdk.builtin.sources.file_tables import FileTable
from kpisdk.builtin.sources.gzip_files import require_whole
from kpisdk.builtin.sources.sheet_rows import sheet_rows
from kpisdk.builtin.sources.uncompressed import chunks_of
from kpisdk.builtin.sources.workbooks import UnreadableWorkbookError, sheets_of
from kpisdk.contracts.text_formats import TableFormat
from kpisdk.errors import QueryError

_TAIL = 1 << 16
"""How many bytes at the end of a file are looked at for a line of totals."""

_EMPTY_LINE = re.compile(rb'\n[;,\t| "]+\r?(?:\n|\Z)')
_PASSED_BY = ';,|\t "\r\n'
"""What a line without a value is made of."""


@attrs.frozen
class TextFile:
    """A file of a table, and where its rows are read.

    ``shown`` is the file as errors name it, and ``setting`` says how it is written; ``path`` is the
    one that is read, UTF-8 text, compressed where its name ends so; ``is_sheet`` says that its
    cells are those of :mod:`kpisdk.builtin.sources.sheet_rows`; ``has_empty_rows`` that it may hold
    rows without any value, which are no rows.
    """

    shown: str
    path: str
    header: Header
    setting: str
    is_sheet: bool = False
    is_1904: bool = False
    has_empty_rows: bool = False

    @property
    def unit(self) -> str:
        """What errors count: lines of a text, rows of a sheet."""
        return "row" if self.is_sheet else "line"


@attrs.define(eq=False)
class TextFiles:
    """The files of one source as text; what is written for it lies in a folder of its own."""

    source: str
    _folder: Path | None = attrs.field(default=None, init=False)
    _made: int = attrs.field(default=0, init=False)

    def of(self, table: FileTable, how: TableFormat, advice: str) -> tuple[TextFile, ...]:
        """The files of a table.

        Args:
            table: the files, and the sheet of a workbook.
            how: how they are written.
            advice: the setting that errors name, such as ``[sources.x.csv]``.

        Raises:
            QueryError: one cannot be read, or could be read in more than one way.
            MissingDependencyError: a library that reads it is not installed.
        """
        if table.format == "sheet":
            return tuple(self._sheet(file, table.sheet, how, advice) for file in table.files)
        return tuple(self._text(file, how, advice) for file in table.files)

    def _new(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="kpisdk-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._made += 1
        return self._folder / f"{self._made}.csv"

    def _sheet(self, file: str, sheet: str | None, how: TableFormat, advice: str) -> TextFile:
        rows = sheet_rows(
            self.source, file, sheet or self._only_sheet(file), how, self._new(), advice
        )
        shown = file if sheet is None else f"{file}, sheet {sheet}"
        header = Header((*rows.names, ROW), ",")
        return TextFile(shown, rows.path, header, advice, is_sheet=True, is_1904=rows.is_1904)

    def _only_sheet(self, file: str) -> str:
        try:
            shown = [sheet.name for sheet in sheets_of(file) if sheet.is_shown]
        except UnreadableWorkbookError as error:
            raise QueryError(self.source, error.message) from error
        if len(shown) != 1:
            detail = f"{file!r} shows {len(shown)} sheets, and a part of a table is one with one"
            raise QueryError(self.source, detail)
        return shown[0]

    def _text(self, file: str, how: TableFormat, advice: str) -> TextFile:
        in_utf8 = how.encoding is None or codecs.lookup(how.encoding).name in ("utf-8", "utf-8-sig")
        if in_utf8 and not how.footer and not file.lower().endswith(".zst"):
            path, tail = file, b""
            if is_compressed(file):
                tail = require_whole(self.source, file)
        else:
            path, tail = str(self._written(file, how, advice)), b""
        header = read_header(self.source, path, how, advice, file)
        if how.footer is None:
            self._require_rows_at_end(file, path, tail, header, advice)
        empty = is_compressed(path) or _has_empty_line(path)
        return TextFile(file, path, header, advice, has_empty_rows=empty)

    def _require_rows_at_end(
        self, file: str, path: str, tail: bytes, header: Header, advice: str
    ) -> None:
        text = (tail or _last_bytes(path))[-_TAIL:].decode("utf-8", "replace")
        lines = [line for line in text.splitlines() if line.strip(_PASSED_BY)]
        cells = next(csv.reader(lines[-1:], delimiter=header.delimiter), [])
        if len(lines) > 1 and looks_like_totals(cells):
            label = next(cell for cell in cells if cell.strip())
            detail = (
                f"the last line of {file!r} begins with {label!r}, as a line of totals does: set "
                f"footer = 1 in {advice} to leave it out, or footer = 0 if it is a row like the "
                "others"
            )
            raise QueryError(self.source, detail)

    def _written(self, file: str, how: TableFormat, advice: str) -> Path:
        """A file's text in UTF-8, without what is below its rows."""
        path = self._new()
        encoding = how.encoding or "utf-8"
        try:
            with path.open("w", encoding="utf-8", newline="") as to:
                for line in _without_last(self._lines(file, encoding, advice), how.footer or 0):
                    to.write(line)
        except UnicodeDecodeError as error:
            detail = f"{file!r} is not {encoding} text: {error.reason}; set encoding in {advice}"
            raise QueryError(self.source, detail) from error
        except (OSError, EOFError, zlib.error) as error:
            detail = f"{file!r} cannot be read: {reason(error)}"
            raise QueryError(self.source, f"{detail}; it may be cut off or damaged") from error
        return path

    def _lines(self, file: str, encoding: str, advice: str) -> Iterator[str]:
        """The lines of a file with their ends; UTF-8 under another name is refused."""
        other = codecs.getincrementaldecoder("utf-8")()
        is_other = not codecs.lookup(encoding).name.startswith("utf")
        is_ascii, rest = True, ""
        decoder = codecs.getincrementaldecoder(encoding)()
        for held in chunks_of(file):
            if is_other:
                is_ascii = is_ascii and held.isascii()
                try:
                    other.decode(held, final=not held)
                except UnicodeDecodeError:
                    is_other = False
            *lines, rest = (rest + decoder.decode(held, final=not held)).split("\n")
            yield from (f"{line}\n" for line in lines)
        if is_other and not is_ascii:
            detail = f"{file!r} is UTF-8 text, and {advice} says that it is {encoding}"
            raise QueryError(self.source, f"{detail}; leave encoding out")
        if rest:
            yield rest


ROW = "\x1frow"
"""The column that holds the numbers of a sheet's rows; no text of a sheet begins so."""


def _without_last(lines: Iterator[str], count: int) -> Iterator[str]:
    """The lines but for the last ones that hold something, and whatever stands between them."""
    if not count:
        yield from lines
        return
    held: deque[list[str]] = deque()
    for line in lines:
        if line.strip(_PASSED_BY) or not held:
            held.append([line])
        else:
            held[-1].append(line)
        if len(held) > count:
            yield from held.popleft()


def _last_bytes(path: str) -> bytes:
    with Path(path).open("rb") as stream:
        stream.seek(max(0, Path(path).stat().st_size - _TAIL))
        return stream.read()


def _has_empty_line(path: str) -> bool:
    """Whether a file holds a line of separators alone; one within quotes counts as well."""
    with (
        Path(path).open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as held,
    ):
        return _EMPTY_LINE.search(held) is not None

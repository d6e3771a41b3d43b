"""What a CSV file's first lines say: the names of its columns, and what separates them."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

import attrs

from kpisdk.contracts.text_formats import DELIMITERS, TableFormat
from kpisdk.errors import QueryError

_LOOKED_AT = 1 << 16
"""How many characters of a file are looked at to find out what separates its columns."""


@attrs.frozen
class Header:
    """The columns of a CSV file by position, and the lines above them that are passed by.

    ``names`` are without the blanks around them; a column without a name is called by its position.
    """

    names: tuple[str, ...]
    delimiter: str
    lines_above: int = 0

    @property
    def repeated(self) -> frozenset[str]:
        """Names that stand for more than one column, case folded, as DuckDB compares them."""
        folded = [name.casefold() for name in self.names]
        return frozenset(name for name in folded if folded.count(name) > 1)


def is_compressed(file: str) -> bool:
    """Whether a file's name says that it is compressed."""
    return file.lower().endswith(".gz")


@contextmanager
def opened_text(file: str, errors: str = "strict") -> Iterator[TextIO]:
    """The text of a file, its line ends as they are."""
    opener: Any = gzip.open if is_compressed(file) else open
    with opener(file, "rt", encoding="utf-8-sig", errors=errors, newline="") as stream:
        yield stream


def read_header(
    source: str, file: str, how: TableFormat, advice: str, shown: str | None = None
) -> Header:
    """The header of a file of UTF-8 text.

    Args:
        source: the name that errors give the source.
        file: the file that is read.
        how: what separates columns, and in which line they are named, as far as that is said.
        advice: the setting that errors name, such as ``[sources.x.csv]``.
        shown: the file that errors name, where it is another one.

    Raises:
        QueryError: the file cannot be read, holds no line, is not UTF-8, or could be read in more
            than one way.
    """
    shown = shown or file
    beginning = _beginning(source, file, shown)
    if not beginning.strip("\r\n"):
        size = "holds blank lines alone" if beginning else "is empty (0 bytes)"
        raise QueryError(source, f"{shown!r} {size}: its first line must name the columns")
    _require_text(source, shown, beginning, advice)
    above = _blank_lines(beginning) if how.header is None else how.header - 1
    lines = beginning.splitlines(keepends=True)[above:]
    if not lines or not lines[0].strip("\r\n"):
        detail = f"{shown!r} holds nothing in line {above + 1}, which {advice} header names"
        raise QueryError(source, detail)
    is_cut = len(beginning) == _LOOKED_AT
    if how.delimiter is not None:
        names, delimiter = _rows(lines, how.delimiter, is_cut=is_cut)[0], how.delimiter
    else:
        names, delimiter = _first_row(source, shown, lines, advice, is_cut=is_cut)
    stripped = (name.strip() for name in names)
    return Header(
        tuple(name or f"column{position}" for position, name in enumerate(stripped)),
        delimiter,
        above,
    )


def _first_row(
    source: str, file: str, lines: Sequence[str], advice: str, *, is_cut: bool
) -> tuple[list[str], str]:
    rows = {each: _rows(lines, each, is_cut=is_cut) for each in DELIMITERS}
    named = [each for each, (first, *_) in rows.items() if len(first) > 1]
    fitting = [each for each in named if len({len(row) for row in rows[each]}) == 1]
    likely = named if len(named) == 1 else fitting
    if not named:
        return rows[","][0], ","
    if len(likely) == 1:
        return rows[likely[0]][0], likely[0]
    words = " or ".join(DELIMITERS[each] for each in likely or named)
    detail = f"whether {words} separates the columns of {file!r} cannot be told"
    raise QueryError(
        source,
        f"{detail}; set delimiter in {advice}, or put names that hold one into double quotes",
    )


_BYTE_ORDER = ("\udcff\udcfe", "\udcfe\udcff")
"""How UTF-16 begins where its bytes are taken for those of UTF-8."""


def _require_text(source: str, file: str, beginning: str, advice: str) -> None:
    # Without a byte order mark UTF-16 shows by the zeros beside its letters; one is a bad cell.
    first = beginning[:200]
    if beginning.startswith(_BYTE_ORDER) or first.count("\0") * 4 > len(first):
        what = f'not UTF-8 but UTF-16; set encoding = "utf-16" in {advice}'
        detail = f"{file!r}, line 1: {what}"
        raise QueryError(source, detail)
    try:
        beginning.encode()
    except UnicodeEncodeError as error:
        line = beginning.count("\n", 0, error.start) + 1
        raise QueryError(source, f"{file!r}, line {line}: {not_text(advice)}") from error


def not_text(advice: str) -> str:
    """What to do about a file that is not UTF-8."""
    return (
        "not UTF-8; save the file as UTF-8, or set encoding in "
        f'{advice} ("cp1252" is what Excel writes in Western Europe)'
    )


def _beginning(source: str, file: str, shown: str) -> str:
    try:
        with opened_text(file, errors="surrogateescape") as stream:
            return stream.read(_LOOKED_AT)
    except (OSError, EOFError, zlib.error) as error:
        raise QueryError(source, f"{shown!r} cannot be read: {reason(error)}") from error


def reason(error: Exception) -> str:
    """What an operating system or a decompressor says, without the file's name."""
    return str(getattr(error, "strerror", None) or error)


def _blank_lines(beginning: str) -> int:
    lines = io.StringIO(beginning, newline=None)
    return next(count for count, line in enumerate(lines) if line != "\n")


def _rows(lines: Sequence[str], delimiter: str, *, is_cut: bool) -> list[list[str]]:
    """The rows at a file's beginning, if this is what separates columns; one at least."""
    rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    return (rows[:-1] if is_cut and len(rows) > 1 else rows) or [[]]

"""What a CSV file's first lines say: the names of its columns, and what separates them."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import attrs

from kpisdk.errors import QueryError

DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
"""What may separate columns, and the words for it."""

_LOOKED_AT = 1 << 16
"""How many characters of a file are looked at to find out what separates its columns."""


@attrs.frozen
class Header:
    """The columns of a CSV file by position, and the lines above them that hold nothing.

    ``names`` are without the blanks around them; a column without a name is called by its position.
    """

    names: tuple[str, ...]
    delimiter: str
    blank_lines: int = 0

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


def read_header(source: str, file: str) -> Header:
    """The header of a file.

    Raises:
        QueryError: the file cannot be read, holds no line, is not UTF-8, or could be read in more
            than one way.
    """
    beginning = _beginning(source, file)
    if not beginning.strip("\r\n"):
        size = "holds blank lines alone" if beginning else "is empty (0 bytes)"
        raise QueryError(source, f"{file!r} {size}: its first line must name the columns")
    _require_text(source, file, beginning)
    names, delimiter = _first_row(source, file, beginning)
    stripped = (name.strip() for name in names)
    return Header(
        tuple(name or f"column{position}" for position, name in enumerate(stripped)),
        delimiter,
        _blank_lines(beginning),
    )


def _first_row(source: str, file: str, beginning: str) -> tuple[list[str], str]:
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
    raise QueryError(source, f"{detail}; put names that hold one into double quotes")


def _require_text(source: str, file: str, beginning: str) -> None:
    try:
        beginning.encode()
    except UnicodeEncodeError as error:
        line = beginning.count("\n", 0, error.start) + 1
        detail = f"{file!r}, line {line}: not UTF-8; save the file as UTF-8"
        raise QueryError(source, detail) from error


def _beginning(source: str, file: str) -> str:
    try:
        with opened_text(file, errors="surrogateescape") as stream:
            return stream.read(_LOOKED_AT)
    except (OSError, EOFError, zlib.error) as error:
        raise QueryError(source, f"{file!r} cannot be read: {reason(error)}") from error


def reason(error: Exception) -> str:
    """What an operating system or a decompressor says, without the file's name."""
    return str(getattr(error, "strerror", None) or error)


def _blank_lines(beginning: str) -> int:
    lines = io.StringIO(beginning, newline=None)
    return next(count for count, line in enumerate(lines) if line != "\n")


def _rows(beginning: str, delimiter: str) -> list[list[str]]:
    """The rows at a file's beginning, if this is what separates columns; one at least."""
    lines = io.StringIO(beginning, newline="")
    rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    cut = len(beginning) == _LOOKED_AT and len(rows) > 1
    return (rows[:-1] if cut else rows) or [[]]

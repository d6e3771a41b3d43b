"""CSV text: which encoding and delimiter a file has, found out before a row of it is believed."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import shutil
import zlib
from pathlib import Path
from typing import IO

import attrs

from kpisdk_edu_dkt.koryxa.datasets import SCHOOL_EVENTS
from kpisdk_edu_dkt.koryxa.errors import EventsError

CHUNK = 1 << 22
MOST_RATIO, MOST_UNPACKED = 200, 1 << 26
"""How much larger than its file a compressed log may be, once it is beyond 64 MiB."""
DELIMITERS = (",", ";", "\t", "|")
_KNOWN = frozenset(column.name for column in SCHOOL_EVENTS.columns)


@attrs.frozen
class CsvText:
    """A CSV file as it can be read: UTF-8 at ``path``, its delimiter and the names of its columns.

    Attributes:
        path: where it can be read as UTF-8.
        delimiter: what stands between cells.
        columns: their names.
        was_latin1: whether the original was not UTF-8 and was taken for Latin-1.
        is_gzip: whether the bytes at ``path`` are compressed.
    """

    path: Path
    delimiter: str
    columns: tuple[str, ...]
    was_latin1: bool
    is_gzip: bool = False


def csv_text(path: Path, scratch: Path) -> CsvText:
    """Look at a CSV file; one that is not UTF-8 is copied to ``scratch`` as UTF-8.

    Bytes that are no UTF-8 are taken for Latin-1, in which every byte is a character: names may
    then be spelt wrong, which the caller must say, but no row is lost.

    Args:
        path: the file.
        scratch: a folder for a copy.

    Raises:
        EventsError: the file is missing, empty, no text, or has no header.
    """
    try:
        if path.stat().st_size == 0:
            raise EventsError(str(path), "the file is empty.")
        is_utf8 = _is_utf8(path)
        readable = path if is_utf8 else _as_utf8(path, scratch / "utf8.csv")
        if is_utf8:
            readable = plainly_named(path, scratch)
        with _open(readable) as file, io.TextIOWrapper(file, "utf-8-sig", newline="") as lines:
            first = lines.readline(1 << 20)
    except OSError as error:
        reason = f"{error.strerror or error}."
        raise EventsError(str(path), reason) from error
    except (EOFError, zlib.error) as error:
        raise EventsError(str(path), f"it is damaged: {error}.") from error
    if not first.strip():
        raise EventsError(str(path), "its first line, which should name the columns, is empty.")
    delimiter = max(DELIMITERS, key=lambda each: len(_KNOWN.intersection(_names(first, each))))
    columns = _named(_names(first, delimiter))
    twice = _twice(columns)
    if twice is not None:
        raise EventsError(str(path), twice)
    return CsvText(readable, delimiter, columns, not is_utf8, _is_gzip(readable))


def _names(line: str, delimiter: str) -> tuple[str, ...]:
    cells = next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    return tuple(cell.strip() for cell in cells)


def _named(cells: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the columns; one without a name, such as a frame's index, gets its place."""
    return tuple(cell or f"column {place}" for place, cell in enumerate(cells, 1))


def _twice(columns: tuple[str, ...]) -> str | None:
    """What is wrong with columns of one name; the engine takes no two that differ in case alone."""
    seen: dict[str, str] = {}
    for name in columns:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            return f"columns {other!r} and {name!r} differ in upper and lower case alone."
        if columns.count(name) > 1:
            return f"column {name!r} stands in its first line twice."
    return None


def plainly_named(path: Path, scratch: Path) -> Path:
    """The file under a name without signs: ``events[1].csv`` is no pattern, ``~`` no home.

    Args:
        path: the file.
        scratch: a folder for a link.
    """
    plain = scratch / f"events{path.suffix.lower()}"
    try:
        plain.symlink_to(path.absolute())
    except (OSError, NotImplementedError):  # where links need a right
        shutil.copyfile(path, plain)
    return plain


def _is_gzip(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if _is_gzip(path) else path.open("rb")  # type: ignore[return-value]


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with _open(path) as file:
        start = file.read(CHUNK)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start:
            reason = "it is UTF-16 or no text at all. Save it as CSV in UTF-8."
            raise EventsError(str(path), reason)
        most = max(MOST_UNPACKED, MOST_RATIO * path.stat().st_size)
        size = 0
        try:
            while start:
                size += len(start)
                if size > most:
                    reason = f"it unpacks to more than {MOST_RATIO} times its size: no log does."
                    raise EventsError(str(path), reason)
                decoder.decode(start)
                start = file.read(CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _as_utf8(path: Path, target: Path) -> Path:
    with _open(path) as file, target.open("w", encoding="utf-8", newline="") as copy:
        while block := file.read(CHUNK):
            copy.write(block.decode("latin-1"))
    return target

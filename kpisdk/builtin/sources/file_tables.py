"""Which tables the files of a place make up: a file each, or a folder of parts."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from kpisdk.errors import SourceUnavailableError, listed

SUFFIXES = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
"""File endings that are read, and the format they stand for."""

_LOGS = ("_delta_log", ".hoodie")
"""Logs that say which of a folder's files count; all of them together are not the table."""


@attrs.frozen
class FileTable:
    """A table's files; ``fault`` says why they are not the whole of it."""

    name: str
    format: str
    files: tuple[str, ...]
    fault: str | None = None


@attrs.frozen
class Place:
    """A file, a folder or a pattern of files; ``source`` is the name that errors give it."""

    source: str
    location: str

    def tables(self) -> list[FileTable]:
        """The tables by their files.

        Raises:
            SourceUnavailableError: there is nothing, none of it can be read, or a name is that of
                two tables.
        """
        with self._reachable():
            paths = self._paths()
            if not paths:
                is_empty = Path(self.location).is_dir()
                detail = (
                    f"folder {self.location!r} is empty"
                    if is_empty
                    else f"there is no file or folder {self.location!r}"
                )
                raise SourceUnavailableError(self.source, detail)
            tables = [table for each in paths if (table := _table(each)) is not None]
        if not tables:
            detail = f"{self.location!r} holds none of {listed(SUFFIXES)} files"
            raise SourceUnavailableError(self.source, detail)
        names = [table.name for table in tables]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            detail = f"more than one file stands for table {listed(twice)}; keep one"
            raise SourceUnavailableError(self.source, detail)
        return tables

    def folders(self) -> dict[str, Path]:
        """The folders of the place by name, whatever they hold."""
        with self._reachable():
            return {path.name: path for path in self._paths() if path.is_dir()}

    def _paths(self) -> list[Path]:
        path = Path(self.location)
        if path.is_dir():
            return sorted(path.iterdir())
        if path.is_file():
            return [path]
        beginning, pattern = _literal(path)
        found = glob.glob(pattern, root_dir=beginning)  # noqa: PTH207 - Path knows no root
        return sorted(beginning / each for each in found)

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where = error.filename or self.location
            detail = f"{str(where)!r} cannot be looked at: {error.strerror or error}"
            raise SourceUnavailableError(self.source, detail) from error


def _literal(path: Path) -> tuple[Path, str]:
    """The part of a pattern that exists as it is written, and the rest, which is a pattern."""
    parts = path.parts
    literal = Path(parts[0]) if path.is_absolute() else Path()
    rest = list(parts[1:] if path.is_absolute() else parts)
    while len(rest) > 1 and (literal / rest[0]).is_dir():
        literal /= rest.pop(0)
    return literal, os.path.join(*rest) if rest else ""  # noqa: PTH118 - a pattern is no path


def _ending(path: Path) -> str | None:
    name = path.name.lower()
    return next(
        (suffix for suffix in sorted(SUFFIXES, key=len)[::-1] if name.endswith(suffix)), None
    )


def _table(path: Path) -> FileTable | None:
    if path.is_dir():
        return _folder(path)
    ending = _ending(path)
    if ending is None or not path.exists():  # a link may lead nowhere
        return None
    name = path.name[: -len(ending)]
    return FileTable(name, SUFFIXES[ending], (str(path),), _unnameable([path]))


def _folder(folder: Path) -> FileTable | None:
    try:
        return _parts(folder)
    except OSError as error:
        # Another table of the source is none the worse for it.
        fault = f"the folder {str(folder)!r} cannot be looked at: {error.strerror or error}"
        return FileTable(folder.name, "csv", (), fault)


def _parts(folder: Path) -> FileTable | None:
    """The table whose parts a folder holds; a part that would be left out is a fault of it."""
    inside = sorted(folder.iterdir())
    shown = [each for each in inside if not each.name.startswith(".")]
    parts = [each for each in shown if each.is_file() and _ending(each) is not None]
    if not parts:
        return None
    formats = sorted({SUFFIXES[_ending(part) or ""] for part in parts})
    others = [each.name for each in shown if each not in parts and not each.name.startswith("_")]
    logs = [each.name for each in inside if each.name in _LOGS]
    fault = None
    if logs:
        fault = f"holds {logs[0]!r}, a log of which of its files count, and logs are not read"
    elif others:
        names = listed(map(repr, others))
        fault = (
            f"holds {names} beside its parts, which would be left out: move them away, or begin "
            f"their names with '_' (parts are {listed(SUFFIXES)} files, and none in a folder below)"
        )
    elif len(formats) > 1:
        fault = f"holds {listed(formats)} files: the parts of a table are of one format"
    files = tuple(str(part) for part in parts)
    fault = (fault and f"the folder {str(folder)!r} {fault}") or _unnameable(parts)
    return FileTable(folder.name, formats[0], files, fault)


def _unnameable(paths: list[Path]) -> str | None:
    """A name that DuckDB cannot be given: no text, or a pattern's signs that it cannot escape."""
    for path in paths:
        if "\\" in str(path) and any(sign in str(path) for sign in "[*?"):
            what = "holds a backslash beside '[', '*' or '?'"
            return f"the name of file {str(path)!r} {what}; rename it"
        try:
            str(path).encode()
        except UnicodeEncodeError:
            return f"the name of file {str(path)!r} is not UTF-8; rename it"
    return None

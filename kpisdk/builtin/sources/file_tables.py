"""Which tables the files of a place make up: a file each, or a folder of parts."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import attrs

from kpisdk.builtin.sources.workbooks import fault_of, sheets_of
from kpisdk.errors import KpisdkError, SourceUnavailableError, listed

SUFFIXES = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".csv.zst": "csv",
    ".tsv": "csv",
    ".tsv.gz": "csv",
    ".tsv.zst": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "sheet",
    ".xlsm": "sheet",
    ".ods": "sheet",
}
"""File endings that are read, and the format they stand for."""

_OPENED = "~$"
"""How the names of files begin that Excel keeps beside a workbook while it is open."""

_LOGS = ("_delta_log", ".hoodie")
"""Logs that say which of a folder's files count; all of them together are not the table."""


@attrs.frozen
class FileTable:
    """A table's files; ``fault`` says why they are not the whole of it.

    ``sheet`` is the sheet of a workbook that holds the table; ``None`` stands for the only one.
    ``alias`` is another name that the table goes by where no other one has it.
    """

    name: str
    format: str
    files: tuple[str, ...]
    fault: str | None = None
    sheet: str | None = None
    alias: str | None = None


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
            tables = [table for each in paths for table in _tables(each)]
        if not tables:
            detail = f"{self.location!r} holds none of {listed(SUFFIXES)} files"
            raise SourceUnavailableError(self.source, detail)
        names = [table.name for table in tables]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            detail = f"more than one file stands for table {listed(twice)}; keep one"
            raise SourceUnavailableError(self.source, detail)
        return tables

    def named(self) -> Mapping[str, FileTable]:
        """The tables by all names that they go by; see :meth:`tables`."""
        return Named(self.tables())

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


class Named(Mapping[str, FileTable]):
    """Tables by their names, by names in another case, and by the names of their workbooks.

    A name that may mean two tables in this way means none.
    """

    def __init__(self, tables: Iterable[FileTable]) -> None:
        self._tables = {table.name: table for table in tables}

    def __getitem__(self, name: str) -> FileTable:
        if name in self._tables:
            return self._tables[name]
        folded = name.casefold()
        alike = [each for each in self._tables.values() if each.name.casefold() == folded]
        called = [each for each in self._tables.values() if (each.alias or "").casefold() == folded]
        found = alike or called
        if len(found) != 1:
            raise KeyError(name)
        return found[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


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


def _tables(path: Path) -> Iterator[FileTable]:
    """The tables of a file or a folder of parts: one for each sheet of a workbook, or one."""
    if path.is_dir():
        table = _folder(path)
        if table is not None:
            yield table
        return
    ending = _ending(path)
    if ending is None or not path.exists():  # a link may lead nowhere
        return
    name = path.name[: -len(ending)]
    if SUFFIXES[ending] != "sheet":
        yield FileTable(name, SUFFIXES[ending], (str(path),), _unnameable([path]))
    elif not path.name.startswith(_OPENED):
        yield from _sheets(name, str(path))


def _sheets(name: str, file: str) -> Iterator[FileTable]:
    """A table for each sheet of a workbook; the only one that shows goes by the file's name too."""
    try:
        sheets = sheets_of(file)
    except KpisdkError as error:
        # Another table of the source is none the worse for it.
        yield FileTable(name, "sheet", (file,), fault_of(error))
        return
    shown = [sheet for sheet in sheets if sheet.is_shown]
    for sheet in sheets:
        hidden = "" if sheet.is_shown else f"sheet {sheet.name!r} of {file!r} is hidden: show it"
        alias = name if shown == [sheet] else None
        yield FileTable(sheet.name, "sheet", (file,), hidden or None, sheet.name, alias)


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

"""A first look at the tables of a source: their columns, and values of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from kpisdk.builtin.sources.file_samples import FileSample, sample_of
from kpisdk.builtin.sources.file_source import FilesSource
from kpisdk.contracts.source_kinds import ListingSession, Source
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import KpisdkError, SourceUnavailableError


@attrs.frozen
class ColumnSeen:
    """A column: its type where the source has types, and the values that were seen.

    ``texts`` are values that are texts of a file, and may be written in any way.
    """

    name: str
    logical: LogicalType | None = None
    texts: tuple[str, ...] = ()
    has_values: bool = False
    """Whether a sheet holds numbers, days or truth values in it."""


@attrs.frozen
class TableSeen:
    """A table: its columns by name, and how its file is laid out (``None``: it is no such file)."""

    name: str
    columns: Mapping[str, ColumnSeen]
    sample: FileSample | None = None


@attrs.frozen
class Look:
    """The tables of a source, and what could not be looked at."""

    tables: tuple[TableSeen, ...]
    unread: tuple[str, ...] = ()


def look_at(source: Source) -> Look:
    """The tables of a source.

    Raises:
        SourceUnavailableError: it cannot be opened, or does not tell its tables.
    """
    found: list[TableSeen] = []
    unread: list[str] = []
    texts: set[str] = set()
    if isinstance(source, FilesSource):
        for table in source.tables():
            if table.format == "parquet":
                continue
            texts.add(table.name)
            try:
                found.append(_of_sample(sample_of(source.options.name, table)))
            except KpisdkError as error:
                unread.append(error.message)
    with source.session() as session:
        if not isinstance(session, ListingSession):
            name = source.identity.name
            raise SourceUnavailableError(name, "it does not tell which tables there are")
        for name in session.tables():
            if name in texts:
                continue
            try:
                columns = session.columns(name) or ()
            except KpisdkError as error:
                unread.append(error.message)
                continue
            seen = {each.name: ColumnSeen(each.name, each.logical) for each in columns}
            found.append(TableSeen(name, seen))
    return Look(tuple(found), tuple(unread))


def _of_sample(sample: FileSample) -> TableSeen:
    columns = {}
    for place, name in enumerate(sample.names):
        cells = [row[place] for row in sample.rows if place < len(row)]
        texts = tuple(cell for cell in cells if isinstance(cell, str) and cell.strip())
        columns[name] = ColumnSeen(
            name,
            _kind(cells),
            texts,
            any(not isinstance(cell, str) for cell in cells),
        )
    return TableSeen(sample.table, columns, sample)


def _kind(cells: list[Any]) -> LogicalType | None:
    """The type of a sheet's values, where all are of one; ``None`` for texts."""
    kinds = set(_kinds(cells))
    return kinds.pop() if len(kinds) == 1 else None


def _kinds(cells: list[Any]) -> Iterator[LogicalType | None]:
    import datetime as dt

    for cell in cells:
        if isinstance(cell, str):
            if cell.strip():
                yield None
        elif isinstance(cell, bool):
            yield LogicalType.BOOL
        elif isinstance(cell, int | float):
            yield LogicalType.FLOAT
        elif isinstance(cell, dt.date):
            yield LogicalType.TIMESTAMP

"""A raw table as a frame, through any source that the SDK can open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from kpisdk import UsageError, command_workspace
from kpisdk_causal.errors import UnknownColumnsError
from kpisdk_causal.tables.written_numbers import with_numbers_read


@attrs.define(eq=False)
class UnknownTableError(UsageError):
    """A table that the source does not have, or none named where there are several.

    Attributes:
        dataset: the name that was given, if one was.
        source: where it was looked for.
    """

    dataset: str | None
    source: str | None

    template = "{_place} {_fault}"

    @property
    def _place(self) -> str:
        return "The source of the settings" if self.source is None else f"{self.source!r}"

    @property
    def _fault(self) -> str:
        if self.dataset is None:
            return "may hold several tables: name one with --dataset."
        return f"has no table {self.dataset!r}. Check --dataset and --source."


def read_frame(
    source: str | None,
    dataset: str | None,
    columns: Sequence[str] = (),
    further: Sequence[str] = (),
) -> Any:
    """Read a table.

    Args:
        source: URL, file, folder or name from the settings; ``None`` takes the settings' own.
        dataset: table; for a single file its name without the suffix.
        columns: those to read; all without any (and without ``further`` ones).
        further: those to read where the table has them.

    Returns:
        A pandas frame; where all columns are text, those that hold numbers are read as such.

    Raises:
        UnknownTableError: no such table, or none named.
        UnknownColumnsError: columns that the table does not have, all of them.
        SourceUnavailableError: no such source.
    """
    import sqlalchemy as sa

    name = dataset or _stem(source)
    if name is None:
        raise UnknownTableError(dataset, source)
    with command_workspace(source) as workspace, workspace.open_source().session() as session:
        found = session.columns(name)
        if found is None:
            raise UnknownTableError(name, source)
        there = [column.name for column in found]
        present = (name for name in further if name in there)
        wanted = list(dict.fromkeys((*columns, *present)))
        if not columns and not further:
            wanted = there
        absent = tuple(column for column in wanted if column not in there)
        if absent:
            raise UnknownColumnsError(absent, tuple(there))
        if not wanted:
            raise UnknownColumnsError(tuple(further), tuple(there))
        schema, _, plain = name.rpartition(".")
        if getattr(session, "whole_names", False):
            schema, plain = "", name
        table = sa.table(plain, *(sa.column(column) for column in wanted), schema=schema or None)
        return with_numbers_read(session.frame(sa.select(*table.c)))


def _stem(source: str | None) -> str | None:
    if source is None or not Path(source).is_file():
        return None
    path = Path(source)
    return path.stem if path.suffix.lower() in {".csv", ".parquet"} else None

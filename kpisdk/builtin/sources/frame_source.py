"""Frames as a source: registered with an in-memory DuckDB, and never changed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from kpisdk.builtin.sources.database_identity import fingerprint
from kpisdk.builtin.sources.duckdb_source import duckdb_engine, duckdb_session
from kpisdk.builtin.sources.frame_identity import frame_identity
from kpisdk.builtin.sources.frame_kinds import FrameTable, frame_table
from kpisdk.builtin.sources.pandas_numbers import NOTHING
from kpisdk.builtin.sources.typed_views import DUCKDB_TYPES, make_view, quoted
from kpisdk.builtin.sources.unreadable_columns import refusal, refused
from kpisdk.contracts.results import SourceIdentity
from kpisdk.contracts.source_kinds import Session, SourceOptions
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import KpisdkError, Problem, ProblemsError, QueryError, listed

_NESTED = ("STRUCT", "MAP", "UNION")


class FramesSource:
    """A mapping of table names to frames: pandas, polars, Arrow tables, DuckDB relations."""

    def __init__(self, frames: Mapping[str, Any], options: SourceOptions) -> None:
        tables = {name: frame_table(frame) for name, frame in frames.items()}
        problems = [
            Problem(str(name), table) for name, table in tables.items() if isinstance(table, str)
        ]
        if problems:
            raise ProblemsError("The mapping of frames", problems)
        self._tables = {
            name: table for name, table in tables.items() if isinstance(table, FrameTable)
        }
        self._options = options
        # Two sources of frames are never taken for one another by a cache.
        self._fingerprint = fingerprint("frames", uuid.uuid4())

    @property
    def identity(self) -> SourceIdentity:
        return SourceIdentity(self._options.name, "frames", self._fingerprint)

    @property
    def retries(self) -> int:
        return 0

    def session(self) -> AbstractContextManager[Session]:
        return duckdb_session(
            duckdb_engine("duckdb:///:memory:", {}),
            self._options,
            self._provide,
            explain=self._explain,
            names=lambda: list(self._tables),
            whole_names=True,
            identify=self._identify,
        )

    def _identify(self, _connection: Any, name: str) -> str | None:
        table = self._tables.get(name)
        return "" if table is None else frame_identity(table.frame)

    def _provide(self, connection: Any, name: str) -> None:
        table = self._tables.get(name)
        if table is None:
            return
        folded = [column.casefold() for column in table.columns()]
        twice = [each for each in table.columns() if folded.count(each.casefold()) > 1]
        if twice:
            detail = f"frame {name!r} names column {listed(map(repr, dict.fromkeys(twice)))} twice"
            raise QueryError(self._options.name, f"{detail}; keep one")
        declared = self._options.types.get(name, {})
        raw = f"kpisdk_frame_{name}"
        instead = {}
        casts, unreadable = table.register(connection, raw)
        for column, type_ in casts.items():
            if type_ == NOTHING and column in declared:
                continue  # it is what it is declared to be
            instead[column] = f"CAST({quoted(column)} AS {type_})"
        for column, why in unreadable.items():
            instead[column] = refusal(
                f"column {column!r} of frame {name!r} {why}", _type(declared.get(column))
            )
        for column, native in _described(connection, raw):
            nested = native.startswith(_NESTED) or native.endswith("]")
            if nested and declared.get(column) is LogicalType.JSON:
                why = (
                    f"column {column!r} of frame {name!r} holds dicts or lists ({native[:60]}); "
                    f"JSON is read from text: convert them, as frame[{column!r}].map(json.dumps)"
                )
                instead[column] = refusal(why, "VARCHAR")
        make_view(connection, name, quoted(raw), declared, instead)

    def _explain(self, _connection: Any, message: str) -> KpisdkError | None:
        return refused(self._options.name, message)


def _type(declared: LogicalType | None) -> str:
    return DUCKDB_TYPES[declared or LogicalType.TEXT]


def _described(connection: Any, raw: str) -> list[tuple[str, str]]:
    described = connection.execute(f"DESCRIBE SELECT * FROM {quoted(raw)}").fetchall()
    return [(column, native) for column, native, *_ in described]

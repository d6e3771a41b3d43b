"""The kinds of frames that a program may hand over, and how DuckDB is made to read each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import attrs

from kpisdk.builtin.sources.typed_views import quoted
from kpisdk.errors import MissingDependencyError

KINDS = "a pandas or polars frame, an Arrow table, or a DuckDB relation"
"""What can be the value of a mapping of frames, in words."""


@attrs.frozen(eq=False)
class FrameTable(ABC):
    """A frame as a table."""

    frame: Any

    @abstractmethod
    def columns(self) -> Sequence[str]:
        """The names of its columns, in their order."""

    @abstractmethod
    def part(self, columns: Sequence[str]) -> Any:
        """These columns of the frame, as something that DuckDB can register."""

    def exact(self) -> tuple[FrameTable, dict[str, str]]:
        """The frame with what DuckDB would misread made into text, and the types to cast it to."""
        return self, {}

    def register(self, connection: Any, name: str) -> tuple[dict[str, str], dict[str, str]]:
        """Make the frame a table of a DuckDB connection.

        Returns:
            Columns to cast, with the types to cast them to; and columns that DuckDB cannot read,
            with what is wrong with each. The table is made without these.
        """
        table, casts = self.exact()
        try:
            _register(connection, name, table.part(table.columns()))
        except Exception:  # noqa: BLE001 - DuckDB, Arrow and each library have their own
            return casts, table.register_readable(connection, name)
        return casts, table.unreliable()

    def register_readable(self, connection: Any, name: str) -> dict[str, str]:
        """Make a table of the columns that can be read; returns what is wrong with the others."""
        faults = dict(self.unreliable())
        for column in self.columns():
            if column in faults:
                continue
            try:
                _register(connection, name, self.part([column]))
            except Exception as error:  # noqa: BLE001 - as above
                said = " ".join(str(error).split())[:120]
                faults[column] = f"cannot be read ({said}); convert it, or leave it out"
        readable = [column for column in self.columns() if column not in faults]
        _register(connection, name, self.part(readable))
        return faults

    def unreliable(self) -> dict[str, str]:
        """Columns that DuckDB reads as something that they do not hold."""
        return {}


def frame_table(frame: Any) -> FrameTable | str:
    """A frame as a table, or what is wrong with it as one."""
    for base in type(frame).__mro__:
        kind = _BY_TYPE.get((base.__module__.partition(".")[0], base.__name__))
        if kind is not None:
            return kind(frame)
    what = f"is a {type(frame).__module__.partition('.')[0]} {type(frame).__name__}"
    if type(frame).__module__ == "builtins":
        what = f"is a {type(frame).__name__}"
    if hasattr(frame, "to_frame"):
        return f"{what}, not a frame with columns; give {type(frame).__name__}.to_frame()"
    if hasattr(frame, "__arrow_c_stream__"):
        return _Arrow(_arrow_table(frame))
    return f"{what}, not a frame with columns ({KINDS})"


def _register(connection: Any, name: str, part: Any) -> None:
    connection.register(name, part)
    # What cannot be read is found out when it is described, or when its first rows are read.
    connection.execute(f"SELECT * FROM {quoted(name)} LIMIT 1").fetchall()


@attrs.frozen
class _Stream:
    """Something that hands out its rows by Arrow's interface of C, anew each time."""

    frame: Any

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)


class _Pandas(FrameTable):
    def columns(self) -> Sequence[str]:
        return [str(column) for column in self.frame.columns]

    def part(self, columns: Sequence[str]) -> Any:
        if list(columns) == self.columns():
            return self.frame
        positions = [place for place, name in enumerate(self.columns()) if name in columns]
        return self.frame.iloc[:, positions]

    def exact(self) -> tuple[FrameTable, dict[str, str]]:
        from kpisdk.builtin.sources.pandas_numbers import exact_numbers

        frame, casts = exact_numbers(self.frame)
        return _Pandas(frame), casts


class _Polars(FrameTable):
    def columns(self) -> Sequence[str]:
        return list(self.frame.columns)

    def part(self, columns: Sequence[str]) -> Any:
        return _Stream(self.frame.select(list(columns)))

    def unreliable(self) -> dict[str, str]:
        # DuckDB reads the addresses of Python's objects.
        return {
            name: "holds Python objects; convert them, or leave it out"
            for name, type_ in self.frame.schema.items()
            if str(type_) == "Object"
        }


def _lazy(frame: Any) -> FrameTable:
    return _Polars(frame.collect())


class _Arrow(FrameTable):
    def columns(self) -> Sequence[str]:
        return list(self.frame.schema.names)

    def part(self, columns: Sequence[str]) -> Any:
        return _Stream(self.frame.select(list(columns)))


def _arrow_table(frame: Any) -> Any:
    """An Arrow table of what may give its rows only once."""
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingDependencyError(
            "pyarrow", f"A {type(frame).__name__} as a frame", "pip install 'kpisdk[frames]'"
        ) from error
    return pa.table(frame)


def _read_once(frame: Any) -> FrameTable:
    return _Arrow(_arrow_table(frame))


class _Relation(FrameTable):
    """A DuckDB relation, which only its own connection can read: a session copies its rows."""

    def columns(self) -> Sequence[str]:
        return list(self.frame.columns)

    def part(self, columns: Sequence[str]) -> Any:
        return _Stream(self.frame.project(", ".join(map(quoted, columns))))

    def register(self, connection: Any, name: str) -> tuple[dict[str, str], dict[str, str]]:
        copy_rows(connection, name, self.frame)
        return {}, {}


def copy_rows(connection: Any, name: str, relation: Any) -> None:
    """A temporary table of the rows that a relation of another connection has now."""
    passing = f"{name}_passing"
    connection.register(passing, _Stream(relation))
    connection.execute(f"CREATE TEMP TABLE {quoted(name)} AS FROM {quoted(passing)}")
    connection.unregister(passing)


_BY_TYPE = {
    ("pandas", "DataFrame"): _Pandas,
    ("polars", "DataFrame"): _Polars,
    ("polars", "LazyFrame"): _lazy,
    ("pyarrow", "Table"): _Arrow,
    ("pyarrow", "RecordBatch"): _read_once,
    ("pyarrow", "RecordBatchReader"): _read_once,
    ("duckdb", "DuckDBPyRelation"): _Relation,
    ("_duckdb", "DuckDBPyRelation"): _Relation,
}
"""Kinds by the library and the name of a type; nothing heavy is imported to tell them."""

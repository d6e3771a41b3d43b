"""Pandas frames as a source: registered with an in-memory DuckDB, never copied or changed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from kpisdk.builtin.sources.duckdb import duckdb_engine, duckdb_session
from kpisdk.builtin.sources.file_identity import fingerprint
from kpisdk.builtin.sources.frame_identity import frame_identity
from kpisdk.builtin.sources.views import make_view, quoted
from kpisdk.contracts.results import SourceIdentity
from kpisdk.contracts.sources import Session, SourceOptions
from kpisdk.errors import Problem, ProblemsError


class FramesSource:
    """A mapping of table names to pandas frames."""

    def __init__(self, frames: Mapping[str, Any], options: SourceOptions) -> None:
        problems = [
            Problem(str(name), f"is a {type(frame).__name__}, not a frame with columns")
            for name, frame in frames.items()
            if not hasattr(frame, "columns")
        ]
        if problems:
            raise ProblemsError("The mapping of frames", problems)
        self._frames = dict(frames)
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
        engine = duckdb_engine("duckdb:///:memory:", {})
        return duckdb_session(engine, self._options, self._provide, identify=self._identify)

    def _identify(self, _connection: Any, name: str) -> str | None:
        return frame_identity(self._frames.get(name))

    def _provide(self, connection: Any, name: str) -> None:
        if name in self._frames:
            raw = f"kpisdk_frame_{name}"
            connection.register(raw, self._frames[name])
            make_view(connection, name, quoted(raw), self._options.types.get(name, {}))

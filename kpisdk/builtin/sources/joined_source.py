"""Tables of several sources as one: DuckDB reads files and its own databases, others are copied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import attrs

from kpisdk.builtin.sources.copied_tables import copy_table
from kpisdk.builtin.sources.database_identity import fingerprint
from kpisdk.builtin.sources.duckdb_source import DuckdbSource, duckdb_engine, duckdb_session
from kpisdk.builtin.sources.file_source import FileReading, FilesSource
from kpisdk.builtin.sources.typed_views import create_view, quoted, text
from kpisdk.contracts.results import SourceIdentity
from kpisdk.contracts.source_kinds import (
    IdentifiedSession,
    LocatingSession,
    Session,
    Source,
    SourceOptions,
)
from kpisdk.contracts.table_names import readings
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import KpisdkError
from kpisdk.sql.bound_tables import BoundTable


@attrs.frozen
class PlacedTable:
    """Where the table of a dataset lies.

    Attributes:
        place: the name of its source.
        physical: what it is called there.
        declared: the columns that KPIs read, by their names there, with the types they are read as.
        further: other columns that a request names.
    """

    place: str
    physical: str
    declared: Mapping[str, LogicalType]
    further: frozenset[str] = frozenset()


@attrs.frozen
class JoinedSource:
    """Tables of several sources, each by the name of its dataset.

    Every source is read in a session of its own, opened when the first of its tables is needed and
    kept to the end, so that all tables of one source are of one snapshot of it. There is no
    snapshot across sources: nothing can give one.

    Attributes:
        sources: the sources by name.
        tables: the tables by the names of their datasets.
        options: name, time limit and retries of the whole.
    """

    sources: Mapping[str, Source]
    tables: Mapping[str, PlacedTable]
    options: SourceOptions

    @property
    def identity(self) -> SourceIdentity:
        facts: list[object] = ["joined"]
        for name in sorted(self.sources):
            facts += [name, self.sources[name].identity.fingerprint]
        for dataset, table in sorted(self.tables.items()):
            facts += [dataset, table.place, table.physical]
        return SourceIdentity(self.options.name, "joined", fingerprint(*facts))

    @property
    def retries(self) -> int:
        return self.options.retries

    @contextmanager
    def session(self) -> Iterator[Session]:
        with ExitStack() as stack:
            joining = _Joining(self.sources, self.tables, stack)
            session = duckdb_session(
                duckdb_engine("duckdb:///:memory:", {}),
                self.options,
                joining.provide,
                joining.confirm,
                joining.explain,
                lambda _connection, _dataset: joining.identity(),
                names=lambda: list(self.tables),
                whole_names=True,
            )
            yield stack.enter_context(session)


@attrs.define
class _Joining:
    """The tables of one session: what is open, and what watches over the files behind them."""

    sources: Mapping[str, Source]
    tables: Mapping[str, PlacedTable]
    stack: ExitStack
    _open: dict[str, Session] = attrs.field(factory=dict)
    _attached: dict[str, str] = attrs.field(factory=dict)
    _readings: list[FileReading] = attrs.field(factory=list)
    _identities: dict[str, str | None] = attrs.field(factory=dict)

    def provide(self, connection: Any, dataset: str) -> None:
        """Make the view of a dataset, where its source has the table."""
        table = self.tables.get(dataset)
        if table is None:
            return
        source = self.sources[table.place]
        if isinstance(source, FilesSource):
            reading = source.reading({table.physical: dataset})
            self._readings.append(reading)
            reading.provide(connection, table.physical)
            return
        session = self._session(table.place)
        columns = session.columns(table.physical)
        if columns is None:
            return
        located = session.path(table.physical) if isinstance(session, LocatingSession) else ()
        path = located or readings(table.physical)[0]
        if isinstance(source, DuckdbSource):
            self._view(connection, dataset, source, table.place, path)
            return
        wanted = {*table.declared, *table.further}
        bound = BoundTable(
            dataset,
            table.physical,
            session.dialect,
            {column.name: column for column in columns if column.name in wanted},
            table.declared,
            path=path,
        )
        copy_table(connection, dataset, session, bound, table.place)

    def _session(self, place: str) -> Session:
        if place not in self._open:
            self._open[place] = self.stack.enter_context(self.sources[place].session())
        return self._open[place]

    def _view(
        self, connection: Any, dataset: str, source: DuckdbSource, place: str, path: tuple[str, ...]
    ) -> None:
        """A view over a table of a database file, which is attached read-only for it."""
        if place not in self._attached:
            alias = f"kpisdk_source_{len(self._attached) + 1}"
            location = text(str(source.path.absolute()))
            connection.execute(f"ATTACH {location} AS {alias} (READ_ONLY)")
            self._attached[place] = alias
        *places, name = path
        schema = places[-1] if places else "main"
        where = ".".join(map(quoted, (self._attached[place], schema, name)))
        create_view(connection, dataset, f"SELECT * FROM {where}")

    def confirm(self) -> None:
        """See that no file was replaced that was read."""
        for reading in self._readings:
            reading.confirm()

    def explain(self, connection: Any, message: str) -> KpisdkError | None:
        """What is known of a failure by those who know the files."""
        found = (reading.explain(connection, message) for reading in self._readings)
        return next((each for each in found if each is not None), None)

    def identity(self) -> str | None:
        """What the rows of all tables depend on beside the fingerprints of their sources.

        A slice may read any of them, whichever table a KPI is said to be of.
        """
        if not self._identities:
            self._identities = {
                dataset: self._identity(table) for dataset, table in sorted(self.tables.items())
            }
        known = [each for each in self._identities.values() if each is not None]
        return None if len(known) < len(self._identities) else "\0".join(known)

    def _identity(self, table: PlacedTable) -> str | None:
        if isinstance(self.sources[table.place], FilesSource):
            return ""
        session = self._session(table.place)
        return session.identity(table.physical) if isinstance(session, IdentifiedSession) else ""

"""The contract of a kind of source: its rows are those that are there, and nothing is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

from kpisdk.contracts.datasets import Column, Dataset
from kpisdk.contracts.source_kinds import Session, Source, SourceKind, SourceOptions
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import KpisdkError
from kpisdk.testing.checks.doors import STRANGE
from kpisdk.testing.generating import Recipe
from kpisdk.testing.outcomes import NoSubjectError, broken, inapplicable, same

VISITS = Dataset(
    "contract_visits",
    (
        Column("visit_id", LogicalType.TEXT, key=True),
        Column("at", LogicalType.TIMESTAMP),
        Column("day", LogicalType.DATE),
        Column("site", LogicalType.TEXT),
        Column("amount", LogicalType.FLOAT),
        Column("units", LogicalType.INT),
        Column("done", LogicalType.BOOL),
    ),
    time="at",
)
"""The table that a source is given."""

Locate: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""From frames by table to the location of a source that holds them."""


def visits(seed: int = 7) -> dict[str, Any]:
    """Sixty visits with holes, odd texts and instants to the microsecond, as a frame."""
    as_of = dt.datetime(2025, 7, 1, tzinfo=dt.UTC)
    return Recipe({VISITS.name: VISITS}, {}, {}, rows=60, as_of=as_of, seed=seed).frames()


class SourceContract:
    """What every kind of source promises: inherit from it, and say where rows are put.

    ::

        class TestContract(SourceContract):
            kind = SourceKind("mine", accepts, open)

            def location(self, folder, frames, datasets):
                ...  # write the pandas frames somewhere
                return "mine://there"

    Checks: ``knows_its_locations``, ``has_an_identity``, ``tells_sources_apart``,
    ``finds_tables``, ``reads_every_value``, ``gives_frames``, ``reads_again``,
    ``fails_with_our_errors``, ``writes_nothing``, ``shows_statements``.

    A source that makes its rows itself names one of its tables in ``table``; what needs rows of
    ours does not apply to it then.
    """

    contract_of: ClassVar[str] = "source"
    kind: ClassVar[SourceKind | None] = None
    table: ClassVar[str | None] = None

    def location(
        self,
        folder: Path,  # noqa: ARG002 - for those who override it
        frames: Mapping[str, Any],  # noqa: ARG002 - the same
        datasets: Iterable[Dataset],  # noqa: ARG002 - the same
    ) -> Any:
        """Where a source lies that holds the frames; ``folder`` is empty, and can be written to."""
        what = "location(self, folder, frames, datasets)"
        raise NoSubjectError(type(self).__name__, what)

    @property
    def _kind(self) -> SourceKind:
        if self.kind is None:
            raise NoSubjectError(type(self).__name__, "kind")
        return self.kind

    def _open(self, location: Any) -> Source:
        types = {VISITS.name: {column.name: column.type for column in VISITS.columns}}
        return self._kind.open(location, SourceOptions("contract", types=types))

    @contextmanager
    def _session(self, source: Source) -> Iterator[Session]:
        """A session in which the table is known: the engine asks for columns before all else."""
        with source.session() as session:
            session.columns(self._table)
            yield session

    @property
    def _table(self) -> str:
        return self.table or VISITS.name

    def _needs_our_rows(self) -> None:
        if self.table is not None:
            inapplicable("the source makes its rows itself")

    def test_knows_its_locations(self, contract_location: Locate) -> None:
        """It accepts its own location, says no to what is none, and never fails."""
        same("whether it accepts its own", True, self._kind.accepts(contract_location(visits())))
        strange = [each for each in STRANGE if each in (None, 7)]
        same("what else it accepts", [], [each for each in strange if self._kind.accepts(each)])

    def test_has_an_identity(self, contract_location: Locate) -> None:
        """Name, kind and a fingerprint that stays the same while the source does."""
        source = self._open(contract_location(visits()))
        one, two = source.identity, source.identity
        same("the identity, asked twice", one, two)
        told = (bool(one.name), bool(one.kind), bool(one.fingerprint))
        same("whether name, kind and fingerprint are told", (True, True, True), told)
        same("whether retries are a number of attempts", True, source.retries >= 0)

    def test_tells_sources_apart(self, contract_location: Locate) -> None:
        """Two sources with other rows have other fingerprints: a cache goes by them."""
        self._needs_our_rows()
        one = self._open(contract_location(visits(seed=1))).identity.fingerprint
        two = self._open(contract_location(visits(seed=2))).identity.fingerprint
        if one == two:
            broken(
                "tells_sources_apart: sources with other rows have one fingerprint, so a cache "
                "would answer for the wrong one. Put into it what tells them apart."
            )

    def test_finds_tables(self, contract_location: Locate) -> None:
        """The columns of a table by name and type; ``None`` for a table that is not there."""
        with self._open(contract_location(visits())).session() as session:
            columns = session.columns(self._table) or ()
            same("columns of no table", None, session.columns("contract_nothing"))
            same("whether there are columns", True, bool(columns))
            same("whether views are told", True, isinstance(session.views(), Mapping))
        if self.table is None:
            # A text may come as a category, a day as an instant; names are what is mapped.
            declared = {column.name for column in VISITS.columns}
            same("columns that are missing", set(), declared - {each.name for each in columns})

    def test_reads_every_value(self, contract_location: Locate) -> None:
        """KPIs have the values that they have on the frames themselves, slice by slice."""
        self._needs_our_rows()
        frames = visits()
        ours = _computed(self._open(contract_location(frames)), self._kind)
        theirs = _computed(None, None, frames)
        for key, value in theirs.items():
            same(f"{key[0]} of slice {key[1]!r}", value, ours.get(key))

    def test_gives_frames(self, contract_location: Locate) -> None:
        """A statement's rows as a frame are its rows as tuples."""
        statement = _some_rows(self._table)
        with self._session(self._open(contract_location(visits()))) as session:
            rows, frame = session.rows(statement), session.frame(statement)
        same("rows", len(rows), len(frame))

    def test_reads_again(self, contract_location: Locate) -> None:
        """A second session sees the same rows."""
        source = self._open(contract_location(visits()))
        counts = []
        for _ in range(2):
            with self._session(source) as session:
                counts.append(session.rows(_row_count(self._table)))
        same("rows, counted in two sessions", counts[0], counts[1])
        same("whether there are any", True, counts[0][0][0] > 0)

    def test_fails_with_our_errors(self, contract_location: Locate) -> None:
        """A statement that cannot be run raises an error of the SDK, with the engine's words."""
        with self._open(contract_location(visits())).session() as session:
            try:
                session.rows(_row_count("contract_nothing"))
            except KpisdkError:
                return
            except Exception as error:  # noqa: BLE001 - whatever it raises is the fault
                broken(f"fails_with_our_errors: a failing statement raised {error!r}.")
        broken("fails_with_our_errors: a table that is not there was read without an error.")

    def test_writes_nothing(self, contract_location: Locate) -> None:
        """A statement that would delete rows leaves the source as it is, refused or not."""
        import contextlib

        import sqlalchemy as sa

        source = self._open(contract_location(visits()))
        with self._session(source) as session:
            before = session.rows(_row_count(self._table))
            with contextlib.suppress(KpisdkError):
                session.rows(sa.delete(sa.table(self._table)))
        with self._session(source) as session:
            same("rows after a deletion", before, session.rows(_row_count(self._table)))

    def test_shows_statements(self, contract_location: Locate) -> None:
        """``explain`` gets the statement as the engine receives it."""
        with self._session(self._open(contract_location(visits()))) as session:
            text = session.text(_row_count(self._table))
        same("whether the table is named in it", True, self._table in text)


def _row_count(table: str) -> Any:
    import sqlalchemy as sa

    return sa.select(sa.func.count()).select_from(sa.table(table))


def _some_rows(table: str) -> Any:
    import sqlalchemy as sa

    return sa.select(sa.literal_column("1").label("one")).select_from(sa.table(table)).limit(5)


def _computed(
    source: Source | None, kind: SourceKind | None, frames: Mapping[str, Any] | None = None
) -> dict[tuple[str, str], float | None]:
    """(KPI, site) -> value of five KPIs, on a source that is open or on frames."""
    from kpisdk.workspace import Workspace

    location: Any = frames if source is None else _Opened(source)
    plugins = [_Kpis(), _Kinds(source)] if kind is not None and source is not None else [_Kpis()]
    as_of = dt.datetime(2025, 7, 1, tzinfo=dt.UTC)
    workspace = Workspace(location, plugins=plugins, cache="off", clock=lambda: as_of)
    ids = [kpi.id for kpi in _kpis()]
    found = {}
    for by in ((), ("site",)):
        for result in workspace.compute(*ids, as_of=as_of, by=by):
            value = result.value
            key = (result.kpi_id, str(result.slice.get("site", "all")))
            found[key] = None if value is None else round(value, 9)
    return found


class _Opened:
    """A location that stands for a source which is open already."""

    def __init__(self, source: Source) -> None:
        self.source = source


def _kpis() -> tuple[Any, ...]:
    from kpisdk.contracts import measures, metrics
    from kpisdk.contracts.kpis import Kpi
    from kpisdk.contracts.metric_protocol import Metric
    from kpisdk.contracts.plain_metrics import Simple
    from kpisdk.contracts.trailing_windows import Trailing

    amount, units = VISITS["amount"], VISITS["units"]
    calculations: tuple[Metric, ...] = (
        Simple(measures.count(VISITS, VISITS["done"].is_true())),
        Simple(measures.total(VISITS, amount)),
        Simple(measures.count_distinct(VISITS, VISITS["day"])),
        metrics.Median(VISITS, units),
        metrics.Mean(VISITS, VISITS["at"].hours_since(VISITS["day"]), amount >= 0.25),
    )
    return tuple(
        Kpi(
            id=f"CONTRACT-{number:03}",
            name=f"Contract {number}",
            workstream="contract",
            definition="What a source must give.",
            formula="the contract's",
            calculation=calculation,
            unit="count",
            window=Trailing(30),
        )
        for number, calculation in enumerate(calculations, start=1)
    )


class _Kpis:
    """A plugin with those KPIs."""

    name = "contract_kpis"

    def __init__(self) -> None:
        from kpisdk.hookspecs import hookimpl

        self.kpisdk_kpis = hookimpl(_kpis)


class _Kinds:
    """A plugin with the kind of source that is open already."""

    name = "contract_kinds"

    def __init__(self, source: Source) -> None:
        from kpisdk.hookspecs import hookimpl

        kind = SourceKind(
            "opened", lambda location: isinstance(location, _Opened), lambda *_: source
        )
        self.kpisdk_sources = hookimpl(lambda: [kind])

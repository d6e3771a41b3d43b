"""The catalog of one session: which datasets the source has, and what each KPI finds missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from kpisdk.contracts.datasets import NAME_PATTERN, Dataset
from kpisdk.contracts.source_kinds import ListingSession, LocatingSession, Session
from kpisdk.contracts.vocabulary import LogicalType, Reason
from kpisdk.engine.failures import reason_of
from kpisdk.engine.statement_log import StatementLog
from kpisdk.errors import ConnectionLostError, KpisdkError, listed, nearest
from kpisdk.settings import TableMapping
from kpisdk.sql.bound_tables import BoundTable
from kpisdk.sql.types import readable


@attrs.frozen
class Fault:
    """Something that a KPI needs and the source does not have."""

    reason: Reason
    message: str


@attrs.define(eq=False)
class ElsewhereError(KpisdkError):
    """A table is asked for in one source that the settings say lies in another."""

    source: str
    dataset: str
    other: str

    template = "table {dataset!r} lies in source {other!r}, and not in {source!r}"


_ORDER = (
    Reason.MISSING_TABLE,
    Reason.MISSING_COLUMN,
    Reason.WRONG_TYPE,
    Reason.SOURCE_UNAVAILABLE,
    Reason.PERMISSION_DENIED,
    Reason.LOCK_TIMEOUT,
    Reason.QUERY_FAILED,
    Reason.TIMEOUT,
)


def first_reason(faults: Iterable[Fault]) -> Reason:
    """The reason that a result with several faults carries: the gravest."""
    return min((fault.reason for fault in faults), key=_ORDER.index)


@attrs.define
class Catalog:
    """Tables of a session by the names of datasets, looked up once each.

    ``contract`` is the installation's data contract, ``mappings`` what the settings say this source
    calls its tables and columns. ``log`` holds the receipts of what is run for KPIs.
    """

    session: Session
    source: str
    contract: Mapping[str, Dataset]
    mappings: Mapping[str, TableMapping]
    log: StatementLog = attrs.field(factory=StatementLog)
    _tables: dict[str, BoundTable | None] = attrs.field(factory=dict)
    _errors: dict[str, KpisdkError] = attrs.field(factory=dict)

    def find(self, name: str) -> BoundTable | None:
        """The table of a dataset, or ``None`` if the source has none (or cannot describe it)."""
        if name not in self._tables:
            try:
                self._tables[name] = self._bind(name)
            except ConnectionLostError:
                raise  # the whole execution is void, and may be tried again
            except KpisdkError as error:
                self._errors[name] = error
                self._tables[name] = None
        return self._tables[name]

    def table(self, name: str) -> BoundTable:
        """The table of a dataset that was found before."""
        found = self.find(name)
        if found is None:
            raise KeyError(name)
        return found

    def _bind(self, name: str) -> BoundTable | None:
        mapping = self.mappings.get(name, TableMapping())
        if mapping.source is not None:
            # A table of the same name here would be another one.
            raise ElsewhereError(self.source, name, mapping.source)
        physical = mapping.table or name
        columns = self.session.columns(physical)
        if columns is None:
            return None
        by_physical = {column.name: column for column in columns}
        # Names that the mapping gives or takes away mean what it says, in whatever order (a swap).
        taken = {*mapping.columns, *mapping.columns.values()}
        logical = {name: column for name, column in by_physical.items() if name not in taken}
        for wanted, called in mapping.columns.items():
            if called in by_physical:
                logical[wanted] = by_physical[called]
        dataset = self.contract.get(name)
        declared = {} if dataset is None else {each.name: each.type for each in dataset.columns}
        key = None if dataset is None else next(iter(dataset.keys), None)
        session = self.session
        path = session.path(physical) if isinstance(session, LocatingSession) else ()
        return BoundTable(name, physical, session.dialect, logical, declared, key, path)

    def faults(self, required: Mapping[str, Mapping[str, LogicalType]]) -> tuple[Fault, ...]:
        """What is missing of datasets and columns, all of it, with the setting that maps each."""
        found: list[Fault] = []
        for name, columns in required.items():
            table = self.find(name)
            # A bare URL or path has no name that settings could give to it.
            source = self.source if NAME_PATTERN.fullmatch(self.source) else "<name>"
            setting = f"sources.{source}.tables.{name}"
            if table is None:
                found.append(self._table_fault(name, setting))
                continue
            for column, wanted in columns.items():
                fault = self._column_fault(table, column, wanted, f"{setting}.columns")
                if fault is not None:
                    found.append(fault)
        return tuple(found)

    def _table_fault(self, name: str, setting: str) -> Fault:
        called = self.mappings.get(name, TableMapping()).table or name
        error = self._errors.get(name)
        if error is not None:
            found = reason_of(error)
            reason = found if found in _ORDER else Reason.QUERY_FAILED
            return Fault(reason, f"table {called!r} cannot be described: {error}")
        message = f"table {called!r} does not exist{self._others(called)}"
        return Fault(Reason.MISSING_TABLE, f"{message} (map it with {setting}.table)")

    def _others(self, called: str) -> str:
        """Which tables there are, the nearest first where one is near."""
        try:
            session = self.session
            there = session.tables() if isinstance(session, ListingSession) else ()
        except ConnectionLostError:
            raise
        except KpisdkError:
            return ""  # what is missing is missing all the same
        by_end = {name.rpartition(".")[2]: name for name in there}
        close = [by_end[name] for name in nearest(called.rpartition(".")[2], by_end, 1)]
        if not there:
            return ""
        hint = f"; there is {close[0]!r}" if close else ""
        others = [repr(name) for name in there if name not in close]
        beside = f"{' beside' if close else '; there are'} {listed(others, 5)}" if others else ""
        return f"{hint}{beside}"

    def _column_fault(
        self, table: BoundTable, column: str, wanted: LogicalType, setting: str
    ) -> Fault | None:
        if column not in table.columns:
            called = self.mappings.get(table.name, TableMapping()).columns.get(column, column)
            close = nearest(called, table.columns, 1)
            hint = f"; there is {close[0]!r}" if close else ""
            message = (
                f"column {called!r} of table {table.physical!r} does not exist{hint} "
                f"(map it with {setting}.{column})"
            )
            return Fault(Reason.MISSING_COLUMN, message)
        physical = table.columns[column]
        if readable(wanted, physical, table.traits):
            return None
        message = (
            f"column {physical.name!r} of table {table.physical!r} is {physical.native}, "
            f"and {wanted.value} is needed (map another one with {setting}.{column})"
        )
        return Fault(Reason.WRONG_TYPE, message)

"""Sessions that plugins bring: what they raise is an error of ours, and what they run is recorded.

A session need not tell more than it wants to. What it does tell (which rows it sees, what it runs
on, which table a name means) goes through; the statements of one that records none are recorded
here, so that every manifest has them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import attrs

from kpisdk.contracts.source_kinds import (
    IdentifiedSession,
    LocatingSession,
    PhysicalColumn,
    RecordedSession,
    Session,
)
from kpisdk.errors import QueryError
from kpisdk.quarantine import PluginFaultError, contained

T = TypeVar("T")
Noted = Callable[[str, Any, int], None]


def is_ours(thing: object) -> bool:
    """Whether the code behind an object is the core's."""
    return type(thing).__module__.startswith("kpisdk.")


def has(thing: object, attribute: str) -> bool:
    """Whether an object has an attribute, found without reading any: properties run code."""
    return inspect.getattr_static(thing, attribute, None) is not None


@attrs.frozen
class ContainedSession:
    """A session of a plugin: what its reading methods raise is a failed statement."""

    name: str
    session: Session
    _notes: list[Noted] = attrs.field(factory=list, init=False)

    @property
    def dialect(self) -> str:
        return self._read(lambda: self.session.dialect)

    def columns(self, table: str) -> Sequence[PhysicalColumn] | None:
        return self._read(lambda: self.session.columns(table))

    def views(self) -> Mapping[str, str]:
        return self._read(self.session.views)

    def rows(self, statement: Any) -> list[tuple[Any, ...]]:
        return self._noted(statement, self._read(lambda: self.session.rows(statement)))

    def frame(self, statement: Any) -> Any:
        return self._noted(statement, self._read(lambda: self.session.frame(statement)))

    def text(self, statement: Any, *, standalone: bool = False) -> str:
        return self._read(lambda: self.session.text(statement, standalone=standalone))

    def record(self, note: Noted) -> None:
        if self._records:
            self._read(lambda: cast(RecordedSession, self.session).record(note))
        else:
            self._notes.append(note)

    def versions(self) -> tuple[str, str]:
        """The engine and the driver; of a session that does not say, its dialect and no driver."""
        if self._records:
            return self._read(cast(RecordedSession, self.session).versions)
        return self.dialect, ""

    @property
    def _records(self) -> bool:
        return has(self.session, "record") and has(self.session, "versions")

    def _noted(self, statement: Any, found: T) -> T:
        if self._notes:
            try:
                text, values = self.text(statement), dict(statement.compile().params)
            except Exception:  # noqa: BLE001 - a statement that cannot be written was run all the same
                text, values = str(statement), {}
            for note in self._notes:
                note(text, values, len(cast(Any, found)))
        return found

    def _read(self, call: Callable[[], T]) -> T:
        try:
            # In this thread: what a session keeps open often belongs to the thread that opened it.
            return contained(call, None)
        except PluginFaultError as error:
            raise QueryError(self.name, error.what) from error


class _Identified(ContainedSession):
    """One that tells rows apart."""

    def identity(self, table: str) -> str | None:
        return self._read(lambda: cast(IdentifiedSession, self.session).identity(table))


class _Locating(ContainedSession):
    """One that tells which table a name means."""

    def path(self, table: str) -> tuple[str, ...]:
        return self._read(lambda: tuple(cast(LocatingSession, self.session).path(table)))


class _IdentifiedLocating(_Identified, _Locating):
    """One that does both."""


def contained_session(name: str, session: Session) -> Session:
    """A session as it is where it is the core's, else one that raises only errors of ours."""
    if is_ours(session):
        return session
    kinds: dict[tuple[bool, bool], type[ContainedSession]] = {
        (True, True): _IdentifiedLocating,
        (True, False): _Identified,
        (False, True): _Locating,
    }
    tells = has(session, "identity"), has(session, "path")
    return kinds.get(tells, ContainedSession)(name, session)

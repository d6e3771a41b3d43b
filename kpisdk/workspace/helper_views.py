"""The helper views of a source: created, dropped, shown and refreshed.

This is the only module of the SDK that opens a connection which may write, and it writes views
only. A view that somebody else made is never replaced or dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

import attrs

from kpisdk.contracts.source_kinds import Session, Source, WritableSource, Writer
from kpisdk.engine.helper_views.select_text import definition_of, tables_of, view_text
from kpisdk.engine.helper_views.view_figures import HelperView, helper_views
from kpisdk.engine.retrying import in_a_session
from kpisdk.errors import FAILURE, KpisdkError, ReadError, UsageError
from kpisdk.sql.rendering import traits_of
from kpisdk.sql.view_selects import DEFINITION, STATE, stated_definition, table_state

if TYPE_CHECKING:
    from kpisdk.engine.context import ExecutionContext


class ViewState(StrEnum):
    """What there is of a helper view in a source, or what was done to it."""

    CURRENT = "current"
    """It is there and says what the definitions say today."""
    OUTDATED = "outdated"
    """It is there, made from other definitions or tables."""
    FOREIGN = "foreign"
    """Somebody else made what goes by its name; it is left alone."""
    ABSENT = "absent"
    CREATED = "created"
    DROPPED = "dropped"
    REFRESHED = "refreshed"
    IMPOSSIBLE = "impossible"
    """This source lacks what it needs."""
    FAILED = "failed"


@attrs.frozen
class ViewReport:
    """One helper view: its KPIs, its state, the columns that the engine cannot say, its text."""

    name: str
    kpis: tuple[str, ...]
    state: ViewState
    kind: str | None = None
    left_out: tuple[str, ...] = ()
    message: str | None = None
    sql: str | None = None


@attrs.define(eq=False)
class NotWritableError(UsageError):
    """Views were requested of a source that can hold none."""

    source: str
    kind: str

    template = (
        "Source {source!r} ({kind}) can hold no views: they need a database (DuckDB, SQLite or "
        "PostgreSQL)."
    )


@attrs.define(eq=False)
class NotMaterializedError(UsageError):
    """A materialized view was requested of an engine that has none."""

    dialect: str

    template = "Materialized views need PostgreSQL; this source is {dialect}."

    @property
    def exit_code(self) -> int:
        return FAILURE


@attrs.frozen
class _Planned:
    """A view with its text for one source, or why it has none."""

    view: HelperView
    text: str | None
    fault: str | None
    left_out: tuple[str, ...]
    state: str | None

    def report(self, state: ViewState, kind: str | None, message: str | None = None) -> ViewReport:
        ids = tuple(kpi.id for kpi in self.view.kpis)
        why = message or self.fault
        return ViewReport(self.view.name, ids, state, kind, self.left_out, why, self.text)


_Action: TypeAlias = Callable[[_Planned, Writer], ViewReport]


@attrs.define
class HelperViews:
    """The helper views of a workspace's source."""

    context: ExecutionContext

    def show(self) -> tuple[ViewReport, ...]:
        """What there is of each view, and the text it would be made of; nothing is written."""
        return in_a_session(
            self.context.source,
            lambda session, _: tuple(_shown(each, session) for each in self._planned(session)),
        )

    def create(self, *, materialized: bool = False) -> tuple[ViewReport, ...]:
        """Make all views, in place of those that were made before.

        Args:
            materialized: PostgreSQL keeps the rows until they are refreshed.

        Raises:
            NotWritableError: the source is no database.
            NotMaterializedError: the engine has no materialized views.
            SourceUnavailableError: the source cannot be opened (for writing).
        """
        source = _writable(self.context.source)
        dialect, planned = in_a_session(
            source, lambda session, _: (session.dialect, self._planned(session))
        )
        if materialized and not traits_of(dialect).materialized_views:
            raise NotMaterializedError(dialect)
        with source.writing() as writer:
            return tuple(_created(each, writer, materialized=materialized) for each in planned)

    def drop(self) -> tuple[ViewReport, ...]:
        """Drop the views that :meth:`create` made."""
        return self._each(_dropped)

    def refresh(self) -> tuple[ViewReport, ...]:
        """Compute materialized views anew; the others are never out of date."""
        return self._each(_refreshed)

    def _each(self, do: _Action) -> tuple[ViewReport, ...]:
        source = _writable(self.context.source)
        views = helper_views(self.context.definitions.registry.kpis.values())
        with source.writing() as writer:
            return tuple(do(_Planned(view, None, None, (), None), writer) for view in views)

    def _planned(self, session: Session) -> list[_Planned]:
        from kpisdk.engine.catalog import Catalog

        identity, definitions = self.context.source.identity, self.context.definitions
        catalog = Catalog(
            session, identity.name, definitions.registry.contract, self.context.mappings
        )
        found = []
        for view in helper_views(definitions.registry.kpis.values()):
            left_out = view.left_out(session.dialect)
            try:
                text = view_text(view, catalog)
                state = None
                if traits_of(session.dialect).materialized_views:
                    tables = table_state(tables_of(view, catalog))
                    state = session.text(tables, standalone=True)
                found.append(_Planned(view, text, None, left_out, state))
            except KpisdkError as error:
                found.append(_Planned(view, None, error.message, left_out, None))
        return found


def _writable(source: Source) -> WritableSource:
    if isinstance(source, WritableSource):
        return source
    raise NotWritableError(source.identity.name, source.identity.kind)


def _quoted(name: str) -> str:
    return f'"{name}"'  # the names of views are snake case


@attrs.frozen
class _Stored:
    """What goes by a view's name in a source.

    Attributes:
        kind: ``view``, ``materialized view`` or ``table``; ``None`` where there is nothing.
        ours: whether it says what it was made from, as the views that are made here do.
    """

    kind: str | None
    ours: bool


_ABSENT = _Stored(None, ours=False)


def _guarded(
    planned: _Planned, look: Callable[[], _Stored], act: Callable[[_Stored], ViewReport]
) -> ViewReport:
    """Look what goes by a view's name and act on it: never on what somebody else made.

    What the source refuses is reported, so that the other views are still seen to.
    """
    try:
        stored = look()
        if stored.kind is not None and not stored.ours:
            message = (
                f"Somebody else made the {stored.kind} of that name, and it is left alone; drop "
                "or rename it to have ours."
            )
            return planned.report(ViewState.FOREIGN, stored.kind, message)
        return act(stored)
    except ReadError as error:
        return planned.report(ViewState.FAILED, None, error.message)


def _stored(name: str, writer: Writer) -> _Stored:
    kind = writer.kind(name)
    ours = kind not in (None, "table") and DEFINITION in writer.columns(name)
    return _Stored(kind, ours)


def _created(planned: _Planned, writer: Writer, *, materialized: bool) -> ViewReport:
    if planned.text is None:
        return planned.report(ViewState.IMPOSSIBLE, None)
    name, text = planned.view.name, planned.text
    made = "materialized view" if materialized else "view"
    if materialized:
        text = f"SELECT rows.*, ({planned.state}) AS {STATE} FROM ({text}) AS rows"

    def create(stored: _Stored) -> ViewReport:
        before = [] if stored.kind is None else [f"DROP {stored.kind.upper()} {_quoted(name)}"]
        writer.run(*before, f"CREATE {made.upper()} {_quoted(name)} AS {text}")
        return planned.report(ViewState.CREATED, made)

    return _guarded(planned, lambda: _stored(name, writer), create)


def _dropped(planned: _Planned, writer: Writer) -> ViewReport:
    name = planned.view.name

    def drop(stored: _Stored) -> ViewReport:
        if stored.kind is None:
            return planned.report(ViewState.ABSENT, None)
        writer.run(f"DROP {stored.kind.upper()} {_quoted(name)}")
        return planned.report(ViewState.DROPPED, stored.kind)

    return _guarded(planned, lambda: _stored(name, writer), drop)


def _refreshed(planned: _Planned, writer: Writer) -> ViewReport:
    name = planned.view.name

    def refresh(stored: _Stored) -> ViewReport:
        if stored.kind is None:
            return planned.report(ViewState.ABSENT, None)
        if stored.kind != "materialized view":
            message = "A plain view computes when it is read, and needs no refreshing."
            return planned.report(ViewState.CURRENT, stored.kind, message)
        writer.run(f"REFRESH MATERIALIZED VIEW {_quoted(name)}")
        return planned.report(ViewState.REFRESHED, stored.kind)

    return _guarded(planned, lambda: _stored(name, writer), refresh)


def _shown(planned: _Planned, session: Session) -> ViewReport:
    name = planned.view.name

    def look() -> _Stored:
        kind, columns = session.views().get(name), session.columns(name)
        if kind is None:
            return _ABSENT if columns is None else _Stored("table", ours=False)
        return _Stored(kind, DEFINITION in {column.name for column in columns or ()})

    def show(stored: _Stored) -> ViewReport:
        if stored.kind is None:
            return planned.report(ViewState.ABSENT if planned.text else ViewState.IMPOSSIBLE, None)
        stated = session.rows(stated_definition(name))
        current = planned.text is not None and stated == [(definition_of(planned.text),)]
        return planned.report(ViewState.CURRENT if current else ViewState.OUTDATED, stored.kind)

    return _guarded(planned, look, show)

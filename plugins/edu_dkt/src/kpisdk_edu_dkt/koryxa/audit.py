"""Audit: counts of events that do not count, or count twice, asked for like KPIs.

They are records of a plugin that only the export adds to its workspace, so that they run on
whatever engine the events are on, with the table and column names that the settings map.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from kpisdk import (
    AsOf,
    Column,
    Dataset,
    Derived,
    Expression,
    Frequency,
    Kpi,
    LogicalType,
    Note,
    Report,
    Scope,
    Simple,
    Unit,
    WindowUse,
    count,
    hookimpl,
    maximum,
    total,
)
from kpisdk_edu_dkt.koryxa.datasets import MARKED_EVENTS, MODULE, SCHOOL_EVENTS

_EVENTS = SCHOOL_EVENTS.only("user_id", "cohort_id", "module_id", "timestamp")
_of_module = _EVENTS["module_id"].equals(MODULE)

BEGIN = "KX-AUDIT-BEGIN"
"""Hours from the first event to the end of the data: the older the cohort, the larger."""

_SENTENCES = {
    "KX-AUDIT-MODULE": ("other_module", "Events of another module than m1, left out: {n}."),
    "KX-AUDIT-NOBODY": ("event_without_user", "Events that name no user, left out: {n}."),
    "KX-AUDIT-FUTURE": ("future_event", "Events that lie in the future, left out: {n}."),
    "KX-AUDIT-TWICE": (
        "duplicate_event",
        "Events that repeat another one in {which} and change no value: {n}.",
    ),
}


def _audit(kpi_id: str, what: str, where: Expression) -> Kpi:
    return Kpi(
        id=kpi_id,
        name=what,
        workstream="kx_audit",
        definition=what,
        formula="count",
        calculation=Simple(count(_EVENTS, where)),
        unit=Unit.COUNT,
        frequency=Frequency.ON_DEMAND,
    )


def _repeated(scope: Scope, *, columns: tuple[str, ...]) -> Any:
    """Groups of events that are alike in those columns, and how many of each are too many."""
    from sqlalchemy import func, select

    events = scope.rows()
    keys = [events.c[name] for name in columns]
    repeats = (func.count() - 1).label("repeats")
    return select(repeats).select_from(events).group_by(*keys).having(func.count() > 1)


def _twice(events: Dataset) -> Kpi:
    columns = tuple(column.name for column in events.columns)
    relation = Derived(
        "repeated_events",
        base=events,
        build=partial(_repeated, columns=columns),
        adds=(Column("repeats", LogicalType.INT),),
        window_use=WindowUse.OWN,
        grouped=True,
    )
    return Kpi(
        id="KX-AUDIT-TWICE",
        name="Repeated events",
        workstream="kx_audit",
        definition="Events that repeat another one in every column that is read.",
        formula="sum(n - 1)",
        calculation=Simple(total(relation, relation["repeats"])),
        unit=Unit.COUNT,
        frequency=Frequency.ON_DEMAND,
    )


_COUNTS = (
    _audit(
        "KX-AUDIT-MODULE",
        "Events of other modules",
        _EVENTS["module_id"].differs(MODULE) | _EVENTS["module_id"].is_null(),
    ),
    _audit("KX-AUDIT-NOBODY", "Events without a user", _of_module & _EVENTS["user_id"].is_null()),
    _audit("KX-AUDIT-FUTURE", "Future events", _of_module & (_EVENTS["timestamp"] >= AsOf())),
    Kpi(
        id=BEGIN,
        name="Age",
        workstream="kx_audit",
        definition="Hours from the first event to the end of the data.",
        formula="max(as_of - timestamp)",
        calculation=Simple(
            maximum(
                _EVENTS,
                AsOf().hours_since(_EVENTS["timestamp"]),
                _of_module & _EVENTS["user_id"].not_null(),
            )
        ),
        unit=Unit.HOURS,
        frequency=Frequency.ON_DEMAND,
    ),
)


class AuditPlugin:
    """The audit's records, for a staged log (whose rows are marked) or a table as it is."""

    name = "koryxa_audit"
    __version__ = "1"

    def __init__(self, columns: Sequence[str] | None = None) -> None:
        """``columns`` of the table are compared; without them the rows' marks are."""
        self._twice = _twice(MARKED_EVENTS if columns is None else SCHOOL_EVENTS.only(*columns))

    @hookimpl
    def kpisdk_kpis(self) -> Iterable[Kpi]:
        """Records that no report shows."""
        return (*_COUNTS, self._twice)


COUNTED = tuple(_SENTENCES)
"""The ids of the counts."""


def audit_notes(report: Report, columns: Sequence[str] | None = None) -> list[Note]:
    """What the counts say, as remarks; a count that could not be taken says so.

    Args:
        report: the counts.
        columns: what was compared to find events that are there twice; None for every column.
    """
    which = "every column" if columns is None else f"all of {', '.join(columns)}"
    found = []
    for result in report:
        code, sentence = _SENTENCES[result.kpi_id]
        if result.value:
            found.append(Note(code, sentence.format(n=f"{result.value:.0f}", which=which)))
        elif result.value is None and result.reason not in (None, "no_rows"):
            found.append(Note("not_counted", f"{result.name}: {result.message}"))
    return found

"""States of alerts in the store: read for a run, written where they moved."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk_history.alerts.digests import AlertChange
from kpisdk_history.alerts.states import AlertState
from kpisdk_history.store.reading import AT_ONCE, Reading
from kpisdk_history.store.tables import ALERT_STATES, ALERTS
from kpisdk_history.store.writing import Writing


@attrs.frozen(kw_only=True)
class KeptState:
    """The state of a rule on one subject, and what was last known of that.

    Attributes:
        alert: the rule's name.
        subject: the key of KPI, question and slice.
        cut: the same without the slice.
        state: where the alert stands.
        last: what a message would say of it.
        run_id: the number of the run that moved it last.
        opened_id: the number of the row that tells of its opening, while it is open.
    """

    alert: str
    subject: str
    cut: str
    state: AlertState
    last: AlertChange
    run_id: int = 0
    opened_id: int | None = None


def states_of(
    reading: Reading, alert: str | None = None, kpi_ids: Iterable[str] | None = None
) -> dict[tuple[str, str], KeptState]:
    """States by rule and subject.

    Args:
        reading: the store, which may be the transaction of a writer.
        alert: only those of that rule.
        kpi_ids: only those of these KPIs.
    """
    statement = sa.select(ALERT_STATES)
    if alert is not None:
        statement = statement.where(ALERT_STATES.c.alert == alert)
    every = [statement]
    if kpi_ids is not None:
        ids = sorted(kpi_ids)
        chunks = [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
        every = [statement.where(ALERT_STATES.c.kpi_id.in_(chunk)) for chunk in chunks]
    rows = (row for each in every for row in reading.connection.execute(each).mappings())
    found = (_kept(row) for row in rows)
    return {(each.alert, each.subject): each for each in found}


def write_states(writing: Writing, states: Iterable[KeptState], known: Iterable[Any]) -> None:
    """Write states: those of which there is a row are replaced, the others are added.

    Args:
        writing: the transaction.
        states: what they are now.
        known: the rule and subject of every state that has a row.
    """
    there = set(known)
    rows = [_row(each) for each in states]
    fresh = [row for row in rows if (row["alert"], row["subject"]) not in there]
    moved = [row for row in rows if (row["alert"], row["subject"]) in there]
    if fresh:
        writing.connection.execute(sa.insert(ALERT_STATES), fresh)
    if moved:
        c = ALERT_STATES.c
        same = sa.and_(c.alert == sa.bindparam("of_alert"), c.subject == sa.bindparam("of_subject"))
        values: dict[str, Any] = {name: sa.bindparam(f"to_{name}") for name in moved[0]}
        bound = [
            {f"to_{name}": value for name, value in row.items()}
            | {"of_alert": row["alert"], "of_subject": row["subject"]}
            for row in moved
        ]
        writing.connection.execute(sa.update(ALERT_STATES).where(same).values(values), bound)


def append_change(
    writing: Writing,
    change: AlertChange,
    at: datetime,
    *,
    run_id: int | None = None,
    until: datetime | None = None,
) -> int:
    """Append what happened to an alert; the number of its row.

    Args:
        writing: the transaction.
        change: what happened.
        at: when.
        run_id: the run that it happened in; ``None`` where somebody did it.
        until: until when an acknowledgement holds.
    """
    values = {
        "run_id": run_id,
        "alert": change.alert,
        "subject": change.subject,
        "kpi_id": change.kpi_id,
        "slice": json.dumps(change.slice, sort_keys=True, default=str),
        "event": change.event,
        "kinds": json.dumps(change.kinds),
        "at": at,
        "until": until,
        "details": json.dumps(change.to_dict(), default=str),
    }
    made = writing.connection.execute(sa.insert(ALERTS).values(values))
    (number,) = made.inserted_primary_key or (0,)
    return int(number)


def _row(kept: KeptState) -> dict[str, Any]:
    state = kept.state
    memory = {
        "cut": kept.cut,
        "counts": dict(state.counts),
        "told": sorted(state.told),
        "since": None if state.since is None else state.since.isoformat(),
        "last": kept.last.to_dict(),
    }
    return {
        "alert": kept.alert,
        "subject": kept.subject,
        "kpi_id": kept.last.kpi_id,
        "slice": json.dumps(kept.last.slice, sort_keys=True, default=str),
        "last_run_id": kept.run_id,
        "firing": state.firing,
        "quiet": state.quiet,
        "is_open": state.is_open,
        "opened_id": kept.opened_id,
        "acked_until": state.acked_until,
        "memory": json.dumps(memory, default=str),
    }


def _kept(row: Mapping[Any, Any]) -> KeptState:
    memory = json.loads(row["memory"])
    since = memory.get("since")
    state = AlertState(
        firing=row["firing"],
        quiet=row["quiet"],
        counts=memory.get("counts", {}),
        is_open=bool(row["is_open"]),
        told=frozenset(memory.get("told", ())),
        since=None if since is None else datetime.fromisoformat(since),
        acked_until=row["acked_until"],
    )
    return KeptState(
        alert=row["alert"],
        subject=row["subject"],
        cut=memory.get("cut", ""),
        state=state,
        last=AlertChange.from_dict(memory["last"]),
        run_id=row["last_run_id"],
        opened_id=row["opened_id"],
    )

"""Alerts that are open, acknowledged, cleared, and what happened: a table and JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk.reporting import instant
from kpisdk_history.alerts.digests import AlertChange, short
from kpisdk_history.alerts.outbox import waiting
from kpisdk_history.alerts.state_rows import states_of
from kpisdk_history.alerts.states import ACKNOWLEDGED, CLEARED, HAPPENED, OPENED
from kpisdk_history.store import Reading
from kpisdk_history.store.tables import ALERTS

OPEN = "open"
"""An alert that holds and was told."""

COLUMNS = ("state", "alert", "kpi", "slice", "about", "value", "since", "until", "why")
"""The columns of the table."""

_C = ALERTS.c


@attrs.frozen(kw_only=True)
class Listed:
    """One line of the list.

    Attributes:
        state: ``open``, ``acknowledged``, ``cleared`` or ``happened``.
        change: what was last known of it.
        at: when it came to that (UTC).
        until: until when it is acknowledged.
        remark: what is to be said of the rule or the KPI, where they are gone.
    """

    state: str
    change: AlertChange
    at: datetime | None
    until: datetime | None = None
    remark: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The line as plain JSON values."""
        known = self.change.to_dict()
        del known["event"], known["subject"]
        at, until = (None if each is None else each.isoformat() for each in (self.at, self.until))
        return {"state": self.state, **known, "at": at, "until": until, "remark": self.remark}

    def cells(self) -> dict[str, Any]:
        """The line as the cells of a table."""
        change = self.change
        _, _, cut = change.where.partition(short(f"{change.kpi_id} {change.name}"))
        since = change.since or self.at
        return {
            "state": self.state,
            "alert": change.alert,
            "kpi": change.kpi_id,
            "slice": cut.removeprefix(", "),
            "about": " and ".join(change.kinds),
            "value": change.shown_value,
            "since": "" if since is None else instant(since),
            "until": "" if self.until is None else instant(self.until),
            "why": self.remark or short(change.why),
        }


@attrs.frozen(kw_only=True)
class AlertList:
    """All alerts of a store.

    Attributes:
        alerts: open ones first, then acknowledged, cleared, and what happened; newest first.
        waiting: messages that were not delivered yet.
    """

    alerts: tuple[Listed, ...]
    waiting: int

    def to_dict(self) -> dict[str, Any]:
        """The list as plain JSON values."""
        rows = [each.to_dict() for each in self.alerts]
        return {"schema_version": 1, "alerts": rows, "waiting": self.waiting}


def listed_alerts(
    reading: Reading,
    now: datetime,
    *,
    since: datetime | None = None,
    rules: Collection[str] | None = None,
    kpi_ids: Collection[str] | None = None,
) -> AlertList:
    """The alerts of a store.

    Args:
        reading: the store.
        now: when this is: acknowledgements end.
        since: of what is over, only what came to that after it.
        rules: the names of the rules in force: an alert of another one says so.
        kpi_ids: the KPIs that are installed: an alert on another one says so.
    """
    there = [*_active(reading, now), *_over(reading, since)]
    order = (OPEN, ACKNOWLEDGED, CLEARED, HAPPENED)
    newest = sorted(there, key=lambda each: "" if each.at is None else str(each.at), reverse=True)
    ordered = sorted(newest, key=lambda each: order.index(each.state))
    told = (attrs.evolve(each, remark=_remark(each.change, rules, kpi_ids)) for each in ordered)
    return AlertList(alerts=tuple(told), waiting=waiting(reading))


def _active(reading: Reading, now: datetime) -> Iterator[Listed]:
    for kept in states_of(reading).values():
        if kept.state.is_open:
            is_silent = kept.state.is_silent(now)
            yield Listed(
                state=ACKNOWLEDGED if is_silent else OPEN,
                change=kept.last,
                at=kept.state.since,
                until=kept.state.acked_until if is_silent else None,
            )


def _over(reading: Reading, since: datetime | None) -> Iterator[Listed]:
    """What was cleared and did not open again, and what happened once."""
    newest = (
        sa.select(sa.func.max(_C.id))
        .where(_C.event.in_((OPENED, CLEARED)))
        .group_by(_C.alert, _C.subject)
    )
    is_over = sa.or_(
        sa.and_(_C.event == CLEARED, _C.id.in_(newest)),
        _C.event == HAPPENED,
    )
    statement = sa.select(_C.event, _C.at, _C.details).where(is_over)
    if since is not None:
        statement = statement.where(_C.at > since)
    for event, at, details in reading.connection.execute(statement):
        yield Listed(state=event, change=AlertChange.from_dict(json.loads(details)), at=at)


def _remark(
    change: AlertChange, rules: Collection[str] | None, kpi_ids: Collection[str] | None
) -> str:
    told = []
    if rules is not None and change.alert not in rules:
        told.append("the settings have this rule no more")
    if kpi_ids is not None and change.kpi_id not in kpi_ids:
        told.append("the KPI is not installed any more")
    return "; ".join(told)

"""Somebody knows of an alert, and wants to hear nothing of it until a date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from kpisdk import UnknownNameError
from kpisdk_history.alerts.digests import AlertChange
from kpisdk_history.alerts.state_rows import append_change, states_of, write_states
from kpisdk_history.alerts.states import ACKNOWLEDGED
from kpisdk_history.errors import NothingOpenError
from kpisdk_history.store import Writing


def acknowledge(
    writing: Writing, name: str, until: datetime, now: datetime, kpi_id: str | None = None
) -> tuple[AlertChange, ...]:
    """Silence the open alerts of a rule until a date.

    What opens later is told, and so is what gets worse; what still holds when the date has come is
    told again by the next run.

    Args:
        writing: a transaction.
        name: the rule.
        until: nothing is sent until then.
        now: when this is.
        kpi_id: only the alerts on that KPI.

    Raises:
        NothingOpenError: no alert of it is open.
    """
    mine = states_of(writing, name)
    chosen = {
        key: attrs.evolve(each, state=attrs.evolve(each.state, acked_until=until))
        for key, each in mine.items()
        if each.state.is_open
        and (kpi_id is None or each.last.kpi_id.casefold() == kpi_id.casefold())
    }
    if not chosen:
        raise NothingOpenError(name, kpi_id)
    for each in chosen.values():
        change = attrs.evolve(each.last, event=ACKNOWLEDGED)
        append_change(writing, change, now, until=until)
    write_states(writing, chosen.values(), chosen)
    return tuple(each.last for each in chosen.values())


def rule_named(name: str, rules: Iterable[str]) -> str:
    """The name of a rule, as the settings have it.

    Args:
        name: what was given.
        rules: the names of the rules in force.

    Raises:
        UnknownNameError: there is none; the nearest are proposed.
    """
    known = tuple(rules)
    if name not in known:
        raise UnknownNameError("alert", name, known)
    return name

"""How long a condition held, and when that opens or clears an alert: hysteresis, without a clock.

Runs are counted, not hours: a clock that goes back changes no count.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from kpisdk_history.alerts.rules import CONDITIONS, AlertRule

OPENED, WORSENED, REMINDED, CLEARED = "opened", "worsened", "reminded", "cleared"
"""What happens to an alert; a reminder is told when an acknowledgement ends and it still holds."""

HAPPENED = "happened"
"""What is told once and never cleared: a restatement, another definition."""

ACKNOWLEDGED = "acknowledged"
"""Somebody knows of it, and wants to hear nothing of it until a date."""


@attrs.frozen(kw_only=True)
class AlertState:
    """Where the alert of a rule on one KPI and slice stands.

    Attributes:
        firing: runs in a row in which anything of the rule held.
        quiet: runs in a row in which nothing did.
        counts: runs in a row in which each condition held.
        is_open: whether the alert is open.
        told: the conditions that were told since it opened.
        since: when the first of the runs in a row was recorded; ``None`` where none is.
        acked_until: nothing is sent until then; ``None`` where nobody asked for that.
    """

    firing: int = 0
    quiet: int = 0
    counts: Mapping[str, int] = attrs.field(factory=dict)
    is_open: bool = False
    told: frozenset[str] = frozenset()
    since: datetime | None = None
    acked_until: datetime | None = None

    def is_silent(self, at: datetime) -> bool:
        """Whether somebody acknowledged the alert, and that still holds."""
        return self.acked_until is not None and at < self.acked_until


def after_run(
    state: AlertState, kinds: frozenset[str] | None, rule: AlertRule, at: datetime
) -> tuple[AlertState, str | None]:
    """The state after one more run, and what happened to the alert, if anything did.

    Args:
        state: before the run.
        kinds: the conditions that hold; empty where none does, ``None`` where that is not known: a
            run that could not tell is passed over.
        rule: how long it takes.
        at: when the run was recorded.
    """
    if kinds is None:
        return state, None
    return _held(state, kinds, rule, at) if kinds else _quiet(state, rule)


def _held(
    state: AlertState, kinds: frozenset[str], rule: AlertRule, at: datetime
) -> tuple[AlertState, str | None]:
    counts = {kind: state.counts.get(kind, 0) + 1 for kind in kinds}
    is_first = not state.is_open and not state.firing
    now = attrs.evolve(
        state,
        firing=state.firing + 1,
        quiet=0,
        counts=counts,
        since=at if is_first else state.since,
    )
    if not state.is_open:
        if now.firing < rule.after:
            return now, None
        until = state.acked_until if state.is_silent(at) else None
        return attrs.evolve(now, is_open=True, told=kinds, acked_until=until), OPENED
    lasting = frozenset(kind for kind in kinds if counts[kind] >= rule.after)
    if _severity(lasting) > _severity(state.told):
        # What was acknowledged was less than this.
        return attrs.evolve(now, told=state.told | lasting, acked_until=None), WORSENED
    if state.acked_until is not None and not state.is_silent(at):
        return attrs.evolve(now, acked_until=None), REMINDED
    return now, None


def _quiet(state: AlertState, rule: AlertRule) -> tuple[AlertState, str | None]:
    quiet = state.quiet + 1 if state.is_open else 0
    now = attrs.evolve(state, firing=0, quiet=quiet, counts={})
    if not state.is_open:
        return attrs.evolve(now, since=None), None
    if quiet < rule.clear_after:
        return now, None
    return attrs.evolve(now, is_open=False, quiet=0, told=frozenset(), since=None), CLEARED


def _severity(kinds: frozenset[str]) -> int:
    """How bad the worst of some conditions is; 0 for none."""
    return max((len(CONDITIONS) - CONDITIONS.index(kind) for kind in kinds), default=0)

"""Which conditions of a rule hold for a result, do not, or cannot be told."""

from __future__ import annotations

from kpisdk import Reason, Result, Status
from kpisdk_history.alerts.rules import CONDITIONS, AlertRule
from kpisdk_history.store.figures import is_known

STATUSES = frozenset({"critical", "warning"})
"""Conditions that are a status of the KPI."""


def held(rule: AlertRule, result: Result) -> frozenset[str] | None:
    """The conditions of a rule that hold; ``None`` where nothing can be said.

    Whatever is critical is a warning, too: an alert on warnings does not end when it gets worse. A
    source that is away ends no alert either, and a status that is not decided neither raises nor
    ends one that asks for decided ones.

    Args:
        rule: what is watched for.
        result: the newest of a KPI in its slice.
    """
    watched = frozenset(rule.on)
    needs_status = bool(watched & STATUSES)
    is_undecided = rule.only_decided and result.decided is not True
    found: set[str] = set()
    if result.status is Status.CRITICAL and not is_undecided:
        found |= STATUSES
    elif result.status is Status.WARNING and not is_undecided:
        found.add("warning")
    if result.status is Status.UNKNOWN and not _has_no_target(result):
        found.add("unknown")
    if result.stale:
        found.add("stale")
    holding = frozenset(found & watched)
    if holding:
        return holding
    is_doubtful = result.status is Status.UNKNOWN or is_undecided
    if (needs_status and is_doubtful) or not is_known(result):
        return None
    return frozenset()


def _has_no_target(result: Result) -> bool:
    """A value that nobody set a target for asks for no judgement."""
    return result.value is not None and result.reason is Reason.NO_TARGET


def worst_first(kinds: frozenset[str] | set[str]) -> tuple[str, ...]:
    """Conditions in their order; a warning that is critical is told as that alone."""
    shown = kinds - {"warning"} if "critical" in kinds else kinds
    return tuple(each for each in CONDITIONS if each in shown)

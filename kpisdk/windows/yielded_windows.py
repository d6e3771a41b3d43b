"""Whether a rule could have yielded a window, at whatever instant: the KPI's own length of time."""

from __future__ import annotations

from datetime import UTC, datetime

from kpisdk.contracts.time_windows import TICK, Matured, Window, WindowRule
from kpisdk.errors import KpisdkError

_ANY = datetime(2000, 1, 1, tzinfo=UTC)
"""An instant for rules that do not look at it."""


def could_yield(rule: WindowRule, window: Window) -> bool:
    """Whether ``window`` has the bounds that ``rule`` gives at some instant.

    Any 30 days for ``last 30 days``; any whole month for ``this month``. A rule is asked at the
    window's end, and just before it. How old the rows are to be changes no length.
    """
    if isinstance(rule, Matured):
        return could_yield(rule.rule, window)
    if window.end is None:
        return window.start is None and _bounds(rule, window) == (None, None)
    return (window.start, window.end) in (_bounds(rule, window), _bounds(rule, window, before=True))


def _bounds(rule: WindowRule, window: Window, *, before: bool = False) -> object:
    instant = window.end or window.start
    try:
        # A rule without bounds takes any instant.
        resolved = rule.resolve(_ANY if instant is None else instant - TICK * before)
    except (KpisdkError, OverflowError):
        return None  # it yields no window there: a period to date on its first instant
    return resolved.start, resolved.end

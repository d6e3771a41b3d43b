"""Windows, instants and days, as definition files write them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from kpisdk import KpisdkError, LogicalType, NewestDay, Trailing, WindowRule
from kpisdk_definitions.places import Faults, Node

LONGEST_TRAIL = 36_500
"""Days; a longer trail is left to the rule that minds where the calendar starts."""


def read_window(node: Node | None, faults: Faults) -> WindowRule | None:
    """The rule that a text names; ``None`` without one, or with its fault noted.

    ``last N days`` is the :class:`~kpisdk.Trailing` that a record in Python would name, and
    ``newest day`` the :class:`~kpisdk.NewestDay`.
    """
    if node is None:
        return None
    from kpisdk import Last, Step, parse_window

    if " ".join(node.value.lower().split()) == NewestDay().label:
        return NewestDay()
    try:
        rule = parse_window(node.value)
    except KpisdkError as error:
        faults.add(node.place, error.message)
        return None
    if isinstance(rule, Last) and rule.step is Step.DAY and rule.count <= LONGEST_TRAIL:
        return Trailing(rule.count)
    return rule


def read_instant(node: Node | None, faults: Faults) -> datetime | None:
    """The instant that a text names; ``None`` without one, or with its fault noted."""
    if node is None:
        return None
    from kpisdk import parse_instant

    try:
        return parse_instant(node.value)
    except KpisdkError as error:
        faults.add(node.place, error.message)
        return None


def typed(value: Any, logical: LogicalType | None) -> Any:
    """A value as its type has it: a text becomes a day or an instant where one is wanted.

    What cannot be one stays as it is, for its reader to refuse.
    """
    if logical is None or not logical.is_temporal or not isinstance(value, str):
        return value
    from kpisdk import is_date, parse_instant

    try:
        moment = parse_instant(value)
    except KpisdkError:
        return value
    if logical is LogicalType.TIMESTAMP:
        return moment
    return date(moment.year, moment.month, moment.day) if is_date(value) else value

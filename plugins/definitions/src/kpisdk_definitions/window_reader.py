"""Windows, instants and days, as definition files write them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from kpisdk import KpisdkError, LogicalType, NewestDay, WindowRule
from kpisdk_definitions.places import Faults, Node


def read_window(node: Node | None, faults: Faults) -> WindowRule | None:
    """The rule that a text names, ``newest day`` too; ``None`` without one, or with its fault.

    Args:
        node: the value in its document.
        faults: where what is wrong is noted.
    """
    if node is None:
        return None
    from kpisdk import parse_window

    if " ".join(node.value.lower().split()) == NewestDay().label:
        return NewestDay()
    try:
        return parse_window(node.value)
    except KpisdkError as error:
        faults.add(node.place, error.message)
        return None


def read_instant(node: Node | None, faults: Faults) -> datetime | None:
    """The instant that a text names; ``None`` without one, or with its fault noted.

    Args:
        node: the value in its document.
        faults: where what is wrong is noted.
    """
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

    Args:
        value: as the document has it.
        logical: the type; without one the value stays as it is.
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

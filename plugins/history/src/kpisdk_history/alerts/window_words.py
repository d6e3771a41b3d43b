"""A window as a message names it: by its label, else by its bounds."""

from __future__ import annotations

from datetime import datetime

from kpisdk.reporting import instant


def window_words(label: str | None, start: datetime | None, end: datetime | None) -> str | None:
    """The label of a window, or its bounds, the end excluded; ``None`` where it has neither.

    Args:
        label: such as ``last 7 days`` or ``2026-03``; a window of stated bounds has none.
        start: its beginning.
        end: its end.
    """
    if label is not None or (start is None and end is None):
        return label
    first, last = ("" if each is None else instant(each) for each in (start, end))
    return f"{first}..{last}"

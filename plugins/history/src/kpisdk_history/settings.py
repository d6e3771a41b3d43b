"""What ``[plugins.history]`` of the settings may say."""

from __future__ import annotations

from typing import Any

import attrs

from kpisdk import Seconds

DEFAULT_STORE = "kpisdk-history.sqlite"
"""The file that runs are kept in, beside the settings, unless something else is named."""


def _not_negative(_record: Any, _field: Any, seconds: float) -> None:
    if seconds < 0:
        raise ValueError(f"must be 0 or more seconds; it is {seconds:g}")


def _location(text: str | None) -> str:
    return "None" if text is None else "<a location>"


@attrs.frozen
class HistorySettings:
    """Where runs are kept, and how long a period may still move after its end.

    Attributes:
        store: a SQLAlchemy URL, or the path of an SQLite file (relative to the settings file); by
            default ``kpisdk-history.sqlite`` beside the settings.
        settle_after: how long after its end a period's value may still move without being told as
            restated, such as ``"7d"``.
    """

    store: str | None = attrs.field(default=None, repr=_location)
    settle_after: Seconds = attrs.field(default=Seconds(0.0), validator=_not_negative)

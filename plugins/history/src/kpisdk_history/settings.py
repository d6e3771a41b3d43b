"""What ``[plugins.history]`` of the settings may say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk import Seconds, Settings, SettingsError
from kpisdk_history.alerts.rules import AlertRule, named, unselective

DEFAULT_STORE = "kpisdk-history.sqlite"
"""The file that runs are kept in, beside the settings, unless something else is named."""

NAME = "history"
"""The plugin's name: its table is ``[plugins.history]``."""


def _not_negative(_record: Any, _field: Any, seconds: float) -> None:
    if seconds < 0:
        raise ValueError(f"must be 0 or more seconds; it is {seconds:g}")


def _location(text: str | None) -> str:
    return "None" if text is None else "<a location>"


@attrs.frozen
class HistorySettings:
    """Where runs are kept, how long a period may still move after its end, and what alerts.

    Attributes:
        store: a SQLAlchemy URL, or the path of an SQLite file (relative to the settings file); by
            default ``kpisdk-history.sqlite`` beside the settings.
        settle_after: how long after its end a period's value may still move without being told as
            restated, such as ``"7d"``.
        alerts: the rules by name, a table ``[plugins.history.alerts.<name>]`` each.
    """

    store: str | None = attrs.field(default=None, repr=_location)
    settle_after: Seconds = attrs.field(default=Seconds(0.0), validator=_not_negative)
    alerts: Mapping[str, AlertRule] = attrs.field(factory=dict, validator=named)


def history_settings(settings: Settings) -> HistorySettings:
    """``[plugins.history]`` of the settings.

    Raises:
        SettingsError: all that is wrong with it, rules that watch nothing among it.
    """
    path = f"plugins.{NAME}.alerts"
    try:
        return settings.plugin(NAME, HistorySettings)
    except SettingsError as error:
        told = {problem.where for problem in error.problems}
        more = unselective(settings.plugins.get(NAME, {}).get("alerts"), path)
        missing = [each for each in more if each.where not in told]
        raise SettingsError(error.subject, [*error.problems, *missing]) from error

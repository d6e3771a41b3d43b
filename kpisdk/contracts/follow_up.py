"""How long something takes to follow a row: no row is judged before it had that time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs

from kpisdk.contracts.expression_tree import Expression
from kpisdk.contracts.time_windows import utc


@attrs.frozen
class FollowUp:
    """What a KPI counts follows its rows within so many calendar days (an outcome, a prescription).

    A row's horizon is over at the end of its last day: trigger day + ``days`` + 1 <= as_of.

    Attributes:
        days: calendar days after a row's own in which something can follow it.
        where: the rows that are followed, as a predicate over the dataset of the KPI's time; all of
            them without one.
        setting: the field of the plugin's settings that holds other days; 0 in it restores a window
            up to as_of.
    """

    days: int = attrs.field(validator=attrs.validators.ge(1))
    where: Expression | None = None
    setting: str | None = None

    def horizon(self, settings: Any = None) -> int:
        """The days in which something can follow a row, under the plugin's settings."""
        return self._set(settings) or self.days

    def wait(self, settings: Any = None) -> int:
        """How many days the default window is moved back: none where the settings say 0."""
        days = self._set(settings)
        if days is None:
            days = self.days
        return days + 1 if days else 0

    def open_from(self, as_of: datetime, settings: Any = None) -> datetime:
        """The first instant whose rows have not had their time at ``as_of``."""
        midnight = utc(as_of).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=self.horizon(settings))

    def _set(self, settings: Any) -> int | None:
        found: int | None = None if self.setting is None else getattr(settings, self.setting, None)
        return found


def follow_up(value: FollowUp | int | None) -> FollowUp | None:
    """A follow-up of so many days; of 0 days there is none."""
    if isinstance(value, FollowUp):
        return value
    return FollowUp(value) if value else None

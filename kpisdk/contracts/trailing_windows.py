"""The windows that end at as_of and reach so many days, or other steps, back from it."""

from __future__ import annotations

from datetime import datetime

import attrs

from kpisdk.contracts.calendar_steps import Step, shift
from kpisdk.contracts.time_windows import Window


@attrs.frozen(eq=False)
class Last:
    """``last N <step>``: ``[as_of - N steps, as_of)``, by the calendar where the step is one.

    Attributes:
        count: how many steps, 1 or more.
        step: what is counted: hours, days, weeks, months, quarters or years.
    """

    count: int = attrs.field(validator=attrs.validators.ge(1))
    step: Step = attrs.field(converter=Step)

    def __eq__(self, other: object) -> bool:
        """Whether the other one means the same window: ``Last(30, "day") == Trailing(30)``."""
        if not isinstance(other, Last):
            return NotImplemented
        return (self.count, self.step) == (other.count, other.step)

    def __hash__(self) -> int:
        return hash((self.count, self.step))

    @property
    def label(self) -> str:
        """``last 30 days``."""
        return f"last {self.count} {self.step.value}{'' if self.count == 1 else 's'}"

    def resolve(self, as_of: datetime) -> Window:
        """The window that ends at ``as_of``, which does not belong to it.

        Raises:
            OutOfCalendarError: the window would start before the year 1.
        """
        return Window(shift(as_of, -self.count, self.step), as_of, self.label)


@attrs.frozen(eq=False)
class Trailing(Last):
    """The ``days`` days before as_of, ``[as_of - days, as_of)``: the :class:`Last` of that step.

    Attributes:
        days: how many, 1 or more.
    """

    days: int = attrs.field(validator=attrs.validators.ge(1))
    count: int = attrs.field(
        init=False, repr=False, default=attrs.Factory(lambda self: self.days, takes_self=True)
    )
    step: Step = attrs.field(init=False, repr=False, default=Step.DAY)

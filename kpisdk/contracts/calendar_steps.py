"""Calendar arithmetic: an instant moved by hours, days, weeks, months, quarters or years."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import attrs

from kpisdk.contracts.time_windows import utc
from kpisdk.contracts.vocabulary import Grain
from kpisdk.errors import UsageError


@attrs.define(eq=False)
class OutOfCalendarError(UsageError):
    """An instant before the year 1 or after the year 9999, which no calendar here can hold."""

    instant: datetime
    move: str

    template = "{instant:iso} {move} lies outside the years 0001 to 9999. Ask for a shorter window."


class Step(StrEnum):
    """A unit that windows are counted in: every grain, and the hour."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @classmethod
    def of(cls, grain: Grain) -> Step:
        """The step from one bucket of a grain to the next."""
        return cls(grain.value)


_FIXED = {
    Step.HOUR: timedelta(hours=1),
    Step.DAY: timedelta(days=1),
    Step.WEEK: timedelta(weeks=1),
}
_MONTHS = {Step.MONTH: 1, Step.QUARTER: 3, Step.YEAR: 12}


def shift(instant: datetime, count: int, step: Step) -> datetime:
    """``instant`` (UTC) moved by ``count`` steps, back where ``count`` is negative.

    Months, quarters and years keep the day of the month and the time of day; a day that the target
    month does not have becomes its last one (31 March minus 1 month is 28 or 29 February).

    Raises:
        OutOfCalendarError: the result lies outside the years 1 to 9999.
    """
    start = utc(instant)
    try:
        if step in _FIXED:
            return start + count * _FIXED[step]
        months = start.year * 12 + start.month - 1 + count * _MONTHS[step]
        year, month = divmod(months, 12)
        day = min(start.day, _days_in(year, month + 1))
        return start.replace(year=year, month=month + 1, day=day)
    except (OverflowError, ValueError) as error:
        plural = "" if abs(count) == 1 else "s"
        raise OutOfCalendarError(start, f"{count:+d} {step.value}{plural}") from error


# The standard library's calendar knows this too, and imports locale: 10 ms before any command.
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _days_in(year: int, month: int) -> int:
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and is_leap else _DAYS[month - 1]

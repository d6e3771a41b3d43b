"""From the text that a user writes for a window to the rule that yields it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

from kpisdk.contracts.calendar_steps import OutOfCalendarError, Step
from kpisdk.contracts.time_windows import WindowRule
from kpisdk.contracts.trailing_windows import Last, Trailing
from kpisdk.contracts.vocabulary import Grain
from kpisdk.errors import quoted
from kpisdk.windows.buckets import bucket_end
from kpisdk.windows.instant_text import is_date, parse_instant
from kpisdk.windows.window_errors import (
    UnparsableInstantError,
    UnparsableWindowError,
)
from kpisdk.windows.window_rules import (
    CalendarBucket,
    CalendarPeriod,
    Everything,
    Range,
    ToDate,
)

LONGEST = 200
"""No accepted text is longer; a longer one is refused before anything looks into it."""


def parse_window(text: str) -> WindowRule:
    """The rule that a text names; case and blanks do not matter.

    * ``last 30 days``, ``past 2 weeks``: N hours, days, weeks, months, quarters or years before
      as_of (``Last``, of days ``Trailing``), also written ``30d``, ``2w``, ``6m``, ``4q``, ``1y``;
    * ``2025``, ``2025-Q1``, ``2025-03``, ``2025-W07`` (ISO 8601 week), ``2025-03-14``: one calendar
      bucket (``CalendarBucket``);
    * ``2025-01-01..2025-06-30``: a range (``Range``). A date as its end is included; an
      instant, such as ``2025-06-30T12:00Z``, is the first one left out;
    * ``this week|month|quarter|year``, ``last …`` without a number: a whole calendar period
      (``CalendarPeriod``); ``wtd``, ``mtd``, ``qtd``, ``ytd``: its elapsed part
      (``ToDate``);
    * ``all``: no bounds (``Everything``).

    The rule's label is the normalised text, which this function reads as the same rule.

    Raises:
        UnparsableWindowError: anything else, with the text and the accepted forms.
    """
    if len(text) > LONGEST or not text.isascii():
        raise UnparsableWindowError(text)
    words = " ".join(text.lower().split())
    for pattern, rule in _forms():
        match = pattern.fullmatch(words)
        if match is not None:
            return _made(rule, match, text)
    raise UnparsableWindowError(text)


def _made(
    rule: Callable[[re.Match[str]], WindowRule], match: re.Match[str], text: str
) -> WindowRule:
    try:
        return rule(match)
    except (ValueError, OverflowError) as error:
        # The messages of datetime name the part that does not exist, such as the month.
        raise UnparsableWindowError(text, str(error)) from error
    except OutOfCalendarError as error:
        raise UnparsableWindowError(text, "it ends after the year 9999") from error
    except UnparsableInstantError as error:
        what = f"{quoted(error.value)} is neither a date nor an instant"
        raise UnparsableWindowError(text, what) from error


def _last(match: re.Match[str]) -> WindowRule:
    return _counted(match, Step(match["step"]))


def _short(match: re.Match[str]) -> WindowRule:
    return _counted(match, next(step for step in Step if step.value.startswith(match["letter"])))


def _counted(match: re.Match[str], step: Step) -> WindowRule:
    count = int(match["count"])
    if count == 0:
        raise ValueError("it covers no time; the number must be at least 1")
    return Trailing(count) if step is Step.DAY else Last(count, step)


def _bucket(year: int, month: int, day: int, grain: Grain) -> WindowRule:
    return _ending(datetime(year, month, day, tzinfo=UTC), grain)


def _ending(start: datetime, grain: Grain) -> WindowRule:
    bucket_end(start, grain)  # raises here, where the text is known, for the end of the year 9999
    return CalendarBucket(start, grain)


def _week(match: re.Match[str]) -> WindowRule:
    monday = datetime.fromisocalendar(int(match["year"]), int(match["week"]), 1)
    return _ending(monday.replace(tzinfo=UTC), Grain.WEEK)


def _quarter(match: re.Match[str]) -> WindowRule:
    return _bucket(int(match["year"]), 3 * int(match["quarter"]) - 2, 1, Grain.QUARTER)


def _range(match: re.Match[str]) -> WindowRule:
    start, end = parse_instant(match["start"]), parse_instant(match["end"])
    if is_date(match["end"]):
        end += timedelta(days=1)
    if start >= end:
        raise ValueError("its start is not before its end")
    return Range(start, end)


_GRAINS = "week|month|quarter|year"
_TO_DATE = {"w": Grain.WEEK, "m": Grain.MONTH, "q": Grain.QUARTER, "y": Grain.YEAR}


@cache  # compiled when the first window is read: most commands read none
def _forms() -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], WindowRule]], ...]:
    return (
        # Eight digits count all the hours of the years 1 to 9999; Last says when it leaves them.
        _form(
            r"(?:last|past) ?(?P<count>\d{1,8}) ?(?P<step>hour|day|week|month|quarter|year)s?",
            _last,
        ),
        _form(r"(?P<count>\d{1,8}) ?(?P<letter>[dwmqy])", _short),
        _form(
            r"this ?(?P<grain>" + _GRAINS + ")", lambda match: CalendarPeriod(Grain(match["grain"]))
        ),
        _form(
            r"last ?(?P<grain>" + _GRAINS + ")",
            lambda match: CalendarPeriod(Grain(match["grain"]), is_current=False),
        ),
        _form(r"(?P<letter>[wmqy])td", lambda match: ToDate(_TO_DATE[match["letter"]])),
        _form(r"all", lambda _: Everything()),
        _form(r"(?P<year>\d{4})", lambda match: _bucket(int(match["year"]), 1, 1, Grain.YEAR)),
        _form(r"(?P<year>\d{4}) ?- ?q(?P<quarter>[1-4])", _quarter),
        _form(r"(?P<year>\d{4}) ?- ?w(?P<week>\d\d)", _week),
        _form(
            r"(?P<year>\d{4}) ?- ?(?P<month>\d\d)",
            lambda match: _bucket(int(match["year"]), int(match["month"]), 1, Grain.MONTH),
        ),
        _form(
            r"(?P<year>\d{4}) ?- ?(?P<month>\d\d) ?- ?(?P<day>\d\d)",
            lambda match: _bucket(
                int(match["year"]), int(match["month"]), int(match["day"]), Grain.DAY
            ),
        ),
        _form(r"(?P<start>[^.].*?) ?\.\. ?(?P<end>[^.].*)", _range),
    )


def _form(
    pattern: str, rule: Callable[[re.Match[str]], WindowRule]
) -> tuple[re.Pattern[str], Callable[[re.Match[str]], WindowRule]]:
    return re.compile(pattern, re.ASCII), rule

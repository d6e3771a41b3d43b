"""The window that another one is compared with: the one before, or the one a year earlier."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from kpisdk.contracts.calendar_steps import OutOfCalendarError, Step, shift
from kpisdk.contracts.time_windows import Matured, Window, WindowRule
from kpisdk.contracts.trailing_windows import Last
from kpisdk.contracts.vocabulary import Grain
from kpisdk.windows.buckets import bucket_window
from kpisdk.windows.window_errors import UnboundedWindowError
from kpisdk.windows.window_rules import CalendarBucket, CalendarPeriod, ToDate, range_label


def previous_window(window: Window, rule: WindowRule) -> Window:
    """The window just before ``window``, which ``rule`` resolved to.

    * A calendar period or bucket: the one before, whatever the lengths (March, then February).
    * A period to date: the same elapsed time of the period before, cut at that period's end
      (``mtd`` at noon of 31 March: the whole of February).
    * ``last N <step>``: the N steps before, counted from as_of, so that nothing lies between.
    * Anything else, rules of plugins included: the range of equal length that ends at its start.

    ``this month`` compares a month that still runs with a whole one; ``mtd`` compares like with
    like.

    Raises:
        UnboundedWindowError: the window has an open side.
        OutOfCalendarError: the result would start before the year 1.
    """
    start, end = _bounds(window)
    if isinstance(rule, Matured):
        return previous_window(window, rule.rule)
    if isinstance(rule, CalendarPeriod | CalendarBucket):
        return bucket_window(shift(start, -1, Step.of(rule.grain)), rule.grain)
    if isinstance(rule, ToDate):
        before = shift(start, -1, Step.of(rule.grain))
        return _labelled(before, min(before + (end - start), start))
    if isinstance(rule, Last):
        return _labelled(shift(end, -2 * rule.count, rule.step), start)
    return _labelled(_back(start, end - start), start)


def is_like(window: Window, other: Window, rule: WindowRule) -> bool:
    """Whether two windows are stretches of one kind, so that their values can be compared.

    A period to date is none of the kind of a shorter one: 31 days of March against all of February.
    """
    start, end = _bounds(window)
    first, last = _bounds(other)
    # Both begin with their period; a year earlier the same days may be one more, or less.
    is_cut = isinstance(rule, ToDate) and last == start
    return not is_cut or last - first == end - start


def year_before(window: Window, rule: WindowRule) -> Window:
    """The same window one year earlier; ``rule`` is what ``window`` was resolved from.

    * A month, quarter or year: the whole one of the year before.
    * A week: the ISO week of the same number of the ISO year before (52 where there is no 53), for
      ``wtd`` the same elapsed time of it: weekdays stay where they are.
    * Anything else: both bounds moved by a year, 29 February to the 28th. An end at midnight
      before 29 February keeps 28 February whole. Where that would leave nothing (a day that ends
      on 29 February), the window keeps its length.

    Raises:
        UnboundedWindowError: the window has an open side.
        OutOfCalendarError: the result would start before the year 1.
    """
    start, end = _bounds(window)
    if isinstance(rule, CalendarPeriod | CalendarBucket | ToDate) and rule.grain is Grain.WEEK:
        monday = _week_of_year_before(start)
        if isinstance(rule, ToDate):
            return _labelled(monday, monday + (end - start))
        return bucket_window(monday, Grain.WEEK)
    if isinstance(rule, CalendarPeriod | CalendarBucket):
        return bucket_window(shift(start, -1, Step.YEAR), rule.grain)
    first, last = shift(start, -1, Step.YEAR), shift(end, -1, Step.YEAR)
    if (end.month, end.day, end.time()) == (2, 29, time()):
        last += timedelta(days=1)
    if first >= last:
        first = _back(last, end - start)
    return _labelled(first, last)


def _bounds(window: Window) -> tuple[datetime, datetime]:
    if window.start is None or window.end is None:
        raise UnboundedWindowError(window.label, "there is nothing to compare it with")
    return window.start, window.end


def _week_of_year_before(monday: datetime) -> datetime:
    iso = monday.isocalendar()
    if iso.year == 1:
        raise OutOfCalendarError(monday, "-1 year")
    # 28 December always lies in the last ISO week of its year.
    weeks = datetime(iso.year - 1, 12, 28, tzinfo=UTC).isocalendar().week
    start = datetime.fromisocalendar(iso.year - 1, min(iso.week, weeks), 1)
    return start.replace(tzinfo=UTC)


def _back(instant: datetime, length: timedelta) -> datetime:
    try:
        return instant - length
    except OverflowError as error:
        raise OutOfCalendarError(instant, f"-{length}") from error


def _labelled(start: datetime, end: datetime) -> Window:
    return Window(start, end, range_label(start, end))

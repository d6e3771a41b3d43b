"""The grammar users write windows in, calendar buckets, and what to compare windows with."""

from kpisdk.contracts.calendar_steps import OutOfCalendarError, Step, shift
from kpisdk.contracts.trailing_windows import Last
from kpisdk.windows.buckets import (
    MOST_BUCKETS,
    TREND_LENGTHS,
    bucket_end,
    bucket_label,
    bucket_start,
    bucket_window,
    buckets,
    is_unfinished,
    trend_window,
)
from kpisdk.windows.compared_windows import is_like, previous_window, year_before
from kpisdk.windows.grammar import parse_window
from kpisdk.windows.instant_text import is_date, parse_instant
from kpisdk.windows.window_errors import (
    ACCEPTED_WINDOWS,
    EmptyWindowError,
    TooManyBucketsError,
    UnboundedWindowError,
    UnparsableInstantError,
    UnparsableWindowError,
)
from kpisdk.windows.window_rules import (
    CalendarBucket,
    CalendarPeriod,
    Everything,
    Range,
    ToDate,
    range_label,
)
from kpisdk.windows.yielded_windows import could_yield

__all__ = [
    "ACCEPTED_WINDOWS",
    "MOST_BUCKETS",
    "TREND_LENGTHS",
    "CalendarBucket",
    "CalendarPeriod",
    "EmptyWindowError",
    "Everything",
    "Last",
    "OutOfCalendarError",
    "Range",
    "Step",
    "ToDate",
    "TooManyBucketsError",
    "UnboundedWindowError",
    "UnparsableInstantError",
    "UnparsableWindowError",
    "bucket_end",
    "bucket_label",
    "bucket_start",
    "bucket_window",
    "buckets",
    "could_yield",
    "is_date",
    "is_like",
    "is_unfinished",
    "parse_instant",
    "parse_window",
    "previous_window",
    "range_label",
    "shift",
    "trend_window",
    "year_before",
]

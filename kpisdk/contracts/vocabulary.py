"""The closed lists of words that records share: types, directions, statuses, reasons."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class LogicalType(StrEnum):
    """What a column holds, whatever its engine calls it."""

    TEXT = "text"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    DATE = "date"
    """A calendar day without a zone; compared with an instant it counts as midnight UTC."""
    TIMESTAMP = "timestamp"
    """An instant, UTC."""
    JSON = "json"

    @property
    def is_numeric(self) -> bool:
        """Whether arithmetic is defined on it."""
        return self in (LogicalType.INT, LogicalType.FLOAT)

    @property
    def is_temporal(self) -> bool:
        """Whether it can serve as a time column."""
        return self in (LogicalType.DATE, LogicalType.TIMESTAMP)


class Direction(StrEnum):
    """Which way a KPI improves."""

    HIGHER = "higher"
    LOWER = "lower"
    CONTEXT = "context"
    """Neither of the two. An effect size is read in its context, and never judged."""


class CalculationType(StrEnum):
    """How a KPI's value comes about."""

    DIRECT = "direct"
    """One aggregate of what is recorded, or a figure that is stored as it is."""
    DERIVED = "derived"
    """Put together from several measures, such as a quotient or a comparison of groups."""


class Frequency(StrEnum):
    """How often a KPI is expected to move. Its period and cache lifetime stand in tables below."""

    REALTIME = "realtime"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    ON_DEMAND = "on_demand"

    @property
    def period(self) -> timedelta | None:
        """The time between two refreshes; data older than two periods are stale."""
        return _PERIODS[self]

    @property
    def lifetime(self) -> timedelta:
        """How long a computed result may be served from a cache."""
        return _LIFETIMES[self]


# Names are values and times stand beside them: an enum of durations would silently merge two
# frequencies of equal length into one member.
_PERIODS: dict[Frequency, timedelta | None] = {
    Frequency.REALTIME: timedelta(hours=1),
    Frequency.DAILY: timedelta(days=1),
    Frequency.WEEKLY: timedelta(days=7),
    Frequency.MONTHLY: timedelta(days=31),
    Frequency.ON_DEMAND: None,
}
_LIFETIMES: dict[Frequency, timedelta] = {
    Frequency.REALTIME: timedelta(seconds=60),
    Frequency.DAILY: timedelta(seconds=300),
    Frequency.WEEKLY: timedelta(seconds=1800),
    Frequency.MONTHLY: timedelta(seconds=3600),
    Frequency.ON_DEMAND: timedelta(seconds=600),
}


class Status(StrEnum):
    """A value judged against its thresholds."""

    GOOD = "good"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a result has no value, or a value no status. The codes are fixed: scripts match them."""

    NO_ROWS = "no_rows"
    """The table is empty, or no row in the window and slice holds what the formula needs. Widen the
    window or the slice, or look why the column is empty."""
    ZERO_DENOMINATOR = "zero_denominator"
    """Nothing in the window and slice counts below the line. Widen the window or the slice."""
    MISSING_TABLE = "missing_table"
    """The source has no such table. Map it with ``sources.<name>.tables.<dataset>.table``."""
    MISSING_COLUMN = "missing_column"
    """A table lacks a column. Map it with ``sources.<name>.tables.<dataset>.columns.<column>``."""
    WRONG_TYPE = "wrong_type"
    """A column has another type than declared, or a stored value cannot be read as it. Mend the
    table, or map another column."""
    MISSING_PARAMETER = "missing_parameter"
    """The KPI needs a parameter, or to be filtered or grouped by a column. Give it; the message
    names it."""
    UNSUPPORTED_SLICE = "unsupported_slice"
    """The KPI cannot be filtered or grouped by that column, and says why. Leave it out for this
    KPI."""
    NOT_FINITE = "not_finite"
    """The data hold infinities or not-a-numbers, or the formula came out as one. Clean the rows."""
    ONE_CLASS = "one_class"
    """A metric of a model needs both outcomes, and the rows have one. Widen the window or the
    slice."""
    QUERY_FAILED = "query_failed"
    """The engine refused a statement; its own words stand in the message."""
    PERMISSION_DENIED = "permission_denied"
    """The source does not let this user read the table. Ask its owner for the right to."""
    LOCK_TIMEOUT = "lock_timeout"
    """Somebody else holds a lock on the table or the file, and did not let go in time. Try again
    when that is over."""
    TIMEOUT = "timeout"
    """A statement ran past the source's limit; raise ``statement_timeout``, or narrow the window.
    Or a calculation of a plugin did; raise ``calculator_timeout``."""
    SOURCE_UNAVAILABLE = "source_unavailable"
    """The source refuses connections. ``kpisdk source test`` tries it."""
    CONFLICTING_DEFINITIONS = "conflicting_definitions"
    """Two plugins bring the KPI, or declare a table that it reads in contradicting ways; the
    message names both. Uninstall one of them, or ask their authors to agree."""
    CALCULATOR_FAILED = "calculator_failed"
    """A Python calculation raised, or returned no estimate. The message says what; an exception
    that is no sentence is a fault of the plugin."""
    NOT_IDENTIFIED = "not_identified"
    """The data do not determine what is asked for (no overlap, too few units, no adjustment set).
    The message says which; ask for another estimand, or for more data."""
    THRESHOLDS_DO_NOT_APPLY = "thresholds_do_not_apply"
    """There is a value, and the KPI's thresholds were set for another window or population (a
    count or a sum grows with either). Ask for the KPI's own window without filters and groups, or
    read the value without a status."""
    NO_TARGET = "no_target"
    """There is a value, and there are no thresholds to judge it by. Nothing is wrong."""


class IntervalReason(StrEnum):
    """Why a value has no interval. The codes are fixed: scripts match them."""

    CENSUS = "census"
    """The rows are all there is, so that the value is exact for its window."""
    STORED = "stored"
    """The value was computed elsewhere, and how uncertain it is was not stored with it."""
    TOO_FEW_UNITS = "too_few_units"
    """One unit alone shows no spread between units. Widen the window or the slice."""
    UNDEFINED = "undefined"
    """No interval is known for such a value, as for the largest of several, a formula that jumps, a
    spread that is lost in rounding, or a value whose rows are all alike."""
    NOT_ASKED = "not_asked"
    """The request wanted none."""


class Grain(StrEnum):
    """A calendar bucket, UTC; weeks start on Monday (ISO 8601)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Unit(StrEnum):
    """What a value is measured in."""

    RATIO = "ratio"
    SCORE = "score"
    COUNT = "count"
    DAYS = "days"
    HOURS = "hours"
    POINTS = "points"
    MULTIPLIER = "multiplier"
    SLOPE = "slope"
    PSI = "psi"
    EFFECT = "effect"

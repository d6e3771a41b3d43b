"""What can go wrong between a window's text and its bounds."""

from __future__ import annotations

from datetime import datetime

import attrs

from kpisdk.errors import UsageError, quoted

ACCEPTED_WINDOWS = (
    "last 30 days",
    "past 2 weeks",
    "last N hours|days|weeks|months|quarters|years",
    "30d, 12w, 6m (months), 4q, 2y",
    "2025",
    "2025-Q1",
    "2025-03",
    "2025-W07",
    "2025-03-14",
    "2025-01-01..2025-06-30 (a date as end is included, an instant such as 2025-06-30T12:00Z not)",
    "this week|month|quarter|year",
    "last week|month|quarter|year",
    "wtd",
    "mtd",
    "qtd",
    "ytd",
    "all",
)
"""The forms of a window, as error messages and help texts list them."""


@attrs.define(eq=False)
class UnparsableWindowError(UsageError):
    """A text that is none of the accepted forms of a window, or names bounds that do not exist."""

    value: str
    reason: str | None = None

    @property
    def message(self) -> str:
        why = "" if self.reason is None else f": {self.reason}"
        forms = "; ".join(ACCEPTED_WINDOWS)
        return f"The window {quoted(self.value)} cannot be read{why}. Accepted forms: {forms}."


@attrs.define(eq=False)
class UnparsableInstantError(UsageError):
    """A text that is neither an ISO 8601 date nor a date-time."""

    value: str

    template = (
        "The instant {value:quoted} cannot be read. Accepted: a date such as 2026-03-01, or a "
        "date-time such as 2026-03-01T12:00:00Z or 2026-03-01T12:00+02:00 (without an offset it is "
        "UTC)."
    )


@attrs.define(eq=False)
class EmptyWindowError(UsageError):
    """A period to date that has not begun to elapse at as_of."""

    label: str
    as_of: datetime

    template = (
        "The window {label!r} covers no time at {as_of:iso}: its period starts at that very "
        "instant. Give a later as_of, or ask for the last whole period."
    )


@attrs.define(eq=False)
class UnboundedWindowError(UsageError):
    """A window with an open side, where both bounds are needed."""

    label: str
    purpose: str

    template = (
        "The window {label!r} has no start or no end, so {purpose}. Give a window with two bounds, "
        "such as 'last 30 days' or 2025-01-01..2025-06-30."
    )


@attrs.define(eq=False)
class TooManyBucketsError(UsageError):
    """A window cut into more buckets than a report can hold."""

    label: str
    grain: str
    limit: int

    template = (
        "The window {label!r} holds more than {limit} buckets of one {grain}. Ask for a shorter "
        "window or a coarser grain."
    )

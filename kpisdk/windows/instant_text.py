"""ISO 8601 dates and date-times as instants, UTC unless they say otherwise."""

from __future__ import annotations

import re
from datetime import datetime

from kpisdk.contracts.time_windows import utc
from kpisdk.windows.window_errors import UnparsableInstantError

# datetime.fromisoformat also reads week dates, compact forms and any separator, differently from
# one Python version to the next; the pattern keeps the accepted texts the same everywhere.
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d"
    r"(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)? ?(?:Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
LONGEST = 64
"""No accepted text is longer; a longer one is refused before anything looks into it."""


def is_date(text: str) -> bool:
    """Whether the text has the form of a calendar day without a time."""
    return len(text) <= LONGEST and _DATE.fullmatch(text.strip()) is not None


def parse_instant(text: str) -> datetime:
    """The instant a text names, in UTC: ``2026-03-01``, ``2026-03-01T12:00Z``, ``…+02:00``.

    A date is its first instant, a date-time without an offset is UTC, seconds may have up to six
    decimals; a blank may stand for the ``T``.

    Raises:
        UnparsableInstantError: anything else, or an instant outside the years 1 to 9999.
    """
    if len(text) > LONGEST:
        raise UnparsableInstantError(text)
    stripped = text.strip().upper()
    if _INSTANT.fullmatch(stripped) is None or stripped[11:13] == "24":
        raise UnparsableInstantError(text)
    compact = stripped[:11] + stripped[11:].replace(" ", "")
    try:
        return utc(datetime.fromisoformat(compact))
    except (ValueError, OverflowError) as error:
        raise UnparsableInstantError(text) from error

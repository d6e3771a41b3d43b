"""Python functions that SQLite lacks, registered on each of its connections.

Instants and days are read strictly: text that is neither raises, and is no silent comparison.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs

BAD_VALUE = "kpisdk-bad-value"
"""Marks errors that a stored value caused, so that they are reported as a wrong type."""


def instant(value: Any) -> str | None:
    """An instant as ``YYYY-MM-DD HH:MM:SS.ffffff`` in UTC."""
    if value is None:
        return None
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is not None:
                moment = moment.astimezone(UTC).replace(tzinfo=None)
        except (ValueError, OverflowError):
            pass
        else:
            return moment.isoformat(" ", "microseconds")
    raise ValueError(f"{BAD_VALUE}: {value!r:.80} is not an instant (ISO 8601)")


def text(value: Any) -> Any:
    """What a text column without a type holds besides texts: refused, or '5' would not be 5."""
    raise ValueError(f"{BAD_VALUE}: {value!r:.80} is not a text")


def number(value: Any) -> Any:
    """What a number column holds besides numbers: refused, or SQLite would take it for zero."""
    raise ValueError(f"{BAD_VALUE}: {value!r:.80} is not a number")


def flag(value: Any) -> Any:
    """What a bool column holds besides 0 and 1: refused, or it would count as neither."""
    raise ValueError(f"{BAD_VALUE}: {value!r:.80} is neither true (1) nor false (0)")


def day(value: Any) -> str | None:
    """A day as ``YYYY-MM-DD``; an instant gives its UTC day."""
    if value is None:
        return None
    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    try:
        moment = instant(value)
    except ValueError:
        raise ValueError(f"{BAD_VALUE}: {value!r:.80} is not a day (ISO 8601)") from None
    return None if moment is None else moment[:10]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def days_between(earlier: str | None, later: str | None) -> float | None:
    """Days from one day or instant to another."""
    if earlier is None or later is None:
        return None
    return (_moment(later) - _moment(earlier)) / timedelta(days=1)


def natural_logarithm(value: float | None) -> float | None:
    """``ln``, which not every build of SQLite has; no value where there is none."""
    return None if value is None or value <= 0 else math.log(value)


def exponential(value: float | None) -> float | None:
    """``exp``, which not every build of SQLite has."""
    return None if value is None else math.exp(value)


def bucket(value: str | None, grain: str) -> str | None:
    """The first day of the calendar bucket of a day or instant."""
    if value is None:
        return None
    start = _moment(value).date()
    if grain == "week":
        start -= timedelta(days=start.weekday())
    elif grain != "day":
        months = {"month": 1, "quarter": 3, "year": 12}[grain]
        start = start.replace(month=(start.month - 1) // months * months + 1, day=1)
    return start.isoformat()


def json_number(document: str | None, *path: str) -> float | None:
    """The number at a path of a JSON document; ``None`` for junk, a missing key, another type.

    Of a key that stands twice the last counts; a number that no double holds is none.
    """
    try:
        if document is None or not json_held(document):
            return None
        found = json.loads(document, parse_constant=_refused)
        for key in path:
            if isinstance(found, list) and key.isascii() and key.isdigit():
                found = found[int(key)] if int(key) < len(found) else None
            else:
                found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, bool) or not isinstance(found, int | float):
            return None
        number = float(found)
    except (ValueError, TypeError, RecursionError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def json_number_at(document: str | None, path: str) -> float | None:
    """The same, with the keys as one JSON array."""
    return json_number(document, *json.loads(path))


def canonical_json(document: str | None) -> str | None:
    """A JSON document with sorted keys, no spaces and plain numbers (1.0 is 1); else ``None``.

    Numbers are compared exactly. What JSON allows and no database's text can hold (NUL, half a
    surrogate pair) is junk, too, and so is a number with an exponent of five digits.
    """
    try:
        if document is None or not json_held(document):
            return None
        found = json.loads(
            document, parse_float=_exactly, parse_int=_exactly, parse_constant=_refused
        )
        return json.dumps(found, sort_keys=True, separators=(",", ":"), default=_in_digits)
    except (ValueError, TypeError, RecursionError):
        return None


def json_held(document: str) -> bool:
    """Whether a text can hold every character that a document spells with an escape."""
    if "\\u" not in document:
        return True
    bare = _PAIR.sub("", document.replace("\\\\", ""))
    return _UNHELD.search(bare) is None


PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
"""A character beyond the first 65 536 as JSON escapes it."""
UNHELD = r"\\u(0000|[dD][89a-fA-F])"
"""An escape that stands for no character that a text can hold, once pairs are gone."""
_PAIR, _UNHELD = re.compile(PAIR), re.compile(UNHELD)


@attrs.frozen
class _Exact:
    """A number of a document: sign, digits without zeros at their ends, power of ten."""

    sign: int
    digits: str
    power: int


def _exactly(text: str) -> _Exact:
    mantissa, _, exponent = text.lower().partition("e")
    if len(exponent.lstrip("+-").lstrip("0")) > _EXPONENT_DIGITS:
        raise ValueError(f"{text:.80} is out of range")
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    bare = digits.rstrip("0")
    if not bare:
        return _Exact(0, "0", 0)
    power = int(exponent or 0) - len(fraction) + len(digits) - len(bare)
    return _Exact(-1 if text.startswith("-") else 1, bare, power)


_EXPONENT_DIGITS = 4
"""PostgreSQL's exact numbers reach no further."""


def _in_digits(number: _Exact) -> list[Any]:
    # NUL cannot stand in a document that is held, so that no list of it looks like this one.
    return ["\0", number.sign, number.digits, number.power]


def _refused(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def unit_bucket(unit: Any, buckets: int) -> int | None:
    """The bucket of a unit: the first 32 bits of its MD5, modulo the number of buckets."""
    if unit is None:
        return None
    text = f"{unit:.0f}" if isinstance(unit, float) and unit.is_integer() else str(unit)
    digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:4]) % buckets


class _Values:
    """Base of aggregates that hold one group's values."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self.level = 0.5

    def step(self, value: float | None, level: float = 0.5) -> None:
        if value is not None:
            self.values.append(value)
        self.level = level


class Quantile(_Values):
    """Continuous quantile, interpolated linearly (as ``percentile_cont``)."""

    def finalize(self) -> float | None:
        """The quantile, or ``None`` without values."""
        if not self.values:
            return None
        ordered = sorted(self.values)
        position = self.level * (len(ordered) - 1)
        low = math.floor(position)
        high = min(low + 1, len(ordered) - 1)
        made = float(ordered[low] + (ordered[high] - ordered[low]) * (position - low))
        # No step can be taken from an infinity; SQLite would store the not-a-number as no value.
        return float(ordered[low]) if math.isnan(made) else made


class Rank(_Values):
    """The value at rank ``ceil(level * n)`` (as ``percentile_disc``)."""

    def finalize(self) -> float | None:
        """The value, or ``None`` without values."""
        if not self.values:
            return None
        rank = max(1, math.ceil(self.level * len(self.values)))
        return sorted(self.values)[rank - 1]


class Variance(_Values):
    """Sample variance, two-pass."""

    def finalize(self) -> float | None:
        """The variance, or ``None`` below two values; infinite where one of them is."""
        n = len(self.values)
        if n < 2:
            return None
        if not all(map(math.isfinite, self.values)):
            return math.inf  # SQLite would store a not-a-number as no value
        center = math.fsum(self.values) / n
        return math.fsum((value - center) ** 2 for value in self.values) / (n - 1)


def register(connection: Any) -> list[str]:
    """Add all of the above to a ``sqlite3`` connection.

    Returns the list that a refused value's sentence is appended to: SQLite itself only says that a
    function raised.
    """
    faults: list[str] = []

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            try:
                return function(*arguments)
            except ValueError as error:
                faults.append(str(error))
                raise

        return call

    for name, count, function in (
        ("kpisdk_instant", 1, instant),
        ("kpisdk_day", 1, day),
        ("kpisdk_not_text", 1, text),
        ("kpisdk_not_number", 1, number),
        ("kpisdk_not_flag", 1, flag),
        ("kpisdk_days_between", 2, days_between),
        ("ln", 1, natural_logarithm),
        ("exp", 1, exponential),
        ("kpisdk_bucket", 2, bucket),
        ("kpisdk_json_number", -1, json_number),
        ("kpisdk_json_held", 1, json_held),
        ("kpisdk_canonical_json", 1, canonical_json),
        ("kpisdk_unit_bucket", 2, unit_bucket),
    ):
        connection.create_function(name, count, watched(function), deterministic=True)
    for name, count, aggregate in (
        ("kpisdk_quantile", 2, Quantile),
        ("kpisdk_rank", 2, Rank),
        ("kpisdk_variance", 1, Variance),
    ):
        connection.create_aggregate(name, count, aggregate)
    return faults

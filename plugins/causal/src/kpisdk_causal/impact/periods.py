"""Periods of a series or panel: instants, days, months or numbers, in their own order.

A text is a period only where it is written as a date of ISO 8601 (also unpadded, or without its
hyphens) or as a whole number: ``W10`` sorts before ``W9``, and 01/02 is in January or in February.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from kpisdk_causal.errors import SeriesError

_DATE = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?")
_COMPACT = re.compile(r"(19|20|21)\d\d(0[1-9]|1[0-2])([0-3]\d)?")
_QUARTER = re.compile(r"(\d{4})-?Q([1-4])", re.IGNORECASE)
_WEEK = re.compile(r"(\d{4})-W(\d{1,2})", re.IGNORECASE)
_CLOCK = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?"
)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


@attrs.frozen
class Periods:
    """The periods of a table's rows, all of one kind.

    Attributes:
        points: what is compared and sorted: instants (UTC where they have an offset), or numbers.
        wall: the same as clocks on the wall show them, for a time that is asked without an offset.
        kind: ``instants``, ``aware`` (instants with an offset), ``months``, ``days`` (whole numbers
            such as 202501 and 20250131) or ``numbers``.
        where: the column, for messages.
    """

    points: tuple[Any, ...]
    wall: tuple[Any, ...]
    kind: str
    where: str

    def at(self, value: Any) -> tuple[Any, tuple[Any, ...]]:
        """A time that is asked for, and the periods in the form that it can be compared with.

        Raises:
            SeriesError: it cannot be read as such a period.
        """
        if self.kind == "numbers":
            return _number(value, self.where), self.points
        instant, aware = _instant(value, self.where, compact=self.kind in {"months", "days"})
        if not aware:
            return instant, self.wall
        if self.kind != "aware":
            raise SeriesError(
                f"{value!r} has an offset, and the periods in {self.where!r} have none: write both "
                "in one way."
            )
        return instant, self.points


def read_periods(values: Sequence[Any], where: str) -> Periods:
    """Read the periods of a column.

    Args:
        values: of the column, in order.
        where: the column, as messages name it.

    Raises:
        SeriesError: values that are neither dates nor numbers, or of several kinds.
    """
    plain = [value.item() if _is_scalar(value) else value for value in values]
    if all(_is_number(value) for value in plain):
        return _numbers(plain, where)
    if all(isinstance(value, str) for value in plain):
        texts = [value.strip() for value in plain]
        if all(_NUMBER.fullmatch(text) for text in texts):
            return _numbers([_written(text) for text in texts], where)
        return _instants([_instant(text, where) for text in texts], texts, where)
    if all(isinstance(value, dt.date) or hasattr(value, "to_timestamp") for value in plain):
        return _instants([_instant(value, where) for value in plain], plain, where)
    kinds = sorted({type(value).__name__ for value in plain})
    raise SeriesError(
        f"The periods in {where!r} are of the kinds {', '.join(kinds)}: dates or numbers of one "
        "kind are needed."
    )


def _numbers(values: list[Any], where: str) -> Periods:
    """Whole numbers that are all months (202501) or all days (20250131) are those."""
    for kind, length in (("months", 6), ("days", 8)):
        texts = [str(int(value)) if float(value).is_integer() else "" for value in values]
        if all(len(text) == length and _COMPACT.fullmatch(text) for text in texts):
            read = [_instant(text, where, compact=True)[0] for text in texts]
            return Periods(tuple(read), tuple(read), kind, where)
    return Periods(tuple(values), tuple(values), "numbers", where)


def _instants(read: list[tuple[Any, bool]], written: Sequence[Any], where: str) -> Periods:
    aware = {is_aware for _, is_aware in read}
    if len(aware) > 1:
        raise SeriesError(f"Some periods in {where!r} have an offset and some have none.")
    values = tuple(instant for instant, _ in read)
    if aware == {True}:
        return Periods(values, tuple(_wall(each, where) for each in written), "aware", where)
    return Periods(values, values, "instants", where)


def _wall(value: Any, where: str) -> Any:
    """The instant without its offset, as it is written."""
    if isinstance(value, str):
        return _instant(re.sub(r"\s*(Z|[+-]\d{2}:?\d{2})$", "", value.strip()), where)[0]
    import pandas as pd

    return pd.Timestamp(value).tz_localize(None)


def _instant(value: Any, where: str, *, compact: bool = True) -> tuple[Any, bool]:
    """A period as an instant (in UTC where it has an offset), and whether it has an offset."""
    import pandas as pd

    try:
        if isinstance(value, str):
            value = _iso(value.strip(), compact=compact)
        elif hasattr(value, "to_timestamp"):
            value = value.to_timestamp()
        elif _is_number(value) and compact and float(value).is_integer():
            value = _iso(str(int(value)), compact=True)
        stamp = pd.Timestamp(value) if isinstance(value, dt.date) else None
    except (ValueError, TypeError, OverflowError) as fault:
        raise SeriesError(
            f"The times in {where!r} cannot be read as dates (write 2025-01-31): "
            f"{str(value)[:40]!r}: {fault}."
        ) from fault
    if stamp is None or not isinstance(stamp, pd.Timestamp):
        raise SeriesError(f"{str(value)[:40]!r} is no date, as those in {where!r} are.")
    return (stamp, False) if stamp.tzinfo is None else (stamp.tz_convert("UTC"), True)


def _iso(text: str, *, compact: bool) -> Any:
    """A date written year first, padded or not.

    Raises:
        ValueError: anything else.
    """
    readers: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Any]], ...] = (
        (_DATE, lambda found: dt.date(*_whole(found[1], found[2], found[3] or "1"))),
        (_QUARTER, lambda found: dt.date(int(found[1]), 3 * int(found[2]) - 2, 1)),
        (_WEEK, lambda found: dt.date.fromisocalendar(int(found[1]), int(found[2]), 1)),
        (_CLOCK, _clock),
    )
    for pattern, read in readers:
        found = pattern.fullmatch(text)
        if found is not None:
            return read(found)
    if compact and _COMPACT.fullmatch(text):
        return dt.date(*_whole(text[:4], text[4:6], text[6:] or "1"))
    raise ValueError("it is written neither as 2025-01-31 nor as a number")


def _clock(found: re.Match[str]) -> Any:
    import pandas as pd

    year, month, day = _whole(found[1], found[2], found[3])
    hours, _, rest = found[4].partition(":")
    offset = (found[5] or "").replace("Z", "+00:00")
    return pd.Timestamp(
        f"{year:04}-{month:02}-{day:02}T{int(hours):02}:{rest.replace(',', '.')}{offset}"
    )


def _whole(*texts: str) -> tuple[int, int, int]:
    year, month, day = (int(text) for text in texts)
    return year, month, day


def _number(value: Any, where: str) -> float | int:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return _written(value.strip())
    if _is_number(value):
        return value  # type: ignore[no-any-return]  # an int, a float or a Decimal
    raise SeriesError(
        f"{str(value)[:40]!r} cannot be read as a time: the periods in {where!r} are numbers."
    )


def _written(text: str) -> float | int:
    return float(text) if "." in text else int(text)


def _is_number(value: Any) -> bool:
    from decimal import Decimal

    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_scalar(value: Any) -> bool:
    return hasattr(value, "item") and not isinstance(value, dt.date)

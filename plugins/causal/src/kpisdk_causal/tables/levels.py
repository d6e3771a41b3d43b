"""The distinct values of a column: in order, as Python values, with the code of each row."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kpisdk_causal.errors import NotNumericError


def coded(column: Any) -> tuple[tuple[Any, ...], NDArray[np.int64]]:
    """The sorted levels of a pandas column without gaps, and each row's place among them.

    Dates, instants, truth values, decimals and numbers of any width are levels as text is.

    Raises:
        NotNumericError: values that cannot be compared for equality (lists).
    """
    import pandas as pd

    try:
        codes, found = pd.factorize(column)
    except TypeError as fault:
        raise NotNumericError(str(column.name), "column", "lists or the like") from fault
    values = [_plain(value, str(column.dtype)) for value in found.tolist()]
    try:
        order = sorted(range(len(values)), key=lambda place: values[place])
    except TypeError:
        order = sorted(range(len(values)), key=lambda place: (str(values[place]), place))
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return tuple(values[place] for place in order), places[np.asarray(codes, dtype=np.int64)]


def label(level: Any) -> str:
    """A level as results name it: a day without its midnight, a float with its shortest digits."""
    if isinstance(level, dt.datetime):
        midnight = (level.hour, level.minute, level.second, level.microsecond) == (0, 0, 0, 0)
        return level.date().isoformat() if midnight and level.tzinfo is None else level.isoformat()
    return str(level)


def same_level(wanted: Any, levels: tuple[Any, ...]) -> int | None:
    """The place of the level that ``wanted`` means; a command line can only write text.

    Args:
        wanted: as it was given.
        levels: that occur.
    """
    for place, level in enumerate(levels):
        if type(level) is type(wanted) and level == wanted:
            return place
    for place, level in enumerate(levels):
        if _equal(level, wanted) or label(level) == str(wanted):
            return place
    if not isinstance(wanted, str):
        return None
    for place, level in enumerate(levels):
        if not isinstance(level, str) and _written(level, wanted.strip()):
            return place
    return None


def _equal(level: Any, wanted: Any) -> bool:
    try:
        return bool(level == wanted)
    except TypeError:
        return False


def _written(level: Any, text: str) -> bool:
    from decimal import Decimal, InvalidOperation

    if isinstance(level, bool):
        return text.casefold() == str(level).casefold()
    if isinstance(level, dt.date):
        try:
            return dt.datetime.fromisoformat(text) == _midnight(level)
        except (TypeError, ValueError):
            return False
    if isinstance(level, int | float | Decimal):
        try:
            return Decimal(text) == Decimal(str(level))
        except InvalidOperation:
            return False
    return text == str(level)


def _midnight(level: dt.date) -> dt.datetime:
    return level if isinstance(level, dt.datetime) else dt.datetime.combine(level, dt.time())


def _plain(value: Any, dtype: str) -> Any:
    if isinstance(value, float) and value == 0:
        return 0.0  # the first of 0.0 and -0.0 to come would name the level
    if dtype == "float32" and isinstance(value, float):
        return float(str(np.float32(value)))
    return value.item() if isinstance(value, np.generic) else value

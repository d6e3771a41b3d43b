"""From raw values (text of a file, objects of a frame) to arrays, and which values were refused."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import AnyArray, Booleans, Floats
from kpisdk_edu_dkt.dkt.data.columns import Column
from kpisdk_edu_dkt.dkt.data.interactions import Ids

Values = Sequence[Any] | AnyArray
_INTEGER_LIMIT = 2.0**53
_WHOLE = re.compile(r"(-?(?:0|[1-9][0-9]*))\.0+")


@attrs.frozen(eq=False)
class Parsed:
    """Values of one column, and which of them break its rule.

    Attributes:
        values: (rows,) numbers; NaN where missing or refused.
        refused: (rows,) true where the value breaks the rule.
    """

    values: Floats
    refused: Booleans


def parse_numbers(column: Column, raw: Values) -> Parsed:
    """The values of a numeric column, judged by its rule.

    Args:
        column: The column and its rule.
        raw: (rows,) values as they were read.
    """
    values, missing, unreadable = _floats(raw)
    refused = unreadable.copy()
    if not column.nullable:
        refused |= missing
    present = ~missing & ~unreadable
    refused |= present & ~np.isfinite(values)
    with np.errstate(invalid="ignore"):
        if column.low is not None:
            low = column.low
            refused |= present & ((values <= low) if column.open_low else (values < low))
        if column.high is not None:
            refused |= present & (values > column.high)
        if column.values:
            refused |= present & ~np.isin(values, column.values)
    return Parsed(np.where(refused, np.nan, values), refused)


def _floats(raw: Values) -> tuple[Floats, Booleans, Booleans]:
    """Values as floats, which are missing, and which cannot be read as a number."""
    array = raw if isinstance(raw, np.ndarray) else None
    if array is not None and array.dtype.kind in "iufb":
        values = array.astype(np.float64)
        missing = np.isnan(values)
        return values, missing, np.zeros(len(values), dtype=bool)
    if array is not None and array.dtype.kind == "M":
        values = array.astype("datetime64[ns]").astype(np.int64).astype(np.float64)
        missing = np.isnat(array)
        values[missing] = np.nan
        return values, missing, np.zeros(len(values), dtype=bool)
    items = list(raw)
    if any(isinstance(item, complex) for item in items):
        return _floats_one_by_one(items)
    try:
        values = np.array(items, dtype=np.float64)
    except (ValueError, TypeError, OverflowError):
        return _floats_one_by_one(items)
    missing = np.isnan(values)
    if missing.any() and any(isinstance(item, str) for item in items):
        return _floats_one_by_one(items)
    return values, missing, np.zeros(len(values), dtype=bool)


def _floats_one_by_one(items: Sequence[Any]) -> tuple[Floats, Booleans, Booleans]:
    values = np.full(len(items), np.nan)
    missing = np.zeros(len(items), dtype=bool)
    unreadable = np.zeros(len(items), dtype=bool)
    for index, item in enumerate(items):
        if is_missing(item):
            missing[index] = True
            continue
        if isinstance(item, complex):  # NumPy would drop its second half
            unreadable[index] = True
            continue
        try:
            values[index] = _seconds(item) if isinstance(item, datetime) else float(item)
        except (ValueError, TypeError, OverflowError):
            unreadable[index] = True
            continue
        # The word "nan" in a file is a value that somebody wrote, not an empty field.
        unreadable[index] = math.isnan(values[index])
    return values, missing, unreadable


def _seconds(item: datetime) -> float:
    """An instant as a number; without a zone it is UTC, wherever it is read."""
    return (item if item.tzinfo is not None else item.replace(tzinfo=UTC)).timestamp()


def is_missing(item: object) -> bool:
    """Whether a raw value stands for nothing: None, NaN, NaT, pandas' NA, or blank text."""
    if item is None:
        return True
    if isinstance(item, str):
        return not item.strip()
    if isinstance(item, Decimal):
        return item.is_nan()
    if isinstance(item, float | np.floating):
        return math.isnan(item)
    return type(item).__name__ in {"NAType", "NaTType"}


def parse_ids(raw: Values) -> tuple[Ids, Booleans]:
    """Ids as text, and which are missing (those get the code -1)."""
    if isinstance(raw, np.ndarray) and raw.dtype.kind in "iu":
        distinct, inverse = np.unique(raw, return_inverse=True)
        names = tuple(str(value) for value in distinct.tolist())
        return Ids(inverse.astype(np.int64), names), np.zeros(len(raw), dtype=bool)
    found: dict[str, int] = {}
    codes = np.empty(len(raw), dtype=np.int64)
    texts: dict[Any, str | None] = {}
    for index, item in enumerate(raw.tolist() if isinstance(raw, np.ndarray) else raw):
        # bool and int hash alike (True == 1), so the type is part of the key; what is no text or
        # number, such as a list, is no id
        is_text_or_number = isinstance(item, Hashable) and not is_missing(item)
        key = (type(item), item if is_text_or_number else None)
        if key not in texts:
            texts[key] = id_text(item) if is_text_or_number else None
        text = texts[key]
        codes[index] = -1 if text is None else found.setdefault(text, len(found))
    names = tuple(sorted(found, key=id_order))
    rank = {name: position for position, name in enumerate(names)}
    renumber = np.array([rank[name] for name in found] + [-1], dtype=np.int64)
    codes = renumber[codes]
    return Ids(codes, names), codes < 0


def id_text(item: object) -> str | None:
    """An id as text, or None where there is none: ``17``, ``17.0`` and ``"17.0"`` are one id.

    A gap makes fractions of a column of integers, in pandas and in what it writes. Other texts stay
    as they are: ``017`` and ``1e5`` are no numbers, and stripping could make one id of two.
    """
    if is_missing(item) or not isinstance(item, Hashable):
        return None
    if isinstance(item, float):
        if not item.is_integer() or abs(item) > _INTEGER_LIMIT:
            return repr(item)
        return str(int(item))
    # a database's NUMERIC: 1E+3 is how its thousand is written
    text = f"{item:f}" if isinstance(item, Decimal) else str(item)
    whole = _WHOLE.fullmatch(text)
    if whole is None:
        return text
    return "0" if whole[1] == "-0" else whole[1]


def id_order(name: str) -> tuple[int, int, str]:
    """Sort key of ids: integers in numeric order, then text in alphabetical order."""
    if name.isascii() and name.removeprefix("-").isdigit() and len(name) < 19:
        return (0, int(name), name)
    return (1, 0, name)

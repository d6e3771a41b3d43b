"""Raw rows of a source without types (CSV): which of its texts are numbers or truth values."""

from __future__ import annotations

import numbers
import re
from typing import Any

import numpy as np

_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]{0,14})?(\.[0-9]*)?([eE][+-]?[0-9]+)?")
"""A number as it is written; a leading zero, or more than 15 digits in front, are an id's."""
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,18})")
"""A whole number that fits 64 bits: nothing of it is lost, however many digits it has."""

_NUMBERS = (numbers.Number, np.bool_)
_TRUTH = {"true": True, "false": False}


def with_numbers_read(frame: Any) -> Any:
    """Rows in which every text column that holds nothing but numbers or truth values is read.

    No plugin declares a raw table, and the columns of a CSV file that nobody declares are text. The
    whole column decides: one value that is no number leaves all of them as they are.

    A source that has a number or a truth value in any column has types. What is text there is meant
    as text: the sites "1", "2" and "10" are names, whose effects lie on no line. Instants say
    nothing of it, since a data contract can declare just the time column of a CSV file.

    Args:
        frame: a pandas frame; it is not changed.

    Returns:
        The frame, with these columns as numbers or ``bool``; missing values stay missing.
    """
    if any(_has_type(frame[name]) for name in frame.columns):
        return frame
    read = {name: column for name in frame.columns if (column := _read(frame[name])) is not None}
    return frame.assign(**read) if read else frame


def _has_type(column: Any) -> bool:
    """Whether a column holds numbers or truth values that were no text in the source."""
    import pandas as pd

    if pd.api.types.is_string_dtype(column) and column.dtype != object:
        return False
    values = column.dropna()
    if column.dtype == object:
        return any(isinstance(value, _NUMBERS) for value in values)
    return len(values) > 0 and pd.api.types.is_numeric_dtype(column)


def _read(column: Any) -> Any:
    import pandas as pd

    if not (pd.api.types.is_string_dtype(column) or column.dtype == object):
        return None
    values = column.dropna()
    if not len(values) or not all(isinstance(value, str) for value in values):
        return None
    words = values.str.strip()
    if len(values) == len(column) and all(_is_whole(word) for word in words):
        return pd.Series([int(word) for word in words], index=column.index, dtype="int64")
    if all(_is_number(word) for word in words):
        return pd.to_numeric(column.str.strip())
    if len(values) == len(column) and words.str.lower().isin(_TRUTH).all():
        return words.str.lower().map(_TRUTH).astype(bool)
    return None


def _is_whole(word: str) -> bool:
    return _WHOLE.fullmatch(word) is not None and abs(int(word)) < 2**63


def _is_number(word: str) -> bool:
    return any(map(str.isdigit, word)) and _NUMBER.fullmatch(word) is not None

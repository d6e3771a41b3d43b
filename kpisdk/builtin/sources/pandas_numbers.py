"""Numbers that pandas holds as objects, made into texts that DuckDB reads exactly.

DuckDB guesses the type of a column of objects: it takes ``Decimal("1E+3")`` for 1, cuts decimals of
unlike widths, makes single precision of them beside a NaN, and text of NumPy's own numbers.
"""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

NOTHING = "VARCHAR"
"""What a column of objects without a value is, if nobody declares it; DuckDB calls it INTEGER."""

_DIGITS = 38
"""The most digits that DuckDB's DECIMAL holds."""


def exact_numbers(frame: Any) -> tuple[Any, dict[str, str]]:
    """A pandas frame whose columns of number objects are texts or doubles.

    Returns:
        The frame (the given one where nothing is to be done), and the types of columns to cast.
    """
    import pandas as pd

    changed: dict[int, Any] = {}
    casts: dict[str, str] = {}
    for place, (name, dtype) in enumerate(zip(frame.columns, frame.dtypes, strict=True)):
        held = dtype.categories.dtype if isinstance(dtype, pd.CategoricalDtype) else dtype
        if not pd.api.types.is_object_dtype(held):
            continue
        values = frame.iloc[:, place].tolist()
        first = next((value for value in values if not _is_missing(value)), None)
        if first is None:
            casts[str(name)] = NOTHING
        if not _is_number(first):
            continue  # text above all: it is not looked through
        present = [value for value in values if not _is_missing(value)]
        as_they_are = dtype == held and not any(map(_is_own, present))
        if as_they_are or not all(map(_is_number, present)):
            continue
        read, type_ = _read(values)
        changed[place] = pd.Series(read, index=frame.index, dtype=object if type_ else "float64")
        if type_ is not None:
            casts[str(name)] = type_
    if not changed:
        return frame, casts
    copy = frame.copy(deep=False)
    for place, column in changed.items():
        copy.isetitem(place, column)
    return copy, casts


def _is_missing(value: Any) -> bool:
    """Whether an object stands for no value: None, NaN of either kind, NA, NaT."""
    if value is None or (isinstance(value, Decimal) and value.is_nan()):
        return True
    if isinstance(value, float):
        return value != value  # noqa: PLR0124 - true for NaN alone
    return type(value).__name__ in ("NAType", "NaTType")


def _is_number(value: Any) -> bool:
    return isinstance(value, Decimal | numbers.Real) and not isinstance(value, bool)


def _is_own(value: Any) -> bool:
    """Whether it is none of the numbers that DuckDB reads as they are."""
    return type(value) not in (int, float)


def _read(values: Sequence[Any]) -> tuple[list[Any], str | None]:
    """The values as texts of a DECIMAL type, or as doubles where none holds them all."""
    present = [None if _is_missing(value) else value for value in values]
    exact = [value for value in present if value is not None]
    if all(isinstance(value, Decimal | numbers.Integral) for value in exact):
        decimals = [None if value is None else Decimal(value) for value in map(_plain, present)]
        type_ = _decimal_type([value for value in decimals if value is not None])
        if type_ is not None:
            return [None if value is None else format(value, "f") for value in decimals], type_
    return [None if value is None else float(value) for value in present], None


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, Decimal) else int(value)


def _decimal_type(values: Sequence[Decimal]) -> str | None:
    if not all(value.is_finite() for value in values):
        return None
    scale = max(max(-int(value.as_tuple().exponent), 0) for value in values)
    whole = max(max(value.adjusted() + 1, 0) if value else 0 for value in values)
    width = max(whole + scale, 1)
    return f"DECIMAL({width}, {scale})" if width <= _DIGITS else None

"""The caller's frame, read once: a private copy of just the columns that a question needs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk import Problem
from kpisdk_causal.errors import (
    EmptyTableError,
    InfiniteValuesError,
    MissingValuesError,
    NotNumericError,
    UnknownColumnsError,
    refuse,
)
from kpisdk_causal.tables.missing_values import Missing

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

ROUNDING = 8 * float(np.finfo(np.float64).eps)
"""How far apart two numbers of size 1 may be that were meant to be one."""

LARGEST = 1e100
"""The squares of larger numbers, and of columns of less than 1e-100, are near the ends of float64,
and what is made of them says nothing."""

EXACT_TO = 2.0**53
"""Larger whole numbers have no exact float64."""


@attrs.frozen
class Table:
    """Complete rows of the columns asked for.

    Attributes:
        frame: private copy, index 0..n-1.
        n_dropped: rows left out for a missing value.
    """

    frame: pd.DataFrame
    n_dropped: int

    def __len__(self) -> int:
        return len(self.frame)

    def floats(self, column: str, role: str) -> Floats:
        """Column as float64, shape (n,); truth values become 0 and 1.

        Args:
            column: its name.
            role: what the question takes it for, for messages.

        Raises:
            NotNumericError: text, dates or anything else that is no number.
        """
        return as_floats(self.frame[column], column, role)

    def differences(self, column: str, role: str) -> Floats:
        """Column as float64 less one of its values, shape (n,).

        Whole numbers and decimals are subtracted before they become floats: differences between
        numbers beyond 2^53 are kept. For what does not depend on the zero point.

        Args:
            column: its name.
            role: what the question takes it for, for messages.

        Raises:
            NotNumericError: as :meth:`floats`.
        """
        values = self.frame[column]
        numbers = as_floats(values, column, role)
        exact = _whole(values)
        if exact is not None:
            return np.array([float(each - exact[0]) for each in exact[1]], dtype=np.float64)
        if values.dtype.kind in "iu":
            least = values.min()
            # Unsigned arithmetic wraps around, and so holds a difference of any two int64.
            shifted = values.to_numpy().astype(np.uint64) - np.uint64(int(least) % 2**64)
            return np.asarray(shifted, dtype=np.float64)
        middle = len(numbers) // 2
        return np.asarray(numbers - np.partition(numbers, middle)[middle], dtype=np.float64)

    def rounding(self, column: str) -> float:
        """How exact the numbers of a column are: 0 for whole numbers and decimals."""
        values = self.frame[column]
        if values.dtype.kind in "iub" or _whole(values) is not None:
            return 0.0
        return ROUNDING * float(np.abs(as_floats(values, column, "column")).max())

    def centred(self, column: str, role: str) -> Floats:
        """Column less its mean, shape (n,); exactly 0 where it only varies by rounding.

        Args:
            column: its name.
            role: what the question takes it for, for messages.

        Raises:
            NotNumericError: as :meth:`floats`.
        """
        values = self.differences(column, role)
        if float(np.ptp(values)) <= self.rounding(column):
            return np.zeros(len(self))
        return np.asarray(values - values.mean(), dtype=np.float64)

    def outcome(self, column: str) -> Floats:
        """The outcome as float64, shape (n,): as it is, where double precision can hold it.

        Whole numbers beyond 2^53 come less their mean; what varies by rounding only is constant.

        Raises:
            NotNumericError: as :meth:`floats`.
        """
        plain, centred = self.floats(column, "outcome"), self.centred(column, "outcome")
        if not centred.any():
            return np.full(len(self), plain[0])
        return plain if float(np.abs(plain).max()) < EXACT_TO else centred

    def rows(self, keep: NDArray[np.bool_]) -> Table:
        """Some of the rows."""
        return Table(self.frame.loc[keep].reset_index(drop=True), self.n_dropped)


def _whole(values: Any) -> tuple[Any, list[Any]] | None:
    """The least value and all of an object or nullable column of whole numbers or decimals."""
    from decimal import Decimal

    if values.dtype != object and not str(values.dtype).startswith(("Int", "UInt")):
        return None
    numbers = list(values)
    if not all(isinstance(each, int | Decimal | np.integer) for each in numbers):
        return None
    return min(numbers), numbers


def read(frame: Any, columns: Iterable[str], missing: Missing) -> Table:
    """Take ``columns`` out of ``frame``, which stays as it is.

    Args:
        frame: a pandas frame.
        columns: those that are taken.
        missing: ``raise`` or ``drop``.

    Raises:
        QuestionError: ``frame`` is no pandas frame, or has two columns of one name.
        UnknownColumnsError: columns that are not there, all of them.
        EmptyTableError: no rows, or none without a missing value.
        MissingValuesError: missing values under ``missing='raise'``, counted per column.
        InfiniteValuesError: infinite values and sizes beyond 1e100, counted per column.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        kind = type(frame).__name__
        refuse("causal data", [Problem("frame", f"must be a pandas DataFrame, not {kind}")])
    needed = list(dict.fromkeys(columns))
    absent = tuple(name for name in needed if name not in frame.columns)
    if absent:
        raise UnknownColumnsError(absent, tuple(str(name) for name in frame.columns))
    names = list(frame.columns)
    doubled = [name for name in needed if names.count(name) > 1]
    refuse("causal data", [Problem(name, "two columns have this name") for name in doubled])
    if frame.empty:
        raise EmptyTableError
    own = frame.loc[:, needed].reset_index(drop=True)
    gaps = own.isna()
    counts = {name: int(count) for name, count in gaps.sum().items() if count}
    if counts and missing == "raise":
        raise MissingValuesError(counts)
    dropped = 0
    if counts:
        keep = ~gaps.any(axis=1)
        dropped = int((~keep).sum())
        own = own.loc[keep].reset_index(drop=True)
    if own.empty:
        raise EmptyTableError(dropped)
    _refuse_infinity(own)
    return Table(own, dropped)


def as_floats(column: Any, name: str, role: str) -> Floats:
    """A pandas column as float64; see :meth:`Table.floats`.

    Args:
        column: a pandas column.
        name: of the column, for messages.
        role: what the question takes it for, for messages.
    """
    import pandas as pd

    if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
        # Databases hand numbers over as Decimal in object columns; those are numbers all the same.
        if not _all_numbers(column):
            raise NotNumericError(name, role, str(column.dtype))
        column = column.map(_float).astype("float64")
    if pd.api.types.is_complex_dtype(column):
        raise NotNumericError(name, role, str(column.dtype))
    return np.asarray(column.to_numpy(dtype="float64", na_value=np.nan), dtype=np.float64)


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number beyond the largest float
        return math.inf if value > 0 else -math.inf


def is_number_column(column: Any) -> bool:
    """Whether :func:`as_floats` would take this pandas column."""
    import pandas as pd

    plain = pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)
    return bool(plain) or _all_numbers(column)


def _all_numbers(column: Any) -> bool:
    from decimal import Decimal

    if column.dtype != object or len(column) == 0:
        return False
    return all(isinstance(value, int | float | bool | Decimal | np.number) for value in column)


def _refuse_infinity(frame: pd.DataFrame) -> None:
    counts = {}
    for name in frame.columns:
        if is_number_column(frame[name]):
            sizes = np.abs(as_floats(frame[name], str(name), "column"))
            outside = sizes > LARGEST
            if not outside.any() and sizes.max() < 1 / LARGEST:
                outside = sizes > 0
            if outside.any():
                counts[str(name)] = int(outside.sum())
    if counts:
        raise InfiniteValuesError(counts)

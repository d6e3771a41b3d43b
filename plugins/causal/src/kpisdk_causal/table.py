"""The caller's frame, read once: a private copy of just the columns that a question needs."""

from __future__ import annotations

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
)
from kpisdk_causal.rules import Missing, refuse

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@attrs.frozen
class Table:
    """Complete rows of the columns asked for.

    Args:
        frame: private copy, index 0..n-1.
        n_dropped: rows left out for a missing value.
    """

    frame: pd.DataFrame
    n_dropped: int

    def __len__(self) -> int:
        return len(self.frame)

    def floats(self, column: str, role: str) -> Floats:
        """Column as float64, shape (n,); truth values become 0 and 1.

        Raises:
            NotNumericError: text, dates or anything else that is no number.
        """
        return as_floats(self.frame[column], column, role)


def read(frame: Any, columns: Iterable[str], missing: Missing) -> Table:
    """Take ``columns`` out of ``frame``, which stays as it is.

    Raises:
        QuestionError: ``frame`` is no pandas frame, or has two columns of one name.
        UnknownColumnsError: columns that are not there, all of them.
        EmptyTableError: no rows, or none without a missing value.
        MissingValuesError: missing values under ``missing='raise'``, counted per column.
        InfiniteValuesError: infinite values, counted per column.
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
    """A pandas column as float64; see :meth:`Table.floats`."""
    import pandas as pd

    if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
        # Databases hand numbers over as Decimal in object columns; those are numbers all the same.
        if not _all_numbers(column):
            raise NotNumericError(name, role, str(column.dtype))
        column = column.astype("float64")
    if pd.api.types.is_complex_dtype(column):
        raise NotNumericError(name, role, str(column.dtype))
    return np.asarray(column.to_numpy(dtype="float64", na_value=np.nan), dtype=np.float64)


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
            count = int(np.isinf(as_floats(frame[name], str(name), "column")).sum())
            if count:
                counts[str(name)] = count
    if counts:
        raise InfiniteValuesError(counts)

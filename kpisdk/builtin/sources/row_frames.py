"""Rows that a statement selects as a pandas frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kpisdk.errors import MissingDependencyError


def framing() -> Callable[[Any], Any]:
    """What makes a frame of SQLAlchemy's result.

    Raises:
        MissingDependencyError: pandas is not installed; no statement has run yet.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise MissingDependencyError(
            "pandas", "Reading rows for a calculator", "pip install 'kpisdk[frames]'"
        ) from error

    def framed(result: Any) -> Any:
        names = list(result.keys())
        # Plain tuples: pandas asks each of SQLAlchemy's rows for attributes, which is slow.
        rows = [tuple(row) for row in result.fetchall()]
        return pd.DataFrame.from_records(rows, columns=names, coerce_float=True)

    return framed

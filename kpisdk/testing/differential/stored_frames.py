"""Rows as frames and tables in memory: pandas, polars, Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from kpisdk.testing.differential.event_rows import Row
from kpisdk.testing.differential.places import COLUMNS, Place, as_decimals, columns_of


def frames_of_objects(rows: Sequence[Row], place: Place) -> Any:
    """A pandas frame whose columns hold Python values."""
    import pandas as pd

    del place
    return {"events": pd.DataFrame(columns_of(rows), columns=list(COLUMNS), dtype=object)}


def frames_of_decimals(rows: Sequence[Row], place: Place) -> Any:
    """The same with numbers as decimals, some of them with a positive exponent."""
    import pandas as pd

    del place
    columns = columns_of([as_decimals(row) for row in rows])
    columns["amount"] = [
        None if each is None else Decimal(repr(each)).normalize() for each in columns["amount"]
    ]
    columns["units"] = [None if each is None else Decimal(each) for each in columns["units"]]
    return {"events": pd.DataFrame(columns, columns=list(COLUMNS), dtype=object)}


def typed_frames(rows: Sequence[Row], place: Place) -> Any:
    """A pandas frame of nullable types, instants with a zone."""
    import pandas as pd

    del place
    columns: dict[str, Any] = columns_of(rows)
    columns["happened_at"] = pd.to_datetime(
        pd.Series(columns["happened_at"], dtype="datetime64[us]"), utc=True
    )
    columns["amount"] = pd.Series(columns["amount"], dtype="float64")
    columns["units"] = pd.Series(columns["units"], dtype="Int64")
    columns["done"] = pd.Series(columns["done"], dtype="boolean")
    return {"events": pd.DataFrame(columns, columns=list(COLUMNS))}


def arrow_table(rows: Sequence[Row]) -> Any:
    """The rows as an Arrow table."""
    import pyarrow as pa

    types = {
        "happened_at": pa.timestamp("us"),
        "day": pa.date32(),
        "amount": pa.float64(),
        "units": pa.int64(),
        "done": pa.bool_(),
    }
    arrays = [
        pa.array(values, type=types.get(name, pa.string()), from_pandas=False)
        for name, values in columns_of(rows).items()
    ]
    return pa.table(arrays, names=list(COLUMNS))


def arrow(rows: Sequence[Row], place: Place) -> Any:
    """An Arrow table."""
    del place
    return {"events": arrow_table(rows)}


def polars(rows: Sequence[Row], place: Place) -> Any:
    """A polars frame."""
    import polars as pl

    del place
    return {"events": pl.from_arrow(arrow_table(rows))}

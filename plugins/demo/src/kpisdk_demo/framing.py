"""A generated data set in memory, as pandas frames."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from kpisdk import MissingDependencyError
from kpisdk_demo.contract import META, TABLES
from kpisdk_demo.generator import generate
from kpisdk_demo.marks import meta

if TYPE_CHECKING:
    import pandas as pd


def frames(scale: float, seed: int, end: datetime) -> dict[str, pd.DataFrame]:
    """All tables as frames, for small scales: everything is held in memory.

    ``kpisdk_meta`` is among them, so that results on the frames are marked synthetic too.

    Integers and booleans have pandas' nullable types, so that a NULL stays one; instants are
    ``datetime64[us]`` in UTC without a zone, days are ``datetime.date``.

    Args:
        scale: 1 is 10,000 patients.
        seed: a non-negative integer.
        end: the instant (UTC) that every row lies before.

    Raises:
        DemoPlanError: a scale, seed or end that cannot be used.
        MissingDependencyError: pandas is not installed.
    """
    import pyarrow as pa

    try:
        import pandas as pd
    except ImportError as error:
        raise MissingDependencyError(
            "pandas", "kpisdk_demo.frames", "pip install 'kpisdk-demo[frames]'"
        ) from error

    nullable = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    parts: dict[str, list[pa.Table]] = {table: [] for table in TABLES}
    for batch in generate(scale, seed, end):
        parts[batch.table].append(pa.table(dict(batch.columns)))
    made = {
        table: pa.concat_tables(found).to_pandas(types_mapper=nullable.get)
        for table, found in parts.items()
    }
    marks = meta(scale, seed, end)
    return made | {META: pd.DataFrame({"key": list(marks), "value": list(marks.values())})}

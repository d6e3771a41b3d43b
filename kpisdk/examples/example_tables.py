"""Rows with declared types, written where an engine reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import attrs

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.kpi_examples import Row, with_referenced
from kpisdk.contracts.vocabulary import LogicalType


@attrs.frozen
class Table:
    """A table to be written: types by column, and rows; a column that a row lacks is NULL."""

    name: str
    types: Mapping[str, LogicalType]
    rows: Sequence[Row]

    def filled(self) -> list[dict[str, Any]]:
        """The rows with every column, values as the declared types have them; instants naive UTC.

        A value that is not of its type stays as it is: the engine says what it makes of it.
        """
        return [
            {name: _stored(row.get(name), logical) for name, logical in self.types.items()}
            for row in self.rows
        ]


def tables_of(datasets: Iterable[Dataset], rows: Mapping[str, Sequence[Row]]) -> list[Table]:
    """The tables of datasets and of those that they refer to; one without rows is empty."""
    return [
        Table(name, {column.name: column.type for column in dataset.columns}, rows.get(name, ()))
        for name, dataset in with_referenced(datasets).items()
    ]


def _stored(value: Any, logical: LogicalType) -> Any:
    if isinstance(value, datetime):
        moment = value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        return moment.date() if logical is LogicalType.DATE else moment
    if isinstance(value, date) and logical is LogicalType.TIMESTAMP:
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - stored without a zone
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and logical is LogicalType.FLOAT:
        return float(value)
    if isinstance(value, float) and value.is_integer() and logical is LogicalType.INT:
        return int(value)
    return value


def write_database(url: str, tables: Iterable[Table]) -> None:
    """Make tables in a database, in the place of those that go by their names, and fill them."""
    import sqlalchemy as sa

    from kpisdk.sql.types import TYPES

    plain = {**TYPES, LogicalType.DATE: sa.Date(), LogicalType.TIMESTAMP: sa.DateTime()}
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    metadata = sa.MetaData()
    with engine.begin() as connection:
        for each in tables:
            columns = [
                sa.Column(name, plain[logical], quote=True) for name, logical in each.types.items()
            ]
            table = sa.Table(each.name, metadata, *columns, quote=True)
            connection.execute(sa.schema.DropTable(table, if_exists=True))
            connection.execute(sa.schema.CreateTable(table))
            rows = each.filled()
            if rows:
                connection.execute(sa.insert(table), rows)
    engine.dispose()


def write_csv(folder: Path, tables: Iterable[Table]) -> None:
    """Write a CSV file for each table; what is NULL is an empty field."""
    import csv

    for each in tables:
        with (folder / f"{each.name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(each.types)
            writer.writerows([_field(value) for value in row.values()] for row in each.filled())


def _field(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat(" ") if isinstance(value, datetime) else value


def write_parquet(folder: Path, tables: Iterable[Table]) -> None:
    """Write a Parquet file for each table, by way of a DuckDB database beside them."""
    import duckdb

    made = list(tables)
    database = folder / "tables.duckdb"
    write_database(f"duckdb:///{database}", made)
    with duckdb.connect(str(database)) as connection:
        for each in made:
            target = folder / f"{each.name}.parquet"
            connection.table(each.name).write_parquet(str(target))
    database.unlink()


def as_frames(tables: Iterable[Table]) -> dict[str, Any]:
    """A pandas frame for each table, with the types that pandas has for the declared ones."""
    import pandas as pd

    frames = {}
    for each in tables:
        rows = each.filled()
        series = {
            name: pd.Series([row[name] for row in rows], dtype=_DTYPES.get(logical, "object"))
            for name, logical in each.types.items()
        }
        frames[each.name] = pd.DataFrame(series)
    return frames


_DTYPES: Mapping[LogicalType, Any] = {
    LogicalType.INT: "Int64",
    LogicalType.FLOAT: "float64",
    LogicalType.BOOL: "boolean",
    LogicalType.TIMESTAMP: "datetime64[us]",
}

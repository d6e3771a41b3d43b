"""Where rows can lie: each container writes them in its own types, and says what it then holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from kpisdk.testing.differential.tables import EVENTS, SMALL_UNITS, UNDECLARED, Row, missing

COLUMNS = (*(column.name for column in EVENTS.columns), UNDECLARED)


@attrs.frozen
class Place:
    """What a container may use: a folder of its own, and an empty PostgreSQL database."""

    folder: Path
    postgresql: str = ""


@attrs.frozen
class Container:
    """One way to store the rows.

    ``put`` writes them and returns the source; ``held`` is what of a row the container can hold
    (a CSV file knows no empty text, ``char(4)`` no trailing blank).
    """

    name: str
    put: Callable[[Sequence[Row], Place], Any]
    held: Callable[[Row], Row]
    needs: str = ""


def _as_is(row: Row) -> Row:
    return row


def _without_not_a_number(row: Row) -> Row:
    return {name: None if missing(value) else value for name, value in row.items()}


def _padded(row: Row) -> Row:
    """What is left of ``person`` in a column of type ``char(4)``, whose blanks are padding."""
    person = row["person"]
    return {**row, "person": None if person is None else person.rstrip(" ")}


def _columns(rows: Sequence[Row]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in COLUMNS}


def _frames_of_objects(rows: Sequence[Row], place: Place) -> Any:
    import pandas as pd

    del place
    return {"events": pd.DataFrame(_columns(rows), columns=list(COLUMNS), dtype=object)}


def _frames_of_decimals(rows: Sequence[Row], place: Place) -> Any:
    import pandas as pd

    del place
    columns = _columns([_without_not_a_number(row) for row in rows])
    columns["amount"] = [
        None if each is None else Decimal(repr(each)).normalize() for each in columns["amount"]
    ]
    columns["units"] = [None if each is None else Decimal(each) for each in columns["units"]]
    return {"events": pd.DataFrame(columns, columns=list(COLUMNS), dtype=object)}


def _typed_frames(rows: Sequence[Row], place: Place) -> Any:
    import pandas as pd

    del place
    columns: dict[str, Any] = _columns(rows)
    columns["happened_at"] = pd.to_datetime(
        pd.Series(columns["happened_at"], dtype="datetime64[us]"), utc=True
    )
    columns["amount"] = pd.Series(columns["amount"], dtype="float64")
    columns["units"] = pd.Series(columns["units"], dtype="Int64")
    columns["done"] = pd.Series(columns["done"], dtype="boolean")
    return {"events": pd.DataFrame(columns, columns=list(COLUMNS))}


def _arrow_table(rows: Sequence[Row]) -> Any:
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
        for name, values in _columns(rows).items()
    ]
    return pa.table(arrays, names=list(COLUMNS))


def _arrow(rows: Sequence[Row], place: Place) -> Any:
    del place
    return {"events": _arrow_table(rows)}


def _polars(rows: Sequence[Row], place: Place) -> Any:
    import polars as pl

    del place
    return {"events": pl.from_arrow(_arrow_table(rows))}


def _parquet(rows: Sequence[Row], place: Place) -> Any:
    import pyarrow.parquet as pq

    pq.write_table(_arrow_table(rows), place.folder / "events.parquet", row_group_size=4)
    return str(place.folder)


def _parquet_parts(rows: Sequence[Row], place: Place) -> Any:
    """Two parts; amounts as decimals of another scale in each, units as small as they fit."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = place.folder / "events"
    folder.mkdir()
    whole = _arrow_table([_without_not_a_number(row) for row in rows])
    fits = all(row["units"] in SMALL_UNITS for row in rows)
    for number, scale in enumerate((6, 9)):
        half = slice(None, len(rows) // 2) if number == 0 else slice(len(rows) // 2, None)
        part = whole.slice(half.start or 0, (half.stop or len(rows)) - (half.start or 0))
        amounts = pa.array(
            [
                None if each is None else Decimal(repr(each)).quantize(Decimal(1).scaleb(-scale))
                for each in part.column("amount").to_pylist()
            ],
            type=pa.decimal128(30, scale),
        )
        part = part.set_column(COLUMNS.index("amount"), "amount", amounts)
        if fits:
            units = part.column("units").cast(pa.int32())
            part = part.set_column(COLUMNS.index("units"), "units", units)
        pq.write_table(part, folder / f"part-{number}.parquet")
    return str(place.folder)


def _field(value: Any) -> str:
    if missing(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value)


def _write_csv(path: Path, rows: Sequence[Row], field: Callable[[Any], str] = _field) -> None:
    import csv
    import gzip
    import io

    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([field(row[name]) for name in COLUMNS] for row in rows)
    data = text.getvalue().encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def _csv(rows: Sequence[Row], place: Place) -> Any:
    _write_csv(place.folder / "events.csv", rows)
    return str(place.folder)


def _csv_parts(rows: Sequence[Row], place: Place) -> Any:
    """Three parts, one of them compressed; numbers with blanks around them, instants with zones."""

    def loose(value: Any) -> str:
        if isinstance(value, dt.datetime):
            return value.isoformat() + "+00:00"
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return f" {_field(value)} " if is_number and not missing(value) else _field(value)

    folder = place.folder / "events"
    folder.mkdir()
    for number, suffix in enumerate((".csv", ".csv.gz", ".csv")):
        _write_csv(folder / f"part-{number}{suffix}", rows[number::3], loose)
    return str(place.folder)


DUCKDB_PLAIN = {
    "happened_at": "TIMESTAMP",
    "day": "DATE",
    "amount": "DOUBLE",
    "units": "BIGINT",
    "done": "BOOLEAN",
}
DUCKDB_NARROW = {
    "happened_at": "TIMESTAMPTZ",
    "day": "TIMESTAMP",
    "site": "VARCHAR COLLATE NOCASE",
    "person": "VARCHAR COLLATE NOACCENT.NOCASE",
    "amount": "DECIMAL(18,6)",
    "units": "INTEGER",
    "done": "BOOLEAN",
    "doc": "JSON",
}


def _duckdb(types: dict[str, str]) -> Callable[[Sequence[Row], Place], Any]:
    def put(rows: Sequence[Row], place: Place) -> Any:
        import duckdb

        path = place.folder / "data.duckdb"
        stored = rows if types is DUCKDB_PLAIN else [_without_not_a_number(row) for row in rows]
        wide = any(row["units"] not in SMALL_UNITS for row in rows)
        with duckdb.connect(str(path)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            columns = ", ".join(
                f"{name} {'HUGEINT' if wide and name == 'units' else types.get(name, 'VARCHAR')}"
                for name in COLUMNS
            )
            connection.execute(f"CREATE TABLE events ({columns})")
            _insert(connection.execute, stored, "?")
        return f"duckdb:///{path}"

    return put


def _insert(execute: Callable[..., Any], rows: Sequence[Row], mark: str) -> None:
    marks = ", ".join([mark] * len(COLUMNS))
    for row in rows:
        execute(f"INSERT INTO events VALUES ({marks})", [row[name] for name in COLUMNS])


SQLITE_PLAIN = {"amount": "FLOAT", "units": "BIGINT", "done": "BOOLEAN", "happened_at": "TIMESTAMP"}
SQLITE_LOOSE = {"site": "TEXT COLLATE NOCASE", "person": "TEXT COLLATE RTRIM"}


def _sqlite(types: dict[str, str], *, view: bool = False) -> Callable[[Sequence[Row], Place], Any]:
    """A table; or a view over one whose columns all hold text, of which it computes its own."""

    def put(rows: Sequence[Row], place: Place) -> Any:
        import sqlite3

        path = place.folder / "data.sqlite"
        columns = ", ".join(f"{name} {types.get(name, '')}" for name in COLUMNS)
        stored = [
            {name: _sqlite_value(value) for name, value in _without_not_a_number(row).items()}
            for row in rows
        ]
        with sqlite3.connect(path) as connection:
            connection.execute(f"CREATE TABLE events ({columns})")
            _insert(connection.execute, stored, "?")
            if view:
                connection.execute("ALTER TABLE events RENAME TO raw_events")
                picked = ", ".join(
                    f"CAST({name} AS {_CASTS[name]}) AS {name}" if name in _CASTS else name
                    for name in COLUMNS
                )
                connection.execute(f"CREATE VIEW events AS SELECT {picked} FROM raw_events")
        connection.close()
        return f"sqlite:///{path}"

    return put


_CASTS = {"amount": "REAL", "units": "INTEGER"}


def _sqlite_value(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="microseconds")
    return value.isoformat() if isinstance(value, dt.date) else value


POSTGRESQL_PLAIN = {
    "happened_at": "timestamp",
    "day": "date",
    "amount": "double precision",
    "units": "bigint",
    "done": "boolean",
}
POSTGRESQL_NARROW = {
    "happened_at": "timestamptz",
    "day": "timestamp",
    "site": "site_name",
    "person": "char(4)",
    "amount": "numeric(18,6)",
    "units": "small_number",
    "done": "boolean",
    "doc": "jsonb",
}


def _postgresql(types: dict[str, str]) -> Callable[[Sequence[Row], Place], Any]:
    def put(rows: Sequence[Row], place: Place) -> Any:
        import psycopg

        plain = types is POSTGRESQL_PLAIN
        stored = rows if plain else [_without_not_a_number(row) for row in rows]
        wide = any(row["units"] not in SMALL_UNITS for row in rows)
        columns = ", ".join(f"{name} {types.get(name, 'text')}" for name in COLUMNS)
        with psycopg.connect(place.postgresql.replace("+psycopg", "", 1)) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
            connection.execute("SET TIME ZONE 'UTC'")
            if not plain:
                connection.execute(
                    "CREATE COLLATION caseless "
                    "(provider = icu, locale = 'und-u-ks-level1', deterministic = false)"
                )
                connection.execute("CREATE DOMAIN site_name AS text COLLATE caseless")
                number = "numeric(25,0)" if wide else "integer"
                connection.execute(f"CREATE DOMAIN small_number AS {number}")
            connection.execute(f"CREATE TABLE events ({columns})")
            _insert(connection.execute, stored, "%s")
        return place.postgresql

    return put


def _json_documents(row: Row) -> Row:
    """What a column of type JSON takes: documents, and no junk."""
    doc = row["doc"]
    return {**row, "doc": None if doc is None or doc in ("junk", '{"k": 1} x') else doc}


def _for_jsonb(row: Row) -> Row:
    return _json_documents(_padded(row))


def _writing(put: Callable[[Sequence[Row], Place], Any], held: Callable[[Row], Row]) -> Any:
    """``put`` of what is held: a column that takes no junk is given none."""
    return lambda rows, place: put([held(row) for row in rows], place)


CONTAINERS: tuple[Container, ...] = (
    Container("frames of objects", _frames_of_objects, _as_is),
    Container("frames of decimals", _frames_of_decimals, _without_not_a_number),
    Container("typed frames", _typed_frames, _as_is),
    Container("arrow", _arrow, _as_is),
    Container("polars", _polars, _as_is, needs="polars"),
    Container("parquet", _parquet, _as_is),
    Container("parquet parts", _parquet_parts, _without_not_a_number),
    Container("csv", _csv, _as_is),
    Container("csv parts", _csv_parts, _as_is),
    Container("duckdb", _duckdb(DUCKDB_PLAIN), _as_is),
    Container("narrow duckdb", _writing(_duckdb(DUCKDB_NARROW), _json_documents), _json_documents),
    Container("sqlite", _sqlite(SQLITE_PLAIN), _as_is),
    Container("loose sqlite", _sqlite(SQLITE_LOOSE), _as_is),
    Container("sqlite view", _sqlite({}, view=True), _as_is),
    Container("postgresql", _postgresql(POSTGRESQL_PLAIN), _as_is, needs="postgresql"),
    Container(
        "narrow postgresql",
        _writing(_postgresql(POSTGRESQL_NARROW), _json_documents),
        _for_jsonb,
        needs="postgresql",
    ),
)
"""All containers."""

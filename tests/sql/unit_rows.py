"""Rows of visits, their table on each engine, and their moments worked out in plain Python."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import statistics
from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from kpisdk import Column, Dataset, LogicalType
from kpisdk.engines import UnitBucket
from kpisdk.sql.unit_buckets import BUCKETS, HASHES

TEXTS = ("P1", "P2", "pé", "Ünit", "日本", "🙂", "a b", "'; --", "", "P10", "p1", "P1 ")
VISITS = Dataset(
    "core_unit_visits",
    (
        Column("id", LogicalType.TEXT, key=True),
        Column("person", LogicalType.TEXT),
        Column("number", LogicalType.INT),
        Column("share", LogicalType.FLOAT),
        Column("site", LogicalType.TEXT),
        Column("seen", LogicalType.TIMESTAMP),
        Column("day", LogicalType.DATE),
        Column("good", LogicalType.BOOL),
        Column("price", LogicalType.FLOAT),
        Column("far", LogicalType.FLOAT),
        Column("stay", LogicalType.INT),
        Column("room", LogicalType.TEXT),
    ),
    time="seen",
)
NAMES = tuple(column.name for column in VISITS.columns)
SITES = ("north", "süd", None)


def made(rows: int = 400, seed: int = 14) -> list[dict[str, Any]]:
    """Visits of twelve people and some of nobody, with gaps in every column but the key."""
    draw = random.Random(seed)
    found = []
    for each in range(rows):
        place = draw.randrange(len(TEXTS) + 1)
        known = place < len(TEXTS)
        at = dt.datetime(2025, 1, 1) + dt.timedelta(minutes=draw.randrange(90 * 1440))
        found.append(
            {
                "id": f"V{each}",
                "person": TEXTS[place] if known else None,
                "number": 10**12 + place if known else None,
                "share": place / 8 if known else None,
                "site": draw.choice(SITES),
                "seen": at,
                "day": at.date(),
                "good": draw.choice((True, False, None)),
                "price": draw.choice((None, draw.randrange(10000) / 100)),
                "far": 1e9 + draw.choice((-1, 1)),
                "stay": draw.choice((None, draw.randrange(9))),
                # A room belongs to one person, and half of the rooms to two.
                "room": f"R{place}-{draw.randrange(3)}",
            }
        )
    return found


def ddl(rows: list[dict[str, Any]], table: str, dialect: str) -> list[str]:
    """The table of the rows on an engine."""
    number = "DOUBLE PRECISION" if dialect == "postgresql" else "DOUBLE"
    types = ("TEXT", "TEXT", "BIGINT", number, "TEXT", "TIMESTAMP", "DATE", "BOOLEAN",
             "DECIMAL(12, 2)", number, "INTEGER", "TEXT")  # fmt: skip
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(NAMES, types, strict=True))
    values = [f"({', '.join(_literal(row[name]) for name in NAMES)})" for row in rows]
    filled = [f"INSERT INTO {table} VALUES {', '.join(part)}" for part in _slabs(values)]
    return [f"CREATE TABLE {table} ({columns})", *filled]


def _slabs(values: list[str]) -> list[tuple[str, ...]]:
    return (
        list(itertools.batched(values, 400))
        if hasattr(itertools, "batched")
        else [tuple(values[start : start + 400]) for start in range(0, len(values), 400)]
    )


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    text = value.isoformat(" ") if isinstance(value, dt.datetime) else str(value)
    return "'" + text.replace("'", "''") + "'"


def buckets_of(desk: Any, unit: str, rows: list[dict[str, Any]]) -> dict[Any, int]:
    """The bucket of each value of a unit, as the engine's own hash gives it."""
    clause, columns = desk.catalog.table(VISITS.name).clause()
    digest = UnitBucket(columns[unit], sa.literal_column(str(HASHES)))
    select = sa.select(columns["id"], digest).select_from(clause)
    of_id = dict(desk.session.rows(select))
    return {row[unit]: of_id[row["id"]] % BUCKETS for row in rows if row[unit] is not None}


def grouped(
    rows: list[dict[str, Any]], unit: str, bucket: dict[Any, Any]
) -> list[list[dict[str, Any]]]:
    """The rows by bucket of their unit; each row without one by itself."""
    found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        key = ("nobody", row["id"]) if row[unit] is None else bucket[row[unit]]
        found[key].append(row)
    return list(found.values())


def mean_of(rows: list[dict[str, Any]], name: str) -> float:
    """The mean of the values that are there."""
    return statistics.fmean(row[name] for row in rows if row[name] is not None)

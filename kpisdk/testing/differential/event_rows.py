"""Rows that are legal everywhere and that engines are known to read in different ways."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any, TypeAlias

from kpisdk.contracts.datasets import Column, Dataset
from kpisdk.contracts.vocabulary import LogicalType

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Row: TypeAlias = dict[str, Any]
"""Python values by column; ``None`` where one is missing. Instants are naive, and in UTC."""

EVENTS = Dataset(
    "events",
    (
        Column("event_id", LogicalType.TEXT, key=True),
        Column("happened_at", LogicalType.TIMESTAMP),
        Column("day", LogicalType.DATE),
        Column("site", LogicalType.TEXT),
        Column("person", LogicalType.TEXT),
        Column("amount", LogicalType.FLOAT),
        Column("units", LogicalType.INT),
        Column("done", LogicalType.BOOL),
        Column("doc", LogicalType.JSON),
    ),
    time="happened_at",
)
"""The declared columns; every table holds the text column :data:`UNDECLARED` beside them."""

UNDECLARED = "version"

_at = dt.datetime.fromisoformat

AS_OF = _at("2026-04-01 12:00:00")
"""The instant of every question; rows at or after it never count."""

SITES = (
    None,
    "a",
    "A",
    "a ",
    " a",
    "ä",
    "a\u0308",
    "ß",
    "ss",
    "日本",
    "x'; DROP TABLE events; --",
    '"q",',
    "1",
    "01",
    "NULL",
    "nan",
    "%",
    "=1+1",
    "two\nlines",
)
PEOPLE = (None, "p", "P", "p ", "q", "İ", "i")
VERSIONS = (None, "1.1", "1.10", "01234", "1234", "1e3", "1000", "12345678901234567890123", "true")
AMOUNTS = (None, 0.0, 0.1, 14.4, -2.5, 3.75, 1e6, 0.015625, -1e-4, 123456.789, math.nan, math.inf)
SMALL_UNITS = (None, 0, 1, 3, -7, 12, 50_000, 2**31 - 1, -(2**31))
LARGE_UNITS = (None, 0, 3, 2**53, 2**53 + 1, -(2**62), 2**62)
DOCUMENTS = (
    None,
    "junk",
    "{}",
    "[]",
    "null",
    '{"k": 1.5}',
    '{"k": 1e2}',
    '{"k": "1.5"}',
    '{"k": true}',
    '{"k": null}',
    '{"k": {"k": 1}}',
    '{"a": 1, "k": 7}',
    '{"k": 1} x',
    '{"k": -0.25}',
)
INSTANTS = (
    None,
    _at("2026-01-31 23:59:59.999999"),
    _at("2026-02-01 00:00:00"),
    _at("2026-02-28 23:59:59.999999"),
    _at("2026-03-01 00:00:00"),
    _at("2026-03-01 00:00:00.000001"),
    _at("2026-03-08 23:30"),  # New York springs forward around here, and UTC does not
    _at("2026-03-09 00:00:00"),
    _at("2026-03-15 12:00:00"),
    _at("2026-03-29 01:30:00"),  # Europe does here
    _at("2026-03-31 23:59:59"),
    AS_OF - dt.timedelta(microseconds=1),
    AS_OF,
    _at("2031-01-01 00:00:00"),
    _at("2025-12-29 00:00:00"),  # the first day of ISO week 2026-W01
    _at("2024-02-29 06:00:00"),
)
DAYS = (None, dt.date(2026, 3, 1), dt.date(2026, 2, 28), dt.date(2024, 2, 29), dt.date(1969, 7, 20))


def tables(largest: int = 12) -> SearchStrategy[list[Row]]:
    """Tables of up to so many rows; keys may occur twice, and any other value may be missing."""
    from hypothesis import strategies as st

    units = st.sampled_from(SMALL_UNITS) | st.sampled_from(LARGE_UNITS)
    amounts = st.sampled_from(AMOUNTS) | st.integers(-64_000, 64_000).map(lambda part: part / 64)
    row = st.fixed_dictionaries(
        {
            "event_id": st.integers(0, 40).map(lambda number: f"e{number:02d}"),
            "happened_at": st.sampled_from(INSTANTS),
            "day": st.sampled_from(DAYS),
            "site": st.sampled_from(SITES),
            "person": st.sampled_from(PEOPLE),
            "amount": amounts,
            "units": units,
            "done": st.sampled_from((None, True, False)),
            "doc": st.sampled_from(DOCUMENTS),
            UNDECLARED: st.sampled_from(VERSIONS),
        }
    )
    return st.lists(row, min_size=0, max_size=largest)


def missing(value: Any) -> bool:
    """Whether a value is none: not-a-number is a missing number, wherever it is stored."""
    return value is None or (isinstance(value, float) and math.isnan(value))

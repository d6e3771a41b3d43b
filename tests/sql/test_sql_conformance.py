"""One expression set, worked out by hand, equal on DuckDB, SQLite and PostgreSQL.

SQLite and others answer several of these silently wrong when they are asked in plain SQL; a
comparison of engines is worth more here than a test of each.
"""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from kpisdk import AsOf, Column, Dataset, LogicalType, ParameterRef
from kpisdk.contracts.plans import Slicing
from kpisdk.contracts.vocabulary import Grain
from kpisdk.sql import constructs as functions
from kpisdk.sql.expression_sql import as_day, as_instant, bound
from kpisdk.sql.scopes import bucket

CELLS = Dataset(
    "core_cells",
    (
        Column("id", LogicalType.INT, key=True),
        Column("word", LogicalType.TEXT),
        Column("whole", LogicalType.INT),
        Column("part", LogicalType.FLOAT),
        Column("flag", LogicalType.BOOL),
        Column("day", LogicalType.DATE),
        Column("at", LogicalType.TIMESTAMP),
        Column("zoned", LogicalType.TIMESTAMP),
        Column("doc", LogicalType.JSON),
    ),
)
word, whole, part, flag = CELLS["word"], CELLS["whole"], CELLS["part"], CELLS["flag"]
day, at, zoned, doc = CELLS["day"], CELLS["at"], CELLS["zoned"], CELLS["doc"]

ROWS = (
    (
        "(1, 'Ab', 7, 2.5, {yes}, '2024-12-30', '2024-12-30 23:59:59.999999', "
        '\'2024-12-31 01:30:00+02:00\', \'{{"a": {{"b": 1.5}}, "n": [3, 4]}}\')'
    ),
    (
        "(2, 'ÄÖé%_', 0, 0.0, {no}, '2025-01-01', '2025-01-01 00:00:00', "
        "'2024-12-31 23:00:00-02:00', 'junk')"
    ),
    "(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    (
        "(4, '''; DROP TABLE core_cells; --', -3, {nan}, {yes}, '2020-02-29', "
        "'2020-02-29 12:00:00.000001', '2020-02-29 12:00:00+00:00', 'null')"
    ),
)


def cells(table: str, dialect: str) -> list[str]:
    """The table: PostgreSQL and DuckDB have zones, SQLite has texts with offsets."""
    types = {
        "duckdb": ("DOUBLE", "TIMESTAMPTZ", "true", "false", "'NaN'::DOUBLE"),
        "sqlite": ("DOUBLE", "TIMESTAMP", "1", "0", "NULL"),
        "postgresql": ("DOUBLE PRECISION", "TIMESTAMPTZ", "true", "false", "'NaN'::float8"),
    }[dialect]
    number, instant, yes, no, nan = types
    rows = ", ".join(row.format(yes=yes, no=no, nan=nan) for row in ROWS).replace("%", "%%")
    if dialect != "postgresql":
        rows = rows.replace("%%", "%")
    return [
        (
            f"CREATE TABLE {table} (id BIGINT, word TEXT, whole BIGINT, part {number}, "
            f'flag BOOLEAN, day DATE, "at" TIMESTAMP, zoned {instant}, doc TEXT)'
        ),
        f"INSERT INTO {table} VALUES {rows}",
    ]


DOCUMENTS = Dataset(
    "core_documents", (Column("id", LogicalType.INT), Column("doc", LogicalType.JSON))
)
"""One document a row, with: the number at ``a``, its kind, and which others it equals."""
JSON_CASES = (
    ('{"a": 1, "b": 2}', 1.0, "object", 0),
    ('{"b":2,"a":1}', 1.0, "object", 0),
    ('{"a": "1"}', None, "object", 1),
    ('{"a": true}', None, "object", 2),
    ('{"a": null}', None, "object", 3),
    ('{"a": 1e3}', 1000.0, "object", 4),
    ('{"a": 1000.0}', 1000.0, "object", 4),
    ('{"a": -0.5}', -0.5, "object", 5),
    ('{"a": {"a": 1}}', None, "object", 6),
    ("[1, 2]", None, "array", 7),
    ("[2, 1]", None, "array", 8),
    ("3", None, "scalar", 9),
    ('"x"', None, "scalar", 10),
    ("null", None, "null", 11),
    (" {} ", None, "empty", 12),
    ("[ ]", None, "empty", 13),
    ("junk", None, "junk", None),
    ("", None, "junk", None),
    ("{'a': 1}", None, "junk", None),
    ('{"a": 1', None, "junk", None),
    ('{"a": 1} x', None, "junk", None),
    (None, None, None, None),
    ('{"a~/b": 5, "x\'y": 6, "日": 7}', None, "object", 14),
)


def documents(table: str, dialect: str) -> list[str]:
    """The documents, as text."""

    def literal(text: str | None) -> str:
        return "NULL" if text is None else "'" + text.replace("'", "''") + "'"

    rows = ", ".join(f"({i}, {literal(case[0])})" for i, case in enumerate(JSON_CASES))
    return [f"CREATE TABLE {table} (id BIGINT, doc TEXT)", f"INSERT INTO {table} VALUES {rows}"]


TABLES = {"core_cells": (CELLS, cells), "core_documents": (DOCUMENTS, documents)}

NEW_YEAR = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
TICK = dt.timedelta(microseconds=1)
MICRO = 1e-6 / 86_400
T, F, N = True, False, None

NUMBERS = {
    "sum": (whole + part, [9.5, 0, N, N]),
    "difference": (part - whole, [-4.5, 0, N, N]),
    "product": (whole * part, [17.5, 0, N, N]),
    "quotient": (whole / part, [2.8, N, N, N]),
    "quotient of whole numbers": (whole / 2, [3.5, 0, N, -1.5]),
    "quotient by a zero column": (whole / whole, [1, N, N, 1]),
    "quotient by a literal zero": (part / 0, [N, N, N, N]),
    "absolute": (whole.absolute(), [7, 0, N, 3]),
    "absolute of what may be no number": (part.absolute(), [2.5, 0, N, N]),
    "otherwise": (part.or_else(9), [2.5, 0, 9, 9]),
    "otherwise another column": (part.or_else(whole), [2.5, 0, N, -3]),
    "days from a day to an instant": (
        at.days_since(day),
        [1 - MICRO, 0, N, 0.5 + MICRO],
    ),
    "days between instants with zones": (
        zoned.days_since(at),
        [-0.5 / 24 + MICRO, 1 / 24, N, -MICRO],
    ),
    "hours": (zoned.hours_since(day), [23.5, 1, N, 12]),
    "days until as_of": (AsOf().days_since(day), [3, 1, N, 1769]),
    "days between days": (day.days_since(day), [0, 0, N, 0]),
    "number in JSON": (doc.json_number("a", "b"), [1.5, N, N, N]),
    "number in an array": (doc.json_number("n", "1"), [4, N, N, N]),
    "number beyond an array": (doc.json_number("n", "2"), [N, N, N, N]),
    "number of an array": (doc.json_number("n"), [N, N, N, N]),
    "number under a parameter": (doc.json_number("{k}", "b", parameters=("k",)), [1.5, N, N, N]),
    "parameter": (whole + ParameterRef("least", "int"), [10, 3, N, 0]),
}

PREDICATES = {
    "equal": (word.equals("Ab"), [T, F, N, F]),
    "different": (word.differs("Ab"), [F, T, N, T]),
    "one of": (word.is_in("Ab", "zz"), [T, F, N, F]),
    "none of": (~word.is_in("Ab"), [F, T, N, T]),
    "missing": (part.is_null(), [F, F, T, T]),
    "known": (part.not_null(), [T, T, F, F]),
    "compared with a parameter": (whole >= ParameterRef("least", "int"), [T, F, N, F]),
    "compared across types": (whole > part, [T, F, N, N]),
    "literal first": ((whole * 1) < 0, [F, F, N, T]),
    "true": (flag.is_true(), [T, F, N, T]),
    "false": (flag.is_false(), [F, T, N, F]),
    "not": (~flag, [F, T, N, F]),
    "flag itself": (flag, [T, F, N, T]),
    "flag differs": (flag.differs(True), [F, T, N, F]),
    "and": (flag & (part > 1), [T, F, N, N]),
    "or": (flag | (part > 1), [T, F, N, T]),
    "and with false": ((whole > 100) & (part > 1), [F, F, N, F]),
    "not of unknown": (~(part > 1), [F, T, N, N]),
    "same text": (word.same_text("aB"), [T, F, N, F]),
    "same text beyond ASCII is exact": (word.same_text("ÄÖÉ%_"), [F, F, N, F]),
    "same text beyond ASCII": (word.same_text("ÄÖé%_", "x"), [F, T, N, F]),
    "contains": (word.contains_text("B"), [T, F, N, T]),
    "contains a wildcard of LIKE": (word.contains_text("%"), [F, T, N, F]),
    "contains one of": (word.contains_text("zz", "drop TABLE"), [F, F, N, T]),
    "contains a quote": (word.contains_text("'"), [F, F, N, T]),
    "contains another case beyond ASCII": (word.contains_text("öÉ"), [F, F, N, F]),
    "kind": (doc.json_kind().equals("null"), [F, F, N, T]),
    # A day is its midnight UTC, to the microsecond.
    "day < midnight": (day < NEW_YEAR, [T, F, N, T]),
    "day < just after": (day < NEW_YEAR + TICK, [T, T, N, T]),
    "day >= midnight": (day >= NEW_YEAR, [F, T, N, F]),
    "day >= just after": (day >= NEW_YEAR + TICK, [F, F, N, F]),
    "day > just before": (day > NEW_YEAR - TICK, [F, T, N, F]),
    "day <= just before": (day <= NEW_YEAR - TICK, [T, F, N, T]),
    "day <= just after": (day <= NEW_YEAR + TICK, [T, T, N, T]),
    "day > midnight": (day > NEW_YEAR, [F, F, N, F]),
    "day = midnight": (day.equals(NEW_YEAR), [F, T, N, F]),
    "day = just after": (day.equals(NEW_YEAR + TICK), [F, F, N, F]),
    "not day = just after": (~day.equals(NEW_YEAR + TICK), [T, T, N, T]),
    "day <> just after": (day.differs(NEW_YEAR + TICK), [T, T, N, T]),
    "not day <> just after": (~day.differs(NEW_YEAR + TICK), [F, F, N, F]),
    "day < day": (day < dt.date(2025, 1, 1), [T, F, N, T]),
    "instant with another zone": (
        day < dt.datetime.fromisoformat("2025-01-01T02:00+02:00"),
        [T, F, N, T],
    ),
    "instant < as_of": (at < AsOf(), [T, T, N, T]),
    "as_of > day": (AsOf() > day, [T, T, N, T]),
    "instant <= itself": (at <= NEW_YEAR, [T, T, N, T]),
    "instant just before": (at.equals(NEW_YEAR - dt.timedelta(days=1) - TICK), [T, F, N, F]),
    "instant with zone": (zoned >= NEW_YEAR + dt.timedelta(hours=1), [F, T, N, F]),
    "zones compared": (zoned < at, [T, F, N, T]),
    "day with instant": (day.equals(at), [F, T, N, F]),
    "instant with day": (at >= day, [T, T, N, T]),
    "instant after parameter": (at > ParameterRef("since", "date"), [F, F, N, F]),
    "day one of": (day.is_in(dt.date(2025, 1, 1)), [F, T, N, F]),
}


@pytest.fixture(autouse=True)
def parameters(desk):
    """What the expressions refer to."""
    desk.parameters = {"least": 3, "k": "a", "since": dt.date(2025, 1, 1)}


@pytest.mark.parametrize(("expression", "expected"), NUMBERS.values(), ids=NUMBERS.keys())
def test_numbers(desk, expression, expected):
    """Arithmetic, times and JSON give the numbers worked out by hand, to 1e-9."""
    found = desk.values("core_cells", expression)

    assert [value is None for value in found] == [value is None for value in expected]
    assert [float(value or 0) for value in found] == pytest.approx(
        [float(value or 0) for value in expected], abs=1e-9
    )


@pytest.mark.parametrize(("expression", "expected"), PREDICATES.values(), ids=PREDICATES.keys())
def test_predicates(desk, expression, expected):
    """True, false and unknown are the same three on every engine."""
    found = desk.values("core_cells", expression)

    assert [None if value is None else bool(value) for value in found] == expected


BUCKETS = {
    # the rows: Monday 30 December 2024 (ISO week 1 of 2025), New Year, nothing, a leap day
    Grain.DAY: ["2024-12-30", "2025-01-01", None, "2020-02-29"],
    Grain.WEEK: ["2024-12-30", "2024-12-30", None, "2020-02-24"],
    Grain.MONTH: ["2024-12-01", "2025-01-01", None, "2020-02-01"],
    Grain.QUARTER: ["2024-10-01", "2025-01-01", None, "2020-01-01"],
    Grain.YEAR: ["2024-01-01", "2025-01-01", None, "2020-01-01"],
}


@pytest.mark.parametrize("grain", Grain)
@pytest.mark.parametrize("name", ["day", "at", "zoned"])
def test_buckets(desk, grain, name):
    """Days, ISO weeks, months, quarters and years in UTC, over the borders of years."""
    found = desk.column("core_cells", lambda columns: bucket(columns[name], Slicing(grain=grain)))

    assert [None if value is None else str(value)[:10] for value in found] == BUCKETS[grain]


def test_instants_come_back_in_utc(desk):
    """Whatever the zone they were written with."""
    found = desk.column("core_cells", lambda columns: columns["zoned"])

    assert found == [
        dt.datetime(2024, 12, 30, 23, 30, tzinfo=dt.UTC),
        dt.datetime(2025, 1, 1, 1, tzinfo=dt.UTC),
        None,
        dt.datetime(2020, 2, 29, 12, tzinfo=dt.UTC),
    ]


def test_days_of_instants_and_instants_of_days(desk):
    """An instant's day is that of UTC, a day's instant its midnight."""
    days = desk.column(
        "core_cells", lambda columns: as_day(columns["zoned"], LogicalType.TIMESTAMP)
    )
    instants = desk.column(
        "core_cells", lambda columns: as_instant(columns["day"], LogicalType.DATE)
    )

    assert [str(value) for value in days] == ["2024-12-30", "2025-01-01", "None", "2020-02-29"]
    assert instants[1] == NEW_YEAR
    assert instants[2] is None


def test_days_can_be_added(desk):
    """A day so many days later, over the leap day."""
    found = desk.column(
        "core_cells", lambda columns: functions.AddDays(columns["day"], bound(2, LogicalType.INT))
    )

    assert [str(value) for value in found] == ["2025-01-01", "2025-01-03", "None", "2020-03-02"]


def test_numbers_in_documents(desk):
    """Junk, another type and a missing key give no number; nothing fails."""
    found = desk.values("core_documents", DOCUMENTS["doc"].json_number("a"))

    assert found == [case[1] for case in JSON_CASES]


@pytest.mark.parametrize(("key", "expected"), [("a~/b", 5), ("x'y", 6), ("日", 7), ("none", None)])
def test_keys_are_taken_literally(desk, key, expected):
    """Slashes, tildes, quotes and unicode are characters of a key."""
    found = desk.values("core_documents", DOCUMENTS["doc"].json_number(key))

    assert found[-1] == expected


def test_kinds_of_documents(desk):
    """One word for what a document is."""
    found = desk.values("core_documents", DOCUMENTS["doc"].json_kind())

    assert found == [case[2] for case in JSON_CASES]


def test_equal_documents_are_equal_in_canonical_form(desk):
    """Order of keys, spaces and the spelling of numbers do not matter; junk is nothing."""
    bound_table = desk.catalog.table("core_documents")
    (one, left), (other, right) = bound_table.clause("one"), bound_table.clause("other")
    forms = [functions.CanonicalJson(columns["doc"]) for columns in (left, right)]
    pairs = sa.select(left["id"], right["id"]).select_from(one.join(other, forms[0] == forms[1]))

    found = set(desk.session.rows(pairs))

    assert found == {
        (i, j)
        for i, one_case in enumerate(JSON_CASES)
        for j, other_case in enumerate(JSON_CASES)
        if one_case[3] is not None and one_case[3] == other_case[3]
    }

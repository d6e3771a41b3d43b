"""SQLite holds anything anywhere: what is no value of its column is refused, never compared."""

from __future__ import annotations

import sqlite3

import pytest

from kpisdk import Column, Dataset, LogicalType, Reason, Simple, Trailing, count, total
from kpisdk.sql import sqlite_functions as sqlite

NOTES = Dataset(
    "core_notes",
    (
        Column("at", LogicalType.TIMESTAMP),
        Column("day", LogicalType.DATE),
        Column("amount", LogicalType.FLOAT),
        Column("units", LogicalType.INT),
        Column("done", LogicalType.BOOL),
        Column("code", LogicalType.TEXT),
    ),
    time="at",
)

INSTANTS = {
    "2025-06-20 10:00:00": "2025-06-20 10:00:00.000000",
    "2025-06-20 10:00:00.123456": "2025-06-20 10:00:00.123456",
    "2025-06-20T10:00:00": "2025-06-20 10:00:00.000000",
    "2025-06-20T10:00:00Z": "2025-06-20 10:00:00.000000",
    "2025-06-20T10:00:00.5+02:00": "2025-06-20 08:00:00.500000",
    "2025-06-20 10:00:00.123+02": "2025-06-20 08:00:00.123000",  # 26 characters, as the plain form
    "2025-06-20 01:00-05:00": "2025-06-20 06:00:00.000000",
    "2025-06-20": "2025-06-20 00:00:00.000000",
}
JUNK = [
    "yesterday",
    "",
    "2025-13-01",
    "2025-06-31 10:00:00",
    "2025-99-99 99:99:99.999999",
    "20/06/2025",
    "1750413600",
    "0001-01-01T00:00:00+05:00",
]


@pytest.mark.parametrize(("stored", "expected"), INSTANTS.items())
def test_instants_are_read_in_every_iso_form(stored, expected):
    """With T or a space, Z or an offset, with and without fractions: one fixed-width UTC text."""
    assert sqlite.instant(stored) == expected
    assert sqlite.day(stored) == expected[:10]


@pytest.mark.parametrize("stored", [*JUNK, 1750413600, 3.5, b"2025-06-20"])
def test_what_is_no_instant_is_refused_by_name(stored):
    """The value stands in the error."""
    for read in (sqlite.instant, sqlite.day):
        with pytest.raises(ValueError, match=sqlite.BAD_VALUE) as refused:
            read(stored)
        assert repr(stored)[:40] in str(refused.value)


def test_missing_values_stay_missing():
    """NULL in, NULL out."""
    assert sqlite.instant(None) is None
    assert sqlite.day(None) is None
    assert sqlite.bucket(None, "day") is None
    assert sqlite.days_between(None, "2025-01-01") is None
    assert sqlite.days_between("2025-01-01", None) is None
    assert sqlite.json_number(None, "a") is None
    assert sqlite.canonical_json(None) is None


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ('{"a": 1e999}', None),
        ('{"a": ' + "9" * 400 + "}", None),
        ('{"a": NaN}', None),
        ('{"a": Infinity}', None),
        ("[" * 100_000, None),
        (b"{}", None),
        (7, None),
    ],
)
def test_numbers_that_are_none_are_missing(document, expected):
    """What no engine's number can be is no number; nothing raises."""
    assert sqlite.json_number(document, "a") is expected


@pytest.mark.parametrize("document", ["NaN", '{"a": 1e99999}', "[" * 100_000, 7])
def test_what_is_no_json_has_no_canonical_form(document):
    """Python reads more than JSON allows; we do not."""
    assert sqlite.canonical_json(document) is None


@pytest.fixture
def notes(tmp_path, opened, make):
    """``notes(kpi, row, ...)``: the result of a KPI over rows of a SQLite file."""

    def answer(kpi, *rows, **request):
        path = tmp_path / "notes.db"
        connection = sqlite3.connect(path)
        connection.execute(
            "CREATE TABLE core_notes (at TEXT, day DATE, amount REAL, units INTEGER, "
            "done BOOLEAN, code TEXT)"
        )
        connection.executemany("INSERT INTO core_notes VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.commit()
        connection.close()
        return opened(str(path), kpi).compute(kpi.id, **request)[0]

    return answer


def row(at="2025-06-20 10:00:00", day="2025-06-20", amount=1.0, units=1, done=1, code="a"):
    """A note."""
    return (at, day, amount, units, done, code)


def test_instants_of_all_forms_fall_into_windows(notes, make):
    """The end of a window is compared with instants, whatever their form."""
    kpi = make(Simple(count(NOTES)), window=Trailing(30))
    rows = [row(at=at) for at in INSTANTS]

    result = notes(kpi, *rows, as_of="2025-06-20T08:00:00.123Z")

    # Left out: 10:00 four times (one with a fraction), 08:00:00.123 itself and 08:00:00.5.
    assert result.value == 2


@pytest.mark.parametrize("stored", JUNK)
def test_a_junk_instant_is_a_wrong_type_that_is_named(notes, make, stored):
    """One junk text among instants: refused with the text, never compared as text."""
    result = notes(make(Simple(count(NOTES)), window=Trailing(30)), row(), row(at=stored))

    assert (result.value, result.reason) == (None, Reason.WRONG_TYPE)
    assert repr(stored) in result.message


@pytest.mark.parametrize(
    ("calculation", "facts", "named"),
    [
        (Simple(total(NOTES, NOTES["amount"])), {"amount": "ten"}, "'ten' is not a number"),
        (Simple(total(NOTES, NOTES["units"])), {"units": "x1"}, "'x1' is not a number"),
        (Simple(count(NOTES, NOTES["units"] > 5)), {"units": "x1"}, "'x1' is not a number"),
        (Simple(total(NOTES, NOTES["amount"])), {"amount": b"\x01"}, "is not a number"),
        (Simple(count(NOTES, NOTES["done"].is_true())), {"done": 2}, "2 is neither true (1) nor"),
        (
            Simple(count(NOTES, NOTES["done"].is_false())),
            {"done": "false"},
            "'false' is neither true (1)",
        ),
        (
            Simple(count(NOTES, NOTES["day"].days_since(NOTES["at"]) > 1)),
            {"day": "someday"},
            "'someday' is not a day",
        ),
    ],
)
def test_junk_in_other_columns_is_a_wrong_type_that_is_named(
    notes, make, calculation, facts, named
):
    """SQLite would take a text for zero, or for more than any number: it is refused instead."""
    result = notes(make(calculation), row(), row(**facts))

    assert (result.value, result.reason) == (None, Reason.WRONG_TYPE)
    assert named in result.message


def test_numbers_as_texts_of_number_columns_are_numbers(notes, make):
    """SQLite itself turns "7" into 7 on its way into a number column."""
    assert notes(make(Simple(total(NOTES, NOTES["units"]))), row(units="7"), row()).value == 8


def test_slicing_by_a_number_that_is_none_is_refused(notes, make):
    """A group of junk is no group."""
    result = notes(make(Simple(count(NOTES))), row(), row(units="x1"), by=["units"])

    assert result.reason is Reason.WRONG_TYPE

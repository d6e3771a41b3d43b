"""A store that is damaged, foreign, newer, full or away: a sentence each, and nothing is lost."""

import sqlite3

import pytest
import sqlalchemy as sa

from kpisdk import KpisdkError, MissingDependencyError
from kpisdk_history import Store
from kpisdk_history.errors import (
    CorruptStoreError,
    DamagedResultError,
    ForeignStoreError,
    NewerStoreError,
    StoreFullError,
    StoreLockedError,
    StoreUnavailableError,
)
from kpisdk_history.store import locations
from kpisdk_history.store.tables import RESULTS
from kpisdk_history.store.versions import VERSION_TABLE


def test_a_file_that_is_no_database_is_left_as_it_is(small_bakery):
    """Somebody's notes are not overwritten."""
    path = small_bakery.store.location.file
    path.write_text("my notes\n" * 50)

    with pytest.raises(CorruptStoreError, match="is no store that can be read: file is not a"):
        small_bakery.record()
    assert path.read_text() == "my notes\n" * 50


def test_a_damaged_store_is_told_and_left_as_it_is(small_bakery):
    """Pages in the middle of the file are overwritten."""
    small_bakery.record(grain="day", window="last 9 days")
    path = small_bakery.store.location.file
    whole = bytearray(path.read_bytes())
    whole[4096:] = b"\xff" * (len(whole) - 4096)
    path.write_bytes(whole)
    small_bakery.wait(days=1)

    with pytest.raises(CorruptStoreError, match="Put a copy back, or name another store"):
        small_bakery.record()
    assert path.read_bytes() == bytes(whole)


def test_a_result_whose_json_is_damaged_is_told_by_its_number(bakery):
    """Its columns are still there."""
    bakery.record()
    with bakery.store.writing() as writing:
        writing.connection.execute(sa.update(RESULTS).values(json="{"))

    with bakery.store.reading() as reading:
        (row,) = reading.results()
        with pytest.raises(DamagedResultError, match=f"Result {row.id} of the store .* is damaged"):
            reading.result(row.id)
    assert row.value == 0.9


def test_the_database_of_something_else_is_not_written_to(small_bakery):
    """A cache, or the demo's own file: no table is added to it."""
    path = small_bakery.store.location.file
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
    before = path.read_bytes()

    with pytest.raises(ForeignStoreError, match=r"has tables of others \(customers\)"):
        small_bakery.record()
    assert path.read_bytes() == before


def test_on_a_server_tables_of_others_may_be_beside_ours_but_not_under_our_names(postgresql_url):
    """A team's database holds other things, too; a table of our name that is not ours does not."""
    engine = sa.create_engine(postgresql_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE customers (name TEXT)")
    store = Store.at(postgresql_url)
    with store.writing() as writing:
        assert writing.runs() == ()

    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {VERSION_TABLE}")
    engine.dispose()
    with pytest.raises(ForeignStoreError, match="it has tables of others"), store.writing():
        pass


def test_a_store_of_a_newer_program_is_refused(bakery):
    """Neither read nor written: what its columns mean is not known here."""
    bakery.record()
    with bakery.store.writing() as writing:
        writing.connection.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = '0999'"))

    said = "was made by a newer kpisdk-history: its schema is '0999', and this one knows up to"
    with pytest.raises(NewerStoreError, match=said):
        bakery.record(run_key="x")
    with pytest.raises(NewerStoreError, match=said), bakery.store.reading():
        pass


def test_a_full_disk_loses_nothing_that_was_recorded(small_bakery, monkeypatch):
    """SQLite itself says that there is no page left; the runs before are there."""
    small_bakery.record(run_key="before")
    path = small_bakery.store.location.file
    pages = path.stat().st_size // 4096
    plain = locations._sqlite

    def cramped(*arguments, **named):
        engine = plain(*arguments, **named)

        @sa.event.listens_for(engine, "connect")
        def _limit(connection, _record):
            connection.execute(f"PRAGMA max_page_count = {pages}")

        return engine

    monkeypatch.setattr(locations, "_sqlite", cramped)
    with pytest.raises(
        StoreFullError, match=r"The disk of the store .* is full \(database or disk"
    ):
        small_bakery.record(run_key="after", grain="day", window="last 9 days")

    monkeypatch.undo()
    with small_bakery.store.reading() as reading:
        assert [run.key for run in reading.runs()] == ["before"]
        assert len(reading.results()) == 1


def test_a_writer_that_does_not_finish_is_waited_for_and_then_told(small_bakery, monkeypatch):
    """Another program holds the file."""
    small_bakery.record(run_key="before")
    monkeypatch.setattr(locations, "PATIENCE", 0.1)
    held = sqlite3.connect(small_bakery.store.location.file, isolation_level=None)
    held.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreLockedError, match="is being written by somebody else"):
        small_bakery.record(run_key="after")
    held.close()
    assert small_bakery.record(run_key="after").is_new


@pytest.mark.parametrize(
    ("place", "error", "said"),
    [
        ("postgresql+psycopg://u:secret@127.0.0.1:1/x", StoreUnavailableError, "cannot be opened"),
        ("/nowhere/at/all/h.sqlite", StoreUnavailableError, "unable to open database file"),
        ("sqlite://", StoreUnavailableError, "in memory would be forgotten"),
        ("nosuch://x", StoreUnavailableError, "cannot be opened"),
        ("mysql+pymysql://x/y", MissingDependencyError, "needs pymysql, which is not installed"),
    ],
)
def test_a_store_that_cannot_be_opened_is_a_sentence_without_secrets(place, error, said):
    """Whatever is wrong with it, one error of ours says so."""
    with pytest.raises(error, match=said) as caught, Store.at(place).writing():
        pass
    assert isinstance(caught.value, KpisdkError)
    assert "secret" not in str(caught.value)


def test_a_thousand_slices_are_recorded_and_told(small_bakery):
    """Each is a series of its own."""
    small_bakery.run_sql(
        "INSERT INTO orders SELECT TIMESTAMP '2026-03-09 12:00', 'branch ' || i, true "
        "FROM range(999) t(i)"
    )
    made = small_bakery.record(by="branch")

    assert len(made.numbers) == 1000
    found = small_bakery.workspace().history("BAKERY-001", by="branch", store=small_bakery.store)
    assert len(found.series) == 1000

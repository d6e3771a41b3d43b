"""Rows of a cache file that somebody else wrote are no entries."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from kpisdk import CacheEntry
from kpisdk.builtin.caches.sqlite_cache import open_sqlite

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE results SET text = x'ff'",
        "UPDATE results SET text = CAST(x'ff' AS TEXT)",
        "UPDATE results SET text = 7.5",
        "UPDATE results SET expires = 'never'",
        "UPDATE results SET expires = x'7f'",
    ],
)
def test_a_row_of_another_type_is_a_miss_and_is_replaced(tmp_path, change):
    """A text that is none, an expiry that is no instant."""
    cache = open_sqlite({"path": tmp_path / "results"})
    entry = CacheEntry("a", "WS2-TR-004", "x", NOW + timedelta(minutes=5))
    cache.put((entry,), NOW)
    with closing(sqlite3.connect(tmp_path / "results")) as connection:
        connection.execute(change)
        connection.commit()

    assert cache.get(("a",), NOW) == ({"a": "7.5"} if "7.5" in change else {})

    cache.put((entry,), NOW)
    assert cache.get(("a",), NOW) == {"a": "x"}

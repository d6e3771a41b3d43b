"""Texts of a cache: what we wrote under the key is used, and nothing else, whoever wrote it."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given, strategies as st

from kpisdk import Interval, Note, Result, Unit, Window
from kpisdk.builtin.caches.memory_cache import MemoryCache
from kpisdk.builtin.caches.sqlite_cache import SqliteCache
from kpisdk.contracts.cache_backends import CacheEntry
from kpisdk.engine.kept_results import EntryName, kept_results, kept_text

NOW = dt.datetime(2025, 6, 30, 12, tzinfo=dt.UTC)
LIFETIME = dt.timedelta(minutes=5)
RESULT = Result(
    kpi_id="A-1",
    name="n",
    workstream="w",
    unit=Unit.COUNT,
    value=3.5,
    interval=Interval(3, 4),
    n=7,
    window=Window(None, NOW, "mine"),
    warnings=(Note("few", "Few."),),
    details={"deep": [1, {"x": None}]},
    computed_at=NOW,
)
NAME = EntryName.of("what it depends on")
TEXT = kept_text([RESULT], NAME, NOW)


def read(text, name=NAME, now=NOW):
    """What is taken of a text."""
    return kept_results(text, name, now, LIFETIME)


def entry(**changes):
    """The text with other values around its results, sealed by somebody who could."""
    made = {**json.loads(TEXT), **changes}
    made["seal"] = NAME.sealed(made["computed"], made["results"])
    return json.dumps(made)


def altered(**changes):
    """The text with other values in its result, sealed by somebody who could."""
    return entry(results=[{**json.loads(TEXT)["results"][0], **changes}])


def without(name):
    """The text with a result that lacks a field."""
    result = json.loads(TEXT)["results"][0]
    del result[name]
    return entry(results=[result])


def test_what_was_written_is_read():
    """All of it, until its time is over and no microsecond longer."""
    almost = NOW + LIFETIME - dt.timedelta(microseconds=1)

    assert read(TEXT) == read(TEXT, now=almost) == (RESULT,)
    assert read(TEXT, now=NOW + LIFETIME) == ()


def test_what_was_computed_later_than_now_is_not_read():
    """A clock was ahead when it was written, or this one is behind."""
    assert read(TEXT, now=NOW - dt.timedelta(microseconds=1)) == ()


def test_what_belongs_to_another_key_is_not_read():
    """Whatever a store hands out under a key, its text says whose it is."""
    assert read(TEXT, EntryName.of("something else")) == ()


def test_who_does_not_know_what_it_depends_on_cannot_write_one():
    """Whoever sees the store knows key and text, and can make neither another value of it."""
    assert read(TEXT.replace("3.5", "3.6")) == ()
    assert read(TEXT.replace("12:00:00Z", "12:00:01Z"), now=NOW + dt.timedelta(seconds=2)) == ()
    assert NAME.seal not in TEXT
    assert NAME.seal not in repr(NAME)


HOSTILE = {
    "a list of results": json.dumps(json.loads(TEXT)["results"]),
    "another shape": entry(shape=1),
    "no instant": entry(computed="yesterday"),
    "an instant without a zone in a far future": entry(computed="9999-12-31T23:59:59"),
    "a number for an instant": entry(computed=0),
    "results that are none": entry(results="abc"),
    "a result that is none": entry(results=[7]),
    "null": "null",
    "nothing": "",
    "not a number": TEXT.replace("3.5", "NaN"),
    "an infinity": TEXT.replace("3.5", "1e999"),
    "a deep list": "[" * 100_000,
    "a deep document": '{"a":' * 100_000,
    "many digits": TEXT.replace("3.5", "9" * 5000),
    "bytes": b"\xff\xfe",
    "an object": object(),
    "none": None,
    "a value that is text": altered(value="3.5"),
    "a value that is true": altered(value=True),
    "a count that is no whole number": altered(n=7.5),
    "a truth that is a number": altered(stale=1),
    "an unknown unit": altered(unit="parsecs"),
    "an unknown status": altered(status="splendid"),
    "an inverted interval": altered(interval={"low": 4, "high": 3, "level": 0.95, "method": ""}),
    "an interval of text": altered(interval={"low": "3", "high": "4", "level": 0.95, "method": ""}),
    "an inverted window": altered(
        window={"start": "2025-07-01T00:00:00Z", "end": "2025-06-01T00:00:00Z", "label": "x"}
    ),
    "a warning of another shape": altered(warnings=[{"code": "x"}]),
    "warnings that are text": altered(warnings="few"),
    "a field too many": altered(colour="red"),
    "details that are a list": altered(details=[]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_of_a_hostile_text_is_used(name):
    """It is a miss, and no exception."""
    assert read(HOSTILE[name]) == ()


@pytest.mark.parametrize("name", sorted(json.loads(TEXT)["results"][0]))
def test_a_result_that_lacks_a_field_is_not_used(name):
    """A default would stand where something was said."""
    assert read(without(name)) == ()


@given(st.integers(0, len(TEXT) - 1))
def test_a_cut_text_is_not_used(length):
    """Wherever it was cut."""
    assert read(TEXT[:length]) == ()


@given(st.text(max_size=40) | st.binary(max_size=40))
def test_any_text_is_a_miss(junk):
    """Text or bytes, whatever they hold."""
    assert read(junk) == ()


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
@pytest.mark.parametrize("text", ["junk", TEXT, "future"])
def test_a_text_that_is_not_used_is_overwritten(
    tmp_path, source_on, table, make, visits, opened, now, backend, text
):
    """The next question finds what was computed instead."""
    cache = MemoryCache() if backend == "memory" else SqliteCache(tmp_path / "results")
    source = source_on("sqlite", {"core_visits": table({})}, [visits])
    keys = []

    class Recording:
        def get(self, asked, moment):
            keys.extend(asked)
            return cache.get(asked, moment)

        def put(self, entries, moment):
            cache.put(entries, moment)

    def ask(when=now):
        workspace = opened(source, make(), cache=Recording(), clock=lambda: when)
        result = workspace.compute("CORE-T-001", as_of=now)[0]
        return result.value, result.cached

    if text == "future":
        ask(now + dt.timedelta(days=90))
    else:
        ask()
        expires = now + dt.timedelta(days=1)
        cache.put((CacheEntry(keys[0], "CORE-T-001", text, expires),), now)

    assert ask() == (1, False)
    assert ask() == (1, True)

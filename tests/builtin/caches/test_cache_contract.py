"""What every cache backend promises, proved on all three."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpisdk.builtin.caches import plugin
from kpisdk.contracts.caches import CacheEntry
from kpisdk.errors import CacheError

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
TICK = timedelta(microseconds=1)


@pytest.fixture(params=["memory", "sqlite", "redis"])
def cache(request, tmp_path):
    """An empty cache, opened as the workspace opens it: by name, with the settings table."""
    backends = {backend.name: backend for backend in plugin.kpisdk_caches()}
    table = {"path": str(tmp_path / "cache" / "results.sqlite")}
    if request.param == "redis":
        table["url"] = request.getfixturevalue("redis_url")
    return backends[request.param].open(table)


def entry(key, text="{}", kpi_id="WS2-TR-004", expires=LATER):
    """An entry of the eight-trigger family unless said otherwise."""
    return CacheEntry(key, kpi_id, text, expires)


def test_cache_starts_empty(cache):
    """An unused cache answers every question with nothing, and makes no fuss about it."""
    assert cache.get(("a", "b"), NOW) == {}
    assert cache.clear() == 0
    assert cache.clear("WS2-TR-004") == 0
    info = cache.info(NOW)
    assert (info["entries"], info["bytes"], info["oldest_expiry"]) == (0, 0, None)


def test_cache_returns_what_was_put(cache):
    """Of the keys asked for, those stored come back with their texts; others are left out."""
    cache.put((entry("a", "one"), entry("b", "two"), entry("c", "three")), NOW)

    assert cache.get(("a", "c", "unknown"), NOW) == {"a": "one", "c": "three"}


def test_cache_of_nothing(cache):
    """No keys and no entries are a question like any other."""
    cache.put((), NOW)

    assert cache.get((), NOW) == {}


def test_cache_put_replaces(cache):
    """The newer text under a key wins, and takes its own expiry with it."""
    cache.put((entry("a", "old", expires=NOW + timedelta(hours=1)),), NOW)
    cache.put((entry("a", "new", expires=LATER),), NOW)

    assert cache.get(("a",), NOW) == {"a": "new"}
    assert cache.get(("a",), LATER) == {}


def test_cache_entry_lives_until_its_expiry(cache):
    """An entry is there one microsecond before it expires, and gone at the instant itself."""
    cache.put((entry("a"),), NOW)

    assert cache.get(("a",), LATER - TICK) == {"a": "{}"}
    assert cache.get(("a",), LATER) == {}
    assert cache.get(("a",), LATER + timedelta(days=1)) == {}


def test_cache_never_returns_what_was_expired_when_put(cache):
    """An entry that is over already is not returned, and replaces what was under its key."""
    cache.put((entry("a", "before"),), NOW)
    cache.put((entry("a", "over", expires=NOW),), NOW)

    assert cache.get(("a",), NOW) == {}


def test_cache_compares_instants_not_texts(cache):
    """An expiry in another zone is the same instant: 14:05 at +02:00 is 12:05 UTC."""
    elsewhere = datetime(2026, 3, 1, 14, 5, tzinfo=timezone(timedelta(hours=2)))
    cache.put((entry("a", expires=elsewhere),), NOW)

    assert cache.get(("a",), LATER - TICK) == {"a": "{}"}
    assert cache.get(("a",), LATER) == {}


def test_cache_clears_one_kpi(cache):
    """Clearing a KPI drops its entries, counts them, and leaves the others alone."""
    other = entry("c", "three", kpi_id="WS2-TR-0045")
    cache.put((entry("a", "one"), entry("b", "two"), other), NOW)

    assert cache.clear("WS2-TR-004") == 2
    assert cache.get(("a", "b", "c"), NOW) == {"c": "three"}


def test_cache_clears_all(cache):
    """Clearing without a KPI drops everything."""
    cache.put((entry("a"), entry("b", kpi_id="BR-001")), NOW)

    assert cache.clear() == 2
    assert cache.get(("a", "b"), NOW) == {}


def test_cache_info_counts_the_living(cache):
    """Entries, their bytes in UTF-8 (NUL included) and the oldest expiry, of live entries only."""
    soon = NOW + timedelta(minutes=1)
    cache.put((entry("a", "é\0x"), entry("b", "abc", expires=soon)), NOW)

    before, after = cache.info(NOW), cache.info(soon)

    # é takes two bytes, NUL and x one each; abc takes three.
    assert (2, 7, soon) == (before["entries"], before["bytes"], before["oldest_expiry"])
    assert (after["entries"], after["bytes"], after["oldest_expiry"]) == (1, 4, LATER)


def test_cache_info_names_backend_and_location(cache):
    """``cache info`` says which backend answers, and where it keeps things."""
    info = cache.info(NOW)

    assert info["backend"] in {"memory", "sqlite", "redis"}
    assert info["location"]


def test_cache_takes_many_at_once(cache):
    """More keys than an engine takes in one statement come back all the same."""
    entries = tuple(entry(f"key-{number}", str(number)) for number in range(1501))
    cache.put(entries, NOW)

    found = cache.get(tuple(each.key for each in entries), NOW)

    assert {each.key: each.text for each in entries} == found
    assert cache.info(NOW)["entries"] == 1501
    assert cache.clear() == 1501


@pytest.mark.parametrize(
    "hostile",
    [
        "'; DROP TABLE results; --",
        'quote " and \\',
        "line\nbreak\r\n",
        "nul\0inside",
        "ключ 🔑",
        "*[a-z]?",
        "",
    ],
)
def test_cache_holds_hostile_strings(cache, hostile):
    """Keys, ids and texts are data: whatever they hold comes back as it was."""
    cache.put((entry(f"key{hostile}", hostile, kpi_id=hostile), entry("calm", "x")), NOW)

    assert {f"key{hostile}": hostile} == cache.get((f"key{hostile}",), NOW)
    assert cache.clear(hostile) == 1
    assert cache.get(("calm", f"key{hostile}"), NOW) == {"calm": "x"}


def test_cache_holds_a_megabyte(cache):
    """Results of a megabyte are stored whole."""
    text = "0123456789abcdef" * 65536
    cache.put((entry("large", text),), NOW)

    assert text == cache.get(("large",), NOW)["large"]


def test_cache_fails_with_its_own_error_only(cache):
    """A text that no encoding holds is kept or refused with CacheError; nothing else escapes."""
    lone, found = "lone \udcff surrogate", {}
    with contextlib.suppress(CacheError):
        cache.put((entry("a", lone),), NOW)
        found = {"a": lone}

    assert cache.get(("a",), NOW) == found


@settings(
    max_examples=25,
    deadline=None,
    # Each example starts by clearing the cache, so sharing the fixture between them is meant.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    puts=st.lists(
        st.tuples(st.sampled_from("abcd"), st.text("xyzé\n", max_size=4), st.integers(-2, 4)),
        max_size=12,
    ),
    at=st.integers(0, 5),
)
def test_cache_behaves_like_a_dictionary(cache, puts, at):
    """After any sequence of puts, a get returns the last text of each key if it still lives."""
    cache.clear()
    expected = {}
    for key, text, minutes in puts:
        expires = NOW + timedelta(minutes=minutes)
        cache.put((entry(key, text, expires=expires),), NOW)
        expected[key] = (text, expires)
    moment = NOW + timedelta(minutes=at)

    living = {key: text for key, (text, expires) in expected.items() if expires > moment}
    assert living == cache.get(tuple("abcd"), moment)

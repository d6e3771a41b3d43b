"""What every cache backend promises, proved on all three by the contract that plugins inherit."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from kpisdk.builtin.caches import plugin
from kpisdk.testing import CacheContract
from kpisdk.testing.cache_contract import NOW, entry


@pytest.fixture(params=["memory", "sqlite", "redis"])
def contract_cache(request, tmp_path):
    """An empty cache, opened as the workspace opens it: by name, with the settings table."""
    backends = {backend.name: backend for backend in plugin.kpisdk_caches()}
    table = {"path": str(tmp_path / "cache" / "results.sqlite")}
    if request.param == "redis":
        table["url"] = request.getfixturevalue("redis_url")
    return backends[request.param].open(table)


class TestBuiltIn(CacheContract):
    """Memory, an SQLite file, and Redis."""


class Forgetful:
    """A cache that looks at neither expiry nor KPI, and fails in its own words."""

    def __init__(self):
        self.texts = {}

    def get(self, keys, now):
        return {key: self.texts[key] for key in keys if key in self.texts}

    def put(self, entries, now):
        for each in entries:
            each.text.encode()
            self.texts[each.key] = each.text

    def clear(self, kpi_id=None):
        self.texts.clear()
        return 0

    def info(self, now):
        return {"entries": len(self.texts), "bytes": 0, "oldest_expiry": None}


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("expires", "at expiry"),
        ("refuses_the_expired", "what get finds"),
        ("compares_instants", "at expiry"),
        ("clears_one_kpi", "entries dropped"),
        ("clears_all", "entries dropped"),
        ("counts_the_living", "entries, bytes and oldest expiry"),
        ("says_where_it_is", "backend and location"),
        ("behaves_like_a_dictionary", "what lives"),
    ],
)
def test_a_cache_that_breaks_its_promises_is_caught(check, said):
    """A check that nothing fails proves nothing."""
    with pytest.raises(pytest.fail.Exception, match=said):
        getattr(CacheContract(), f"test_{check}")(Forgetful())


def test_a_cache_that_fails_in_its_own_words_is_caught():
    """The engine goes on without a cache that raises CacheError, and with no other."""
    with pytest.raises(UnicodeEncodeError):
        CacheContract().test_fails_with_cache_error(Forgetful())


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
def test_cache_behaves_like_a_dictionary(contract_cache, puts, at):
    """After any sequence of puts, a get returns the last text of each key if it still lives."""
    contract_cache.clear()
    expected = {}
    for key, text, minutes in puts:
        expires = NOW + timedelta(minutes=minutes)
        contract_cache.put((entry(key, text, expires=expires),), NOW)
        expected[key] = (text, expires)
    moment = NOW + timedelta(minutes=at)

    living = {key: text for key, (text, expires) in expected.items() if expires > moment}
    assert living == contract_cache.get(tuple("abcd"), moment)

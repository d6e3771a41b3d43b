"""Clocks differ: what one that is ahead has kept is no answer by one that is right."""

import datetime as dt

import pytest

from kpisdk.builtin.caches.memory_cache import open_memory
from kpisdk.builtin.caches.redis_cache import open_redis
from kpisdk.builtin.caches.sqlite_cache import open_sqlite


@pytest.fixture(params=["memory", "sqlite", "redis"])
def cache(request, tmp_path):
    """An empty cache of every backend."""
    if request.param == "redis":
        return open_redis({"url": request.getfixturevalue("redis_url")})
    return open_memory({}) if request.param == "memory" else open_sqlite({"path": tmp_path / "c"})


@pytest.mark.parametrize("ahead", [dt.timedelta(microseconds=1), dt.timedelta(days=90)])
def test_a_result_that_was_computed_later_than_now_is_a_miss(
    cache, ahead, tmp_path, source_on, table, make, visits, opened, now
):
    """On every backend; what is computed instead replaces it."""
    source = source_on("sqlite", {"core_visits": table({})}, [visits])

    def ask(when):
        workspace = opened(source, make(), cache=cache, clock=lambda: when)
        result = workspace.compute("CORE-T-001", as_of=now)[0]
        return result.value, result.cached

    assert ask(now + ahead) == (1, False)
    assert ask(now) == (1, False)
    assert ask(now) == (1, True)

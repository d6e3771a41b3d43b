"""The cache in Redis: a real server, names with a version, and no secrets in any text."""

import sys
import traceback
from datetime import UTC, datetime, timedelta

import pytest

from kpisdk.builtin.caches.redis_cache import open_redis
from kpisdk.contracts.cache_backends import CacheEntry
from kpisdk.errors import CacheError, MissingDependencyError, SettingsError

NOW = datetime(2026, 3, 1, tzinfo=UTC)
EVERY_CALL = {
    "get": lambda cache: cache.get(("a",), NOW),
    "put": lambda cache: cache.put((entry("a"),), NOW),
    "clear": lambda cache: cache.clear(),
    "info": lambda cache: cache.info(NOW),
}


def entry(key, text="x", seconds=300.0):
    """An entry that lives for so many seconds."""
    return CacheEntry(key, "BR-001", text, NOW + timedelta(seconds=seconds))


@pytest.fixture
def cache(redis_url):
    """A cache on an empty server."""
    return open_redis({"url": redis_url})


def test_redis_drops_entries_by_itself(cache, redis_server):
    """Every name has a time to live, rounded up to whole seconds: nothing stays for ever."""
    cache.put((entry("a", seconds=299.2), entry("b", seconds=0.1)), NOW)

    assert 0 < redis_server.ttl("kpisdk:1:a") <= 300
    assert 0 < redis_server.ttl("kpisdk:1:b") <= 1


def test_redis_names_carry_the_version_of_the_schema(cache, redis_server):
    """Two versions of kpisdk share a server without reading each other's values."""
    redis_server.set("kpisdk:2:a", "whatever a later version writes")
    cache.put((entry("a"),), NOW)

    assert cache.get(("a",), NOW) == {"a": "x"}
    assert cache.clear() == 1
    assert redis_server.keys("*") == [b"kpisdk:2:a"]


def test_redis_clear_leaves_other_peoples_names(cache, redis_server):
    """The server may serve others: clearing everything clears what is ours."""
    redis_server.set("someone:else", "1")
    cache.put((entry("a"), entry("b")), NOW)

    assert cache.clear() == 2
    assert redis_server.get("someone:else") == b"1"


@pytest.mark.parametrize(
    "raw",
    ["not json", "[1, 2]", "7", '[1, "a", "b", "c"]', b"\xff\xfe", '[true, "a", "b"]', "[" * 9999],
)
def test_redis_value_that_is_no_entry(cache, redis_server, raw):
    """What somebody else wrote under our name is not there, and a put replaces it."""
    redis_server.set("kpisdk:1:a", raw)
    cache.put((entry("b"),), NOW)

    assert cache.get(("a", "b"), NOW) == {"b": "x"}
    assert cache.info(NOW)["entries"] == 1
    cache.put((entry("a"),), NOW)
    assert cache.get(("a",), NOW) == {"a": "x"}


def test_redis_clear_drops_what_is_no_entry(cache, redis_server):
    """All of our names are cleared, whatever is under them; of one KPI, its entries."""
    redis_server.set("kpisdk:1:a", "junk")

    assert cache.clear("WS2-TR-004") == 0
    assert cache.clear() == 1


def test_redis_name_of_another_type(cache, redis_server):
    """A list under our name is no entry: it is nothing to read, and a put replaces it."""
    redis_server.lpush("kpisdk:1:a", "x")
    assert cache.get(("a",), NOW) == {}

    cache.put((entry("a"),), NOW)
    assert cache.get(("a",), NOW) == {"a": "x"}


@pytest.mark.parametrize("call", EVERY_CALL.values(), ids=EVERY_CALL)
def test_redis_that_is_not_there(tmp_path, call):
    """No server: every operation says so with the location and what to check."""
    cache = open_redis({"url": f"unix://{tmp_path}/no.socket"})

    with pytest.raises(CacheError, match=r"no\.socket.*Check that the server runs"):
        call(cache)


def test_redis_that_may_not_be_written(cache, redis_server):
    """A server without memory refuses the write: a CacheError, and nothing half done."""
    redis_server.config_set("maxmemory", "1")
    try:
        with pytest.raises(CacheError, match="write results"):
            cache.put((entry("a"),), NOW)
    finally:
        redis_server.config_set("maxmemory", "0")

    assert cache.get(("a",), NOW) == {}


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("redis://:s3cret@cache.example:7000/2", "redis://cache.example:7000/2"),
        ("redis://ada:s3cret@cache.example", "redis://cache.example:6379/0"),
        ("rediss://ada:s3cret@cache.example/1?ssl_cert_reqs=none", "redis://cache.example:6379/1"),
        ("unix://:s3cret@/run/redis.sock?db=3", "unix:///run/redis.sock?db=3"),
    ],
)
def test_redis_location_holds_no_secret(url, location):
    """Passwords of the URL appear neither in the location nor in the cache's own repr."""
    cache = open_redis({"url": url})

    assert location == cache.location
    assert "s3cret" not in repr(cache)


@pytest.mark.parametrize(
    "url",
    [
        None,
        7,
        "",
        "http://:s3cret@host/",
        "redis://:s3cret@host:port/0",
        "redis://h/?socket_timeout=s3cret",
    ],
)
def test_redis_refuses_what_is_no_url(url):
    """A wrong URL is a settings error that names the key, and shows no secret."""
    with pytest.raises(SettingsError, match=r"cache\.url: must be a URL such as") as caught:
        open_redis({"url": url})

    assert "s3cret" not in traceback.format_exception(caught.value)[-1]
    assert caught.value.__cause__ is None


def test_redis_without_its_library(monkeypatch):
    """Without redis-py the error says what to install."""
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(MissingDependencyError, match=r"pip install 'kpisdk\[redis\]'"):
        open_redis({"url": "redis://localhost"})

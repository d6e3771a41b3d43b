"""What every cache promises, of the one in files."""

from datetime import UTC, datetime, timedelta

import pytest

from kpisdk import CacheEntry, SettingsError
from kpisdk_filecache.plugin import kpisdk_caches

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def opened(settings):
    """The cache, opened as the workspace opens it: by its backend, with the settings table."""
    (backend,) = kpisdk_caches()
    return backend.open(settings)


@pytest.fixture
def cache(tmp_path):
    """An empty cache in a folder that is not there yet."""
    return opened({"path": tmp_path / "kept" / "results"})


def entry(key, text="{}", kpi_id="SHOP-001", expires=LATER):
    """An entry of one KPI that lives for five minutes, unless said otherwise."""
    return CacheEntry(key, kpi_id, text, expires)


def test_what_was_put_comes_back_until_it_expires(cache):
    """At the very instant of its expiry an entry is gone; keys that nobody stored are left out."""
    cache.put((entry("a", "one"), entry("b", "zwölf 🔑\n")), NOW)

    assert cache.get(("a", "b", "c"), NOW) == {"a": "one", "b": "zwölf 🔑\n"}
    assert cache.get(("a",), LATER) == {}


def test_a_newer_entry_replaces_an_older_one(cache):
    """Even where the newer one is over already: what was there is out of date."""
    cache.put((entry("a", "old"), entry("b", "old")), NOW)
    cache.put((entry("a", "new"), entry("b", "over", expires=NOW)), NOW)

    assert cache.get(("a", "b"), NOW) == {"a": "new"}


def test_one_kpi_can_be_cleared_alone(cache):
    """The number dropped is told, and other KPIs keep theirs."""
    cache.put((entry("a"), entry("b"), entry("c", kpi_id="SHOP-002")), NOW)

    assert cache.clear("SHOP-001") == 2
    assert list(cache.get(("a", "b", "c"), NOW)) == ["c"]
    assert cache.clear() == 1


def test_info_counts_what_lives(cache):
    """Bytes are those of the texts in UTF-8: é takes two."""
    cache.put((entry("a", "é"), entry("b", "xyz", expires=NOW + timedelta(minutes=1))), NOW)

    assert cache.info(NOW)["entries"] == 2
    assert cache.info(NOW)["bytes"] == 5
    assert cache.info(NOW)["oldest_expiry"] == NOW + timedelta(minutes=1)
    assert cache.info(LATER)["entries"] == 0


def test_any_text_is_a_key(cache):
    """No key can leave the folder, or fail for what it holds."""
    hostile = ("../../etc/passwd", "a/b", "nul\0", "", "x" * 300)
    cache.put(tuple(entry(key, key) for key in hostile), NOW)

    assert cache.get(hostile, NOW) == {key: key for key in hostile}


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"key": 1, "expires": 7}'])
def test_a_broken_file_is_no_entry(cache, text):
    """It is not there, and a put replaces it."""
    cache.put((entry("a"),), NOW)
    (file,) = cache.folder.glob("*.json")
    file.write_text(text, encoding="utf-8")
    assert cache.get(("a",), NOW) == {}

    cache.put((entry("a"),), NOW)
    assert set(cache.get(("a",), NOW)) == {"a"}


def test_without_a_path_the_settings_are_wrong():
    """The message names the setting."""
    with pytest.raises(SettingsError, match=r"cache\.path"):
        opened({"path": None})

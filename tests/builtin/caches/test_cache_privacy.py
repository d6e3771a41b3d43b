"""The cache file is its owner's alone; what others may do to it is told, and not changed."""

import datetime as dt
import os
import sys
from pathlib import Path

import pytest

from kpisdk.builtin.caches.location import home_folder
from kpisdk.builtin.caches.sqlite_cache import SqliteCache, UnplacedCache, open_sqlite
from kpisdk.contracts.cache_backends import CacheEntry
from kpisdk.errors import CacheError, SettingsError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
ENTRIES = (CacheEntry("a", "A-1", "text", NOW + dt.timedelta(days=1)),)
NOBODY = 65534


def mode(path):
    """The permissions of a file."""
    return path.stat().st_mode & 0o777


@pytest.fixture
def loose():
    """A umask under which everybody may do everything."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("loose")
def test_what_is_made_is_made_for_its_owner(tmp_path):
    """The file, what SQLite keeps beside it, and every folder that was missing."""
    tmp_path.chmod(0o755)
    cache = SqliteCache(tmp_path / "a" / "b" / "results.sqlite")

    cache.put(ENTRIES, NOW)

    assert [mode(tmp_path / each) for each in ("a", "a/b")] == [0o700, 0o700]
    assert {mode(each) for each in (tmp_path / "a" / "b").iterdir()} == {0o600}
    assert cache.remarks == ()


@pytest.mark.usefixtures("loose")
def test_a_file_in_a_wider_folder_is_its_owners_and_the_folder_is_told(tmp_path):
    """The folder was somebody's choice: it stays as it is."""
    tmp_path.chmod(0o777)
    cache = SqliteCache(tmp_path / "results.sqlite")

    cache.put(ENTRIES, NOW)

    assert (mode(cache.path), mode(tmp_path)) == (0o600, 0o777)
    (remark,) = cache.remarks
    assert f"chmod 700 {tmp_path}" in remark


def test_a_wider_file_is_told_and_left_as_it_is(tmp_path):
    """It may have been made so on purpose."""
    tmp_path.chmod(0o700)
    cache = SqliteCache(tmp_path / "results.sqlite")
    cache.put(ENTRIES, NOW)
    cache.path.chmod(0o644)

    cache.put(ENTRIES, NOW)

    assert mode(cache.path) == 0o644
    (remark,) = cache.remarks
    assert f"chmod 600 {cache.path}" in remark
    assert "644" in remark


def test_a_link_of_ours_is_followed(tmp_path):
    """To a file on another disk, say."""
    tmp_path.chmod(0o700)
    kept = SqliteCache(tmp_path / "kept.sqlite")
    kept.put(ENTRIES, NOW)
    (tmp_path / "link.sqlite").symlink_to(kept.path)

    assert SqliteCache(tmp_path / "link.sqlite").get(("a",), NOW) == {"a": "text"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives away")
@pytest.mark.parametrize("whose", ["link", "file"])
def test_a_link_to_or_of_somebody_else_is_refused(tmp_path, whose):
    """Nothing is written where it leads, and nothing read from there."""
    kept = SqliteCache(tmp_path / "kept.sqlite")
    kept.put(ENTRIES, NOW)
    link = tmp_path / "link.sqlite"
    link.symlink_to(kept.path)
    os.chown(link if whose == "link" else kept.path, NOBODY, NOBODY, follow_symlinks=False)
    cache = SqliteCache(link)

    for call in (lambda: cache.get(("a",), NOW), lambda: cache.put(ENTRIES, NOW)):
        with pytest.raises(CacheError, match="another user"):
            call()


def test_a_link_to_nothing_makes_no_file_where_it_leads(tmp_path):
    """Whoever put it here would choose the place."""
    link = tmp_path / "results.sqlite"
    link.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(CacheError, match="link to a file that does not exist"):
        SqliteCache(link).put(ENTRIES, NOW)

    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("home", ["", "here"])
def test_without_a_home_folder_the_cache_says_so_when_it_is_used(monkeypatch, home):
    """Opening it costs nothing: the engine then warns, and computes."""
    monkeypatch.setenv("HOME", home)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    cache = open_sqlite({})

    assert isinstance(cache, UnplacedCache)
    calls = (
        lambda: cache.get(("a",), NOW),
        lambda: cache.put(ENTRIES, NOW),
        cache.clear,
        lambda: cache.info(NOW),
    )
    for call in calls:
        with pytest.raises(CacheError, match="HOME"):
            call()


def test_a_cache_folder_of_its_own_needs_no_home(tmp_path, monkeypatch):
    """``XDG_CACHE_HOME`` says where."""
    monkeypatch.setenv("HOME", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")

    assert open_sqlite({}).path == tmp_path / "kpisdk" / "results.sqlite"


def test_a_home_folder_is_the_one_of_the_environment():
    """Else that of the account."""
    assert home_folder({"HOME": "/home/me"}) == Path("/home/me")
    assert home_folder({}).is_absolute()


def test_a_user_who_does_not_exist_is_a_fault_of_the_settings():
    """``~nobody_here/x`` is no path."""
    with pytest.raises(SettingsError, match=r"cache\.path"):
        open_sqlite({"path": "~nobody_of_that_name/x.sqlite"})

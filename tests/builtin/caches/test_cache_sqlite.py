"""The cache file: made late, shared by processes, and never the cause of a traceback."""

import os
import pickle
import sqlite3
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from kpisdk.builtin.caches import sqlite_cache as sqlite
from kpisdk.builtin.caches.sqlite_cache import SqliteCache, open_sqlite
from kpisdk.contracts.cache_backends import CacheEntry
from kpisdk.errors import CacheError, SettingsError

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
EVERY_CALL = {
    "get": lambda cache: cache.get(("a",), NOW),
    "put": lambda cache: cache.put(entries("a", 1), NOW),
    "clear": lambda cache: cache.clear(),
    "clear one": lambda cache: cache.clear("BR-001"),
    "info": lambda cache: cache.info(NOW),
}


def entries(prefix, count, text="x"):
    """Entries that live for five minutes."""
    return tuple(CacheEntry(f"{prefix}-{i}", "BR-001", text, LATER) for i in range(count))


@pytest.fixture
def cache(tmp_path):
    """A cache whose file does not exist yet."""
    return open_sqlite({"path": str(tmp_path / "new" / "folder" / "results.sqlite")})


@pytest.fixture(params=EVERY_CALL)
def call(request):
    """Every operation of a cache, one a test."""
    return EVERY_CALL[request.param]


def test_sqlite_cache_is_made_on_the_first_write(cache):
    """Opening and asking make no file and no folder; the first put makes both."""
    cache.get(("a",), NOW)
    cache.clear()
    cache.info(NOW)
    assert not cache.path.parent.parent.exists()

    cache.put(entries("a", 1), NOW)
    assert cache.path.is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_sqlite_cache_folder_is_its_owners(cache):
    """Results may be confidential: the folder that is made lets nobody else in."""
    cache.put(entries("a", 1), NOW)

    assert cache.path.parent.stat().st_mode & 0o777 == 0o700


def test_sqlite_cache_outlives_the_process(cache):
    """Another process that opens the same file sees what this one wrote."""
    cache.put(entries("a", 2, "kept"), NOW)

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        found = pool.submit(cache.get, ("a-0", "a-1"), NOW).result()

    assert found == {"a-0": "kept", "a-1": "kept"}


def test_sqlite_cache_file_is_write_ahead_with_a_version(cache):
    """Readers do not block the writer, and the file says whose it is and which schema it has."""
    cache.put(entries("a", 1), NOW)

    with closing(sqlite3.connect(cache.path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        # "kpis" in ASCII: 0x6b 0x70 0x69 0x73
        assert connection.execute("PRAGMA application_id").fetchone() == (1802529139,)


def test_sqlite_cache_drops_the_expired_on_the_way(cache):
    """A put drops what has expired: the rows are gone, not only unseen."""
    cache.put(entries("old", 3), NOW)
    cache.put(entries("new", 0), LATER)

    with closing(sqlite3.connect(cache.path)) as connection:
        assert connection.execute("SELECT count(*) FROM results").fetchone() == (0,)


def test_sqlite_cache_is_safe_for_several_processes(cache):
    """Four processes that make and fill one file at once lose no entry and leave it sound."""
    jobs = [(entries(f"{worker}.{turn}", 3), NOW) for turn in range(25) for worker in range(4)]
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        for job in [pool.submit(cache.put, *arguments) for arguments in jobs]:
            job.result()

    wanted = {entry.key: "x" for made, _ in jobs for entry in made}
    assert wanted == cache.get(tuple(wanted), NOW)
    with closing(sqlite3.connect(cache.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_sqlite_cache_is_safe_for_several_threads(cache):
    """Eight threads that make and fill one file at once lose no entry."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: cache.put(entries(n, 5), NOW), range(24)))

    assert cache.info(NOW)["entries"] == 120


def test_sqlite_cache_survives_a_writer_that_dies(cache):
    """A process killed between writing and committing leaves what was there before."""
    cache.put(entries("a", 1), NOW)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        doomed = pool.submit(
            exec,
            "import os, sqlite3\n"
            f"c = sqlite3.connect({str(cache.path)!r}, isolation_level=None)\n"
            "c.execute('BEGIN IMMEDIATE')\n"
            "c.execute('DELETE FROM results')\n"
            "os._exit(9)",
        )
        assert doomed.exception() is not None

    assert cache.get(("a-0",), NOW) == {"a-0": "x"}
    cache.put(entries("b", 1), NOW)
    assert cache.info(NOW)["entries"] == 2


def test_sqlite_cache_of_no_bytes_is_empty(cache, call):
    """A file of no bytes, as an interrupted start leaves it, is an empty cache."""
    cache.path.parent.mkdir(parents=True)
    cache.path.touch()
    call(cache)

    cache.put(entries("a", 1), NOW)
    assert cache.get(("a-0",), NOW) == {"a-0": "x"}


def test_sqlite_cache_that_is_no_database(cache, call):
    """A file that is no database is refused with a sentence, and left as it is."""
    cache.path.parent.mkdir(parents=True)
    cache.path.write_bytes(b"all work and no play " * 100)

    with pytest.raises(CacheError, match=r"file is not a database.*Delete the file") as caught:
        call(cache)
    assert str(cache.path) == caught.value.location
    assert cache.path.read_bytes().startswith(b"all work and no play")


def test_sqlite_cache_with_damaged_pages(cache):
    """A database whose pages are overwritten is an error for whoever meets the damage."""
    cache.put(entries("a", 200, "text " * 100), NOW)
    raw = bytearray(cache.path.read_bytes())
    raw[4096:] = b"\xff" * (len(raw) - 4096)
    cache.path.write_bytes(bytes(raw))

    for name in ("get", "put", "clear one", "info"):
        with pytest.raises(CacheError, match="Delete the file"):
            EVERY_CALL[name](cache)


def test_sqlite_cache_that_is_cut_short(cache):
    """A database that a full disk has cut short is an error, not a result."""
    cache.put(entries("a", 200, "text " * 100), NOW)
    os.truncate(cache.path, 5000)

    with pytest.raises(CacheError):
        cache.get(tuple(entry.key for entry in entries("a", 200)), NOW)


def test_sqlite_cache_refuses_a_foreign_database(cache, call):
    """A path that names somebody's database is refused, and nothing is written to it."""
    cache.path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(cache.path)) as connection:
        connection.execute("CREATE TABLE results (precious TEXT)")
        connection.execute("INSERT INTO results VALUES ('data')")
        connection.commit()
    before = cache.path.read_bytes()

    with pytest.raises(CacheError, match="database of something else"):
        call(cache)
    assert before == cache.path.read_bytes()


def test_sqlite_cache_refuses_another_schema_version(cache, call):
    """A file of a later kpisdk is neither misread nor overwritten."""
    cache.put(entries("a", 1), NOW)
    with closing(sqlite3.connect(cache.path)) as connection:
        connection.execute("PRAGMA user_version = 2")

    with pytest.raises(CacheError, match=r"schema version 2, and this kpisdk uses 1"):
        call(cache)


def test_sqlite_cache_path_is_a_folder(tmp_path, call):
    """A path that is a folder is an error, not a traceback."""
    with pytest.raises(CacheError, match="unable to open database file"):
        call(SqliteCache(tmp_path))


def test_sqlite_cache_path_under_a_file(tmp_path):
    """A path whose parent is a file cannot be made; reading finds nothing there."""
    (tmp_path / "file").touch()
    cache = SqliteCache(tmp_path / "file" / "results.sqlite")

    assert cache.get(("a",), NOW) == {}
    with pytest.raises(CacheError, match="write results"):
        cache.put(entries("a", 1), NOW)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_sqlite_cache_in_a_read_only_folder(open_folder, unprivileged):
    """A folder that may not be written costs a CacheError on put; reading finds nothing."""
    open_folder.chmod(0o555)
    cache = SqliteCache(open_folder / "results.sqlite")

    with unprivileged():
        assert cache.get(("a",), NOW) == {}
        with pytest.raises(CacheError, match="Permission denied"):
            cache.put(entries("a", 1), NOW)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_sqlite_cache_file_without_permission(open_folder, unprivileged, call):
    """A file of another user is an error with its path."""
    cache = SqliteCache(open_folder / "results.sqlite")
    cache.put(entries("a", 1), NOW)
    cache.path.chmod(0o000)

    with unprivileged(), pytest.raises(CacheError, match=r"results\.sqlite"):
        call(cache)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_sqlite_cache_in_a_folder_that_may_not_be_entered(open_folder, unprivileged, call):
    """A folder that may not be entered is an error too: nobody can say what is in it."""
    (open_folder / "closed").mkdir(mode=0o700)
    cache = SqliteCache(open_folder / "closed" / "results.sqlite")
    (open_folder / "closed").chmod(0o000)

    with unprivileged(), pytest.raises(CacheError, match=r"results\.sqlite"):
        call(cache)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a file's size")
def test_sqlite_cache_on_a_full_disk(cache):
    """A put that the disk has no room for fails whole; what was stored before is still there."""
    import resource

    cache.put(entries("a", 1), NOW)
    old, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(CacheError, match="write results"):
            cache.put(entries("b", 20, "0123456789" * 10_000), NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (old, hard))

    assert cache.get(("a-0", "b-0", "b-19"), NOW) == {"a-0": "x"}


def test_sqlite_cache_held_by_another(cache):
    """A writer that never lets go costs the timeout and an error, not a hang."""
    impatient = SqliteCache(cache.path, timeout=0)
    cache.put(entries("a", 1), NOW)
    with closing(sqlite3.connect(cache.path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")

        with pytest.raises(CacheError, match="database is locked"):
            impatient.put(entries("b", 1), NOW)
        assert impatient.get(("a-0",), NOW) == {"a-0": "x"}


def test_sqlite_cache_goes_on_when_another_is_making_the_file(cache):
    """Turning on write-ahead mode does not wait for locks; that alone is no reason to fail."""
    cache.path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(cache.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with closing(sqlite3.connect(cache.path, timeout=0, isolation_level=None)) as connection:
            assert sqlite._write_ahead(connection) is None


def test_sqlite_cache_says_why_write_ahead_failed():
    """Any other trouble with the mode is not hidden."""

    class Broken:
        def execute(self, statement):
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise error

    with pytest.raises(sqlite3.OperationalError, match="disk I/O error"):
        sqlite._write_ahead(Broken())


@pytest.mark.parametrize("name", ["with space", "a?b=c#d%20", "ключ", "quote'\""])
def test_sqlite_cache_path_is_taken_literally(tmp_path, name):
    """Question marks, hashes and percent signs of a path are characters like any other."""
    cache = open_sqlite({"path": str(tmp_path / name / "x.sqlite")})
    cache.put(entries("a", 1), NOW)

    assert (tmp_path / name / "x.sqlite").is_file()
    assert cache.get(("a-0",), NOW) == {"a-0": "x"}


def test_sqlite_cache_path_may_start_with_a_tilde(monkeypatch, tmp_path):
    """A tilde is the user's home folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))

    assert tmp_path / "x.sqlite" == open_sqlite({"path": "~/x.sqlite"}).path


def test_sqlite_cache_has_a_place_of_its_own():
    """Without a path the file lies in the user's cache folder."""
    assert open_sqlite({}).path.name == "results.sqlite"
    assert "kpisdk" in open_sqlite({}).path.parts


@pytest.mark.parametrize("path", ["", 7, "a\0b", True, []])
def test_sqlite_cache_refuses_what_is_no_path(path):
    """A wrong path is a settings error that names the key."""
    with pytest.raises(SettingsError, match=r"cache\.path: must be the path of a file"):
        open_sqlite({"path": path})


def test_cache_error_survives_pickling():
    """The error crosses process borders with its fields."""
    error = CacheError("/x", "read", "it is broken", "Mend it.")

    copy = pickle.loads(pickle.dumps(error))

    assert str(error) == str(copy)
    assert copy.message == "The cache /x cannot be used to read results: it is broken. Mend it."
    assert copy.exit_code == 1


def test_sqlite_cache_accepts_path_objects(tmp_path):
    """The settings room hands paths over as paths."""
    assert tmp_path / "x" == open_sqlite({"path": Path(tmp_path / "x")}).path

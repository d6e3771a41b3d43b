"""Places where files cannot be read: a sentence each, and the gate never says that a KPI failed."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from kpisdk import Reason, SourceUnavailableError, Workspace
from kpisdk.settings import SourceSettings
from kpisdk.settings.settings_records import Settings

LINES = "visit_id,at,site\n1,2025-06-20,a\n"
NOBODY = 65534


@contextmanager
def a_user_without_rights():
    """Root may read everything; the test goes on as somebody who may not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def place(opened, make, tmp_path):
    """A folder that every user may enter (pytest's own are closed to others).

    What is imported as it is needed is imported first: an interpreter may lie in root's folder.
    """
    opened(tmp_path, make()).compute("CORE-T-001")
    (tmp_path / "core_visits.csv").touch()
    opened(tmp_path, make()).compute("CORE-T-001")
    (tmp_path / "core_visits.csv").write_text(LINES)
    opened(tmp_path, make()).compute("CORE-T-001")
    with pytest.raises(SourceUnavailableError):
        opened(tmp_path / "none.db", make()).compute("CORE-T-001")
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    (folder / "shop").mkdir()
    (folder / "shop" / "core_visits.csv").write_text(LINES)
    yield folder / "shop"
    for each in folder.rglob("*"):
        each.chmod(0o700)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("locked", "reason", "words"),
    [
        ("", Reason.SOURCE_UNAVAILABLE, "shop' cannot be looked at: Permission denied"),
        (
            "core_visits.csv",
            Reason.QUERY_FAILED,
            ".csv' cannot be read: Permission denied",
        ),
        ("parts", None, None),
    ],
)
def test_what_may_not_be_read_is_named(place, opened, make, locked, reason, words):
    """A folder, a file, or (no harm done) a folder beside the table that is read."""
    (place / "parts").mkdir()
    (place / locked).chmod(0)
    with a_user_without_rights():
        (result,) = opened(place, make()).compute("CORE-T-001")

    assert (result.reason, result.value) == ((reason, None) if reason else (result.reason, 1))
    assert words is None or words in result.message


def test_a_folder_of_parts_that_may_not_be_read_is_named(place, opened, make):
    """It is not merely a table that is missing."""
    (place / "core_visits.csv").rename(place / "other.csv")
    (place / "core_visits").mkdir(mode=0)
    with a_user_without_rights():
        (result,) = opened(place, make()).compute("CORE-T-001")

    assert "core_visits' cannot be looked at: Permission denied" in result.message


@pytest.mark.parametrize("location", ["{}/shop.db", "sqlite:///{}/shop.db"])
def test_a_database_in_a_folder_that_may_not_be_entered(place, opened, make, location):
    """The sentence is the system's, with the file."""
    place.chmod(0)
    workspace = opened(location.format(place), make())
    with (
        a_user_without_rights(),
        pytest.raises(SourceUnavailableError, match="cannot be looked at: Permission denied"),
    ):
        workspace.compute("CORE-T-001")


def test_a_name_that_is_no_text_is_told(tmp_path, opened, make):
    """Of the source itself; beside the table it does no harm, among its parts it is a fault."""
    odd = os.fsdecode(b"b\xfc.csv")
    (tmp_path / "core_visits.csv").write_text(LINES)
    (tmp_path / odd).write_text(LINES)

    assert opened(tmp_path, make()).compute("CORE-T-001")[0].value == 1
    with pytest.raises(SourceUnavailableError, match=r"b\\udcfc.csv' is not UTF-8; rename it"):
        opened(tmp_path / odd, make()).compute("CORE-T-001")
    (tmp_path / "core_visits.csv").unlink()
    (tmp_path / "core_visits").mkdir()
    (tmp_path / odd).rename(tmp_path / "core_visits" / odd)
    (tmp_path / "back\\slash[1].csv").write_text(LINES)
    tables = {"core_visits": "back\\slash[1]"}
    told = opened(tmp_path, make(), tables=tables).compute("CORE-T-001")[0].message
    assert "holds a backslash beside '['" in told
    assert "is not UTF-8" in opened(tmp_path, make()).compute("CORE-T-001")[0].message


def test_a_working_folder_that_was_deleted_is_a_sentence(tmp_path, monkeypatch, opened, make):
    """Of the command line with its exit code for a wrong use, and of the API."""
    from kpisdk.cli import main
    from kpisdk.working_folder import NoWorkingFolderError

    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    with pytest.raises(NoWorkingFolderError, match="working folder is no longer there"):
        Workspace("d")
    assert main(["gate", "WS2-TR-004"]) == 2
    with pytest.raises(SourceUnavailableError, match="a working folder that is no longer there"):
        _ = opened("d", make(), settings=Settings()).open_source().identity


@pytest.mark.parametrize("location", ["~/shop", "~/shop.duckdb", "sqlite:///~/shop.db"])
def test_without_a_home_folder_a_path_from_it_is_refused(monkeypatch, opened, make, location):
    """Neither HOME nor the user's account names one."""

    def nobody(_):
        raise KeyError

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", nobody)  # an account without a home, as containers have

    with pytest.raises(SourceUnavailableError, match="set HOME, or give the whole path"):
        opened(location, make()).compute("CORE-T-001")


def test_a_path_with_a_nul_is_no_path(opened, make):
    """The system takes none, and says so in its own way."""
    with pytest.raises(SourceUnavailableError, match="it holds a NUL"):
        opened("a\0b", make()).compute("CORE-T-001")


@pytest.mark.parametrize("name", ["data[1]", "a*b", "~x", "file:", "{a,b}", "back\\slash", "l\nf"])
@pytest.mark.parametrize("relative", [True, False])
def test_a_name_is_never_a_pattern(tmp_path, monkeypatch, opened, make, name, relative):
    """Of a folder, in front of a pattern, and of a file; given whole or not."""
    monkeypatch.chdir(tmp_path)
    for folder, rows in ((name, 1), ("data1", 2), ("aXb", 2)):
        Path(folder).mkdir()
        (Path(folder) / "core_visits.csv").write_text(LINES + "2,2025-06-20,a\n" * (rows - 1))
    start = Path() if relative else tmp_path
    settings = Settings(sources={"shop": SourceSettings(url=str(start / name))})

    for source in (str(start / name / "*.csv"), str(start / name / "core_visits.csv"), "shop"):
        report = opened(source, make(), settings=settings).compute("CORE-T-001")
        assert [result.value for result in report] == [1], source

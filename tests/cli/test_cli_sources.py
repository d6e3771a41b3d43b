"""``source``, ``cache`` and ``validate``: what is configured, kept, and wrong."""

import json
from types import ModuleType

import attrs
import pytest

from kpisdk.errors import KpisdkError
from kpisdk.hookspecs import hookimpl

WHOLE = {"trigger_id": "text", "trigger_timestamp": "timestamp", "acceptance_status": "text"}

SETTINGS = """
default_source = "main"

[sources.main]
url = "postgresql://me:hunter22@host/db"

[sources.main.tables.triggers]
table = "crm.hints"

[sources.main.tables.triggers.columns]
acceptance_status = "answer"
"""


@attrs.define(eq=False)
class GoneError(KpisdkError):
    """The source is gone."""


@pytest.fixture
def settings(tmp_path, here):
    """Write a settings file for the installation."""

    def write(text):
        (tmp_path / "kpisdk.toml").write_text(text)
        here.__dict__.pop("settings", None)

    return write


@pytest.fixture
def typed():
    """Columns by name and type name, as a source would describe them."""
    from kpisdk.contracts.vocabulary import LogicalType

    return lambda columns: {name: LogicalType(kind) for name, kind in columns.items()}


def test_source_list_shows_the_settings_sources_without_secrets(run, settings):
    """Name, kind, masked location, and which one is the default."""
    settings(SETTINGS)

    ended = run("source", "list", "--format", "json")

    assert json.loads(ended.out) == [
        {
            "name": "main",
            "kind": "database",
            "location": "postgresql://me:***@host/db",
            "default": True,
            "mapped_tables": 1,
        }
    ]
    assert "hunter22" not in run("source", "list").out


def test_source_list_of_nothing_says_what_a_source_can_be(run):
    """A newcomer learns the next step."""
    ended = run("source", "list")

    assert ended.code == 0
    assert "[sources.main] url" in ended.err
    assert "database" in ended.err


def test_source_list_says_when_no_kind_knows_a_location(run, settings, here, monkeypatch):
    """A location that cannot be opened is listed all the same."""
    settings(SETTINGS)
    monkeypatch.setattr(here, "plugins", ())
    monkeypatch.setitem(here.registry.__dict__, "sources", {})

    assert json.loads(run("source", "list", "--format", "json").out)[0]["kind"] == "unknown"


def test_source_test_tells_what_the_source_has(run, told, settings, typed):
    """Tables and columns go by the names that the settings map them to."""
    settings(SETTINGS)
    told.tables = {"crm.hints": typed({**WHOLE, "answer": "text"})}

    ended = run("source", "test", "--format", "json")

    assert (ended.code, ended.err) == (0, "The source 'demo' (duckdb, duckdb) answers.\n")
    assert json.loads(ended.out) == [
        {"dataset": "triggers", "table": "crm.hints", "declared_columns": 3, "faults": []}
    ]


def test_source_test_names_missing_tables_columns_and_types(run, told, typed):
    """All faults of a table at once, each with the setting that maps it."""
    (absent,) = json.loads(run("source", "test", "x.db", "--format", "json").out)
    told.tables = {"triggers": typed({"trigger_id": "text", "acceptance_status": "json"})}
    (partial,) = json.loads(run("source", "test", "x.db", "--format", "json").out)

    assert told.made["source"] == "x.db"
    assert absent["table"] is None
    assert "table 'triggers' does not exist" in absent["faults"][0]
    assert any("column 'trigger_timestamp'" in fault for fault in partial["faults"])


def test_source_test_of_a_source_that_does_not_open_exits_with_one(run, told):
    """The operation failed."""
    told.error = GoneError()

    ended = run("source", "test")

    assert (ended.code, ended.err) == (1, "Error: The source is gone.\n")


def test_cache_info_tells_what_the_backend_tells(run, told):
    """Facts as a table and as JSON."""
    ended = run("cache", "info", "--format", "json")

    assert json.loads(ended.out) == {
        "location": "cache.sqlite",
        "entries": 3,
        "expires": "2026-01-01T00:00:00Z",
    }
    assert "cache.sqlite" in run("cache", "info").out


def test_cache_clear_drops_one_kpi_or_all(run, told):
    """The id is checked before anything is dropped."""
    one, everything = run("cache", "clear", "ws2-tr-004"), run("cache", "clear")
    wrong = run("cache", "clear", "NOPE-1")

    assert told.cache.cleared == ["WS2-TR-004", None]
    assert one.out == "3 kept results of WS2-TR-004 dropped.\n"
    assert everything.out == "3 kept results of all KPIs dropped.\n"
    assert wrong.code == 2


@pytest.mark.parametrize("command", ["info", "clear"])
def test_a_cache_that_is_off_is_told(run, told, command):
    """Nothing to show is no error."""
    told.cache = None

    ended = run("cache", command)

    assert (ended.code, ended.out) == (0, "")
    assert "The cache is off" in ended.err


def test_validate_of_a_sound_installation_exits_with_zero(run):
    """Silence on stdout, a sentence on stderr."""
    ended = run("validate")

    assert (ended.code, ended.out) == (0, "")
    assert ended.err == "No faults in 3 KPIs over 1 datasets of 5 plugins.\n"
    assert json.loads(run("validate", "--format", "json").out) == []


def test_validate_tells_all_faults_of_a_settings_file_with_their_paths(run, settings):
    """A file that cannot be used at all is a usage error."""
    settings("[cache]\nbakend = 1\nenabled = 'x'\n")

    ended = run("validate", "--live", "--format", "json")

    faults = json.loads(ended.out)
    assert ended.code == 2
    assert {fault["area"] for fault in faults} == {"settings"}
    assert len(faults) == 2


@attrs.frozen
class Knobs:
    depth: int = 1


class Configured:
    """A plugin with settings."""

    name = "configured"

    @hookimpl
    def kpisdk_settings(self):
        return Knobs


def test_validate_checks_names_and_plugin_tables_of_the_settings(run, settings, here):
    """Names of backends, datasets and plugins, and the tables that plugins read."""
    here.plugins = (*here.plugins, Configured())
    settings(
        """
        [cache]
        backend = "memry"
        [sources.main]
        url = "duckdb:///x.duckdb"
        [sources.main.tables.trigers]
        table = "t"
        [plugins.nobody]
        x = 1
        [plugins.configured]
        depth = "deep"
        """
    )

    ended = run("validate", "--format", "json")

    told = {fault["where"]: fault["what"] for fault in json.loads(ended.out)}
    assert ended.code == 2
    assert "Did you mean memory?" in told["cache.backend"]
    assert "Did you mean triggers?" in told["sources.main.tables.trigers"]
    assert "There is no plugin with settings 'nobody'" in told["plugins.nobody"]
    assert "plugins.configured.depth" in told


def test_validate_says_when_no_kind_of_source_knows_a_location(run, settings, here, monkeypatch):
    """A location that nothing can open is found before a computation needs it."""
    settings(SETTINGS)
    monkeypatch.setitem(here.registry.__dict__, "sources", {})

    ended = run("validate", "--format", "json")

    assert json.loads(ended.out)[0]["where"] == "sources.main.url"


def test_validate_tells_broken_plugins_and_dictionary_faults(run, here, make_kpi):
    """Faults of definitions exit with 1, all of them at once."""
    broken = ModuleType("broken")
    broken.KPISDK_API = 99

    class Twin:
        @hookimpl
        def kpisdk_kpis(self):
            yield make_kpi("ZZ-1", slug="rate_br_001")

    here.plugins = (*here.plugins, broken, Twin())

    ended = run("validate", "--format", "json")

    told = {fault["where"] for fault in json.loads(ended.out)}
    assert ended.code == 1
    assert "plugin 'broken' (in this process 0)" in told
    assert {"BR-001.kpi_name", "ZZ-1.kpi_name"} <= told
    assert "3 faults" in ended.err


def test_validate_live_looks_into_the_source(run, told, typed):
    """With ``--live``, what the source lacks is a fault; what it has is none."""
    missing = run("validate", "--live", "--source", "x.db", "--format", "json")
    told.tables = {"triggers": typed(WHOLE)}
    sound = run("validate", "--live")
    told.error = GoneError()
    gone = run("validate", "--live", "--format", "json")

    assert missing.code == 1
    assert json.loads(missing.out)[0]["area"] == "source"
    assert sound.code == 0
    assert gone.code == 1
    assert json.loads(gone.out)[0]["what"] == "The source is gone."

"""Whatever is changed, a cached answer equals an uncached one."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
from pathlib import Path

import attrs
import pandas as pd
import pytest

from kpisdk import (
    Calculator,
    Column,
    Dataset,
    Derived,
    Estimate,
    FirstOf,
    Formula,
    FrameInput,
    LogicalType,
    Option,
    Parameter,
    Settings,
    Simple,
    Workspace,
    count,
    file_identity,
    hookimpl,
    total,
)
from kpisdk.builtin.caches.memory_cache import MemoryCache
from kpisdk.engine import result_identity

ENGINES = ["duckdb", "sqlite", "postgresql", "frames"]


@pytest.fixture
def cache():
    """A cache in memory."""
    return MemoryCache()


@pytest.fixture
def both(opened, cache):
    """``both(source, kpi, …)``: the KPI's value out of the cache and computed anew, and ``cached``.

    Every call opens a workspace of its own, as every command does.
    """

    def ask(source, kpi, *, workspace=opened, request=None, **arguments):
        request = request or {}
        kept = workspace(source, kpi, cache=cache, **arguments).compute(kpi.id, **request)
        fresh = workspace(source, kpi, **arguments).compute(kpi.id, **request, use_cache=False)
        assert [each.value for each in kept] == [each.value for each in fresh]
        return kept[0].value, kept[0].cached

    return ask


def executed(source, *statements):
    """Run statements on a database, on a connection of another writer."""
    if isinstance(source, dict):
        return
    if source.startswith("sqlite"):
        connection = sqlite3.connect(source.removeprefix("sqlite:///"))
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return
    import sqlalchemy as sa

    engine = sa.create_engine(source, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_row_that_is_updated_or_deleted_in_place(engine, source_on, table, make, visits, both):
    """The newest row stays the newest, and their number may stay too."""
    rows = table({"visit_id": "a", "units": 1}, {"visit_id": "b", "units": 2})
    source = source_on(engine, {"core_visits": rows}, [visits])
    kpi = make(Simple(total(visits, visits["units"])))
    assert both(source, kpi)[0] == 3

    executed(source, "UPDATE core_visits SET units = 7 WHERE visit_id = 'a'")
    if engine == "frames":
        source["core_visits"].loc[0, "units"] = 7
    assert both(source, kpi) == (9, False)

    executed(source, "DELETE FROM core_visits WHERE visit_id = 'b'")
    if engine == "frames":
        source["core_visits"] = source["core_visits"].iloc[:1]
    assert both(source, kpi) == (7, False)


@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "postgresql"])
def test_where_nothing_changed_the_cached_answer_is_found(
    engine, source_on, table, make, visits, both
):
    """By another workspace too."""
    source = source_on(engine, {"core_visits": table({})}, [visits])

    assert both(source, make()) == (1, False)
    assert both(source, make()) == (1, True)


def test_a_row_that_a_writer_has_in_its_log(tmp_path, table, make, visits, both):
    """SQLite's write-ahead log: the database file stays as it was, and reading changes neither."""
    from kpisdk.testing import put

    rows = {"core_visits": table({"visit_id": "a", "units": 1})}
    url = put("sqlite", rows, [visits], tmp_path)
    kpi = make(Simple(total(visits, visits["units"])))
    writer = sqlite3.connect(url.removeprefix("sqlite:///"))
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("UPDATE core_visits SET units = 2")
    writer.commit()
    assert [both(url, kpi) for _ in range(2)] == [(2, False), (2, True)]

    writer.execute("UPDATE core_visits SET units = 3")
    writer.commit()

    assert [both(url, kpi) for _ in range(2)] == [(3, False), (3, True)]
    writer.close()


def test_rows_of_another_server_are_not_kept(source_on, table, make, visits, both):
    """PostgreSQL has no number for the transactions of a server that a foreign table stands for."""
    source = source_on("postgresql", {"core_visits": table({})}, [visits])
    executed(
        source,
        "CREATE FOREIGN DATA WRAPPER elsewhere",
        "CREATE SERVER far FOREIGN DATA WRAPPER elsewhere",
        "CREATE FOREIGN TABLE far_away (x integer) SERVER far",
    )

    assert [both(source, make()) for _ in range(2)] == [(1, False), (1, False)]


def test_one_frames_source_is_answered_from_the_cache(opened, table, make, cache):
    """Until a cell of it is another one."""
    frames = {"core_visits": table({"units": 1})}
    workspace = opened(frames, make(), cache=cache)
    workspace.compute("CORE-T-001")
    assert workspace.compute("CORE-T-001")[0].cached

    frames["core_visits"].loc[0, "units"] = 2

    assert not workspace.compute("CORE-T-001")[0].cached


def _rows(*units):
    lines = [f"v{n},2025-06-20T00:00:00Z,{unit}" for n, unit in enumerate(units)]
    return "\n".join(["visit_id,at,units", *lines, ""])


def _same_looks(path, text):
    """Replace a file by another one of its size and time of modification."""
    facts = path.stat()
    other = path.with_suffix(".other")
    other.write_text(text)
    os.utime(other, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    shutil.move(other, path)


def _overwritten(path, text):
    """Write a file again where it lies, with its size and time of modification."""
    facts = path.stat()
    path.write_text(text)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


@pytest.mark.parametrize("change", [_same_looks, _overwritten])
def test_a_file_that_is_replaced_by_one_of_its_looks(change, tmp_path, make, visits, both):
    """Size and time of modification are the same; its content is not."""
    file = tmp_path / "core_visits.csv"
    file.write_text(_rows(1, 2))
    kpi = make(Simple(total(visits, visits["units"])))
    assert both(str(tmp_path), kpi) == (3, False)
    assert both(str(tmp_path), kpi) == (3, True)

    change(file, _rows(1, 5))

    assert both(str(tmp_path), kpi) == (6, False)


VIEWS = {
    "a reader": "CREATE VIEW core_visits AS SELECT * FROM read_csv('{folder}/a.csv')",
    "a list": "CREATE VIEW core_visits AS SELECT * FROM read_csv(['{folder}/a.csv'])",
    "a pattern": "CREATE VIEW core_visits AS SELECT * FROM read_csv('{folder}/*.csv')",
    "a bare name": "CREATE VIEW core_visits AS SELECT * FROM '{folder}/a.csv'",
    "a view over a view": (
        "CREATE VIEW first AS SELECT * FROM '{folder}/a.csv'; "
        "CREATE VIEW core_visits AS WITH own AS (SELECT * FROM first) SELECT * FROM own"
    ),
    "a macro": (
        "CREATE MACRO files(p) AS TABLE SELECT * FROM read_csv(p); "
        "CREATE VIEW core_visits AS SELECT * FROM files('{folder}/a.csv')"
    ),
    "a scalar macro": (
        "CREATE MACRO units() AS (SELECT sum(units) FROM '{folder}/a.csv'); "
        "CREATE TABLE plain AS SELECT 'v' visit_id, TIMESTAMP '2025-06-20' \"at\"; "
        "CREATE VIEW core_visits AS SELECT *, units()::BIGINT AS units FROM plain"
    ),
    "a path that is made up": (
        "CREATE VIEW core_visits AS SELECT * FROM read_csv('{folder}/' || 'a.csv')"
    ),
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_file_that_a_view_reads(view, tmp_path, make, visits, both):
    """The database does not change where the file does."""
    duckdb = pytest.importorskip("duckdb")
    file, database = tmp_path / "a.csv", tmp_path / "d.duckdb"
    file.write_text(_rows(1, 2))
    with duckdb.connect(str(database)) as connection:
        connection.execute(VIEWS[view].format(folder=tmp_path))
    kpi, url = make(Simple(total(visits, visits["units"]))), f"duckdb:///{database}"
    assert both(url, kpi) == (3, False)
    assert both(url, kpi)[1] == (view not in ("a macro", "a path that is made up"))

    _overwritten(file, _rows(1, 5))

    assert both(url, kpi) == (6, False)


def test_a_view_that_reads_no_file_is_answered_from_the_cache(tmp_path, make, visits, both):
    """Functions that make rows of their arguments, queries with names, and tables are no files."""
    duckdb = pytest.importorskip("duckdb")
    database = tmp_path / "d.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "CREATE TABLE days AS SELECT TIMESTAMP '2025-06-20' AS day; "
            "CREATE VIEW core_visits AS WITH n AS (SELECT range AS units FROM range(4)) "
            "SELECT 'v' || units AS visit_id, day AS \"at\", units FROM n, main.days"
        )
    kpi, url = make(Simple(total(visits, visits["units"]))), f"duckdb:///{database}"

    assert both(url, kpi) == (6, False)
    assert both(url, kpi) == (6, True)


def test_two_databases_of_one_name(tmp_path, monkeypatch, table, make, both):
    """As on two machines that share one Redis, each with a source of the same name."""
    from kpisdk.testing import put

    for folder, rows in (("one", [{}]), ("two", [{}, {}])):
        (tmp_path / folder).mkdir()
        put("sqlite", {"core_visits": table(*rows)}, (), tmp_path / folder)
    name = next((tmp_path / "one").iterdir()).name
    found = []
    for folder in ("one", "two"):
        monkeypatch.chdir(tmp_path / folder)
        found.append(both(f"sqlite:///{name}", make()))

    assert found == [(1, False), (2, False)]


@pytest.fixture
def calculated(table, make, visits, now, cache):
    """``calculated(function, …)``: what a calculator answers with the cache, and ``cached``."""
    frames = {"core_visits": table({})}
    workspaces = {}

    def ask(function, parameters=None, settings=None, *, fresh=False, **facts):
        rows = FrameInput("rows", visits, ("site",))
        own = tuple(Parameter(name, "json") for name in parameters or {})
        kpi = make(Calculator(function, (rows,), visits, **facts), parameters=own)

        class Plugin:
            name = "of_tests"

            @hookimpl
            def kpisdk_kpis(self):
                return [kpi]

            @hookimpl
            def kpisdk_settings(self):
                return Own

        given = Settings(plugins={"of_tests": settings or {}})
        workspace = Workspace(
            frames, plugins=[Plugin()], settings=given, cache=cache, clock=lambda: now
        )
        workspace.open_source()._fingerprint = "the same rows"
        workspaces[len(workspaces)] = workspace
        result = workspace.compute(kpi.id, parameters=parameters or {}, use_cache=not fresh)[0]
        return result.value, result.cached

    return ask


@attrs.frozen
class Own:
    """Settings with a secret."""

    token: str = attrs.field(default="", repr=False)
    level: float = 1.0


def test_a_setting(calculated):
    """One that no text shows, too."""

    def function(inputs):
        return Estimate.of(len(inputs.settings.token) + inputs.settings.level)

    found = [calculated(function, settings=each) for each in ({}, {"token": "a"}, {"level": 3.0})]

    assert found == [(1, False), (2, False), (3, False)]
    assert calculated(function, settings={"token": "a"}) == (2, True)


CONSTANT = 1.0


def _constant(_inputs):
    return Estimate.of(CONSTANT)


def _adding(number):
    return lambda _inputs: Estimate.of(number)


def test_code_of_a_plugin(calculated, monkeypatch):
    """A constant that it names, what it closes over, and its text."""
    assert [calculated(_adding(1.0)), calculated(_adding(2.0))] == [(1, False), (2, False)]
    assert calculated(_constant) == (1, False)
    assert calculated(_constant) == (1, True)

    monkeypatch.setitem(globals(), "CONSTANT", 5.0)

    assert calculated(_constant) == (5, False)


def test_code_that_is_imported_when_it_is_needed(calculated, tmp_path, monkeypatch):
    """A module of the plugin that nothing refers to before it runs: its file is part of it."""
    import importlib
    import sys

    from kpisdk.registry import fingerprint

    package = tmp_path / "core_late"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from kpisdk import Estimate\n\n\ndef function(inputs):\n"
        "    from core_late.figures import FIGURE\n\n    return Estimate.of(FIGURE)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    def in_a_new_process(figure):
        if figure is not None:
            (package / "figures.py").write_text(f"FIGURE = {figure}\n")
        for name in [each for each in sys.modules if each.startswith("core_late")]:
            del sys.modules[name]
        importlib.invalidate_caches()
        fingerprint._files_of.cache_clear()
        shutil.rmtree(package / "__pycache__", ignore_errors=True)
        return calculated(importlib.import_module("core_late").function)

    found = [in_a_new_process(figure) for figure in (1.0, 2.0, None)]

    assert found == [(1, False), (2, False), (2, True)]


def _typed(inputs):
    value = inputs.parameters["value"]
    return Estimate.of({int: 1.0, bool: 2.0, str: 3.0, float: 4.0}[type(value)])


def test_the_type_of_a_parameter(calculated):
    """1, true, "1" and 1.0 are four values."""
    for _ in range(2):
        found = [calculated(_typed, {"value": each})[0] for each in (1, True, "1", 1.0)]
        assert found == [1, 2, 3, 4]


REQUESTS = [
    {},
    {"window": "last 5 days"},
    {"window": "2025"},
    {"as_of": "2025-06-21"},
    {"as_of": "2025-06-22"},
    {"where": {"site": "1"}},
    {"where": {"site": ["1", "a"]}},
    {"where": {"site": ["a", "1"]}},
    {"where": {"site": None}},
    {"where": {"units": 1}},
    {"where": {"done": True}},
    {"by": ["site"]},
    {"by": ["units"]},
    {"by": ["site"], "grain": "day"},
    {"grain": "month"},
    {"grain": "week"},
    {"compare": "previous"},
    {"compare": "year"},
]


def test_every_part_of_a_request(opened, table, make, cache):
    """Asked one after the other, and all of them again."""
    days = [dt.datetime(2025, 6, 20), dt.datetime(2025, 6, 28), dt.datetime(2024, 6, 20)]
    sites = ["1", "a", None]
    rows = [
        {"visit_id": f"{site}{day}", "site": site, "at": day, "units": n, "done": n == 1}
        for n, (site, day) in enumerate((site, day) for site in sites for day in days)
    ]
    workspace = opened({"core_visits": table(*rows)}, make(), cache=cache)

    for request in (*REQUESTS, *REQUESTS):
        kept = workspace.compute("CORE-T-001", **request)
        fresh = workspace.compute("CORE-T-001", **request, use_cache=False)
        seen = [_bare(each) for each in kept], [_bare(each) for each in fresh]
        assert seen[0] == seen[1], request


def _bare(result):
    return attrs.evolve(result, cached=False, duration_ms=0.0, computed_at=None)


def test_the_version_of_the_core(calculated, monkeypatch):
    """What computes is another program."""
    calculated(_constant)
    monkeypatch.setattr(result_identity, "core_version", lambda: "99")

    assert not calculated(_constant)[1]


def _reads(path):
    return lambda inputs: Estimate.of(float(Path(path).read_text()), n=len(inputs.frames))


def test_a_file_that_a_calculator_names(calculated, tmp_path):
    """A model, a graph: it is found in the cache until the file is another one."""
    file = tmp_path / "model"
    file.write_text("1")
    named = {"reads": lambda _parameters, _settings: [file]}
    assert calculated(_reads(file), **named) == (1, False)
    assert calculated(_reads(file), **named) == (1, True)

    _overwritten(file, "2")

    assert calculated(_reads(file), **named) == (2, False)


def test_a_folder_that_a_calculator_names(calculated, tmp_path):
    """All of its files, one that is added among them."""
    named = {"reads": lambda _parameters, _settings: [tmp_path]}

    def function(inputs):
        return Estimate.of(float(len(list(tmp_path.iterdir()))), n=len(inputs.frames))

    assert calculated(function, **named) == (0, False)
    (tmp_path / "one").write_text("")
    assert calculated(function, **named) == (1, False)
    assert calculated(function, **named) == (1, True)


def _opens(path):
    def function(inputs):
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 - as many write it
            return Estimate.of(float(file.read()), n=len(inputs.frames))

    return function


def _by_pandas(path):
    return lambda _inputs: Estimate.of(float(pd.read_csv(path, header=None).iloc[0, 0]))


def _by_sqlite(path):
    def function(inputs):
        connection = sqlite3.connect(f"{path}.db")
        (found,) = connection.execute(f"SELECT {path.read_text()}").fetchone()
        connection.close()
        return Estimate.of(float(found), n=len(inputs.frames))

    return function


def _by_program(path):
    def function(inputs):
        import subprocess

        done = subprocess.run(["cat", path], capture_output=True, check=True)
        return Estimate.of(float(done.stdout), n=len(inputs.frames))

    return function


def _by_duckdb(path):
    def function(inputs):
        duckdb = pytest.importorskip("duckdb")
        with duckdb.connect() as connection:  # DuckDB's own keeps files that it has read
            rows = connection.sql(f"SELECT * FROM read_csv('{path}', header = false)")
            (found,) = rows.fetchone()
        return Estimate.of(float(found), n=len(inputs.frames))

    return function


def _by_presence(path):
    def function(inputs):
        return Estimate.of(float(path.stat().st_mtime_ns == 2) + 1, n=len(inputs.frames))

    return function


@pytest.mark.parametrize(
    "read", [_reads, _opens, _by_pandas, _by_sqlite, _by_program, _by_duckdb, _by_presence]
)
def test_a_file_that_a_calculator_reads_and_does_not_name(read, calculated, tmp_path):
    """It answers, and nothing of it is kept."""
    file = tmp_path / "hidden"
    file.write_text("1")
    assert calculated(read(file)) == (1, False)

    file.write_text("2")
    os.utime(file, ns=(2, 2))

    assert calculated(read(file)) == (2, False)


def test_a_variable_that_a_calculator_reads_and_does_not_name(calculated, monkeypatch):
    """Not kept, unless ``state`` names it."""

    def function(inputs):
        return Estimate.of(float(os.environ["CORE_FIGURE"]), n=len(inputs.frames))

    for figure in ("1", "2"):
        monkeypatch.setenv("CORE_FIGURE", figure)
        assert calculated(function) == (float(figure), False)
    named = {"state": lambda *_: os.environ["CORE_FIGURE"]}
    assert [calculated(function, **named) for _ in range(2)] == [(2, False), (2, True)]


def test_a_state_that_cannot_be_told_keeps_nothing(calculated):
    """``None`` says so, and so does a function that fails."""

    def failing(*_):
        raise OSError

    for state in (lambda *_: None, failing):
        assert [calculated(_constant, state=state)[1] for _ in range(2)] == [False, False]


def test_a_file_that_the_function_of_a_formula_reads(
    opened, source_on, table, make, visits, cache, tmp_path
):
    """A function of a plugin is one, whatever the engine calls what it makes."""
    file = tmp_path / "weight"
    source = source_on("sqlite", {"core_visits": table({})}, [visits])

    def weighted(values):
        return Estimate.of(values["n"] * float(file.read_text()))

    kpi = make(Formula({"n": count(visits)}, weighted))
    for weight in ("1", "2"):
        file.write_text(weight)
        result = opened(source, kpi, cache=cache).compute(kpi.id)[0]
        assert (result.value, result.cached) == (float(weight), False)


def test_a_file_that_the_function_of_a_relation_reads(
    opened, source_on, table, make, visits, cache, tmp_path
):
    """What it builds goes into a statement, which nobody watches: its code says that it reads."""
    import sqlalchemy as sa

    file = tmp_path / "least"
    source = source_on("sqlite", {"core_visits": table({"units": 1}, {"units": 5})}, [visits])

    def build(scope):
        rows = scope.rows()
        return sa.select(*rows.c).where(rows.c["units"] >= int(file.read_text()))

    large = Derived("core_large", visits, build)
    kpi = make(Simple(total(large, large["units"])))
    for least, expected in (("0", 6), ("3", 5)):
        file.write_text(least)
        result = opened(source, kpi, cache=cache).compute(kpi.id)[0]
        assert (result.value, result.cached) == (expected, False)


def test_midnight_begins_another_month(opened, source_on, table, make, visits, cache):
    """A KPI that looks at the clock is asked for this month, at the end of one."""
    rows = table({}, {"at": dt.datetime(2025, 7, 1)})
    source = source_on("sqlite", {"core_visits": rows}, [visits])
    kpi = make(clock=True, frequency="monthly")

    def ask(when):
        workspace = opened(source, kpi, cache=cache, clock=lambda: when)
        return workspace.compute(kpi.id, window="this month")[0]

    before = dt.datetime(2025, 6, 30, 23, 59, tzinfo=dt.UTC)

    assert ask(before).window.label == ask(before).window.label
    assert ask(before + dt.timedelta(minutes=2)).window.start.month == 7


def test_rows_grow_old_while_their_result_is_kept(opened, source_on, table, make, visits, cache):
    """Two hours after the newest row of a KPI that moves hourly, the kept result is stale."""
    newest = dt.datetime(2025, 6, 30, 10, 0, tzinfo=dt.UTC)
    source = source_on("sqlite", {"core_visits": table({"at": newest})}, [visits])
    kpi = make(frequency="realtime")

    def ask(seconds):
        when = newest + dt.timedelta(hours=2, seconds=seconds)
        result = opened(source, kpi, cache=cache, clock=lambda: when).compute(kpi.id)[0]
        return result.cached, result.stale

    assert [ask(-10), ask(10)] == [(False, False), (True, True)]


def test_what_answers_before_a_state_that_cannot_be_told_is_kept(
    opened, source_on, table, make, visits, cache
):
    """A server that nobody had to ask says nothing about the stored value."""
    rows = FrameInput("rows", visits, ("units",))

    def stored(inputs):
        known = inputs.frames["rows"]["units"].dropna()
        return Estimate.of(float(known.sum()) if len(known) else None)

    ways = (
        Option("stored", Calculator(stored, (rows,), visits)),
        Option("server", Calculator(_constant, state=lambda *_: None)),
    )
    kpi = make(FirstOf(ways), parameters=(Parameter("source", "text"),))
    source = source_on("sqlite", {"core_visits": table({"units": 4})}, [visits])
    workspace = opened(source, kpi, cache=cache)

    assert [workspace.compute(kpi.id)[0].cached for _ in range(2)] == [False, True]
    forced = {"parameters": {"source": "server"}}
    assert [workspace.compute(kpi.id, **forced)[0].cached for _ in range(2)] == [False, False]


def test_a_file_that_the_function_of_inputs_reads(opened, table, make, visits, cache, tmp_path):
    """Which columns are needed may stand in a file as well."""
    file = tmp_path / "column"
    file.write_text("site")

    def asks(*_):
        return (FrameInput("rows", visits, (file.read_text(),)),)

    def function(inputs):
        return Estimate.of(float(len(inputs.frames["rows"].columns[0])))

    kpi = make(Calculator(function, asks, visits))
    workspace = opened({"core_visits": table({})}, kpi, cache=cache)
    assert workspace.compute(kpi.id)[0].value == 4

    file.write_text("person")

    assert workspace.compute(kpi.id)[0].value == 6


def test_a_folder_goes_by_what_its_links_lead_to(tmp_path):
    """A folder of a model may be put together of links; one may lead back."""
    far, near = tmp_path / "far", tmp_path / "near"
    far.mkdir()
    near.mkdir()
    (far / "weights").write_text("1")
    (near / "linked").symlink_to(far, target_is_directory=True)
    (far / "back").symlink_to(near, target_is_directory=True)
    before = file_identity(near)

    _overwritten(far / "weights", "2")

    assert file_identity(near) != before


def test_a_large_file_that_was_just_written_has_no_lasting_identity(tmp_path):
    """It may be written again in the same tick of the file system's clock."""
    file = tmp_path / "large"
    file.write_bytes(bytes(1 << 20))
    then = file.stat().st_ctime_ns

    def at(nanoseconds):
        with pytest.MonkeyPatch.context() as patch:
            clock = iter(range(then + nanoseconds, then + nanoseconds + 100))
            patch.setattr("kpisdk.contracts.file_identity.time.time_ns", lambda: next(clock))
            return file_identity(file), file_identity(file)

    assert len(set(at(0))) == 2
    assert len(set(at(1_000_000_000))) == 1


def test_files_have_identities(tmp_path):
    """Content, place and presence count; a folder goes by what is in it."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("x")
    two.write_text("x")
    whole = file_identity(tmp_path)

    assert file_identity(one) == file_identity(str(one))
    assert file_identity(one) != file_identity(two)
    assert file_identity(tmp_path / "three") == file_identity(one / "below") == "absent"
    two.unlink()
    assert file_identity(tmp_path) != whole


def test_count_of_rows(opened, table, make, visits, cache):
    """Frames of a source that holds other rows than an equal one."""
    kpi = make(Simple(count(visits)))

    found = [
        opened({"core_visits": table(*[{}] * n)}, kpi, cache=cache).compute(kpi.id)[0].value
        for n in (1, 2, 1)
    ]

    assert found == [1, 2, 1]


def test_what_another_kpi_declares_a_slice_column_as(opened, tmp_path, make, visits, cache):
    """1.1 and 1.10 are two texts, and one number as soon as somebody says that they are numbers."""
    rows = "".join(f"v{place},2025-06-20,{each}\n" for place, each in enumerate(("1.1", "1.10")))
    (tmp_path / "core_visits.csv").write_text(f"visit_id,at,release\n{rows}")
    number = Dataset("core_visits", (Column("release", LogicalType.FLOAT),))
    own = make(Simple(count(visits)))
    other = make(Simple(total(number, number["release"])), "CORE-T-002", window=None)

    def groups(*kpis):
        report = opened(str(tmp_path), *kpis, cache=cache).compute(own.id, by=["release"])
        return {each.slice["release"]: each.value for each in report}

    assert groups(own) == {"1.1": 1, "1.10": 1}
    assert groups(own, other) == {1.1: 2}

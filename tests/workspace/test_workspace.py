"""The hall: sources, caches and requests as callers write them."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kpisdk import (
    Derived,
    Median,
    Reason,
    SettingsError,
    Simple,
    SourceKind,
    UnknownNameError,
    UsageError,
    Window,
    Workspace,
    count,
    count_distinct,
    hookimpl,
)
from kpisdk.builtin.caches.memory_cache import MemoryCache
from kpisdk.settings import (
    CacheSettings,
    KpiSettings,
    Settings,
    SourceSettings,
    TableMapping,
)
from kpisdk.windows import Last


def test_three_lines_from_frames_to_a_frame(table, opened, make):
    """Open, compute, show."""
    workspace = opened({"core_visits": table({"site": "a"}, {"site": "b"})}, make())

    frame = workspace.compute("CORE-T-001", by=["site"], window="last 30 days").to_frame()

    assert frame[["kpi_id", "site", "value"]].to_numpy().tolist() == [
        ["CORE-T-001", "a", 1.0],
        ["CORE-T-001", "b", 1.0],
    ]


def test_every_kpi_that_is_asked_for_has_a_result(table, opened, make):
    """In the order asked; by workstream; all of them."""
    kpis = make(), make(kpi_id="CORE-T-002")
    workspace = opened({"core_visits": table({})}, *kpis)

    assert [r.kpi_id for r in workspace.compute("CORE-T-002", "CORE-T-001")] == [
        "CORE-T-002",
        "CORE-T-001",
    ]
    assert {r.kpi_id for r in workspace.compute(workstream="core_tests")} == {
        "CORE-T-001",
        "CORE-T-002",
    }
    assert {"CORE-T-001", "CORE-T-002"} <= {r.kpi_id for r in workspace.compute()}


@pytest.mark.parametrize("name", ["CORE-T-0O1", "core-t-002"])
def test_an_unknown_kpi_proposes_the_nearest(opened, make, name):
    """A misspelt id is refused with those it looks like."""
    with pytest.raises(UnknownNameError, match="CORE-T-001"):
        opened({}, make()).compute(name if name != "core-t-002" else "core-t-0002")


def test_a_workspace_without_a_source_says_how_to_name_one(make, opened, tmp_path):
    """And which the settings know."""
    empty = opened(None, make(), settings=Settings())
    some = opened(None, make(), settings=Settings(sources={"shop": SourceSettings(url="x")}))

    with pytest.raises(UsageError, match="kpisdk demo"):
        empty.compute("CORE-T-001")
    with pytest.raises(UsageError, match="The settings name: shop"):
        some.compute("CORE-T-001")


def test_the_settings_default_source_is_used(tmp_path, table, opened, make, source_on, visits):
    """By name, from the nearest file upwards or a given one."""
    url = source_on("duckdb", {"core_visits": table({})}, [visits])
    file = tmp_path / "kpisdk.toml"
    file.write_text(f'default_source = "shop"\n[sources.shop]\nurl = "{url}"\n')

    for settings in (file, str(file)):
        report = opened(None, make(), settings=settings).compute("CORE-T-001")
        assert (report[0].value, report.source.name) == (1, "shop")


@pytest.mark.parametrize("url", ["data", "data/*.csv", "data/core_visits.csv", "{}x.sqlite"])
def test_a_path_in_a_settings_file_is_relative_to_that_file(
    tmp_path, monkeypatch, table, opened, make, source_on, visits, url
):
    """A folder of the same name where the user works is another one."""
    from shutil import copy

    top, below = tmp_path / "top", tmp_path / "top" / "below"
    for folder, rows in ((top, [{}]), (below, [{}, {}])):
        (folder / "data").mkdir(parents=True)
        table(*rows).to_csv(folder / "data" / "core_visits.csv", index=False)
        database = source_on("sqlite", {"core_visits": table(*rows)}, [visits])
        copy(str(database).removeprefix("sqlite:///"), folder / "x.sqlite")
    monkeypatch.chdir(below)

    def value(text, source=None, environ=()):
        (top / "kpisdk.toml").write_text(text)
        monkeypatch.delenv("KPISDK_SOURCE", raising=False)
        for name in environ:
            monkeypatch.setenv("KPISDK_SOURCE", name)
        return opened(source, make()).compute("CORE-T-001")[0].value

    for written in {url.format("sqlite:///"), url.format("")}:
        named = f'[sources.main]\nurl = "{written}"\n'
        assert value(named, "main") == 1
        assert value(f'default_source = "main"\n{named}') == 1
        assert value(f'default_source = "{written}"') == 1
        assert value(named, environ=["main"]) == 1
        assert value(named, environ=[written]) == 2
        assert value(named, written) == 2


def test_a_table_for_a_dataset_that_nobody_reads_is_refused(table, make, opened):
    """A misspelt dataset would let the table of the default name be read instead."""
    workspace = opened(
        {"core_visits": table({}), "elsewhere": table({}, {})},
        make(),
        tables={"core_visit": "elsewhere"},
    )

    with pytest.raises(UnknownNameError, match=r"no dataset 'core_visit'\. Did you mean core_vis"):
        workspace.compute("CORE-T-001")


def test_settings_that_map_what_nobody_reads_are_told_of(table, make, opened):
    """They may be meant for a plugin that is not installed: the number is made, with a warning."""
    tables = {
        "core_visit": TableMapping("elsewhere"),
        "core_visits": TableMapping(columns={"sight": "person", "at": "at"}),
    }
    settings = Settings(sources={"frames": SourceSettings("-", tables)})

    report = opened({"core_visits": table({})}, make(), settings=settings).compute("CORE-T-001")

    said = [note.message for note in report.warnings if note.code == "unread_mapping"]
    assert report[0].value == 1
    assert len(said) == 2
    assert said[0].startswith("sources.frames.tables.core_visit is not used. There is no dataset")
    assert said[1].startswith("sources.frames.tables.core_visits.columns.sight is for slices alone")
    assert "Did you mean core_visits?" in said[0]
    assert "There is no core_visits column 'sight'. Did you mean site?" in said[1]


def test_a_unit_for_a_kpi_that_is_not_there_is_refused_before_anything_is_computed(make, opened):
    """An interval by the wrong unit looks like any other."""
    settings = Settings(kpis={"CORE-T-011": KpiSettings("row")})

    with pytest.raises(SettingsError, match=r"kpis.CORE-T-011: .*Did you mean CORE-T-001"):
        opened({}, make(), settings=settings)


def test_a_misspelt_source_proposes_the_nearest(opened, make):
    """A word that is no path is taken for a name."""
    settings = Settings(sources={"shop": SourceSettings(url="x")})

    with pytest.raises(UnknownNameError, match="Did you mean shop"):
        opened("shup", make(), settings=settings).compute("CORE-T-001")


def test_what_nothing_can_open_is_refused(opened, make):
    """With the kinds of source there are."""
    with pytest.raises(UsageError, match=r"Kinds: .*frames.*SQLAlchemy URL.*CSV or Parquet"):
        opened(3.5, make()).compute("CORE-T-001")


def test_a_plugins_kind_of_source_comes_first(table, make, opened):
    """Built-in kinds would take any text for a path."""
    from kpisdk.builtin.sources.frame_source import FramesSource

    kpi = make()

    class Rooms:
        name = "core_rooms"
        __version__ = "1"

        @hookimpl
        def kpisdk_kpis(self):
            return [kpi]

        @hookimpl
        def kpisdk_sources(self):
            def open_room(location, options):
                return FramesSource({"core_visits": table({})}, options)

            yield SourceKind("room", lambda at: str(at).startswith("room:"), open_room)

    workspace = Workspace("room:1", plugins=[Rooms()], cache="off")

    assert workspace.compute("CORE-T-001")[0].value == 1


def test_caches_by_name_and_by_object(opened, make, tmp_path):
    """The one given, the one the settings name, else memory; or none."""
    own = MemoryCache()

    assert opened({}, make(), cache=own).cache is own
    assert opened({}, make(), cache="off").cache is None
    assert isinstance(opened({}, make(), cache=None, settings=Settings()).cache, MemoryCache)
    off = Settings(cache=CacheSettings(backend="off"))
    assert opened({}, make(), cache=None, settings=off).cache is None
    named = Settings(cache=CacheSettings(backend="sqlite", path=tmp_path / "c.db"))
    workspace = opened({}, make(), cache=None, settings=named)
    assert type(workspace.cache).__name__ == "SqliteCache"
    assert workspace.cache is workspace.cache
    with pytest.raises(UnknownNameError, match="Did you mean memory"):
        _ = opened({}, make(), cache="memry").cache


def test_requests_take_what_callers_write(opened, make):
    """Windows as texts, records and rules; instants as texts and datetimes."""
    workspace = opened({}, make())
    window = Window(dt.datetime(2025, 1, 1), dt.datetime(2025, 2, 1), "january")

    fixed = workspace.request("CORE-T-001", window=window).window
    assert fixed.resolve(dt.datetime(2020, 1, 1)) == window
    assert "january [2025-01-01" in fixed.label
    rule = Last(3, "day")
    assert workspace.request("CORE-T-001", window=rule).window is rule
    assert workspace.request("CORE-T-001", window="last 3 days").window == rule
    assert workspace.request("CORE-T-001").window is None
    for as_of in ("2025-01-01", dt.datetime(2025, 1, 1), "2025-01-01T01:00+01:00"):
        assert workspace.request("CORE-T-001", as_of=as_of).as_of == dt.datetime(
            2025, 1, 1, tzinfo=dt.UTC
        )


@pytest.mark.parametrize(
    ("argument", "value"), [("grain", "decade"), ("compare", "tomorrow"), ("window", "soon")]
)
def test_words_that_are_none_are_refused(opened, make, argument, value):
    """Grains, comparisons and windows are closed lists."""
    with pytest.raises((UsageError, ValueError), match=value):
        opened({}, make()).compute("CORE-T-001", **{argument: value})


def test_a_workspace_is_a_context_manager(table, opened, make):
    """It forgets its source when it is left, and opens it again when asked again."""
    with opened({"core_visits": table({})}, make()) as workspace:
        first = workspace.open_source()
        assert workspace.open_source() is first
        assert workspace.compute("CORE-T-001")[0].value == 1

    assert workspace.open_source() is not first


def test_the_clock_is_the_systems_where_none_is_given(table, make):
    """A replay gives its own; otherwise now is now."""
    kpi = make(clock=True)

    class Plain:
        name = "core_plain"
        __version__ = "1"

        @hookimpl
        def kpisdk_kpis(self):
            return [kpi]

    before = dt.datetime.now(dt.UTC)
    result = Workspace({"core_visits": table({})}, plugins=[Plain()], cache="off").compute(kpi.id)[
        0
    ]

    assert before <= result.computed_at <= dt.datetime.now(dt.UTC)


def test_progress_is_told(table, opened, make):
    """What is done, how much of it, and of how much."""
    told = []
    workspace = opened({"core_visits": table({})}, make(), make(kpi_id="CORE-T-002"))

    workspace.compute("CORE-T-001", "CORE-T-002", progress=lambda *step: told.append(step))

    assert told[0] == ("preparing", 0, 2)
    assert told[-1] == ("done", 2, 2)
    assert ("CORE-T-002", 1, 2) in told


def test_what_a_request_would_do_is_explained(table, opened, make, visits):
    """Statements, scans, why they were split; windows and thresholds; what cannot be computed."""
    kpis = (
        make(target=3, warning=2, critical=1),
        make(Median(visits, visits["amount"]), "CORE-T-002", window=None),
        make(Simple(count_distinct(visits, visits["person"])), "CORE-T-003"),
        make(refuses={"site": "no"}, kpi_id="CORE-T-004"),
    )
    workspace = opened({"core_visits": table({})}, *kpis)

    explained = workspace.explain("CORE-T-001", "CORE-T-002", "CORE-T-003", progress=print)
    unfused = workspace.explain("CORE-T-001", "CORE-T-002", "CORE-T-003", fuse=False)
    refused = workspace.explain("CORE-T-004", by=["site"])

    assert (explained.scans, unfused.scans) == (2, 3)
    text = explained.to_text()
    for words in (
        "CORE-T-001: last 30 days [2025-05-21T00:00:00.000001Z, 2025-06-20T00:00:00.000001Z)",
        "higher is better: target 3, warning 2, critical 1",
        "CORE-T-002: no window; no thresholds",
        "-- statement 1 of 2 (duckdb), fused",
        "apart because: relation core_visits",
        "SELECT",
        "2 statements, 2 scans",
    ):
        assert words in text
    assert "cannot be computed: CORE-T-004 cannot be sliced by 'site': no" in refused.to_text()
    assert "0 statements, 0 scans" in refused.to_text()
    assert explained.to_dict()["scans"] == 2
    assert explained.to_dict()["statements"][0]["kpis"] == ["CORE-T-001", "CORE-T-002"]


def test_explaining_a_calculator_names_what_it_reads(table, opened, make, visits):
    """Its rows are read in Python."""
    from kpisdk import Calculator, Estimate, FrameInput

    rows = FrameInput("rows", visits, ("amount",))
    kpi = make(Calculator(lambda inputs: Estimate.of(1.0), (rows,)), base=visits)

    text = opened({"core_visits": table({})}, kpi).explain(kpi.id).to_text()

    assert "calculator: computed in Python from core_visits" in text


def test_unfused_results_are_the_same(table, opened, make, visits):
    """``fuse=False`` changes the statements and no number."""
    kpis = (
        make(),
        make(Simple(count_distinct(visits, visits["person"])), "CORE-T-002"),
        make(Median(visits, visits["amount"]), "CORE-T-003"),
    )
    rows = [{"person": f"p{i % 3}", "amount": float(i)} for i in range(9)]
    workspace = opened({"core_visits": table(*rows)}, *kpis)
    ids = [kpi.id for kpi in kpis]

    fused, unfused = (workspace.compute(*ids, fuse=fuse) for fuse in (True, False))

    assert [(r.value, r.interval) for r in fused] == [(r.value, r.interval) for r in unfused]
    assert [r.value for r in fused] == [9, 3, 4.0]


def test_tables_can_be_named_in_the_call(table, opened, make):
    """Before what the settings say."""
    frames = {"visits_2025": table({}, {})}

    workspace = opened(frames, make(), tables={"core_visits": "visits_2025"})

    assert workspace.compute("CORE-T-001")[0].value == 2


def test_an_empty_request_has_no_results(opened):
    """Nothing asked, nothing answered: an unknown workstream is an error, not an empty report."""
    with pytest.raises(UsageError):
        opened({}).compute(workstream="core_nothing")


def test_a_derived_relation_over_missing_tables_is_refused(opened, make, visits, people):
    """All that it reads is checked before it is built."""

    def build(scope):
        raise AssertionError

    relation = Derived("core_rel", visits, build, reads=(people,))

    result = opened({}, make(Simple(count(relation)))).compute("CORE-T-001")[0]

    assert result.reason is Reason.MISSING_TABLE
    assert "'core_visits'" in result.message
    assert "'core_people'" in result.message


def test_time_columns_without_a_value_are_said(opened, make, table):
    """A zero is no zero where no row has a time."""
    frame = pd.concat([table({})] * 2).assign(at=None)

    result = opened({"core_visits": frame}, make()).compute("CORE-T-001")[0]

    assert (result.value, result.reason) == (None, Reason.NO_ROWS)
    assert "Column 'at' of 'core_visits' holds no value" in result.message


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_source_that_is_blank_is_none(blank):
    """A variable that is not set is no location."""
    with pytest.raises(UsageError, match="No source is named"):
        Workspace(blank, settings=Settings()).open_source()

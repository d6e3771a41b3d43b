"""Sources, caches, reports, commands, settings and observers, asked when they are first needed."""

import attrs
import click
import pytest

from kpisdk.contracts.cache_backends import CacheBackend
from kpisdk.contracts.estimates import Note
from kpisdk.contracts.report_formats import ReportFormat
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result
from kpisdk.contracts.source_kinds import SourceKind
from kpisdk.contracts.vocabulary import Unit
from kpisdk.contracts.workspace_methods import WorkspaceMethod
from kpisdk.registry.remarks import Remarks
from kpisdk.settings import Settings


def kind(name):
    """A kind of source of that name."""
    return SourceKind(name, accepts=bool, open=lambda location, options: location)


def test_everything_goes_by_name_in_the_order_of_the_plugins(registry_of, make_plugin):
    """Built-ins come first, so that they are tried first."""
    core = make_plugin(
        "core",
        kpisdk_sources=[kind("duckdb"), kind("files")],
        kpisdk_caches=[CacheBackend("memory", dict)],
        kpisdk_reports=[ReportFormat("table", str)],
    )
    third = make_plugin("third", kpisdk_sources=[kind("warehouse")])

    registry = registry_of(core, third)

    assert list(registry.sources) == ["duckdb", "files", "warehouse"]
    assert list(registry.caches) == ["memory"]
    assert list(registry.reports) == ["table"]
    assert registry.commands == {}


def test_a_name_that_is_taken_is_a_problem_and_the_first_stays(registry_of, make_plugin):
    """Which of two kinds of one name answers must not depend on chance, and must be told."""
    ours, theirs = kind("duckdb"), kind("duckdb")
    registry = registry_of(
        make_plugin("core", kpisdk_sources=[ours]), make_plugin("other", kpisdk_sources=[theirs])
    )
    assert registry.problems == ()

    assert registry.sources["duckdb"] is ours

    (problem,) = registry.problems
    assert problem.where == "kind of source 'duckdb'"
    assert problem.what == "kpisdk-core 1.0 brings it first; that of kpisdk-other 1.0 is unused"


def test_a_hook_that_fails_brings_nothing_and_the_others_go_on(registry_of, make_plugin, make_kpi):
    """A plugin's broken source does not take its KPIs away, but the plugin is marked failed."""

    def broken():
        raise OSError("disk on fire")

    plugin = make_plugin("p", make_kpi("A-1"), kpisdk_sources=broken, kpisdk_caches=["text"])
    registry = registry_of(plugin)

    registry.complete()

    assert {} == registry.sources == registry.caches
    assert registry.resolve(["A-1"]) == ("A-1",)
    assert plugin.state == "failed"


def test_commands_are_click_commands_asked_only_when_needed(registry_of, make_plugin):
    """Listing KPIs does not build the commands of plugins."""
    asked = []

    def commands():
        asked.append("commands")
        return [click.Command("koryxa")]

    registry = registry_of(make_plugin("p", kpisdk_commands=commands))
    assert asked == []

    assert list(registry.commands) == ["koryxa"]
    _ = registry.commands
    assert asked == ["commands"]


@attrs.frozen
class Knobs:
    tracking_uri: str = ""


def test_settings_classes_go_by_the_plugins_name(registry_of, make_plugin):
    """``[plugins.<name>]`` is filled into the class that the plugin gave."""
    good = make_plugin("good", kpisdk_settings=lambda: Knobs)
    none = make_plugin("none", kpisdk_settings=None)

    assert {"good": Knobs} == registry_of(good, none).settings_types


@pytest.mark.parametrize("answer", [lambda: int, lambda: "Knobs", lambda: 1 / 0])
def test_settings_that_are_no_attrs_class_fail_the_plugin(registry_of, make_plugin, answer):
    """Only attrs classes can be filled and checked key by key."""
    bad, good = (
        make_plugin("bad", kpisdk_settings=answer),
        make_plugin("good", kpisdk_settings=lambda: Knobs),
    )

    assert {"good": Knobs} == registry_of(bad, good).settings_types
    assert "kpisdk_settings" in bad.error


def test_a_failing_observer_is_a_note_and_the_others_are_told(registry_of, make_plugin):
    """An alert that breaks never breaks a computation, and is not swallowed either."""
    seen = []

    def breaks(result):
        raise RuntimeError("pager is down")

    registry = registry_of(
        make_plugin("bad", kpisdk_computed=breaks),
        make_plugin("good", kpisdk_computed=lambda result: seen.append(result.kpi_id)),
        make_plugin("silent"),
    )

    (note,) = registry.announce(Result(kpi_id="A-1", name="n", workstream="w", unit=Unit.COUNT))

    assert seen == ["A-1"]
    assert note.code == "observer_failed"
    assert "plugin 'bad' (kpisdk-bad 1.0) failed: RuntimeError: pager is down" in note.message


def test_a_remark_stands_beside_its_result_and_a_failing_one_beside_the_report(make_plugin):
    """What a plugin knows of a result is a warning of it; who fails, or points nowhere, is told."""
    result = Result(kpi_id="A-1", name="n", workstream="w", unit=Unit.COUNT)
    told = Note("seen", "before")

    def breaks(results):
        raise RuntimeError("the store is down")

    remarks = Remarks(
        [
            make_plugin("bad", kpisdk_remarks=lambda results, request, settings: breaks(results)),
            make_plugin("lost", kpisdk_remarks=lambda results, request, settings: [(7, told)]),
            make_plugin("good", kpisdk_remarks=lambda results, request, settings: [(1, told)]),
        ]
    )

    found, notes = remarks.on((result, result), Request(("A-1",)), Settings())

    assert found == (result, result.with_notes(told))
    assert [note.code for note in notes] == ["remarks_failed"] * 2
    assert "Plugin 'bad'" in notes[0].message
    assert "is no position of a result" in notes[1].message


def test_methods_of_the_workspace_go_by_name(registry_of, make_plugin):
    """Of two of one name the first counts, and the other is a problem."""
    first, second = WorkspaceMethod("history", len), WorkspaceMethod("history", max)

    registry = registry_of(
        make_plugin("one", kpisdk_methods=[first]), make_plugin("two", kpisdk_methods=[second])
    )

    assert registry.methods == {"history": first}
    assert registry.problems[0].where == "method of the workspace 'history'"

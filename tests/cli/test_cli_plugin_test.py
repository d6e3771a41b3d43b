"""``kpisdk plugin test``: the contract of an installed plugin, a project or a file."""

from __future__ import annotations

import importlib.util
import json
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from kpisdk.cli.plugin_tests import contract_runs, contract_targets
from kpisdk.cli.plugin_tests.contract_reports import broken, document, summary, table
from kpisdk.cli.plugin_tests.contract_runs import Outcome, RunnerError, run_contracts
from kpisdk.cli.plugin_tests.contract_targets import NoPluginHereError, Target, find_target
from kpisdk.errors import MissingDependencyError, UnknownNameError

DEFECTS = Path(__file__).parents[1] / "testing" / "defects"
OUTCOMES = (
    Outcome("TestContract", "hooks", "", "passed", ""),
    Outcome("TestContract", "thresholds", "X-1", "failed", "thresholds: X-1\n  - Too high."),
    Outcome("TestContract", "thresholds", "X-2", "skipped", "does not apply: X-2 has none"),
    Outcome("TestContract", "future_rows", "X-1", "skipped", "exempt: rows are from the future"),
    Outcome("TestContract", "engines_agree", "X-1", "skipped", "not proved: no PostgreSQL"),
    Outcome("TestContract", "engines_agree", "X-2", "skipped", "whatever else"),
)


def test_a_table_has_a_line_for_each_way_in_which_a_check_ended():
    """Held, broken with its first fault, and what was left out with the reason."""
    rows = {(row["check"], row["outcome"]): (row["of"], row["why"]) for row in table(OUTCOMES)}

    assert rows == {
        ("hooks", "held"): ("the plugin", ""),
        ("thresholds", "broken"): ("X-1", "Too high."),
        ("thresholds", "does not apply"): ("X-2", "X-2 has none"),
        ("future_rows", "exempt"): ("X-1", "rows are from the future"),
        ("engines_agree", "not proved"): ("X-1 and X-2", "no PostgreSQL"),
    }
    assert list(broken(OUTCOMES)) == ["thresholds: X-1\n  - Too high."]
    assert summary(OUTCOMES) == (
        "6 checks: 1 held, 1 broken, 1 not applicable, 1 exempt, 2 not proved."
    )
    assert document(OUTCOMES)[0] == {
        "contract": "TestContract",
        "check": "hooks",
        "of": None,
        "outcome": "held",
        "why": None,
    }


def a_project(folder: Path, points: str = '[project.entry-points.kpisdk]\nx = "x.plugin"') -> Path:
    """A project's folder, with a contract test and another one."""
    (folder / "src").mkdir(parents=True)
    (folder / "tests").mkdir()
    (folder / "pyproject.toml").write_text(f'[project]\nname = "kpisdk-x"\n{points}\n')
    (folder / "tests" / "test_x_contract.py").write_text(
        "from kpisdk.testing import PluginContract"
    )
    (folder / "tests" / "test_x_values.py").write_text("")
    return folder


def test_a_project_is_found_with_its_own_contract_tests(here, tmp_path):
    """The folder itself and its src are imported from; other tests are left alone."""
    folder = a_project(tmp_path / "project").resolve()

    target = find_target("project", here)

    assert target == Target("x.plugin", folder, (folder / "src", folder))
    assert target.tests == (folder / "tests" / "test_x_contract.py",)


def test_a_file_is_a_plugin_of_its_own(here, tmp_path):
    """A module with hooks needs no project."""
    (tmp_path / "single.py").write_text("")

    assert find_target("single.py", here) == Target("single", path=(tmp_path.resolve(),))
    assert find_target("builtin_caches", here).reference == "kpisdk.builtin.caches.plugin"


def an_installed_point(folder: Path, origin: str | None):
    """The entry point of a distribution in that folder."""
    info = folder / "kpisdk_x-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kpisdk-x\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[kpisdk]\nx = x.plugin\n")
    if origin is not None:
        (info / "direct_url.json").write_text(origin)
    (point,) = PathDistribution(info).entry_points
    return point


@pytest.mark.parametrize("name", ["x", "kpisdk-x"])
def test_an_installed_plugin_goes_by_its_name_or_its_distribution(
    here, tmp_path, monkeypatch, name
):
    """One that is installed in place is tested by what its project says of the contract."""
    folder = a_project(tmp_path / "my project")
    url = json.dumps({"url": folder.as_uri(), "dir_info": {"editable": True}})
    points = [an_installed_point(tmp_path / "in place", url)]
    monkeypatch.setattr(contract_targets, "installed_points", lambda: points)

    assert find_target(name, here) == Target("x.plugin", folder)
    points[:] = [an_installed_point(tmp_path / "as a wheel", None)]
    assert find_target(name, here) == Target("x.plugin")
    points[:] = [an_installed_point(tmp_path / "from afar", '{"url": "https://x.org/x.whl"}')]
    assert find_target(name, here) == Target("x.plugin")


def test_what_holds_no_plugin_is_refused_with_the_reason(here, tmp_path):
    """An unknown name, a folder without a project, one without hooks, one that cannot be read."""
    with pytest.raises(UnknownNameError, match="no installed plugin, folder or file 'oours'"):
        find_target("oours", here)
    with pytest.raises(NoPluginHereError, match=r"no pyproject\.toml"):
        find_target(".", here)
    a_project(tmp_path / "other", points="")
    with pytest.raises(NoPluginHereError, match="declares nothing"):
        find_target("other", here)
    (tmp_path / "pyproject.toml").write_text("[project")
    with pytest.raises(NoPluginHereError, match="cannot be read"):
        find_target(".", here)


def test_the_commands_own_exit_codes(run, tmp_path):
    """Usage errors are 2, before anything is run."""
    ended = run("plugin", "test", str(tmp_path / "nowhere"))

    assert ended.code == 2
    assert "There is no installed plugin, folder or file" in ended.err


@pytest.mark.slow
def test_a_plugin_that_keeps_the_contract_ends_with_0(run):
    """What held and what does not apply, on stdout; the count on stderr."""
    ended = run("plugin", "test", str(DEFECTS / "defect_none.py"), "--format", "json")

    told = {(each["check"], each["of"]): each["outcome"] for each in json.loads(ended.out)}
    assert ended.code == 0
    assert told["hooks", None] == "held"
    assert told["engines_agree", "DEF-001-sqlite"] == "held"
    assert told["hostile_parameters", "DEF-001"] == "does not apply"
    assert "0 broken" in ended.err


@pytest.mark.slow
def test_who_says_nothing_of_the_sampling_is_asked_to_choose(run, tmp_path):
    """Of a new project without its line on sampling: a sentence with the choices, and no fault."""
    run("plugin", "new", "silent", "--out", str(tmp_path))
    folder = tmp_path / "kpisdk-silent"
    record = folder / "src" / "kpisdk_silent" / "visits.py"
    lines = record.read_text().splitlines(keepends=True)
    record.write_text("".join(each for each in lines if "sample(" not in each))

    ended = run("plugin", "test", str(folder), "--format", "json")

    told = {each["check"]: each for each in json.loads(ended.out) if each["of"] == "SILENT-001"}
    assert told["sampling"]["outcome"] == "not proved"
    why = told["sampling"]["why"]
    assert why.startswith("SILENT-001 does not say what its rows are a sample of")
    assert all(
        each in why for each in ("sample('patient_id')", "sample_by_day", "CENSUS", "STORED")
    )
    assert ended.code == 0, ended.err


@pytest.mark.slow
def test_a_plugin_that_breaks_it_ends_with_1_and_is_told_why(run):
    """Whoever cannot be loaded is told so once, and the rest is not proved."""
    ended = run("plugin", "test", str(DEFECTS / "defect_misspelt_hook.py"))

    assert ended.code == 1
    assert "Did you mean kpisdk_kpis?" in ended.err
    assert "1 broken" in ended.err
    assert "not proved" in ended.out


@pytest.mark.slow
def test_a_contract_that_cannot_be_read_is_broken(tmp_path):
    """A test file with a fault in it is no success."""
    (tmp_path / "test_x_contract.py").write_text("import nothing_of_that_name")

    (outcome,) = run_contracts([tmp_path / "test_x_contract.py"], tmp_path)

    assert (outcome.check, outcome.outcome) == ("collection", "failed")
    assert "nothing_of_that_name" in outcome.message


@pytest.mark.slow
def test_no_contract_at_all_is_an_error(tmp_path):
    """Pytest's own words are passed on."""
    (tmp_path / "test_x.py").write_text("def test_x():\n    pass\n")

    with pytest.raises(RunnerError, match="deselected"):
        run_contracts([tmp_path / "test_x.py"], tmp_path)


def test_pytest_is_asked_for_where_it_is_missing(tmp_path, monkeypatch):
    """The message says what to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    with pytest.raises(MissingDependencyError, match=r"kpisdk\[testing\]"):
        contract_runs.run_contracts([tmp_path], tmp_path)

"""``kpisdk demo``: what it writes, what it prints where, and what it refuses."""

import io
import math
import subprocess
import sys
from datetime import datetime

import duckdb
import pytest
from click.testing import CliRunner

from kpisdk import KpisdkError, Workspace
from kpisdk_demo import DemoPlanError, DemoWriteError, NotADemoError, plugin
from kpisdk_demo.command import command
from kpisdk_demo.progress import line_on

SMALL = ["--scale", "0.02", "--seed", "5", "--end", "2026-03-01"]
HAS_KPIS = bool(Workspace(cache="off").registry.kpis)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def called(*arguments):
        return CliRunner().invoke(command, [*SMALL, *arguments], catch_exceptions=True)

    return called


def test_the_plugin_brings_the_command():
    """The hook yields one command, called ``demo``."""
    assert [each.name for each in plugin.kpisdk_commands()] == ["demo"]


def test_the_file_is_written_and_described(run, tmp_path):
    """``--no-compute`` writes ``demo.duckdb`` and says on stderr what is in it; stdout is empty."""
    result = run("--no-compute")

    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert result.stderr == (
        "demo.duckdb: 200 synthetic patients (scale 0.02, seed 5), "
        "data until 2026-03-01 00:00 UTC.\n"
    )
    with duckdb.connect(str(tmp_path / "demo.duckdb"), read_only=True) as connection:
        marks = dict(connection.execute("SELECT * FROM kpisdk_meta").fetchall())
    assert (marks["seed"], marks["end"]) == ("5", "2026-03-01T00:00:00Z")


def test_another_run_replaces_a_demo_file(run, tmp_path):
    """A demo file is the plugin's own, so it needs no force."""
    assert run("--no-compute").exit_code == 0

    assert run("--no-compute", "--seed", "6").exit_code == 0
    with duckdb.connect(str(tmp_path / "demo.duckdb"), read_only=True) as connection:
        marks = dict(connection.execute("SELECT * FROM kpisdk_meta").fetchall())
    assert marks["seed"] == "6"


def test_a_file_that_is_not_the_plugins_is_left_alone(run, tmp_path):
    """Without ``--force`` nothing of the user's is replaced."""
    mine = tmp_path / "mine.duckdb"
    mine.write_text("years of work")

    result = run("--no-compute", "--out", "mine.duckdb")

    assert isinstance(result.exception, NotADemoError)
    assert "--force" in str(result.exception)
    assert mine.read_text() == "years of work"


def test_force_replaces_it(run, tmp_path):
    """``--force`` is the user's word that the file may go."""
    (tmp_path / "mine.duckdb").write_text("not so precious")

    assert run("--no-compute", "--out", "mine.duckdb", "--force").exit_code == 0
    with duckdb.connect(str(tmp_path / "mine.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM hcp_profiles").fetchone() == (20,)


@pytest.mark.parametrize("place", ["nowhere/demo.duckdb", "folder"])
def test_a_place_that_cannot_be_written_is_a_sentence(run, tmp_path, place):
    """A missing folder, or a folder in the file's place, even with force."""
    (tmp_path / "folder").mkdir()

    result = run("--no-compute", "--force", "--out", place)

    assert isinstance(result.exception, DemoWriteError)
    assert "could not be written" in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_scale_that_cannot_be_is_refused_before_anything_is_written(run, tmp_path):
    """A usage error, exit code 2 at the command line."""
    result = run("--scale", "-1")

    assert isinstance(result.exception, DemoPlanError)
    assert result.exception.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_an_end_that_is_no_date_is_a_usage_error(run):
    """The message shows the accepted forms."""
    result = run("--end", "yesterday")

    assert result.exit_code == 2
    assert "2026-03-01T12:00Z" in result.stderr


def test_an_end_may_be_an_instant_with_a_zone(run, tmp_path):
    """The data end at that instant in UTC."""
    assert run("--no-compute", "--end", "2026-03-01T02:00+02:00").exit_code == 0

    with duckdb.connect(str(tmp_path / "demo.duckdb"), read_only=True) as connection:
        marks = dict(connection.execute("SELECT * FROM kpisdk_meta").fetchall())
    assert marks["end"] == "2026-03-01T00:00:00Z"


def test_without_an_end_the_data_reach_the_last_midnight(run, tmp_path):
    """The default end is midnight UTC, not before yesterday's."""
    runner = CliRunner()
    before = datetime.now().astimezone()

    result = runner.invoke(command, ["--scale", "0.01", "--no-compute"])

    assert result.exit_code == 0, result.output
    with duckdb.connect(str(tmp_path / "demo.duckdb"), read_only=True) as connection:
        marks = dict(connection.execute("SELECT * FROM kpisdk_meta").fetchall())
    end = datetime.fromisoformat(marks["end"])
    assert (end.hour, end.minute, end.second) == (0, 0, 0)
    assert 0 <= (before - end).total_seconds() < 86_400 + 60


@pytest.mark.skipif(not HAS_KPIS, reason="no KPI plugin is installed beside kpisdk-demo")
def test_the_scorecard_of_all_installed_kpis_goes_to_stdout(run):
    """Every installed KPI has a line, the data are called synthetic, and a pipe gets no colour."""
    result = run()

    assert result.exit_code == 0, result.output
    for kpi_id in Workspace(cache="off").registry.kpis:
        assert kpi_id in result.stdout
    assert "synthetic" in result.stdout
    assert "\x1b" not in result.stdout + result.stderr


@pytest.mark.skipif(not HAS_KPIS, reason="no KPI plugin is installed beside kpisdk-demo")
def test_the_demo_source_answers_as_the_written_file_does(run, tmp_path):
    """``demo:`` and the file give the same values, both marked synthetic."""
    assert run("--no-compute").exit_code == 0
    locations = (
        f"duckdb:///{tmp_path / 'demo.duckdb'}",
        "demo:?scale=0.02&seed=5&end=2026-03-01",
    )

    reports = []
    for location in locations:
        demo = [] if _is_installed() else [plugin]
        with Workspace(location, cache="off", plugins=demo) as workspace:
            reports.append(workspace.compute(as_of=datetime(2026, 3, 1)))

    # A mean over several threads adds in any order: the last bit may differ.
    for written, made in zip(*reports, strict=True):
        assert (written.kpi_id, written.reason) == (made.kpi_id, made.reason)
        assert (written.value is None) == (made.value is None)
        assert math.isclose(written.value or 0.0, made.value or 0.0, rel_tol=1e-12)
    assert all(report.source.synthetic for report in reports)


def _is_installed():
    return "demo" in Workspace(cache="off").registry.sources


def test_without_kpis_the_command_says_what_to_install(run, monkeypatch):
    """An installation without KPI plugins has nothing to compute, which is no failure."""
    monkeypatch.setattr("kpisdk.plugins.loading.installed_points", lambda: ())

    result = run()

    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert "No KPI is installed" in result.stderr


def test_loading_the_plugin_imports_nothing_heavy():
    """Every command loads the plugin, so it must not bring NumPy, Arrow, DuckDB or pandas."""
    program = (
        f"import sys; sys.path[:0] = {sys.path!r}; import kpisdk_demo.plugin as plugin\n"
        "list(plugin.kpisdk_sources())\n"
        "heavy = {'numpy', 'pyarrow', 'duckdb', 'pandas', 'sqlalchemy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert told.stdout == "[]\n", told.stderr


class Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self):
        return True


def test_progress_is_one_line_on_a_terminal_and_leaves_no_trace():
    """The line is rewritten in place and cleared at the end."""
    stream = Terminal()

    with line_on(stream, {}) as show:
        show("Making patients", 0.5)

    assert stream.getvalue() == "\r\x1b[2K[##########          ]  50% Making patients\r\x1b[2K"


@pytest.mark.parametrize(
    ("stream", "environ"),
    [(io.StringIO(), {}), (Terminal(), {"CI": "true"}), (Terminal(), {"TERM": "dumb"})],
)
def test_nobody_watching_means_no_progress(stream, environ):
    """Pipes, CI and dumb terminals get no progress line."""
    with line_on(stream, environ) as show:
        assert show is None

    assert stream.getvalue() == ""


def test_errors_of_the_plugin_have_the_one_root():
    """Whatever goes wrong can be caught as ``KpisdkError``."""
    assert all(
        issubclass(error, KpisdkError) for error in (DemoPlanError, DemoWriteError, NotADemoError)
    )

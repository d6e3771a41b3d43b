"""A plugin cannot fool the command line: no gate passes unjudged, no document is broken into."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

from kpisdk.contracts.report_formats import ReportFormat
from kpisdk.hookspecs import hookimpl


class Evil:
    """A plugin that ends the process when it is asked for its KPIs."""

    name = "evil"
    __version__ = "6.6"
    distribution = "kpisdk-evil"

    @hookimpl
    def kpisdk_kpis(self):
        sys.exit(0)


@pytest.fixture
def with_evil(here):
    """That plugin beside ours."""
    here.plugins = (*here.plugins, Evil())


@pytest.mark.usefixtures("with_evil", "told")
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (["WS2-TR-004"], 0),
        (["--all"], 3),
        (["--workstream", "ws2"], 3),
        (["--all", "--unknown", "ok"], 0),
        (["EV-001"], 3),
        (["EV-001", "WS2-TR-004"], 3),
        (["--workstream", "evil"], 3),
        (["EV-001", "--unknown", "ok"], 2),
    ],
)
def test_a_gate_does_not_pass_where_a_plugin_did_not_say_what_it_brings(run, asked, code):
    """What was meant by all may be more than what is there; KPIs that are named are there."""
    outcome = run("gate", *asked)

    assert outcome.code == code
    assert "SystemExit: 0" in outcome.err
    if code == 3:
        assert "kpisdk-evil 6.6" in outcome.err
        assert "passed" not in outcome.err


@pytest.mark.usefixtures("with_evil", "told")
def test_a_gates_reports_name_the_plugin_that_did_not_load(run, tmp_path):
    """It is a case of its own in the JUnit file."""
    run("gate", "WS2-TR-004", "--all", "--junit", str(tmp_path / "usage.xml"))
    run("gate", "--all", "--junit", str(tmp_path / "gate.xml"))

    text = (tmp_path / "gate.xml").read_text()
    assert "evil" in text
    assert "did not say which KPIs it brings" in text


def test_an_unknown_name_stays_a_usage_error_where_every_plugin_loaded(run):
    """Nobody but its writer can have meant it."""
    assert run("gate", "EV-001").code == 2


WHERE = ("--source", "data", "--format", "json")
LOUD = """
import atexit, os, subprocess, sys, threading
from kpisdk import Calculator, Dataset, Column, Estimate, FrameInput, Kpi, hookimpl

def loud(what):
    print(what)
    os.write(1, b"by number\\n")
    sys.__stdout__.write("by the first name\\n")
    sys.__stdout__.flush()
    subprocess.run(["echo", "by a program"])

loud("on import")
atexit.register(print, "at the end")
VISITS = Dataset("visits", (Column("visit_id", "text", key=True),))

def calculated(inputs):
    loud("calculator")
    return Estimate.of(0.5)

def hung(inputs):
    threading.Event().wait()

def kpi(name, function):
    ask = FrameInput("rows", VISITS, ("visit_id",))
    return Kpi(id=name, name=name, workstream="loud", definition="d", formula="f", unit="ratio",
               calculation=Calculator(function, (ask,), VISITS))

@hookimpl
def kpisdk_kpis():
    loud("hook")
    yield kpi("LOUD-1", calculated)
    yield kpi("LOUD-2", hung)
"""


@pytest.fixture
def loud(tmp_path):
    """A folder with that plugin installed in it, a table and settings with little patience."""
    (tmp_path / "plug_loud.py").write_text(textwrap.dedent(LOUD))
    info = tmp_path / "loud-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: loud\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[kpisdk]\nloud = plug_loud\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "visits.csv").write_text("visit_id\nv1\n")
    (tmp_path / "kpisdk.toml").write_text("calculator_timeout = '0.2s'\n[cache]\nbackend = 'off'\n")
    return tmp_path


def test_a_document_on_standard_output_is_whole_and_a_hung_plugin_keeps_no_process(loud):
    """Whatever a plugin prints, however and whenever, goes to standard error; the command ends."""
    environ = {**os.environ, "PYTHONPATH": str(loud)}

    done = subprocess.run(
        [*(sys.executable, "-m", "kpisdk", "compute", "LOUD-1", "LOUD-2"), *WHERE],
        cwd=loud,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    first, second = json.loads(done.stdout)["results"]
    assert (first["value"], second["reason"]) == (0.5, "timeout")
    assert done.returncode == 0
    for word in ("on import", "hook", "calculator", "by number", "by the first name", "a program"):
        assert word in done.stderr


class Mute:
    """A plugin with a report format that ends the process."""

    name = "mute"

    @hookimpl
    def kpisdk_reports(self):
        yield ReportFormat("mute", lambda _report, _colour: sys.exit(0))


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(("command", "code"), [("compute", 1), ("gate", 3)])
def test_a_format_that_ends_the_process_is_one_sentence(here, run, command, code):
    """A gate whose report nobody can see has not passed."""
    here.plugins = (*here.plugins, Mute())

    outcome = run(command, "WS2-TR-004", "--format", "mute")

    assert outcome.code == code
    assert "The report format 'mute' failed: SystemExit: 0." in outcome.err

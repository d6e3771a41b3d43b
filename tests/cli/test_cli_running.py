"""How commands end: sentences, exit codes, interrupts, closed pipes; and what is imported."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest

import kpisdk
from kpisdk.cli import main
from kpisdk.cli.group import COMMANDS, root
from kpisdk.cli.installation import Installation
from kpisdk.hookspecs import hookimpl

ROOT = Path(kpisdk.__file__).resolve().parents[1]  # the tree, or where the wheel lies

PLUGIN = """
from kpisdk.contracts.datasets import Column, Dataset
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.measures import count
from kpisdk.contracts.plain_metrics import Simple
from kpisdk.hookspecs import hookimpl

EVENTS = Dataset("events", (Column("event_id", "text", key=True),))

@hookimpl
def kpisdk_kpis():
    for number in range(COUNT):
        yield Kpi(id=f"XX-{number:04}", name="Events", workstream="brand", definition="Events.",
                  formula="count", calculation=Simple(count(EVENTS)), unit="count")
"""


@pytest.fixture
def process(tmp_path):
    """Run Python in a process of its own, with a plugin installed that brings many KPIs."""
    (tmp_path / "many_kpis.py").write_text(PLUGIN.replace("COUNT", "3"))
    info = tmp_path / "kpisdk_many-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kpisdk-many\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[kpisdk]\nmany = many_kpis\n")
    # Nothing of the caller's may change how the command runs, or how its streams are buffered.
    kept = {
        name: text for name, text in os.environ.items() if name in ("PATH", "HOME", "SYSTEMROOT")
    }
    environ = {**kept, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}

    def start(*arguments, **options):
        return subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environ,
            cwd=tmp_path,
            **options,
        )

    return start


HEAVY = ("pandas", "sqlalchemy", "duckdb", "torch", "numpy", "rich", "pyarrow", "sqlite3", "cattrs")

LISTED = """
import sys
from kpisdk.cli import main
code = main(["list", "--format", sys.argv[1]])
print(sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
print([name for name in sys.modules if name.startswith("kpisdk.cli.commands.")], file=sys.stderr)
print([name for name in sys.modules if name.startswith(("kpisdk.sql", "kpisdk.engine"))],
      file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize("form", ["table", "json", "csv", "md", "html"])
def test_list_imports_nothing_heavy_and_no_other_command(process, form):
    """Names of modules are asserted, never milliseconds: light imports are what keeps it fast."""
    started = process("-c", LISTED, form)

    out, err = started.communicate()

    modules, commands, rooms = err.splitlines()[-3:]
    assert started.returncode == 0
    assert "XX-0002" in out
    assert [name for name in HEAVY if f"'{name}'" in modules] == []
    assert commands == "['kpisdk.cli.commands.list']"
    assert rooms == "[]"


def test_python_dash_m_runs_the_command_line(process):
    """``python -m kpisdk`` is ``kpisdk``."""
    started = process("-m", "kpisdk", "plugin", "list", "--format", "csv")

    out, _ = started.communicate()

    assert started.returncode == 0
    assert "many,kpisdk-many,1.0,active,3," in out.splitlines()


@pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes of POSIX")
def test_a_reader_that_goes_away_is_no_error_message(process, tmp_path):
    """``kpisdk list | head -1``: quiet, with the exit code of a closed pipe."""
    (tmp_path / "many_kpis.py").write_text(PLUGIN.replace("COUNT", "2000"))
    started = process("-m", "kpisdk", "list")
    started.stdout.readline()
    started.stdout.close()

    err = started.stderr.read()
    started.stderr.close()

    assert started.wait() == 141
    assert err == ""


@pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes of POSIX")
def test_a_closed_pipe_is_noticed_when_little_is_printed_too(process):
    """What fits into a buffer is written at the end, where a traceback would be printed."""
    code = (
        "import os, sys; r, w = os.pipe(); os.close(r); os.dup2(w, 1)\n"
        "from kpisdk.cli import main; sys.exit(main(['list']))"
    )
    started = process("-c", code)

    _, err = started.communicate()

    assert (started.returncode, err) == (141, "")


class Misbehaving:
    """A plugin whose command ends in every way there is."""

    name = "misbehaving"

    @hookimpl
    def kpisdk_commands(self):
        @click.command("misbehave")
        @click.argument("how")
        @click.pass_context
        def misbehave(ctx, how):
            if how == "interrupt":
                raise KeyboardInterrupt
            if how == "crash":
                raise ZeroDivisionError("postgresql://me:hunter22@host/db")
            if how == "click":
                raise click.ClickException("as click says it")
            if how == "pipe":
                raise BrokenPipeError
            ctx.exit(int(how))

        return [misbehave]


@pytest.fixture
def misbehave(run, here):
    """Run that command."""
    here.plugins = (*here.plugins, Misbehaving())
    return lambda how, *before: run(*before, "misbehave", how)


def test_a_closed_pipe_within_a_command_has_its_own_exit_code(misbehave):
    """1 would say that the operation failed."""
    assert misbehave("pipe").code == 141


def test_what_is_still_buffered_for_a_closed_pipe_is_thrown_away(here, monkeypatch, tmp_path):
    """The interpreter would complain at its end about what it could not write."""

    class Closed(io.StringIO):
        def flush(self):
            raise BrokenPipeError

        def fileno(self):
            return file.fileno()

    with (tmp_path / "out").open("w") as file:
        monkeypatch.setattr(sys, "stdout", Closed())
        assert main(["list"], here) == 141
        os.write(file.fileno(), b"lost")

    assert (tmp_path / "out").read_text() == ""


def test_without_an_installation_that_of_the_process_is_used(capfd):
    """What the entry point of the distribution calls."""
    assert main(["--version"]) == 0
    assert capfd.readouterr().out.startswith("kpisdk ")


def test_an_interrupt_ends_quietly(misbehave):
    """Ctrl-C: no traceback, and the exit code that shells know."""
    ended = misbehave("interrupt")

    assert ended.code == 130
    assert ended.err.strip() == ""


def test_an_unexpected_error_is_a_paragraph_that_asks_to_report_it(misbehave):
    """No traceback, no secret, and the next step."""
    ended = misbehave("crash")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("Error: kpisdk met something that it does not handle")
    assert "ZeroDivisionError" in ended.err
    assert "kpisdk --debug" in ended.err
    assert "Traceback" not in ended.err
    assert "hunter22" not in ended.err
    assert ended.err.count("\n") == 1


def test_debug_shows_the_traceback_without_secrets(misbehave, here):
    """Asked for on the command line, or by the environment."""
    ended = misbehave("crash", "--debug")

    assert "Traceback (most recent call last)" in ended.err
    assert "hunter22" not in ended.err
    assert Installation(here.folder, {"KPISDK_DEBUG": "1"}).debug
    assert not Installation(here.folder, {"KPISDK_DEBUG": "0"}).debug


def test_debug_shows_where_a_plugin_failed(run, here):
    """The author of a plugin needs the line, and everybody else the sentence."""

    class Crashing:
        @hookimpl
        def kpisdk_kpis(self):
            raise LookupError("not there")

    here.plugins = (Crashing(),)

    ended = run("--debug", "list")

    assert ended.code == 0
    assert "kpisdk_kpis: LookupError: not there" in ended.err
    assert re.search(r"Traceback.*test_cli_running\.py", ended.err, re.DOTALL)


def test_debug_shows_the_traceback_of_our_own_errors_too(run):
    """Whoever debugs wants to know where a sentence came from."""
    ended = run("--debug", "show", "NOPE-1")

    assert ended.code == 2
    assert "Traceback" in ended.err


@pytest.mark.parametrize(("how", "code"), [("0", 0), ("5", 5), ("click", 1)])
def test_a_plugins_command_chooses_its_exit_code(misbehave, how, code):
    """``ctx.exit`` and click's own errors mean what click says."""
    assert misbehave(how).code == code


def test_what_a_command_returns_is_no_exit_code(run):
    """A plugin's command may return anything, and click ignores it."""
    ended = run("koryxa")

    assert (ended.code, ended.out) == (0, "koryxa speaks\n")


def test_help_lists_the_cores_commands_and_those_of_plugins(run):
    """In the table's order, each with its first line."""
    ended = run("--help")

    names = re.findall(r"^  ([a-z]+)  +[A-Z]", ended.out, re.MULTILINE)
    assert ended.code == 0
    assert names == [*COMMANDS, "koryxa"]
    assert "A command of a plugin." in ended.out
    assert "..." not in ended.out.partition("Commands:")[2]


def test_help_tells_which_plugins_failed(run, here):
    """A command that is missed may be that of a broken plugin."""
    broken = ModuleType("broken")
    broken.KPISDK_API = 99
    here.plugins = (broken,)

    assert "plugin 'broken'" in run("--help").err
    assert run("--help").err == ""  # each problem is told once


def test_an_unknown_command_proposes_the_nearest(run):
    """Plugins' commands are known by then."""
    ended = run("koryx")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "Error: There is no command 'koryx'. Did you mean koryxa?\n"
    assert run("--nonsense").code == 2


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_loads_and_helps(run, name):
    """The table names what exists, under the name that it goes by."""
    ended = run(name, "--help")

    assert ended.code == 0
    assert f"Usage: kpisdk {name}" in ended.out
    assert root.get_command(click.Context(root), name).name == name


def test_version_is_told_without_loading_plugins(run, here):
    """``--version`` is the core's."""
    ended = run("--version")

    assert re.fullmatch(r"kpisdk \S+\n", ended.out)
    assert "registry" not in here.__dict__


def test_a_settings_error_lists_every_fault_and_exits_with_two(run, told, tmp_path):
    """``--config`` names the file; nothing is computed by half of it."""
    file = tmp_path / "other.toml"
    file.write_text("[cache]\nbakend = 1\nenabled = 'x'\n")

    ended = run("--config", str(file), "compute", "WS2-TR-004")

    assert ended.code == 2
    assert "cache.bakend" in ended.err
    assert "cache.enabled" in ended.err
    assert told.asked == ()


def test_by_default_the_installation_is_that_of_the_process(monkeypatch, tmp_path):
    """The folder it was started in, and its environment."""
    monkeypatch.chdir(tmp_path)

    here = Installation.here()

    assert here.folder == tmp_path
    assert here.environ is os.environ

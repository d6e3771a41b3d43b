"""The built-in formats come in through the same door as anybody's, and load nothing until used."""

import subprocess
import sys

import pluggy
import pytest

from kpisdk import hookspecs
from kpisdk.builtin.reports import plugin
from kpisdk.contracts.report_formats import ReportFormat

MACHINE = {"json", "jsonl", "csv", "openmetrics"}
ALL = ["table", "json", "jsonl", "csv", "md", "openmetrics", "html"]


def printed(program):
    """What a fresh Python prints that runs ``program``."""
    environment = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return run.stdout


def test_formats_are_yielded_as_records():
    """A plugin manager that knows nothing of the module gets the seven formats from it."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin)
    manager.check_pending()

    (formats,) = (list(given) for given in manager.hook.kpisdk_reports())

    assert [each.name for each in formats] == ALL
    assert all(isinstance(each, ReportFormat) for each in formats)
    assert {each.name for each in formats if each.machine} == MACHINE


def test_listing_formats_imports_no_renderer():
    """Asking which formats there are loads neither rich nor any of the seven modules."""
    program = (
        "import sys; from kpisdk.builtin.reports.plugin import kpisdk_reports;"
        "list(kpisdk_reports());"
        "print([m for m in sys.modules if m.startswith(('rich', 'kpisdk.builtin.reports.'))])"
    )

    assert printed(program) == "['kpisdk.builtin.reports.plugin']\n"


@pytest.mark.parametrize("name", [name for name in ALL if name != "table"])
def test_only_the_table_needs_rich(name):
    """A report in any other format works without loading rich, and loads no pandas."""
    program = (
        "import sys; from kpisdk.builtin.reports.plugin import kpisdk_reports;"
        "from kpisdk.contracts.results import Report;"
        f"[f.render(Report(()), False) for f in kpisdk_reports() if f.name == {name!r}];"
        "print({'rich', 'pandas', 'numpy', 'sqlalchemy'} & set(sys.modules))"
    )

    assert printed(program) == "set()\n"


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("given", ["report", "sliced", "empty"])
def test_every_format_renders_every_report(name, given, request):
    """Any report can be written as UTF-8 in any format, and ends with a line break."""
    (chosen,) = (each for each in plugin.kpisdk_reports() if each.name == name)

    text = chosen.render(request.getfixturevalue(given), False)

    assert text.encode("utf-8").endswith(b"\n") or (name, given) == ("jsonl", "empty")


@pytest.mark.parametrize("name", ALL)
def test_lone_surrogates_can_be_written(name, make):
    """A command line argument that is no UTF-8 reaches a report without breaking its output."""
    from kpisdk.contracts.results import Report

    (chosen,) = (each for each in plugin.kpisdk_reports() if each.name == name)
    text = chosen.render(Report((make(slice={"brand": "a\udcffb"}, message="\udcff"),)), False)

    assert "udcff" in text
    assert text.encode("utf-8")

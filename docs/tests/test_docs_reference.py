"""The generated reference leaves nothing out: hooks, settings, reasons, names, exit codes."""

from __future__ import annotations

import ast
import importlib
import json
import sys
from collections import Counter
from pathlib import Path

import attrs
import pytest
from pages import DOCS, ROOT

import kpisdk
from kpisdk import Frequency, Interval, IntervalReason, Manifest, Reason, Report, Result, Thresholds
from kpisdk.cli.entry_point import INTERRUPTED, main
from kpisdk.cli.gate.exit_codes import GateExit
from kpisdk.cli.group import PIPE_CLOSED
from kpisdk.cli.signals import TERMINATED
from kpisdk.contracts.certainty import Family
from kpisdk.contracts.results import Comparison
from kpisdk.errors import FAILURE, USAGE
from kpisdk.hookspecs import API_VERSION
from kpisdk.plugins import load_plugins
from kpisdk.registry import Registry
from kpisdk.settings.fillable import fields_of
from kpisdk.settings.settings_loading import CONFIG_VARIABLE, OVERRIDES


@pytest.fixture(scope="module")
def writer():
    """``writer(name)``: the module in ``docs/`` that writes a part of the reference."""
    sys.path.insert(0, str(DOCS))
    yield importlib.import_module
    sys.path.remove(str(DOCS))


def page(name: str) -> str:
    """A page of the reference as it is written by hand."""
    return (DOCS / "reference" / f"{name}.md").read_text(encoding="utf-8")


def test_every_hook_says_what_it_gives_and_when_it_is_called(writer):
    """A paragraph for the one, and for the core's hooks a sentence with Asked or Called."""
    hooks = dict(writer("hook_reference").hooks(load_plugins()))
    core = {name: each for name, each in hooks.items() if each.__module__ == "kpisdk.hookspecs"}

    assert {"kpisdk_kpis", "kpisdk_computed", "kpisdk_causal_estimators"} <= set(hooks)
    assert [name for name, each in hooks.items() if not each.__doc__] == []
    silent = [name for name, each in core.items() if "    Asked" not in each.__doc__]
    assert [name for name in silent if "    Called" not in core[name].__doc__] == []
    assert f"KPISDK_API = {API_VERSION}" in page("hooks")


def test_the_page_of_hooks_names_who_implements_them(writer):
    """From the installed plugins, and not from memory."""
    text = writer("hook_reference").page(load_plugins())

    assert "kpisdk_settings() -> type | None" in text
    assert "Implemented by `builtin_caches` (kpisdk)." in text


def test_every_setting_is_documented(writer):
    """Each key of each class, those of plugins too, stands in the class's docstring."""
    reference = writer("setting_reference")
    classes = reference.classes(Registry(load_plugins()))
    silent = {
        f"{path}.{key}"
        for path, cls in classes.items()
        for key in set(fields_of(cls)) - set(reference.documented(cls))
    }

    assert {"cache", "plugins.causal", "plugins.edu_dkt", "plugins.ws1_quality"} <= set(classes)
    assert silent == set()


def test_the_page_of_settings_has_types_defaults_and_variables(writer):
    """A required key says so; a duration and a switch show their defaults."""
    text = writer("setting_reference").page(Registry(load_plugins()))

    assert "| `url` | `str` | required |  |" in text
    assert "| `statement_timeout` | `Seconds` | `60.0` |  |" in text
    assert "| `backend` | `str \\| None` | not set | `KPISDK_CACHE` |" in text


def test_every_variable_of_the_environment_is_on_the_page():
    """Those that override settings, and the one that names the file."""
    assert [name for name in (*OVERRIDES, CONFIG_VARIABLE) if name not in page("settings")] == []


def test_every_reason_says_what_to_do(writer):
    """The vocabulary itself documents each code."""
    meanings = writer("reason_reference").meanings()

    assert set(meanings) == set(Reason)
    assert [reason for reason, said in meanings.items() if len(said.split()) < 8] == []


def test_every_reason_of_a_missing_interval_says_what_it_means(writer):
    """The vocabulary documents these codes too, and their page shows all of them."""
    text = writer("reason_reference").interval_reasons()

    assert [each for each in IntervalReason if f"| `{each.value}` | " not in text] == []
    assert "|  |" not in text


def test_every_kpi_stands_on_the_page_of_samplings(writer):
    """Once where its options are alike, and once for each that is not."""
    registry = Registry(load_plugins())
    text = writer("sampling_reference").page(registry)

    assert [kpi_id for kpi_id in registry.kpis if kpi_id not in text] == []
    (stored,) = (line for line in text.splitlines() if line.startswith("| stored |"))
    (by_patient,) = (line for line in text.splitlines() if "| sample by patient_id |" in line)
    assert "WS1-MP-001 *stored*" in stored
    assert "WS1-MP-001 *computed*" in by_patient
    assert "WS3-BI-010" in stored.split("*")[-1]


@pytest.mark.parametrize("record", [Report, Result, Comparison, Interval, Family, Thresholds])
def test_every_key_of_a_report_in_json_is_on_the_page(record):
    """Whoever reads reports by program finds what each key means, and which were added."""
    keys = {each.name for each in attrs.fields(record)}

    assert [key for key in sorted(keys) if f"`{key}`" not in page("json")] == []


def test_the_page_of_reports_names_every_key_of_the_manifest():
    """What a report rests on has its own page, beside the command that checks it."""
    text = (DOCS / "how-to" / "verify-a-report.md").read_text(encoding="utf-8")

    assert [each.name for each in attrs.fields(Manifest) if f"`{each.name}`" not in text] == []


def test_every_warning_of_the_core_is_on_the_page():
    """Codes are found where they are made: the first argument of a Note."""
    codes = {
        node.args[0].value
        for path in (ROOT / "kpisdk").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Note"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }

    assert {"few_rows", "never_occurs"} <= codes
    assert [code for code in sorted(codes) if f"`{code}`" not in page("reasons")] == []


def test_every_exit_code_is_on_the_page():
    """Those of errors, of the gate, of a signal and of a closed pipe."""
    codes = {FAILURE, USAGE, *map(int, GateExit), INTERRUPTED, TERMINATED, PIPE_CLOSED}

    assert [code for code in sorted(codes) if f"| {code} |" not in page("reasons")] == []


def test_every_public_name_is_summed_up(writer):
    """One sentence for whatever the facade gives."""
    reference = writer("facade_reference")

    assert [name for name in kpisdk.__all__ if not reference.summary(name)] == []


def test_every_record_of_the_facade_has_its_module_on_the_page():
    """A name is summed up, and its module documented in full."""
    homes = {
        reference
        for reference in kpisdk._HOMES
        if reference.startswith(("kpisdk.contracts", "kpisdk.errors", "kpisdk.guardrails"))
    }

    assert [home for home in sorted(homes) if f":: {home}\n" not in page("api")] == []


def test_everything_that_plugins_bring_is_told(writer):
    """Kinds of source, caches and formats by name; the page says more of each cache."""
    reference, loaded = writer("brought_reference"), load_plugins()
    registry = Registry(loaded)
    told = "".join((reference.sources(loaded), reference.caches(loaded), reference.reports(loaded)))
    names = [*registry.sources, *registry.caches, *registry.reports]

    assert [name for name in names if f"`{name}`" not in told] == []
    assert [name for name in registry.caches if f"`{name}`" not in page("sources")] == []


def test_the_times_that_results_are_kept_are_true():
    """The page repeats the table of frequencies."""
    told = " ".join(page("sources").split())
    times = {each.value.replace("_", " "): each.lifetime.total_seconds() for each in Frequency}

    assert [name for name, time in times.items() if f"{name} {time:.0f} s" not in told] == []


def test_the_readme_counts_the_kpis_of_each_distribution():
    """The table of distributions is what the registry says."""
    registry = Registry(load_plugins())
    counts = Counter(registry.owner(kpi_id).distribution for kpi_id in registry.kpis)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    wrong = [name for name, n in counts.items() if f"| `{name}` | {n} KPIs: " not in readme]
    assert wrong == []


def test_the_example_of_every_kpi_runs(writer, tmp_path, monkeypatch, capsys):
    """The commands on the pages of KPIs, the demo data in the place of the warehouse."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    reference, registry = writer("kpi_reference"), Registry(load_plugins())
    shown = [
        line
        for kpi in registry.kpis.values()
        for line in reference._section(kpi).splitlines()
        if line.startswith("kpisdk compute ")
    ]
    alike: dict[tuple[str, ...], list[str]] = {}
    for command in shown:
        _, _, kpi_id, *options = command.split()
        alike.setdefault(tuple(options), []).append(kpi_id)
    assert main(["demo", "--scale", "0.02", "--no-compute"]) == 0
    capsys.readouterr()

    found = []
    for options, ids in alike.items():
        place = ["demo.duckdb" if each == "warehouse" else each for each in options]
        assert main(["compute", *ids, *place, "--format", "jsonl"]) == 0
        found += [json.loads(line)["kpi_id"] for line in capsys.readouterr().out.splitlines()]

    assert set(found) == set(registry.kpis)


def test_a_page_is_written_only_when_it_changes(writer, tmp_path: Path):
    """Sphinx reads again what has a new time."""
    path = tmp_path / "deep" / "page.md"
    update = writer("wording").update
    update(path, "one")
    first = path.stat().st_mtime_ns
    update(path, "one")

    assert path.stat().st_mtime_ns == first
    update(path, "two")
    assert path.read_text(encoding="utf-8") == "two"


def test_a_docstring_becomes_markdown(writer):
    """Roles and double backticks become code, arguments a list."""
    said = """Take ``x`` to :class:`~kpisdk.Kpi`.

    Args:
        x: the one
            and the other.
        y: more.
    """

    assert writer("wording").markdown(said) == (
        "Take `x` to `Kpi`.\n\n* `x`: the one and the other.\n* `y`: more."
    )

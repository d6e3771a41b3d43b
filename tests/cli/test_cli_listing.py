"""``list``, ``show``, ``dictionary export``, ``plugin list``, ``doctor``: no source is opened."""

import csv
import io
import json
import re
from types import ModuleType

import pytest

from kpisdk.contracts.datasets import Column, Dataset
from kpisdk.contracts.estimates import Note
from kpisdk.contracts.kpis import Parameter, RequiredSlice, ViewColumn
from kpisdk.contracts.measures import count
from kpisdk.contracts.plain_metrics import Simple
from kpisdk.hookspecs import hookimpl


def rows(text):
    """The rows of a CSV text."""
    return list(csv.DictReader(io.StringIO(text)))


def test_list_prints_every_kpi_as_a_table(run):
    """The default is an aligned table; data on stdout and nothing on stderr."""
    ended = run("list")

    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert [line.split()[0] for line in lines] == ["id", "BR-001", "WS2-TR-004", "WS2-TR-006"]
    assert "last 30 days" in lines[2]
    assert "\x1b" not in ended.out


def test_list_takes_a_prefix_of_a_workstream(run):
    """``ws2`` is enough."""
    assert [
        row["id"] for row in rows(run("list", "--workstream", "ws2", "--format", "csv").out)
    ] == [
        "WS2-TR-004",
        "WS2-TR-006",
    ]
    ended = run("list", "--workstream", "ws9")
    assert ended.code == 2
    assert "There is no workstream 'ws9'" in ended.err


def test_list_in_every_format_holds_the_same_kpis(run):
    """Machine formats hold full precision and more fields; Markdown and HTML are escaped."""
    whole = json.loads(run("list", "--format", "json").out)
    lines = run("list", "--format", "jsonl").out.splitlines()

    assert [json.loads(line) for line in lines] == whole
    assert whole[1]["target"] == 0.6
    assert whole[1]["distribution"] == "in this process"
    assert "| BR-001 | A\\|B | brand |" in run("list", "--format", "md").out
    assert "<td>A|B</td>" in run("list", "--format", "html").out
    assert run("list", "--format", "openmetrics").code == 2


def test_a_narrow_list_has_whole_ids_and_says_what_it_left_out(run, here):
    """One KPI a line, so that ids and names can be copied; columns go in a fixed order."""
    here.environ = {"COLUMNS": "50"}

    ended = run("list")

    assert [line.split()[0] for line in ended.out.splitlines()] == [
        *("id", "BR-001", "WS2-TR-004", "WS2-TR-006"),
    ]
    assert max(map(len, ended.out.splitlines())) <= 50
    left_out = "workstream, direction, warning, critical, window"
    assert ended.err == f"Left out for want of room: {left_out} (--wide shows them).\n"
    assert run("list", "--wide").out.splitlines()[0].split()[-1] == "window"


def test_a_narrow_table_keeps_its_first_column_whole(run, here, monkeypatch):
    """Fields of a record are names to copy; what they hold is broken over lines for eyes alone."""
    here.environ = {"COLUMNS": "60"}
    piped = run("show", "WS2-TR-004").out.splitlines()
    monkeypatch.setattr("kpisdk.cli.table_output.is_watched", lambda stream, environ: True)

    lines = run("show", "WS2-TR-004").out.splitlines()

    assert max(map(len, lines)) <= 60
    assert any(line.startswith("datasets.triggers.columns.acceptance_status ") for line in lines)
    assert len(piped) < len(lines)


def test_list_of_nothing_says_what_to_install(run, here):
    """A core without plugins is helpful, and still an answer."""
    here.plugins = ()

    ended = run("list", "--format", "json")

    assert (ended.code, json.loads(ended.out)) == (0, [])
    assert "pip install kpisdk-ws2-triggers" in ended.err


def test_faults_of_plugins_go_to_stderr_and_never_fail_list(run, here):
    """A broken plugin and a conflict are told, each once, beside the KPIs that work."""

    class Rival:
        @hookimpl
        def kpisdk_kpis(self):
            yield here.registry_kpi

    broken = ModuleType("broken")
    broken.KPISDK_API = 99
    rival = Rival()
    here.registry_kpi = next(iter(here.plugins[0].kpisdk_kpis()))
    here.plugins = (*here.plugins, broken, rival)

    ended = run("list", "--format", "csv")

    assert ended.code == 0
    assert len(rows(ended.out)) == 3
    assert ended.err.count("written for version 99 of the plugin API") == 1
    assert "KPI 'WS2-TR-004': is brought by in this process 1.0 and in this process 0" in ended.err


def test_show_tells_everything_a_record_holds(run):
    """Definition, judgement, calculation, tables, governance, version and owner."""
    record = json.loads(run("show", "ws2-tr-004", "--format", "json").out)

    assert record["id"] == "WS2-TR-004"
    assert record["thresholds"] == {"target": 0.6, "warning": 0.45, "critical": 0.3}
    assert record["calculation"] == [
        {
            "kind": "ratio",
            "measures": {
                "numerator": "count of triggers where acceptance_status = 'accepted'",
                "denominator": "count of triggers where acceptance_status is known",
            },
        }
    ]
    assert record["datasets"][0]["columns"]["trigger_timestamp"] == "timestamp"
    assert record["governance"]["owner"] == "Field team"
    assert record["guardrails"] == ["WS2-TR-006"]
    assert record["guardrail_margins"] == {"WS2-TR-006": 0.1}
    assert (record["calculation_type"], record["primary_library"]) == ("direct", "DoWhy")
    assert re.fullmatch(r"1\+[0-9a-f]{8}", record["definition_version"])
    assert record["plugin"]["name"] == "ours"
    assert record["conflict"] is None


def test_show_as_a_table_has_a_line_for_every_field(run):
    """Nested fields go by their path; what is empty is left out."""
    table = run("show", "WS2-TR-004").out

    assert re.search(r"^governance\.owner +Field team$", table, re.MULTILINE)
    assert re.search(r"^datasets\.triggers\.time +trigger_timestamp$", table, re.MULTILINE)
    assert "gaming_risk" not in table
    assert json.loads(run("show", "BR-001", "--format", "jsonl").out)["window"] == "no time filter"


def test_show_tells_what_is_special_about_a_kpi(run, here, make_kpi):
    """Parameters, required and refused slices, the helper view, and why it cannot be computed."""

    class Special:
        @hookimpl
        def kpisdk_kpis(self):
            yield make_kpi(
                "ZZ-1",
                clock=True,
                parameters=(Parameter("k", "int", "How many.", default=100),),
                requires=RequiredSlice("brand", otherwise=0.0, note=Note("no_brand", "None.")),
                refuses={"region": "profiles have none"},
                view=ViewColumn("v_kpi_x", "x", 24.0),
            )

    here.plugins = (Special(), type("Rival", (Special,), {})())

    record = json.loads(run("show", "ZZ-1", "--format", "json").out)

    assert record["as_of"] == "the clock"
    assert record["parameters"][0]["type"] == "int"
    assert record["required_slice"]["note"]["code"] == "no_brand"
    assert record["refused_slices"] == {"region": "profiles have none"}
    assert record["view"] == {
        "view": "v_kpi_x",
        "column": "x",
        "factor": 24.0,
        "beside": [],
        "breakdowns": [],
    }
    assert "is brought by" in record["conflict"]
    assert re.search(r"^parameters\.k\.default +100$", run("show", "ZZ-1").out, re.MULTILINE)


def test_show_of_a_kpi_without_thresholds_or_time(run, here, make_kpi):
    """What a record does not have is null in JSON, and left out of the table."""
    timeless = Dataset("lists", (Column("item", "text"),))

    class Bare:
        @hookimpl
        def kpisdk_kpis(self):
            bounds = {"target": None, "warning": None, "critical": None}
            yield make_kpi(
                "ZZ-1", window=None, calculation=Simple(count(timeless)), unit="count", **bounds
            )

    here.plugins = (Bare(),)

    record = json.loads(run("show", "ZZ-1", "--format", "json").out)

    assert record["thresholds"] is None
    assert record["time_column"] is None
    assert "time_column" not in run("show", "ZZ-1").out


def test_show_of_an_unknown_kpi_proposes_the_nearest(run):
    """A usage error, in one sentence."""
    ended = run("show", "WS2-TR-04")

    assert (ended.code, ended.out) == (2, "")
    told = "Error: There is no KPI 'WS2-TR-04'. Did you mean WS2-TR-004 and WS2-TR-006?\n"
    assert ended.err == told


def test_dictionary_export_has_a_row_for_every_kpi(run):
    """The fifteen fields and three facts, in order, also for KPIs without governance."""
    ended = run("dictionary", "export")

    found = rows(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert [row["kpi_name"] for row in found] == [
        "rate_br_001",
        "rate_ws2_tr_004",
        "rate_ws2_tr_006",
    ]
    assert list(found[0]) == [
        "kpi_name",
        "definition",
        "objective",
        "numerator",
        "denominator",
        "formula",
        "unit",
        "granularity",
        "segment",
        "source",
        "owner",
        "refresh",
        "guardrail",
        "gaming_risk",
        "controls",
        "calculation_type",
        "primary_library",
        "sampling",
    ]
    assert found[1]["guardrail"] == "rate_ws2_tr_006"
    assert found[1]["owner"] == "Field team"
    assert found[1]["source"] == "triggers"
    assert [row["calculation_type"] for row in found] == ["", "direct", ""]
    assert [row["primary_library"] for row in found] == ["", "DoWhy", ""]
    assert {row["sampling"] for row in found} == {"sample by row"}


def test_dictionary_export_in_a_language_says_what_is_not_translated(run):
    """Texts that do not exist in a language are given as written, and counted."""
    ended = run("dictionary", "export", "--lang", "fr", "--workstream", "ws2", "--format", "json")

    found = json.loads(ended.out)
    assert found[0]["definition"] == "Part des déclencheurs acceptés."
    assert found[1]["definition"] == "Share of delivered triggers that were accepted."
    assert ended.err == (
        "Remarque\u202f: indicateurs sans textes en 'fr', laissés tels quels\u202f: 1 sur 2.\n"
    )
    unknown = run("dictionary", "export", "--lang", "de")
    assert unknown.code == 2
    assert unknown.err == "Error: There is no language 'de'. There are en and fr.\n"


@pytest.mark.parametrize("form", ["md", "html"])
def test_dictionary_export_for_people(run, form):
    """Markdown and HTML hold the same rows."""
    assert "rate_ws2_tr_004" in run("dictionary", "export", "--format", form).out


def test_dictionary_export_to_a_file_leaves_stdout_empty(run, tmp_path):
    """``--output`` takes the data; stdout stays free."""
    target = tmp_path / "dictionary.csv"

    ended = run("dictionary", "export", "--output", str(target))

    assert (ended.code, ended.out) == (0, "")
    assert len(rows(target.read_text())) == 3


def test_plugin_list_shows_state_and_error_of_every_plugin(run, here):
    """The broken ones too, with their errors."""
    broken = ModuleType("broken")
    broken.KPISDK_API = 99
    here.plugins = (*here.plugins, broken)

    found = {row["name"]: row for row in rows(run("plugin", "list", "--format", "csv").out)}

    assert (found["ours"]["state"], found["ours"]["kpis"], found["ours"]["error"]) == (
        "active",
        "3",
        "",
    )
    assert found["broken"]["state"] == "failed"
    assert "Upgrade kpisdk" in found["broken"]["error"]
    assert found["builtin_reports"]["distribution"] == "kpisdk"


def test_doctor_tells_versions_plugins_and_where_settings_came_from(run, tmp_path):
    """Every setting with its origin, and no secret."""
    (tmp_path / "kpisdk.toml").write_text(
        '[sources.main]\nurl = "postgresql://me:hunter22@host/db"\n'
    )

    ended = run("doctor", "--format", "json")

    found = {(row["section"], row["item"]): row for row in json.loads(ended.out)}
    assert found["version", "python"]["value"].startswith("3.")
    assert found["plugin", "ours"]["value"] == "active"
    assert found["brought", "KPIs"]["value"] == 3
    assert "kpisdk.toml" in found["setting", "sources.main.url"]["origin"]
    assert found["setting", "cache.enabled"]["origin"] == "default"
    assert "hunter22" not in ended.out + ended.err


def test_doctor_shows_the_unit_that_is_set_for_a_kpi(run, tmp_path):
    """Whoever wonders about an interval finds who chose its unit."""
    (tmp_path / "kpisdk.toml").write_text('[kpis.CORE-T-001]\nunit = "row"\n')

    rows = json.loads(run("doctor", "--format", "json").out)
    found = next(row for row in rows if row["item"] == "kpis.CORE-T-001.unit")

    assert found["value"] == "row"
    assert found["origin"].endswith("kpisdk.toml:kpis.CORE-T-001.unit")


def test_doctor_tells_what_a_settings_file_gave_cause_to_remark(run, tmp_path):
    """Two settings files in one folder: one wins, and that is told."""
    (tmp_path / "kpisdk.toml").write_text("")
    (tmp_path / "pyproject.toml").write_text("[tool.kpisdk.cache]\nenabled = false\n")

    assert re.search(r"settings +remark +.*pyproject\.toml", run("doctor").out)


def test_doctor_names_libraries_that_are_not_installed(run, monkeypatch):
    """What is missing is told, not left out."""
    from kpisdk.cli.commands import doctor

    monkeypatch.setattr(doctor, "LIBRARIES", ("no-such-library-at-all",))

    assert re.search("no-such-library-at-all +not installed", run("doctor").out)

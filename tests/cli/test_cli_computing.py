"""``compute``, ``explain`` and ``gate``: what they ask the workspace, print and exit with."""

import json

import attrs
import pytest

from kpisdk.contracts.estimates import Note
from kpisdk.contracts.vocabulary import Reason, Status
from kpisdk.errors import KpisdkError, UsageError


@attrs.define(eq=False)
class BrokenSourceError(KpisdkError):
    """The source postgresql://me:hunter22@host/db does not answer."""


@attrs.define(eq=False)
class OddQuestionError(UsageError):
    """The question is odd."""


NOTHING_SAID = {
    "window": None,
    "as_of": None,
    "where": {},
    "by": (),
    "grain": None,
    "compare": None,
    "parameters": {},
    "use_cache": True,
    "fuse": True,
}


@pytest.mark.parametrize("command", ["compute", "explain", "gate"])
def test_without_options_nothing_is_decided_for_the_workspace(run, told, command):
    """Every default is the KPI's own, and the settings' source."""
    run(command, "ws2-tr-004")

    assert told.asked == ("WS2-TR-004",)
    assert told.options == NOTHING_SAID
    assert told.made["source"] is None
    assert told.closed == 1


@pytest.mark.parametrize("command", ["compute", "explain", "gate"])
def test_every_option_reaches_the_workspace_as_text(run, told, command):
    """Values are coerced by the types of columns and parameters, which the engine knows."""
    run(
        *(command, "WS2-TR-006", "WS2-TR-004", "--source", "duckdb:///x.duckdb"),
        *("--window", "last 30 days", "--as-of", "2026-03-01", "--grain", "month"),
        *("--where", "brand=Kisqali", "--where", "brand=A=B", "--where", "region="),
        *("--by", "brand", "--by", "region", "--compare", "year"),
        *("--param", "k=50", "--no-cache", "--no-fuse"),
    )

    assert told.made["source"] == "duckdb:///x.duckdb"
    assert told.asked == ("WS2-TR-006", "WS2-TR-004")
    assert told.options == {
        "window": "last 30 days",
        "as_of": "2026-03-01",
        "where": {"brand": ["Kisqali", "A=B"], "region": [""]},
        "by": ("brand", "region"),
        "grain": "month",
        "compare": "year",
        "parameters": {"k": "50"},
        "use_cache": False,
        "fuse": False,
    }


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (("--all",), ("BR-001", "WS2-TR-004", "WS2-TR-006")),
        (("--workstream", "ws2"), ("WS2-TR-004", "WS2-TR-006")),
    ],
)
def test_all_and_workstream_name_kpis(run, told, arguments, asked):
    """The ids are resolved before anything is opened."""
    run("compute", *arguments)

    assert told.asked == asked


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Which KPIs are meant is not said"),
        (("WS2-TR-004", "--all"), "named in two ways"),
        (("NOPE-1",), "There is no KPI 'NOPE-1'"),
        (("WS2-TR-004", "--where", "brand"), "'brand' is not of the form NAME=VALUE"),
        (("WS2-TR-004", "--where", "=x"), "'=x' is not of the form NAME=VALUE"),
        (("WS2-TR-004", "--param", "k=1", "--param", "k=2"), "'k' is given 2 values"),
        (("WS2-TR-004", "--grain", "decade"), "'decade' is not one of"),
        (("WS2-TR-004", "--format", "pdf"), "There is no report format 'pdf'"),
        (("WS2-TR-004", "--nope"), "No such option"),
    ],
)
@pytest.mark.parametrize("command", ["compute", "gate"])
def test_usage_errors_exit_with_two_and_print_no_data(run, told, command, arguments, words):
    """A wrong question is told in a sentence, and nothing is computed."""
    ended = run(command, *arguments)

    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert told.asked == ()


def test_compute_prints_the_report_in_its_format(run, told):
    """Data on stdout; JSON is the published object."""
    ended = run("compute", "WS2-TR-004", "--format", "json")

    document = json.loads(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert document["schema_version"] == 1
    assert document["results"][0]["value"] == 0.7
    assert "WS2-TR-004" in run("compute", "WS2-TR-004").out
    assert "\x1b" not in run("compute", "WS2-TR-004").out


def test_compute_to_a_file_writes_the_same(run, told, tmp_path):
    """``--output`` takes what stdout would have had."""
    target = tmp_path / "report.json"
    printed = run("compute", "WS2-TR-004", "--format", "json").out

    ended = run("compute", "WS2-TR-004", "--format", "json", "-o", str(target))

    assert ended.out == ""
    assert target.read_text() == printed


def test_compute_exits_with_one_when_nothing_could_be_computed(run, told, make_result):
    """The report is printed all the same: it says why."""
    told.results = (
        make_result(value=None, status=Status.UNKNOWN, reason=Reason.MISSING_TABLE, message="Oh."),
    )

    ended = run("compute", "WS2-TR-004", "--format", "json")

    assert ended.code == 1
    assert json.loads(ended.out)["results"][0]["reason"] == "missing_table"


def test_warnings_of_a_report_go_to_stderr(run, told):
    """A cache that cannot be written costs a warning, never a result."""
    told.notes = (Note("cache", "The cache could not be written."),)

    ended = run("compute", "WS2-TR-004")

    assert ended.code == 0
    assert ended.err == "Warning: The cache could not be written.\n"


@pytest.mark.parametrize(
    ("command", "error", "code"),
    [
        ("compute", BrokenSourceError(), 1),
        ("gate", BrokenSourceError(), 3),
        ("compute", OddQuestionError(), 2),
        ("gate", OddQuestionError(), 2),
    ],
)
def test_an_error_of_the_operation_is_one_sentence_without_secrets(run, told, command, error, code):
    """In a gate, an operation that failed is no critical KPI: it could not be judged."""
    told.error = error

    ended = (
        run(command, "WS2-TR-004", "--unknown", "ok")
        if command == "gate"
        else run(command, "WS2-TR-004")
    )

    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith("Error: The ")
    assert ended.err.count("\n") == 1
    assert "hunter22" not in ended.err
    assert told.closed == 1


def test_the_command_line_keeps_results_in_a_file_unless_told_otherwise(run, told, here, tmp_path):
    """Memory would forget at the end of the command; settings that say something win."""
    run("compute", "WS2-TR-004")
    assert told.made["cache"] == "sqlite"

    for text in ('backend = "memory"', "enabled = false", 'backend = "off"'):
        (tmp_path / "kpisdk.toml").write_text(f"[cache]\n{text}\n")
        del here.settings
        run("compute", "WS2-TR-004")
        assert told.made["cache"] is None


def test_explain_prints_text_or_json_and_masks_secrets(run, told):
    """Statements may hold locations; a password never leaves."""
    text = run("explain", "WS2-TR-004")
    document = run("explain", "WS2-TR-004", "--format", "json")

    assert text.out == "SELECT 1 -- postgresql://me:***@host/db\n"
    assert json.loads(document.out) == {"statements": ["SELECT 1"], "at": "2026-01-01T00:00:00Z"}
    assert (text.code, document.code) == (0, 0)


def test_gate_prints_the_report_and_tells_its_verdict_on_stderr(run, told, make_result):
    """Stdout stays data; stderr says what closed the gate."""
    told.results = (
        make_result("WS2-TR-004", status=Status.CRITICAL, slice={"brand": "Kisqali"}),
        make_result("WS2-TR-004", status=Status.GOOD, decided=False, period="2026-01"),
        make_result("WS2-TR-006", value=None, status=Status.UNKNOWN, reason=Reason.NO_ROWS),
    )

    ended = run("gate", "--all", "--require-decided", "--format", "json")

    assert ended.code == 1
    assert len(json.loads(ended.out)["results"]) == 3
    assert ended.err.splitlines() == [
        "Gate failed: 1 good, 0 warning, 1 critical, 1 unknown.",
        "  failed: WS2-TR-004 brand=Kisqali (critical)",
        "  not judged: WS2-TR-004 2026-01 (good, undecided)",
        "  not judged: WS2-TR-006 (no_rows)",
        "  not judged: BR-001 has no result",
    ]


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ((), Status.GOOD, 0),
        ((), Status.WARNING, 0),
        (("--fail-on", "warning"), Status.WARNING, 1),
        ((), Status.UNKNOWN, 3),
        (("--unknown", "ok"), Status.UNKNOWN, 0),
        (("--decided",), Status.CRITICAL, 0),
        (("--require-decided",), Status.GOOD, 3),
    ],
)
def test_gate_options_reach_the_rule(run, told, make_result, options, status, code):
    """The matrix itself is tested where it is computed."""
    reason = Reason.NO_ROWS if status is Status.UNKNOWN else None
    told.results = (make_result(status=status, reason=reason, decided=None),)

    assert run("gate", "WS2-TR-004", *options).code == code

"""The gate on GitHub Actions: annotations of the run, and the summary of the job."""

import re
from urllib.parse import unquote

import pytest

from kpisdk.cli.gate import github
from kpisdk.cli.gate.exit_codes import GateRule
from kpisdk.cli.gate.judged_results import judged
from kpisdk.contracts.results import Report
from kpisdk.contracts.vocabulary import Reason, Status
from kpisdk.errors import KpisdkError


class LostSourceError(KpisdkError):
    """The source postgresql://me:hunter22@host/db, which is far, is 100% lost."""


COMMAND = re.compile(r"::(?P<level>\w+) title=(?P<title>[^:,\r\n]*)::(?P<message>[^\r\n]*)")


def read(line):
    """A workflow command as GitHub reads it: level, title, message."""
    found = COMMAND.fullmatch(line)
    # The only escapes are those of %, CR, LF, colon and comma: unquote reads them all.
    return found["level"], unquote(found["title"]), unquote(found["message"])


def annotated(results, rule=None, chosen=()):
    """The annotations of a gate on these results, as GitHub reads them."""
    ids = [*{each.kpi_id for each in results}, *chosen]
    return [
        read(line)
        for line in github.commands(judged(Report(tuple(results)), ids, rule or GateRule()))
    ]


@pytest.mark.parametrize(
    ("text", "as_title", "as_message"),
    [
        ("plain", "plain", "plain"),
        ("100%", "100%25", "100%25"),
        ("%0A", "%250A", "%250A"),
        ("a: b, c", "a%3A b%2C c", "a: b, c"),
        ("one\r\ntwo", "one%0D%0Atwo", "one%0D%0Atwo"),
        ("::stop::", "%3A%3Astop%3A%3A", "::stop::"),
    ],
)
def test_texts_are_escaped_by_githubs_rules(text, as_title, as_message):
    """%, CR and LF everywhere; colon and comma only where they would end a property."""
    assert github.command("error", text, text) == f"::error title={as_title}::{as_message}"


def test_levels_follow_the_verdict(make_result):
    """What closes the gate is an error, a warning that passes a warning, the excused a notice."""
    results = [
        make_result("A-1", status=Status.GOOD),
        make_result(
            "B-1", status=Status.UNKNOWN, value=None, reason=Reason.NO_ROWS, message="None."
        ),
        make_result("C-1", status=Status.WARNING),
        make_result("D-1", status=Status.CRITICAL),
        make_result("E-1", status=Status.UNKNOWN, reason=Reason.NO_TARGET),
    ]

    assert annotated(results) == [
        ("error", "KPI critical: D-1", "Acceptance Rate has status critical: 0.700."),
        ("error", "KPI not judged: B-1", "Acceptance Rate has no value (no_rows): None."),
        ("warning", "KPI warning: C-1", "Acceptance Rate has status warning: 0.700."),
    ]
    milder = annotated(results, GateRule(Status.WARNING, unknown_ok=True))
    assert [(level, title) for level, title, _ in milder] == [
        ("error", "KPI warning: C-1"),
        ("error", "KPI critical: D-1"),
        ("notice", "KPI not judged: B-1"),
    ]


def test_a_kpi_without_any_result_is_annotated(make_result):
    """A gate is never silently closed."""
    assert annotated([make_result("A-1")], chosen=["B-1"]) == [
        ("error", "KPI not judged: B-1", "B-1 was asked for and has no result.")
    ]


@pytest.mark.parametrize("count", [10, 11, 30])
def test_what_github_would_drop_is_told_in_the_last_annotation(make_result, count):
    """GitHub shows ten of a level a step: the tenth names all that are left."""
    results = [make_result(f"K-{each:03}", status=Status.CRITICAL) for each in range(count)]

    found = annotated(results)

    told = "\n".join(" ".join(each) for each in found)
    assert len(found) == 10
    assert all(f"K-{each:03}" in told for each in range(count))
    if count > 10:
        assert found[-1][1] == f"{count - 9} more KPIs"


def test_no_slice_can_speak_for_the_gate(run, told, here, make_result):
    """A line break in the data would start a workflow command of its own."""
    here.environ = {"GITHUB_ACTIONS": "true"}
    told.results = (
        make_result(status=Status.CRITICAL, slice={"brand": "x\n::add-mask::a\r\n::warning::b"}),
    )

    ended = run("gate", "WS2-TR-004")

    lines = (ended.out + ended.err).splitlines()
    assert [line for line in lines if line.lstrip().startswith("::")] == [
        line for line in lines if line.startswith("::error title=KPI critical")
    ]
    assert ended.code == 1


@pytest.mark.parametrize(
    ("environ", "options", "expected"),
    [
        ({}, (), False),
        ({}, ("--github",), True),
        ({"GITHUB_ACTIONS": "true"}, (), True),
        ({"GITHUB_ACTIONS": "false"}, (), False),
        ({"GITHUB_ACTIONS": "true"}, ("--no-github",), False),
    ],
)
def test_annotations_are_for_github_unless_told_otherwise(
    run, told, here, make_result, environ, options, expected
):
    """Standard output stays data: annotations go to stderr."""
    here.environ = environ
    told.results = (make_result(status=Status.CRITICAL),)

    ended = run("gate", "WS2-TR-004", *options)

    assert ("::error" in ended.err) is expected
    assert "::" not in ended.out


def test_the_summary_of_the_job_gets_the_verdict_and_the_report(
    run, told, here, make_result, tmp_path
):
    """Appended, because other steps write to the same file."""
    file = tmp_path / "summary.md"
    file.write_text("# Of an earlier step\n")
    here.environ = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(file)}
    told.results = (make_result("WS2-TR-004", status=Status.CRITICAL, slice={"brand": "a|b"}),)

    run("gate", "WS2-TR-004")

    text = file.read_text()
    assert text.startswith("# Of an earlier step\n## KPI gate failed\n")
    assert "- failed: WS2-TR-004 brand=a\\|b: Acceptance Rate has status critical" in text
    assert "| id | name | brand |" in text


def test_a_report_beyond_githubs_limit_is_left_out_of_the_summary(make_result, tmp_path):
    """GitHub refuses a summary over one mebibyte as a whole; the verdict must get through."""
    file = tmp_path / "summary.md"
    results = tuple(make_result(name="n" * 50_000, status=Status.CRITICAL) for _ in range(20))

    github.summarise(
        judged(Report(results), ["WS2-TR-004"], GateRule()), {"GITHUB_STEP_SUMMARY": str(file)}
    )

    assert file.read_text() == (
        "## KPI gate failed\n\nThe report is too large for a summary; see the log of the job.\n\n"
    )


def test_a_summary_that_cannot_be_written_closes_a_gate_that_passed(run, told, here, tmp_path):
    """Nobody would see what passed."""
    place = str(tmp_path / "missing" / "summary.md")
    here.environ = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": place}

    ended = run("gate", "WS2-TR-004")

    assert ended.code == 3
    assert "could not be written" in ended.err


@pytest.mark.parametrize("arguments", [("NOPE-1",), ("--all", "--nope"), ("WS2-TR-004",)])
def test_a_gate_that_comes_to_nothing_is_annotated_and_summarised(
    run, told, here, tmp_path, arguments
):
    """Usage errors and lost sources too, without secrets."""
    file = tmp_path / "summary.md"
    here.environ = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(file)}
    told.error = LostSourceError()

    ended = run("gate", *arguments)

    (line,) = [each for each in ended.err.splitlines() if each.startswith("::")]
    level, title, message = read(line)
    assert (level, title) == ("error", "KPI gate not judged")
    assert f"Error: {message}" in ended.err
    assert file.read_text().startswith("## KPI gate not judged\n")
    assert "hunter22" not in ended.err + file.read_text()

"""The gate's JUnit XML: a case a result, well-formed whatever a slice holds, there in any event."""

import itertools
import re
from datetime import UTC, datetime
from xml.dom import minidom
from xml.etree import ElementTree as ET

import attrs
import pytest

from kpisdk.cli.gate import junit
from kpisdk.cli.gate.exit_codes import GateRule
from kpisdk.cli.gate.judged_results import judged
from kpisdk.cli.output import deliver
from kpisdk.contracts.estimates import Interval, Note
from kpisdk.contracts.results import Report, SourceIdentity
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Reason, Status
from kpisdk.errors import KpisdkError, UsageError


@attrs.define(eq=False)
class AwaySourceError(KpisdkError):
    """The source postgresql://me:hunter22@host/db does not answer."""


@attrs.define(eq=False)
class VagueQuestionError(UsageError):
    """The question is vague."""


# What the schemas of CI servers agree on: children, required attributes, attributes that may be.
# Properties of a case came later than the schemas, and every reader takes or skips them.
SHAPE = {
    "testsuites": ({"testsuite"}, set(), {"name", "tests", "failures", "errors", "time"}),
    "testsuite": (
        {"properties", "testcase", "system-out", "system-err"},
        {"name", "tests", "failures", "errors"},
        {"skipped", "time", "timestamp"},
    ),
    "testcase": (
        {"properties", "failure", "error", "skipped", "system-out", "system-err"},
        {"name", "classname"},
        {"time"},
    ),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, set()),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
    "system-err": (set(), set(), set()),
}


def conforming(text):
    """The root of a document that has the shape of JUnit XML, with counts that add up."""
    root = ET.fromstring(text.encode("utf-8"))  # noqa: S314 - our own text
    assert root.tag == "testsuites"
    for element in root.iter():
        children, required, allowed = SHAPE[element.tag]
        assert {child.tag for child in element} <= children
        assert required <= set(element.attrib) <= required | allowed
        assert re.fullmatch(r"\d+\.\d{3}", element.get("time", "0.000"))
    for suite in (root, *root.iter("testsuite")):
        cases = list(suite.iter("testcase"))
        assert int(suite.get("tests")) == len(cases)
        for attribute, tag in (
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            if attribute in suite.attrib:
                assert int(suite.get(attribute)) == len(list(suite.iter(tag)))
    return root


def written(results, rule=None, chosen=(), **facts):
    """The document of a gate on these results, read back."""
    report = Report(tuple(results), **facts)
    gate = judged(report, chosen or [each.kpi_id for each in results], rule or GateRule())
    return conforming(junit.document(gate))


def told_of(root):
    """What each case says beside its output: its element's tag, or ``passed``."""
    tags = ("failure", "error", "skipped")
    return [
        next((tag for tag in tags if case.find(tag) is not None), "passed")
        for case in root.iter("testcase")
    ]


def facts_of(element):
    """The properties of a suite or case by name."""
    return {each.get("name"): each.get("value") for each in element.find("properties")}


OUTCOMES = {
    "good": {"status": Status.GOOD, "decided": True},
    "warning": {"status": Status.WARNING, "decided": True},
    "critical": {"status": Status.CRITICAL, "decided": None},
    "undecided": {"status": Status.GOOD, "decided": False},
    "no value": {"status": Status.UNKNOWN, "reason": Reason.NO_ROWS, "value": None},
    "no target": {"status": Status.UNKNOWN, "reason": Reason.NO_TARGET, "decided": None},
}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (GateRule(), ("passed", "passed", "failure", "passed", "error", "skipped")),
        (GateRule(Status.WARNING), ("passed", "failure", "failure", "passed", "error", "skipped")),
        (
            GateRule(unknown_ok=True),
            ("passed", "passed", "failure", "passed", "skipped", "skipped"),
        ),
        (
            GateRule(require_decided=True),
            ("passed", "passed", "failure", "error", "error", "skipped"),
        ),
        (
            GateRule(decided_only=True),
            ("passed", "passed", "passed", "passed", "error", "skipped"),
        ),
        (
            GateRule(unknown_ok=True, require_decided=True),
            ("passed", "passed", "failure", "skipped", "skipped", "skipped"),
        ),
    ],
)
def test_each_outcome_is_the_element_that_ci_servers_know(make_result, rule, expected):
    """At or beyond --fail-on fails, not judged is an error or skipped, by --unknown."""
    results = [make_result(f"K-{place}", **OUTCOMES[name]) for place, name in enumerate(OUTCOMES)]

    assert tuple(told_of(written(results, rule))) == expected


@pytest.mark.parametrize("fail_on", [Status.WARNING, Status.CRITICAL])
@pytest.mark.parametrize("unknown_ok", [True, False])
@pytest.mark.parametrize("require_decided", [True, False])
def test_the_file_and_the_exit_code_never_disagree(
    make_result, fail_on, unknown_ok, require_decided
):
    """A failure is there exactly where the gate exits with 1, else an error where it is 3."""
    rule = GateRule(fail_on, unknown_ok, require_decided)
    for first, second in itertools.combinations_with_replacement(OUTCOMES, 2):
        results = (make_result("A-1", **OUTCOMES[first]), make_result("B-1", **OUTCOMES[second]))
        gate = judged(Report(results), ["A-1", "B-1"], rule)
        told = told_of(conforming(junit.document(gate)))

        assert int(gate.verdict) == (1 if "failure" in told else 3 if "error" in told else 0)


def test_a_kpi_without_any_result_is_an_error_by_name(make_result):
    """A KPI that fell out of the report is a case of its own."""
    root = written([make_result("A-1")], chosen=["A-1", "B-1"])

    *_, case = root.iter("testcase")
    assert case.get("name") == "B-1"
    assert case.find("error").get("type") == "no_result"
    assert told_of(written([], GateRule(unknown_ok=True), ["B-1"])) == ["skipped"]


def test_a_case_holds_its_numbers_in_full_and_as_people_read_them(make_result):
    """Value, thresholds, window, data-through: exact as properties, rounded in the text."""
    start, end = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2))
    result = make_result(
        value=0.12345678901234567,
        status=Status.CRITICAL,
        interval=Interval(0.1, 0.15, 0.95, "wilson"),
        thresholds=Thresholds(0.6, 0.45, 0.3),
        window=Window(start, end, "2026-01"),
        data_through=datetime(2026, 1, 31, 23, 45, tzinfo=UTC),
        stale=True,
        slice={"brand": "Kisqali", "region": None, "active": True, "note": ""},
        period="2026-01",
        duration_ms=1234.5,
        definition_version="1+ab",
        details={"rule": "value < critical (0.3)"},
    )

    root = written([result], source=SourceIdentity("warehouse", "postgresql", "f"))

    (case,) = root.iter("testcase")
    told = facts_of(case)
    assert case.get("classname") == "kpisdk.ws2_triggers"
    assert case.get("name").startswith("WS2-TR-004 brand=Kisqali, region=(null), active=true")
    assert case.get("name").endswith("2026-01: Acceptance Rate")
    assert case.get("time") == "1.234"
    assert float(told["value"]) == result.value
    assert told["interval.low"] == "0.1"
    assert told["thresholds.target"] == "0.6"
    assert told["thresholds.direction"] == "higher"
    assert told["window.start"] == "2026-01-01T00:00:00Z"
    assert told["window.end"] == "2026-02-01T00:00:00Z"
    assert told["data_through"] == "2026-01-31T23:45:00Z"
    assert told["stale"] == "true"
    assert told["slice.brand"] == "Kisqali"
    assert told["slice.region"] == "(null)"
    assert told["slice.note"] == "(empty)"
    assert not any(name.startswith("details") for name in told)
    assert facts_of(next(root.iter("testsuite")))["source.name"] == "warehouse"
    failure = case.find("failure")
    assert failure.get("type") == "critical"
    assert failure.get("message") == (
        "Acceptance Rate has status critical: 0.123 [0.100, 0.150], target >= 0.6; 2026-01; "
        "data through 2026-01-31 23:45 UTC, stale."
    )
    assert "interval: [0.100, 0.150]" in case.find("system-out").text


def test_the_suite_says_how_it_was_judged(make_result):
    """Which source, by which options, with which verdict, and what the report warned of."""
    report = Report(
        (make_result(status=Status.WARNING, computed_at=datetime(2026, 3, 1, tzinfo=UTC)),),
        SourceIdentity("demo", "duckdb", "f", synthetic=True),
        datetime(2026, 3, 1, 12, tzinfo=UTC),
        (Note("cache", "The cache\ncould not be written."),),
    )
    gate = judged(report, ["WS2-TR-004"], GateRule(Status.WARNING, require_decided=True))

    root = conforming(junit.document(gate, seconds=2.0))

    (suite,) = root
    assert facts_of(suite) == {
        "source.name": "demo",
        "source.kind": "duckdb",
        "source.synthetic": "true",
        "as_of": "2026-03-01T12:00:00Z",
        "fail_on": "warning",
        "unknown": "fail",
        "require_decided": "true",
        "decided_only": "false",
        "verdict": "failed",
    }
    assert suite.get("timestamp") == "2026-03-01T00:00:00+00:00"
    assert suite.get("time") == root.get("time") == "2.000"
    assert suite.find("system-err").text == "cache: The cache\\ncould not be written."


HOSTILE = [
    "]]><failure/>",
    "<script>&amp;\"'</script>",
    "\x00\x07\x1b[31m\x7f",
    "line\r\nbreak\ttab",
    "\ud800 lone surrogate",
    "\ufffe\uffff\u2028\u202e",
    "emoji 🩺 and accents é",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_leave_the_file_well_formed(make_result, text, tmp_path):
    """Control characters, markup and lone surrogates in data are escaped, wherever they stand."""
    results = [
        make_result(
            name=text,
            workstream=text,
            value=None,
            status=status,
            reason=Reason.QUERY_FAILED,
            message=text,
            slice={text: text},
            period=text,
            answered_by=text,
            warnings=(Note(text, text),),
        )
        for status in (Status.UNKNOWN, Status.CRITICAL)
    ]
    report = Report(tuple(results), SourceIdentity(text, text, text), None, (Note("n", text),))
    faults = [junit.Fault(text, text)]

    document = junit.document(judged(report, ["WS2-TR-004"], GateRule()), faults)
    deliver(document, tmp_path / "gate.xml")

    assert told_of(conforming(document)) == ["error", "failure", "error"]
    # A second parser: another implementation, and from the bytes of a file.
    read = minidom.parse(str(tmp_path / "gate.xml"))  # noqa: S318 - our own text
    shown = read.getElementsByTagName("testcase")[0].getAttribute("name")
    assert shown.isprintable()
    if text.isprintable():
        assert f"{text}={text}" in shown


def test_gate_writes_the_file_beside_the_report(run, told, make_result, tmp_path):
    """--junit adds a file and changes neither standard output nor the exit code."""
    target = tmp_path / "gate.xml"
    told.results = (make_result(status=Status.CRITICAL),)
    plainly = run("gate", "WS2-TR-004", "--format", "json")

    ended = run("gate", "WS2-TR-004", "--format", "json", "--junit", str(target))

    assert (ended.code, ended.out, ended.err) == (1, plainly.out, plainly.err)
    assert told_of(conforming(target.read_text(encoding="utf-8"))) == ["failure"]
    assert [each.name for each in tmp_path.iterdir()] == ["gate.xml"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("NOPE-1",), 2, "There is no KPI 'NOPE-1'"),
        ((), 2, "Which KPIs are meant is not said"),
        (("--all", "--format", "pdf"), 2, "There is no report format 'pdf'"),
        (("--all", "--fail-on", "mild"), 2, "'mild' is not one of"),
        (("--all", "--nope"), 2, "No such option"),
        (("--all", "--where", "brand"), 2, "'brand' is not of the form NAME=VALUE"),
    ],
)
def test_a_wrong_question_leaves_a_file_that_says_so(run, told, tmp_path, arguments, code, words):
    """A CI server that finds no file, or an old one, would call the job green or blame itself."""
    target = tmp_path / "gate.xml"
    target.write_text("of an earlier run")

    ended = run("gate", *arguments, "--junit", str(target))

    (case,) = conforming(target.read_text(encoding="utf-8")).iter("testcase")
    assert (ended.code, told.asked) == (code, ())
    assert words in case.find("error").get("message")
    assert words in ended.err


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (AwaySourceError(), 3, "AwaySourceError"),
        (VagueQuestionError(), 2, "VagueQuestionError"),
        (ZeroDivisionError("by nothing"), 3, "ZeroDivisionError"),
    ],
)
def test_a_gate_that_computes_nothing_leaves_a_file_without_secrets(
    run, told, tmp_path, error, code, kind
):
    """The sentence of the error is the case's; a fault of ours is no critical KPI either."""
    target = tmp_path / "gate.xml"
    told.error = error

    ended = run("gate", "WS2-TR-004", "--junit", str(target))

    text = target.read_text(encoding="utf-8")
    (case,) = conforming(text).iter("testcase")
    assert ended.code == code
    assert case.find("error").get("type") == kind
    assert "hunter22" not in text
    assert "hunter22" not in ended.err


def test_a_gate_that_is_stopped_leaves_a_file_that_says_so(run, told, tmp_path):
    """While the gate is at work, the file says that it did not finish."""
    target = tmp_path / "gate.xml"
    told.error = KeyboardInterrupt()

    ended = run("gate", "WS2-TR-004", "--junit", str(target))

    (case,) = conforming(target.read_text(encoding="utf-8")).iter("testcase")
    assert ended.code == 130
    assert case.find("error").get("type") == "unfinished"


def test_a_file_that_cannot_be_written_is_known_before_anything_is_computed(run, told, tmp_path):
    """Nobody waits for a gate whose report goes nowhere; it is told once."""
    ended = run("gate", "WS2-TR-004", "--junit", str(tmp_path / "missing" / "gate.xml"))

    assert (ended.code, ended.out, told.asked) == (3, "", ())
    assert ended.err.count("could not be written") == 1


@pytest.mark.parametrize(("status", "code"), [(Status.GOOD, 3), (Status.CRITICAL, 1)])
def test_a_report_that_is_lost_closes_the_gate(run, told, make_result, tmp_path, status, code):
    """Nobody can see what passed; a critical KPI stays critical."""
    told.results = (make_result(status=status),)

    ended = run("gate", "WS2-TR-004", "--output", str(tmp_path / "missing" / "report.txt"))

    assert ended.code == code
    assert "could not be written" in ended.err

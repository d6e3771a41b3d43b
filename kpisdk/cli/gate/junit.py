"""A gate as the JUnit XML that CI servers read, one test case per result."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.etree import ElementTree as ET

import attrs

from kpisdk.cli.gate.judged_results import Judged, Judgement, Outcome
from kpisdk.cli.kpi_description import flat
from kpisdk.contracts.results import Result, plain
from kpisdk.reporting import slice_value, visible

SUITE = "kpisdk gate"
"""Name of the test suite, and of the test case of what went wrong with the gate itself."""


_ELEMENTS = {
    Outcome.FAILED: "failure",
    Outcome.NOT_JUDGED: "error",
    Outcome.EXCUSED: "skipped",
    Outcome.WITHOUT_TARGET: "skipped",
}


@attrs.frozen
class Fault:
    """What went wrong with the gate itself: its kind, such as a type of error, and a sentence."""

    kind: str
    message: str


UNFINISHED = Fault(
    "unfinished",
    "The gate did not finish: it was stopped before it had a verdict. "
    "Nothing is known of the KPIs; see the log of the job.",
)
"""What stands in the file while the gate is at work."""


def document(
    judged: Judged | None, faults: Sequence[Fault] = (), seconds: float | None = None
) -> str:
    """A gate as a JUnit XML document; without ``judged``, nothing was computed.

    Args:
        judged: the gate.
        faults: what went wrong with the gate itself, a case each.
        seconds: how long the gate took; results that share a statement overlap, so that this is
            no sum over cases.

    A failed result is a ``failure``, one that was not judged an ``error``, one that is excused or
    has no thresholds is ``skipped``; every other case passed. The numbers stand in full as
    properties of a case, and rounded, as people read them, in its ``system-out``.
    """
    cases = [_fault_case(fault) for fault in faults]
    if judged is not None:
        cases = [*(_case(each) for each in judged.judgements), *cases]
    counts: dict[str, str] = {
        "tests": str(len(cases)),
        "failures": str(_count(cases, "failure")),
        "errors": str(_count(cases, "error")),
    }
    if seconds is not None:
        counts["time"] = _seconds(seconds)
    root = ET.Element("testsuites", {"name": SUITE, **counts})
    skipped = str(_count(cases, "skipped"))
    suite = ET.SubElement(root, "testsuite", {**root.attrib, "skipped": skipped})
    if judged is not None:
        stamps = [each.computed_at for each in judged.report.results if each.computed_at]
        if stamps:
            suite.set("timestamp", max(stamps).isoformat(timespec="seconds"))
        _properties(suite, _about(judged))
    suite.extend(cases)
    notes = () if judged is None else judged.report.warnings
    if notes:
        ET.SubElement(suite, "system-err").text = "\n".join(
            visible(f"{note.code}: {note.message}") for note in notes
        )
    ET.indent(root)
    body: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _case(judgement: Judgement) -> ET.Element:
    result = judgement.result
    case = ET.Element("testcase", classname="kpisdk", name=judgement.subject)
    if result is not None:
        case.set("classname", f"kpisdk.{visible(result.workstream)}")
        case.set("name", f"{judgement.subject}: {visible(result.name)}")
        case.set("time", _seconds(result.duration_ms / 1000))
        _properties(case, _numbers(result))
    lines = [f"{title}: {text}" for title, text in judgement.facts if text]
    element = _ELEMENTS.get(judgement.outcome)
    if element is not None:
        told = ET.SubElement(case, element, type=judgement.why, message=judgement.words)
        told.text = "\n".join([judgement.words, *lines])
    ET.SubElement(case, "system-out").text = "\n".join([judgement.words, *lines])
    return case


def _fault_case(fault: Fault) -> ET.Element:
    case = ET.Element("testcase", classname="kpisdk", name=SUITE)
    lines = [visible(line) for line in fault.message.splitlines()]
    message = " ".join(line.strip() for line in lines)
    told = ET.SubElement(case, "error", type=visible(fault.kind), message=message)
    told.text = "\n".join(lines)
    return case


def _about(judged: Judged) -> Iterator[tuple[str, Any]]:
    source = judged.report.source
    if source is not None:
        yield "source.name", source.name
        yield "source.kind", source.kind
        yield "source.synthetic", "unknown" if source.synthetic is None else source.synthetic
    if judged.report.as_of is not None:
        yield "as_of", judged.report.as_of
    yield "fail_on", judged.rule.fail_on.value
    yield "unknown", "ok" if judged.rule.unknown_ok else "fail"
    yield "require_decided", judged.rule.require_decided
    yield "decided_only", judged.rule.decided_only
    yield "verdict", judged.verdict.name.lower()


def _numbers(result: Result) -> Iterator[tuple[str, Any]]:
    facts = result.to_dict()
    # A slice says which rows are meant even where its value is absent, and details have no bound.
    slice_values, _ = facts.pop("slice"), facts.pop("details")
    for column, value in slice_values.items():
        yield f"slice.{column}", value
    yield from flat(facts)


def _properties(parent: ET.Element, facts: Iterable[tuple[str, Any]]) -> None:
    held = ET.SubElement(parent, "properties")
    for name, value in facts:
        ET.SubElement(held, "property", name=visible(name), value=_value(value))


def _value(value: Any) -> str:
    given = plain(value)
    return visible(json.dumps(given) if isinstance(given, list) else slice_value(given))


def _count(cases: Iterable[ET.Element], element: str) -> int:
    return sum(case.find(element) is not None for case in cases)


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"

"""What a gate makes of every result, in words that its reports share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

import attrs

from kpisdk.cli.gate.exit_codes import GateExit, GateRule, gate_exit
from kpisdk.contracts.results import Report, Result
from kpisdk.contracts.vocabulary import Reason, Status
from kpisdk.reporting import bounds_of, columns, figure, instant, span, subject, target, visible


class Outcome(StrEnum):
    """What a gate makes of one result."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_JUDGED = "not judged"
    EXCUSED = "excused"
    """Not judged, and ``--unknown ok`` lets it pass."""
    WITHOUT_TARGET = "without a target"
    """A value without thresholds: it asks for no judgement."""


@attrs.frozen
class Judgement:
    """One result, or a KPI that has none, and what the gate makes of it.

    ``subject`` names it, ``why`` is a code or a status, ``words`` is a sentence: all three on one
    line, without control characters. ``facts`` are the columns of the scorecard: title and text.
    """

    outcome: Outcome
    kpi_id: str
    subject: str
    why: str
    words: str
    result: Result | None = None
    facts: tuple[tuple[str, str], ...] = ()


@attrs.frozen
class Judged:
    """A whole gate: what was computed, by which rule it is judged, and what came of it."""

    report: Report
    rule: GateRule
    verdict: GateExit
    judgements: tuple[Judgement, ...]

    def having(self, *outcomes: Outcome) -> tuple[Judgement, ...]:
        """The judgements with one of these outcomes, in order."""
        return tuple(each for each in self.judgements if each.outcome in outcomes)

    def summary(self) -> str:
        """The verdict in a sentence, with the results that made it."""
        counts = Counter(result.status for result in self.report.results)
        told = ", ".join(f"{counts[status]} {status.value}" for status in Status)
        lines = [f"Gate {self.verdict.name.lower().replace('_', ' ')}: {told}."]
        failed = self.having(Outcome.FAILED)
        lines += [f"  failed: {each.subject} ({each.why})" for each in failed]
        for each in self.having(Outcome.NOT_JUDGED, Outcome.EXCUSED):
            why = " has no result" if each.result is None else f" ({each.why})"
            lines.append(f"  not judged: {each.subject}{why}")
        return "\n".join(lines)


def judged(
    report: Report,
    chosen: Sequence[str],
    rule: GateRule,
    unheard: Mapping[str, str] | None = None,
) -> Judged:
    """A report as a gate sees it.

    Args:
        report: what was computed.
        chosen: the requested ids; one without any result was not judged.
        rule: when the gate closes.
        unheard: plugins that may bring further KPIs of those that were requested, and why it is not
            known; none of their KPIs was judged.
    """
    silent = dict(unheard or {})
    found = (
        *_of_results(report, rule),
        *_of_silent(report, chosen, rule),
        *_of_unheard(silent, rule),
    )
    verdict = gate_exit(report.results, (*chosen, *silent), rule)
    return Judged(report, rule, verdict, found)


def _of_results(report: Report, rule: GateRule) -> Iterator[Judgement]:
    shown = columns(report)
    for result in report.results:
        facts = tuple((column.title, column.cell(result)) for column in shown)
        has_status = result.status is not Status.UNKNOWN
        is_open = has_status and result.decided is None and rule.is_unjudged(result)
        yield Judgement(
            _outcome(result, rule),
            result.kpi_id,
            subject(result),
            _why(result) + (", and not known to be decided" if is_open else ""),
            _words(result),
            result,
            facts,
        )


def _of_silent(report: Report, chosen: Sequence[str], rule: GateRule) -> Iterator[Judgement]:
    outcome = Outcome.EXCUSED if rule.unknown_ok else Outcome.NOT_JUDGED
    for kpi_id in sorted(set(chosen).difference(each.kpi_id for each in report.results)):
        words = f"{kpi_id} was asked for and has no result."
        yield Judgement(outcome, kpi_id, kpi_id, "no_result", words)


def _of_unheard(unheard: Mapping[str, str], rule: GateRule) -> Iterator[Judgement]:
    outcome = Outcome.EXCUSED if rule.unknown_ok else Outcome.NOT_JUDGED
    for plugin, why in unheard.items():
        words = (
            f"{plugin} did not say which KPIs it brings ({why}) Mend or uninstall it, or name the "
            "KPIs that are meant."
        )
        yield Judgement(outcome, plugin, visible(plugin), "plugin_failed", visible(words))


def _outcome(result: Result, rule: GateRule) -> Outcome:
    if rule.fails(result):
        return Outcome.FAILED
    if rule.is_unjudged(result):
        return Outcome.EXCUSED if rule.unknown_ok else Outcome.NOT_JUDGED
    return Outcome.WITHOUT_TARGET if result.reason is Reason.NO_TARGET else Outcome.PASSED


def _why(result: Result) -> str:
    if result.decided is False and result.status is not Status.UNKNOWN:
        return f"{result.status.value}, undecided"
    return result.status.value if result.reason is None else result.reason.value


def _words(result: Result) -> str:
    # Such as: Acceptance Rate has status critical: 0.265 [0.236, 0.297], target >= 0.6; mtd.
    bounds = bounds_of(result.thresholds)
    name = visible(result.name)
    if result.value is None:
        parts = [f"{name} has no value ({_why(result)})"]
        parts += [visible(result.message)] if result.message else []
        return _sentence(": ".join(parts))
    value = figure(result.value, result.unit, bounds)
    if result.interval is not None:
        value += f" {span(result.interval, result.unit, bounds)}"
    if result.thresholds is not None:
        value += f", target {target(result.thresholds, result.unit)}"
    undecided = " (undecided)" if result.decided is False else ""
    parts = [f"{name} has status {result.status.value}{undecided}: {value}"]
    parts += [visible(result.window.label)] if result.window is not None else []
    if result.data_through is not None:
        stale = ", stale" if result.stale else ""
        parts.append(f"data through {instant(result.data_through)} UTC{stale}")
    return _sentence("; ".join(parts))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."

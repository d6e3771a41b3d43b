"""``kpisdk gate``: compute, and let the exit code say whether the KPIs pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from kpisdk.cli.asking import computed, format_named, rendered
from kpisdk.cli.installation import Installation
from kpisdk.cli.output import deliver
from kpisdk.cli.questions import Question, question_options, report_options
from kpisdk.cli.verdicts import GateExit, GateRule, gate_exit
from kpisdk.contracts.results import Report, Result
from kpisdk.contracts.vocabulary import Status
from kpisdk.errors import FAILURE, KpisdkError


@click.command("gate")
@question_options
@click.option(
    "--fail-on",
    type=click.Choice([Status.CRITICAL.value, Status.WARNING.value]),
    default=Status.CRITICAL.value,
    show_default=True,
    help="The mildest status that closes the gate.",
)
@click.option(
    "--unknown",
    type=click.Choice(["fail", "ok"]),
    default="fail",
    show_default=True,
    help="What to do about KPIs that could not be judged.",
)
@click.option(
    "--require-decided",
    is_flag=True,
    help="A status counts only where the whole interval has it.",
)
@report_options
@click.pass_context
def command(
    ctx: click.Context,
    question: Question,
    fail_on: str,
    unknown: str,
    require_decided: bool,
    form: str,
    output: Path | None,
) -> None:
    """For CI and schedulers: compute, and exit by the statuses.

    Exits with 0 when all pass, 1 when a KPI is at or beyond --fail-on, 3 when a KPI could not be
    judged (unless --unknown ok; a KPI without thresholds never counts), 2 for a usage or settings
    error. 1 wins over 3.
    """
    here = ctx.ensure_object(Installation)
    rule = GateRule(Status(fail_on), unknown == "ok", require_decided)
    try:
        with here.workspace(question.source) as workspace:
            here.warn(workspace.registry)
            chosen_format = format_named(form, workspace.registry)
            chosen, report = computed(here, workspace, question)
        deliver(rendered(here, report, chosen_format, output), output)
    except KpisdkError as error:
        if error.exit_code != FAILURE:
            raise
        # 1 would say that a KPI is critical, and nobody knows that.
        here.note(f"Error: {error.message}")
        ctx.exit(GateExit.NOT_JUDGED)
    verdict = gate_exit(report.results, chosen, rule)
    here.note(summary(report, chosen, rule, verdict))
    ctx.exit(verdict)


def summary(report: Report, chosen: Sequence[str], rule: GateRule, verdict: GateExit) -> str:
    """The verdict in a sentence, with the results that made it."""
    failed = [each for each in report.results if rule.fails(each)]
    unjudged = [each for each in report.results if rule.is_unjudged(each)]
    counts = Counter(each.status.value for each in report.results)
    told = ", ".join(f"{counts[status.value]} {status.value}" for status in Status)
    words = verdict.name.lower().replace("_", " ")
    lines = [f"Gate {words}: {told}."]
    lines += [f"  failed: {_named(each)}" for each in failed]
    lines += [f"  not judged: {_named(each)}" for each in unjudged if each not in failed]
    silent = set(chosen).difference(each.kpi_id for each in report.results)
    lines += [f"  not judged: {kpi_id} has no result" for kpi_id in sorted(silent)]
    return "\n".join(lines)


def _named(result: Result) -> str:
    where = "".join(f" {column}={value}" for column, value in result.slice.items())
    period = "" if result.period is None else f" {result.period}"
    if result.decided is False and result.status is not Status.UNKNOWN:
        why = f"{result.status.value}, undecided"
    else:
        why = result.status.value if result.reason is None else result.reason.value
    return f"{result.kpi_id}{where}{period} ({why})"

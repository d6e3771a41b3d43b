"""``kpisdk gate``: compute, and let the exit code say whether the KPIs pass."""

from __future__ import annotations

from collections.abc import Callable, MutableSequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from kpisdk.cli.gate.exit_codes import GateExit, GateRule
from kpisdk.cli.gate.gate_reports import GateReports
from kpisdk.cli.gate.judged_results import judged
from kpisdk.cli.installation import Installation
from kpisdk.cli.output import OutputError, deliver
from kpisdk.cli.report_output import computed, format_named, rendered
from kpisdk.cli.request_options import Question, question_options, report_options
from kpisdk.cli.unhandled import UnhandledError
from kpisdk.contracts.vocabulary import Status
from kpisdk.errors import FAILURE, KpisdkError
from kpisdk.registry import UnheardKpiError


class GateCommand(click.Command):
    """A command that leaves its reports behind even where its options cannot be understood."""

    def make_context(
        self,
        info_name: str | None,
        args: MutableSequence[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        given = list(args)  # parsing uses them up
        try:
            return super().make_context(info_name, list(args), parent, **extra)
        except click.UsageError as error:
            lenient = {"resilient_parsing": True, "ignore_unknown_options": True}
            rest = super().make_context(info_name, given, parent, **extra, **lenient)
            here = rest.ensure_object(Installation)
            GateReports(here, rest.params.get("junit"), rest.params.get("github")).nothing(
                type(error).__name__, error.format_message()
            )
            raise


@click.command("gate", cls=GateCommand)
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
    "--decided",
    "decided_only",
    is_flag=True,
    help="Close only for statuses that are decided.",
)
@click.option(
    "--require-decided",
    is_flag=True,
    help="A status that is not decided was not judged: its interval has two, or none is known.",
)
@click.option(
    "--repeated",
    is_flag=True,
    help="For gates that run again and again: intervals that hold at all runs together.",
)
@click.option(
    "--junit",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also write JUnit XML to this file: one test case a result.",
)
@click.option(
    "--github/--no-github",
    default=None,
    help="Annotate the run and its summary; by default where GITHUB_ACTIONS is true.",
)
@report_options
@click.pass_context
def command(
    ctx: click.Context,
    question: Question,
    fail_on: str,
    unknown: str,
    decided_only: bool,
    require_decided: bool,
    repeated: bool,
    junit: Path | None,
    github: bool | None,
    form: str,
    wide: bool,
    output: Path | None,
) -> None:
    """For CI and schedulers: compute, and exit by the statuses.

    Exits with 0 when all pass, 1 when a KPI is at or beyond --fail-on, 3 when a KPI could not be
    judged (unless --unknown ok; a KPI without thresholds never counts), 2 for a usage or settings
    error. 1 wins over 3.
    """
    here = ctx.ensure_object(Installation)
    rule = GateRule(Status(fail_on), unknown == "ok", require_decided, decided_only)
    question = question.also(repeated=True) if repeated else question
    reports = GateReports(here, junit, github)
    try:
        reports.begin()
        with here.workspace(question.source) as workspace:
            here.warn(workspace.registry)
            chosen_format = format_named(form, workspace.registry)
            chosen, report = computed(here, workspace, question)
            unheard = question.unheard(workspace.registry)
        text = rendered(here, report, chosen_format, output, wide, workspace.registry.kpis)
    except KpisdkError as error:
        reports.nothing(type(error).__name__, error.message)
        is_unheard = isinstance(error, UnheardKpiError) and not rule.unknown_ok
        if error.exit_code != FAILURE and not is_unheard:
            raise
        # 1 would say that a KPI is critical, and nobody knows that.
        here.note(f"Error: {error.message}")
        ctx.exit(GateExit.NOT_JUDGED)
    except Exception as error:
        # As above: the exit code of a fault of ours must not say that a KPI is critical.
        fault = UnhandledError.of(error, GateExit.NOT_JUDGED)
        reports.nothing(fault.kind, fault.message)
        raise fault from error
    gate = judged(report, chosen, rule, unheard)
    # The file comes first: whoever reads standard output may go away while it is written.
    lost = [
        told
        for told in (
            _lost(partial(reports.write, gate)),
            _lost(partial(deliver, text, output)),
            _lost(partial(reports.annotate, gate)),
        )
        if told is not None
    ]
    for each in lost:
        here.note(f"Error: {each.message}")
    here.note(gate.summary())
    # Nobody can see what passed; but that a KPI failed stays the more important thing to say.
    ctx.exit(GateExit.NOT_JUDGED if lost and gate.verdict is GateExit.PASSED else gate.verdict)


def _lost(tell: Callable[[], None]) -> OutputError | None:
    try:
        tell()
    except OutputError as error:
        return error
    return None

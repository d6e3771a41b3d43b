"""``kpisdk compute``: KPIs, computed and judged."""

from __future__ import annotations

from pathlib import Path

import click

from kpisdk.cli.gate.exit_codes import compute_exit
from kpisdk.cli.installation import Installation
from kpisdk.cli.output import deliver
from kpisdk.cli.report_output import computed, format_named, rendered
from kpisdk.cli.request_options import Question, question_options, report_options


@click.command("compute")
@question_options
@report_options
@click.pass_context
def command(ctx: click.Context, question: Question, form: str, output: Path | None) -> None:
    """Compute KPIs and judge them.

    Prints a result for every id (and slice, and bucket), whatever happens to one of them.
    Exits with 0 (a KPI without a value is an answer too), 1 when nothing could be computed,
    2 for a usage or settings error.
    """
    here = ctx.ensure_object(Installation)
    with here.workspace(question.source) as workspace:
        here.warn(workspace.registry)
        chosen_format = format_named(form, workspace.registry)
        _, report = computed(here, workspace, question)
    deliver(rendered(here, report, chosen_format, output), output)
    ctx.exit(compute_exit(report.results))

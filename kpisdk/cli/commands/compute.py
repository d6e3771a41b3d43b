"""``kpisdk compute``: KPIs, computed and judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpisdk.cli.gate.exit_codes import compute_exit
from kpisdk.cli.installation import Installation
from kpisdk.cli.output import deliver
from kpisdk.cli.report_output import computed, format_named, rendered
from kpisdk.cli.request_options import Question, question_options, report_options

if TYPE_CHECKING:
    from kpisdk.verification.signatures import Signer


@click.command("compute")
@question_options
@report_options
@click.option(
    "--sign",
    "key",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PEM",
    help="Sign the report with this private Ed25519 key; for --format json.",
)
@click.pass_context
def command(
    ctx: click.Context,
    question: Question,
    form: str,
    wide: bool,
    output: Path | None,
    key: Path | None,
) -> None:
    """Compute KPIs and judge them.

    Prints a result for every id (and slice, and bucket), whatever happens to one of them.
    Exits with 0 (a KPI without a value is an answer too), 1 when nothing could be computed,
    2 for a usage or settings error.
    """
    here = ctx.ensure_object(Installation)
    signer = None if key is None else _signer(key, form)
    with here.workspace(question.source) as workspace:
        here.warn(workspace.registry)
        chosen_format = format_named(form, workspace.registry)
        _, report = computed(here, workspace, question)
    text = rendered(here, report, chosen_format, output, wide, workspace.registry.kpis)
    deliver(text if signer is None else _signed(text, signer), output)
    ctx.exit(compute_exit(report.results))


def _signer(key: Path, form: str) -> Signer:
    from kpisdk.verification.signatures import Signer

    if form != "json":
        raise click.UsageError("--sign needs --format json: no other format holds a signature.")
    return Signer.of(key)


def _signed(text: str, signer: Signer) -> str:
    from kpisdk.builtin.reports.json_texts import json_text

    return f"{json_text(signer.signed(json.loads(text)), indent=2)}\n"

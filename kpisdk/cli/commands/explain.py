"""``kpisdk explain``: what a computation would do, without doing it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from kpisdk.cli.installation import Installation
from kpisdk.cli.options import output_option
from kpisdk.cli.output import deliver
from kpisdk.cli.request_options import Question, question_options
from kpisdk.contracts.results import plain


@click.command("explain")
@question_options
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@output_option
@click.pass_obj
def command(here: Installation, question: Question, form: str, output: Path | None) -> None:
    """What a computation would do, without doing it.

    Statements per engine, scans, window and rule of the KPIs, and why statements were split.
    """
    with here.workspace(question.source) as workspace:
        here.warn(workspace.registry)
        chosen = question.chosen(workspace.registry)
        explanation = workspace.explain(*chosen, **question.asked)
    if form == "json":
        whole = plain(explanation.to_dict())
        text = json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=2)
    else:
        text = explanation.to_text()
    deliver(here.redact(text), output)

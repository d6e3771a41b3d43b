"""``kpisdk explain``: what a computation would do, without doing it."""

from __future__ import annotations

from pathlib import Path

import click

from kpisdk.cli.installation import Installation
from kpisdk.cli.options import output_option
from kpisdk.cli.output import deliver
from kpisdk.cli.request_options import Question, question_options
from kpisdk.reporting import json_text


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
    is_json = form == "json"
    text = json_text(explanation.to_dict(), indent=2) if is_json else explanation.to_text()
    deliver(here.redact(text), output)

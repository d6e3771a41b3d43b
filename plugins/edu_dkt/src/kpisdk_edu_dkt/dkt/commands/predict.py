"""``kpisdk dkt predict``: how likely each answer was, from those before it."""

from __future__ import annotations

from pathlib import Path

import click

from kpisdk.command_line import language_option
from kpisdk_edu_dkt.dkt.commands.shared import (
    PATH,
    deliver,
    difficulty_option,
    examples,
    format_option,
    note,
    on_fault_option,
    output_option,
    read_data,
    rendered,
)


@click.command(
    epilog=examples("kpisdk dkt predict model class.csv --format csv --output predictions.csv")
)
@click.argument("model", type=PATH)
@click.argument("data")
@difficulty_option
@on_fault_option
@language_option
@format_option("table", "csv", "json")
@output_option
def predict(
    model: Path,
    data: str,
    difficulty_after: bool | None,
    on_fault: str,
    form: str,
    output: Path | None,
) -> None:
    """Predict every answer in DATA from the answers before it."""
    from kpisdk_edu_dkt.dkt.artefact.storing import load
    from kpisdk_edu_dkt.dkt.serving.predicting import predict as predict_all

    found = predict_all(load(model), read_data(data, on_fault, difficulty_after=difficulty_after))
    if found.unknown_skills:
        note(f"{found.unknown_skills} answer(s) on unknown skills, answered by the unknown head")
    if found.unknown_phases:
        note(f"{found.unknown_phases} answer(s) in unknown phases")
    deliver(rendered(found.columns(), form), output)

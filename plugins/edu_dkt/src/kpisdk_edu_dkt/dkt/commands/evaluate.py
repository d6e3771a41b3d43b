"""``kpisdk dkt evaluate``: a model judged on interactions."""

from __future__ import annotations

from pathlib import Path

import click

from kpisdk.command_line import language_option
from kpisdk_edu_dkt.dkt.commands.shared import (
    PATH,
    as_csv,
    as_json,
    deliver,
    difficulty_option,
    examples,
    format_option,
    language,
    note,
    on_fault_option,
    read_data,
)


@click.command(epilog=examples("kpisdk dkt evaluate model new-students.csv --format json"))
@click.argument("model", type=PATH)
@click.argument("data")
@click.option(
    "--draws",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="Bootstrap draws over students behind the intervals; 0 for none.",
)
@click.option("--predictions", type=PATH, help="Also write every prediction to this CSV.")
@click.option("--unseen", is_flag=True, help="Leave out students that the model was fitted on.")
@difficulty_option
@on_fault_option
@language_option
@format_option("table", "json")
def evaluate(
    model: Path,
    data: str,
    draws: int,
    predictions: Path | None,
    unseen: bool,
    difficulty_after: bool | None,
    on_fault: str,
    form: str,
) -> None:
    """Judge MODEL on DATA: metrics with intervals, baselines beside them, knowledge checks."""
    from kpisdk_edu_dkt.dkt.artefact.storing import load
    from kpisdk_edu_dkt.dkt.commands.report_text import report_text
    from kpisdk_edu_dkt.dkt.evaluation.report import evaluate as judge
    from kpisdk_edu_dkt.dkt.serving.predicting import predict

    loaded = load(model)
    interactions = read_data(data, on_fault, difficulty_after=difficulty_after)
    interactions = loaded.settled(interactions)
    left_out = 0
    if unseen:
        learned = loaded.learned_from(interactions.student.names)
        left_out, whole = int(learned.sum()), len(interactions)
        interactions = interactions.of_students(~learned)
        note(
            f"--unseen: {left_out} of {len(learned)} student(s) left out, with "
            f"{whole - len(interactions)} row(s), as the model was fitted on them"
        )
    report = judge(loaded, interactions, draws=draws, left_out_students=left_out)
    if predictions is not None:
        deliver(as_csv(predict(loaded, interactions).columns()), predictions)
    deliver(as_json(report.as_json()) if form == "json" else report_text(report, language()), None)

"""``kpisdk dkt train``: interactions in, a judged model out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpisdk.command_line import language_option
from kpisdk_edu_dkt.dkt.commands.shared import (
    PATH,
    STDIN,
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

if TYPE_CHECKING:
    from kpisdk_edu_dkt.dkt.data.splitting import Split
    from kpisdk_edu_dkt.dkt.features.encoder import Unknown
    from kpisdk_edu_dkt.dkt.learning.history import EpochRecord
    from kpisdk_edu_dkt.dkt.learning.options import TrainingOptions
    from kpisdk_edu_dkt.dkt.learning.training import Trained
    from kpisdk_edu_dkt.dkt.learning.training_inputs import OnEpoch

_CHOICES = (
    "cell",
    "embed",
    "hidden",
    "layers",
    "dropout",
    "batch",
    "chunk",
    "epochs",
    "patience",
    "learning_rate",
    "seed",
    "threads",
    "device",
)


@click.command(
    epilog=examples(
        "kpisdk dkt train class.csv model --seed 1",
        "kpisdk dkt train train1.csv model --valid valid1.csv --test test.csv --preset large",
    )
)
@click.argument("data")
@click.argument("model", type=PATH)
@click.option("--valid", help="File or source of the students that decide when to stop.")
@click.option("--test", help="File or source of the students that are judged.")
@click.option(
    "--preset",
    type=click.Choice(["default", "large", "notebook"]),
    default="default",
    show_default=True,
    help="default: some thousand students; large: many skills, long histories; notebook: the "
    "reference notebook's model, its omissions included.",
)
@click.option("--cell", type=click.Choice(["gru", "lstm"]), help="Recurrent cell.")
@click.option("--embed", type=click.IntRange(1), help="Width of the input vector.")
@click.option("--hidden", type=click.IntRange(1), help="Width of the state.")
@click.option("--layers", type=click.IntRange(1), help="Recurrent layers.")
@click.option("--dropout", type=click.FloatRange(0.0, 0.95), help="Share of the state dropped.")
@click.option("--batch", type=click.IntRange(1), help="Students in a batch.")
@click.option(
    "--chunk",
    "--piece",
    "chunk",
    type=click.IntRange(2),
    help="Steps after which histories are cut.",
)
@click.option("--epochs", type=click.IntRange(1), help="Most epochs.")
@click.option("--patience", type=click.IntRange(1), help="Epochs without gain before the end.")
@click.option("--learning-rate", type=click.FloatRange(0.0, min_open=True))
@click.option(
    "--seed", type=click.IntRange(0), help="Drives the split, the weights and the batches."
)
@click.option("--threads", type=click.IntRange(1), help="Threads on the CPU (default 1).")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]))
@click.option(
    "--unknown",
    type=click.Choice(["index", "error"]),
    help="Unknown skills and phases: a head of their own, or refused.",
)
@click.option("--resume", is_flag=True, help="Go on from MODEL/checkpoints.")
@click.option("--force", is_flag=True, help="Replace the model or checkpoint that is in MODEL.")
@difficulty_option
@on_fault_option
@language_option
@format_option("table", "json")
def train(
    data: str,
    model: Path,
    valid: str | None,
    test: str | None,
    preset: str,
    unknown: Unknown | None,
    resume: bool,
    force: bool,
    difficulty_after: bool | None,
    on_fault: str,
    form: str,
    **choices: Any,
) -> None:
    """Train a model on DATA and write it to the folder MODEL.

    DATA is a CSV, a file in a public format, or a source of kpisdk (a SQLAlchemy URL, a folder, a
    name of the settings) with a table "interactions".

    Without --valid, students are split by a hash of their id and the seed: 70 % to learn from,
    15 % to decide when to stop, 15 % to be judged. Several GPUs or machines:
    torchrun --nproc-per-node 2 -m kpisdk dkt train ...
    """
    from kpisdk_edu_dkt.dkt.artefact.storing import save
    from kpisdk_edu_dkt.dkt.learning.curves import write_history
    from kpisdk_edu_dkt.dkt.learning.distributed import process_group_of_environment
    from kpisdk_edu_dkt.dkt.learning.training import train as train_model

    if test is not None and valid is None:
        raise click.UsageError("--test needs --valid: the validation students must be named too.")
    if not (resume or force):
        _refuse_to_replace(model)
    options = _options(preset, unknown, choices)
    split = _split(
        [data, valid, test], options.seed, on_fault=on_fault, difficulty_after=difficulty_after
    )
    processes = process_group_of_environment()
    with _progress(options.epochs) as on_epoch:
        trained = train_model(
            split,
            options,
            processes=processes,
            checkpoints=model / "checkpoints",
            resume=resume,
            on_epoch=on_epoch,
        )
    if not processes.leads:
        return
    digest = save(trained.model, model)
    write_history(trained.history, model)
    _draw(trained, model)
    policy = trained.model.encoder.options.unknown
    note(f"Model written to {model} (weights sha256 {digest[:16]}…, unknown ids: {policy})")
    for each in trained.given_away:
        note(f"WARNING: {each.sentence}")
    if trained.report is None:
        note("There are no test students: the model was not judged.")
    elif form == "json":
        deliver(as_json(trained.report.as_json()), None)
    else:
        from kpisdk_edu_dkt.dkt.commands.report_text import report_text

        deliver(report_text(trained.report, language()), None)


def _refuse_to_replace(model: Path) -> None:
    """Refuse a folder that holds what took somebody hours.

    Raises:
        ModelExistsError: a model, or the checkpoint of a training that did not end.
    """
    from kpisdk_edu_dkt.dkt.artefact.storing import CONFIG
    from kpisdk_edu_dkt.dkt.errors import ModelExistsError
    from kpisdk_edu_dkt.dkt.learning.checkpoint import FILE_NAME

    for file, found in ((CONFIG, "a model"), (f"checkpoints/{FILE_NAME}", "a checkpoint")):
        if (model / file).exists():
            raise ModelExistsError(str(model), found)


def _options(preset: str, unknown: Unknown | None, choices: dict[str, Any]) -> TrainingOptions:
    import attrs

    from kpisdk_edu_dkt.dkt.learning.options import PRESETS

    chosen = {name: choices[name] for name in _CHOICES if choices.get(name) is not None}
    options = attrs.evolve(PRESETS[preset], **chosen)
    if unknown is not None:
        options = attrs.evolve(options, reads=attrs.evolve(options.reads, unknown=unknown))
    return options


def _split(
    files: list[str | None], seed: int, *, on_fault: str, difficulty_after: bool | None
) -> Split:
    from kpisdk_edu_dkt.dkt.data.difficulty_timing import with_settled_difficulty
    from kpisdk_edu_dkt.dkt.data.splitting import Split, split_by_student

    named = [path for path in files if path is not None]
    if named.count(STDIN) > 1:
        raise click.UsageError("Standard input (-) can be read once only.")
    parts = [
        with_settled_difficulty(read_data(path, on_fault, difficulty_after=difficulty_after))
        for path in named
    ]
    if len(parts) == 1:
        return split_by_student(parts[0], seed)
    nobody = parts[0].of_students(_none(len(parts[0].student.names)))
    return Split(parts[0], parts[1], parts[2] if len(parts) > 2 else nobody, "by file")


def _none(count: int) -> Any:
    import numpy as np

    return np.zeros(count, dtype=bool)


@contextmanager
def _progress(epochs: int) -> Iterator[OnEpoch]:
    """A bar on standard error where somebody watches it, a line for each epoch where not."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda record: note(_epoch_text(record))
        return
    columns = (
        TextColumn("epoch"),
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.fields[summary]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("training", total=epochs, summary="")

        def show(record: EpochRecord) -> None:
            bar.update(task, completed=record.epoch, summary=_epoch_text(record))

        yield show


def _epoch_text(record: EpochRecord) -> str:
    area = "undefined" if record.valid_auc is None else f"{record.valid_auc:.4f}"
    return (
        f"epoch {record.epoch}: training loss {record.train_loss:.4f}, validation loss "
        f"{record.valid_loss:.4f}, AUC {area}{' (best)' if record.best else ''}"
    )


def _draw(trained: Trained, folder: Path) -> None:
    from kpisdk import MissingDependencyError
    from kpisdk_edu_dkt.dkt.learning.curves import write_curves

    try:
        write_curves(trained.history, folder)
    except MissingDependencyError as error:
        note(f"No curves were drawn. {error.message}")

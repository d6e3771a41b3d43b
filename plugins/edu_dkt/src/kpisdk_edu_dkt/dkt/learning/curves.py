"""Curves of a training, as PNG and SVG files."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

from kpisdk import MissingDependencyError
from kpisdk_edu_dkt.dkt.artefact.tensor_file import write_atomically
from kpisdk_edu_dkt.dkt.learning.history import EpochRecord, as_json

HISTORY = "history.json"


def write_history(history: Sequence[EpochRecord], folder: Path) -> Path:
    """Write ``history.json``: one object for each epoch.

    Args:
        history: The epochs.
        folder: Where the file is written.
    """
    path = folder / HISTORY
    text = json.dumps(as_json(list(history)), indent=1, allow_nan=False)
    write_atomically(path, (text + "\n").encode())
    return path


def write_curves(history: Sequence[EpochRecord], folder: Path) -> tuple[Path, ...]:
    """Draw loss and AUC by epoch into ``curves.png`` and ``curves.svg``.

    Args:
        history: The epochs.
        folder: Where the files are written.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        install = "pip install 'kpisdk-edu-dkt[plots]'"
        raise MissingDependencyError("matplotlib", "Drawing curves", install) from error

    epochs = [record.epoch for record in history]
    best = max((record.epoch for record in history if record.best), default=None)
    # a Figure of its own: no global state, no window, no backend to choose
    figure = Figure(figsize=(10, 4), layout="constrained")
    loss, area = figure.subplots(1, 2)
    loss.plot(epochs, [record.train_loss for record in history], label="training")
    loss.plot(epochs, [record.valid_loss for record in history], label="validation")
    loss.set(xlabel="epoch", ylabel="log loss")
    area.plot(epochs, [_or_gap(record.train_auc) for record in history], label="training")
    area.plot(epochs, [_or_gap(record.valid_auc) for record in history], label="validation")
    area.set(xlabel="epoch", ylabel="AUC")
    for axes in (loss, area):
        if best is not None:
            axes.axvline(best, linestyle=":", color="grey", label=f"best epoch ({best})")
        axes.legend()
    paths = (folder / "curves.png", folder / "curves.svg")
    for path in paths:
        drawn = io.BytesIO()
        figure.savefig(drawn, format=path.suffix[1:])
        write_atomically(path, drawn.getvalue())
    return paths


def _or_gap(value: float | None) -> float:
    """A number that a plot leaves out, where there is none."""
    return float("nan") if value is None else value

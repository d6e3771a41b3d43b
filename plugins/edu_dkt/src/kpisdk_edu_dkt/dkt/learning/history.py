"""What happened in each epoch."""

from __future__ import annotations

from typing import Any

import attrs


@attrs.frozen
class EpochRecord:
    """One epoch.

    Attributes:
        epoch: From 1.
        train_loss: Pooled log loss while learning (each batch before its own step).
        train_auc: AUC of the same predictions; None where it is undefined, or with several
            processes, which each see a share.
        valid_loss: Pooled log loss of the validation students.
        valid_auc: Their AUC; None where it is undefined.
        valid_accuracy: Their accuracy.
        best: Whether this is the best validation loss so far.
        answers: Answers learned from.
        seconds: Wall time.
    """

    epoch: int
    train_loss: float
    train_auc: float | None
    valid_loss: float
    valid_auc: float | None
    valid_accuracy: float
    best: bool
    answers: int
    seconds: float


def as_json(history: list[EpochRecord]) -> list[dict[str, Any]]:
    """The records as plain values."""
    return [attrs.asdict(record) for record in history]


def from_json(values: list[dict[str, Any]]) -> list[EpochRecord]:
    """The records of plain values."""
    return [EpochRecord(**value) for value in values]

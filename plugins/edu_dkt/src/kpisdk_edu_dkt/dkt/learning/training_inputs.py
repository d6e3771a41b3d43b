"""What one training takes, and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import attrs

from kpisdk_edu_dkt.dkt.arrays import AnyArray
from kpisdk_edu_dkt.dkt.features.architecture import Architecture
from kpisdk_edu_dkt.dkt.features.encoder import Encoder
from kpisdk_edu_dkt.dkt.features.encoding import Encoded
from kpisdk_edu_dkt.dkt.learning.history import EpochRecord
from kpisdk_edu_dkt.dkt.learning.options import TrainingOptions

OnEpoch: TypeAlias = Callable[[EpochRecord], None]


@attrs.frozen(eq=False)
class TrainingInputs:
    """What is learned, and how.

    Attributes:
        train: Events to learn from.
        valid: Events that decide when to stop.
        encoder: How both were encoded.
        size: The network.
        options: The choices.
        fingerprint: Of options and data, for checkpoints.
        start: First values of some weights, by name; the others are drawn.
    """

    train: Encoded
    valid: Encoded
    encoder: Encoder
    size: Architecture
    options: TrainingOptions
    fingerprint: str
    start: dict[str, AnyArray] = attrs.Factory(dict)


@attrs.frozen(eq=False)
class Fitted:
    """A trained network.

    Attributes:
        weights: Name -> values, of the epoch with the best validation loss.
        history: One record for each epoch.
        best_epoch: The epoch that the weights come from.
        device: Where it was trained, such as ``cpu``.
    """

    weights: dict[str, AnyArray]
    history: tuple[EpochRecord, ...]
    best_epoch: int
    device: str

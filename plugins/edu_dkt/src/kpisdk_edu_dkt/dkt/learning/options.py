"""How to train: every choice in one record, and the presets."""

from __future__ import annotations

from typing import Literal

import attrs

from kpisdk_edu_dkt.dkt.features.architecture import Cell, InputLayer
from kpisdk_edu_dkt.dkt.features.encoder import EncoderOptions


@attrs.frozen
class TrainingOptions:
    """All choices of a training.

    Attributes:
        preset: Where the other choices come from.
        reads: What the model is given.
        cell: ``gru`` or ``lstm``.
        input_layer: ``embedding`` or ``onehot``.
        embed: Width of the input vector.
        hidden: Width of the state.
        layers: Recurrent layers.
        dropout: Share of the state dropped before the heads.
        batch: Students in a batch (over all processes together).
        bucketed: Whether students of like length share a batch.
        chunk: Steps after which a long history is cut; the state is carried over.
        epochs: Most epochs.
        patience: Epochs without a better validation log loss before training stops.
        least_gain: How much better counts as better.
        learning_rate: AdamW's.
        decay: What the learning rate is multiplied by after each epoch that was not the best.
        weight_decay: AdamW's.
        clip: Largest norm of the gradient.
        unknown_share: Share of events whose skill is hidden in training, under ``unknown: index``.
        warm_start: Whether the heads begin as the logistic regression on counts, so that the
            network only has to learn what counts do not say.
        seed: Drives the split, the first weights, the order of batches and the dropout.
        threads: Threads of torch on the CPU. With another number the weights differ.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        mixed_precision: Whether CUDA computes the network in half precision.
    """

    preset: str = "default"
    reads: EncoderOptions = attrs.Factory(EncoderOptions)
    cell: Cell = "gru"
    input_layer: InputLayer = "embedding"
    embed: int = 32
    hidden: int = 32
    layers: int = 1
    dropout: float = 0.3
    batch: int = 64
    bucketed: bool = True
    chunk: int = 200
    epochs: int = 30
    patience: int = 4
    least_gain: float = 1e-5
    learning_rate: float = 5e-4
    decay: float = 0.5
    weight_decay: float = 1e-4
    clip: float = 1.0
    unknown_share: float = 0.01
    warm_start: bool = True
    seed: int = 0
    threads: int = 1
    device: str = "auto"
    mixed_precision: bool = True


Preset = Literal["default", "large", "notebook"]
PRESETS: dict[str, TrainingOptions] = {
    "default": TrainingOptions(),
    "large": TrainingOptions(
        preset="large", embed=128, hidden=128, dropout=0.4, batch=32, learning_rate=1e-3
    ),
    "notebook": TrainingOptions(
        preset="notebook",
        reads=EncoderOptions(
            answer=False, start=False, query=False, counts=False, log_time=False, unknown="error"
        ),
        input_layer="onehot",
        hidden=128,
        dropout=0.0,
        batch=16,
        bucketed=False,
        epochs=12,
        least_gain=1e-4,
        learning_rate=1e-3,
        decay=1.0,
        unknown_share=0.0,
        warm_start=False,
    ),
}
"""``default`` for classes of some thousand students; ``large`` for many skills and long
histories; ``notebook`` for the model of the reference notebook, its omissions included."""

"""The sizes of a network: all that is needed to build it, in torch or in NumPy."""

from __future__ import annotations

from typing import Literal

import attrs

from kpisdk_edu_dkt.dkt.features.encoder import Encoder

Cell = Literal["gru", "lstm"]
InputLayer = Literal["embedding", "onehot"]


@attrs.frozen
class Architecture:
    """Sizes of a knowledge tracer.

    Attributes:
        tokens: Input tokens (skill x answer, start).
        heads: One for each skill, and one for unknown skills.
        input_phases: Phases of a step; 0 for none.
        query_phases: Phases of an item; 0 for none.
        input_width: Numbers of a step.
        query_width: Numbers of an item.
        count_width: Numbers of the counts of a skill.
        start: Whether sequences begin with a start step.
        cell: ``gru`` or ``lstm``.
        input_layer: ``embedding`` learns a vector for each token; ``onehot`` feeds the token, the
            phase and the numbers side by side, as the notebook does.
        embed: Width of the input vector (with ``onehot``: tokens + phases + numbers).
        hidden: Width of the state.
        layers: Recurrent layers.
        dropout: Share of the state that is dropped before the heads, in training.
    """

    tokens: int
    heads: int
    input_phases: int
    query_phases: int
    input_width: int
    query_width: int
    count_width: int
    start: bool
    cell: Cell = "gru"
    input_layer: InputLayer = "embedding"
    embed: int = 32
    hidden: int = 32
    layers: int = 1
    dropout: float = 0.0

    @property
    def gates(self) -> int:
        """Rows of a recurrent weight matrix: gates x hidden."""
        return (3 if self.cell == "gru" else 4) * self.hidden

    @property
    def state_bytes(self) -> int:
        """Bytes of a student's state in 32-bit floats."""
        return 4 * self.hidden * self.layers * (1 if self.cell == "gru" else 2)


def architecture_for(
    encoder: Encoder,
    *,
    cell: Cell = "gru",
    input_layer: InputLayer = "embedding",
    embed: int = 32,
    hidden: int = 32,
    layers: int = 1,
    dropout: float = 0.0,
) -> Architecture:
    """The sizes that fit an encoder.

    Args:
        encoder: What the network reads.
        cell: ``gru`` or ``lstm``.
        input_layer: ``embedding`` or ``onehot``.
        embed: Width of the input vector.
        hidden: Width of the state.
        layers: Recurrent layers.
        dropout: Share of the state dropped before the heads.
    """
    onehot = encoder.tokens + encoder.input_phases + encoder.input_width
    return Architecture(
        tokens=encoder.tokens,
        heads=encoder.heads,
        input_phases=encoder.input_phases,
        query_phases=encoder.query_phases if encoder.options.query else 0,
        input_width=encoder.input_width,
        query_width=encoder.query_width,
        count_width=encoder.count_width,
        start=encoder.options.start,
        cell=cell,
        input_layer=input_layer,
        embed=onehot if input_layer == "onehot" else embed,
        hidden=hidden,
        layers=layers,
        dropout=dropout,
    )


def tensor_shapes(size: Architecture) -> dict[str, tuple[int, ...]]:
    """Name -> shape of every tensor that the weights of such a network consist of."""
    shapes: dict[str, tuple[int, ...]] = {"token.weight": (size.tokens, size.embed)}
    if size.input_phases:
        shapes["phase.weight"] = (size.input_phases, size.embed)
    if size.input_width:
        shapes["numbers.weight"] = (size.embed, size.input_width)
    for layer in range(size.layers):
        below = size.embed if layer == 0 else size.hidden
        shapes[f"cell.weight_ih_l{layer}"] = (size.gates, below)
        shapes[f"cell.weight_hh_l{layer}"] = (size.gates, size.hidden)
        shapes[f"cell.bias_ih_l{layer}"] = (size.gates,)
        shapes[f"cell.bias_hh_l{layer}"] = (size.gates,)
    shapes["head.weight"] = (size.heads, size.hidden)
    shapes["head_bias.weight"] = (size.heads, 1)
    if size.query_phases:
        shapes["query_phase.weight"] = (size.query_phases, 1)
    if size.query_width:
        shapes["query.weight"] = (1, size.query_width)
    if size.count_width:
        shapes["counts.weight"] = (1, size.count_width)
    return shapes

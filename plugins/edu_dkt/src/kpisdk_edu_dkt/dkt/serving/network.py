"""The network in NumPy: one step with carried state, and whole sequences.

The input layer is folded into the recurrent one when the network is built: a token looks up its
part of the gates at once, so a step costs one small matrix product.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import AnyArray, Floats, Floats32, Integers
from kpisdk_edu_dkt.dkt.features.architecture import Architecture
from kpisdk_edu_dkt.dkt.features.encoding import Encoded
from kpisdk_edu_dkt.dkt.sigmoid import sigmoid

State: TypeAlias = Floats32
"""(parts, layers, B, H): one part for a GRU (hidden), two for an LSTM (hidden, cell)."""


@attrs.frozen(eq=False)
class Layer:
    """One recurrent layer, transposed for row vectors.

    Attributes:
        inward: (below, gates) weights of what comes in.
        recurrent: (H, gates) weights of the state.
        bias_in: (gates,).
        bias_state: (gates,).
    """

    inward: Floats32
    recurrent: Floats32
    bias_in: Floats32
    bias_state: Floats32


@attrs.frozen(eq=False)
class Network:
    """A knowledge tracer that needs no torch.

    Attributes:
        size: Its sizes.
        token: (tokens, gates) part of the first layer's gates for each token, its bias included.
        phase: (phases, gates), or None.
        numbers: (F, gates), or None.
        layers: The recurrent layers.
        head: (heads, H).
        head_bias: (heads,).
        query_phase: (phases,), or None.
        query: (Q,).
        counts: (C,).
    """

    size: Architecture
    token: Floats32
    phase: Floats32 | None
    numbers: Floats32 | None
    layers: tuple[Layer, ...]
    head: Floats32
    head_bias: Floats32
    query_phase: Floats32 | None
    query: Floats32
    counts: Floats32

    @classmethod
    def of(cls, size: Architecture, weights: Mapping[str, AnyArray]) -> Network:
        """The network of some weights, named as torch names them.

        Args:
            size: Its sizes.
            weights: Name -> values.
        """
        layers = tuple(
            Layer(
                _turned(weights[f"cell.weight_ih_l{layer}"]),
                _turned(weights[f"cell.weight_hh_l{layer}"]),
                np.asarray(weights[f"cell.bias_ih_l{layer}"], dtype=np.float32),
                np.asarray(weights[f"cell.bias_hh_l{layer}"], dtype=np.float32),
            )
            for layer in range(size.layers)
        )
        inward = weights["cell.weight_ih_l0"].astype(np.float64).T

        def folded(name: str) -> Floats:
            return np.asarray(weights[name].astype(np.float64) @ inward)

        numbers = None
        if size.input_width:
            numbers = (weights["numbers.weight"].astype(np.float64).T @ inward).astype(np.float32)
        return cls(
            size,
            (folded("token.weight") + layers[0].bias_in).astype(np.float32),
            folded("phase.weight").astype(np.float32) if size.input_phases else None,
            numbers,
            layers,
            np.asarray(weights["head.weight"], dtype=np.float32),
            np.asarray(weights["head_bias.weight"], dtype=np.float32)[:, 0],
            weights["query_phase.weight"][:, 0] if size.query_phases else None,
            weights["query.weight"][0] if size.query_width else np.zeros(0, np.float32),
            weights["counts.weight"][0] if size.count_width else np.zeros(0, np.float32),
        )

    def blank(self, count: int) -> State:
        """The state before anything, for ``count`` students."""
        parts = 1 if self.size.cell == "gru" else 2
        return np.zeros((parts, self.size.layers, count, self.size.hidden), dtype=np.float32)

    def gates(
        self, token: Integers, weight: Floats32 | None, phase: Integers, numbers: Floats32
    ) -> Floats32:
        """(B, gates) what comes into the first layer.

        Args:
            token: (B, M) tokens.
            weight: (B, M) their weights, or None where M is 1.
            phase: (B,) phases.
            numbers: (B, F) scaled numbers.
        """
        if weight is None:
            gates = self.token[token[:, 0]]
        else:
            gates = (self.token[token] * weight[..., None]).sum(axis=1)
        if self.phase is not None:
            gates = gates + self.phase[phase]
        if self.numbers is not None:
            gates = gates + numbers @ self.numbers
        return gates

    def advance(self, gates: Floats32, state: State) -> State:
        """The state after one step.

        Args:
            gates: (B, gates) as :meth:`gates` gives them.
            state: (parts, layers, B, H), left as it is.
        """
        after = np.empty_like(state)
        step = _gru if self.size.cell == "gru" else _lstm
        for number, layer in enumerate(self.layers):
            if number:
                gates = after[0, number - 1] @ layer.inward + layer.bias_in
            after[:, number] = step(gates, state[:, number], layer)
        return after

    def ask(self, hidden: Floats32, skill: Integers, weight: Floats32 | None) -> Floats32:
        """(B,) part of the logits that comes from the state: the heads of some skills.

        Args:
            hidden: (B, H) top hidden state.
            skill: (B, M) heads.
            weight: (B, M) their weights, or None where M is 1.
        """
        if weight is None:
            one = skill[:, 0]
            return np.asarray(np.einsum("bh,bh->b", hidden, self.head[one]) + self.head_bias[one])
        heads = (self.head[skill] * weight[..., None]).sum(axis=1)
        bias = (self.head_bias[skill] * weight).sum(axis=1)
        return np.asarray(np.einsum("bh,bh->b", hidden, heads) + bias)

    def walk(self, encoded: Encoded) -> Iterator[tuple[Integers, Floats32]]:
        """All sequences, a step at a time.

        Yields:
            (B,) the events that are next in their sequence, and (B, H) the top hidden state that
            predicts each. Without a start step, first events never come.
        """
        first, last = encoded.offsets[:-1], encoded.offsets[1:]
        skip = 0 if self.size.start else 1
        length = last - first - skip
        who = np.flatnonzero(length > 0)
        who = who[np.argsort(-length[who], kind="stable")]
        several = encoded.token.shape[1] > 1
        state = self.blank(len(who))
        for t in range(int(length.max(initial=0))):
            active = int(np.count_nonzero(length[who] > t))
            at = first[who[:active]] + skip + t
            weight = encoded.token_weight[at] if several else None
            gates = self.gates(encoded.token[at], weight, encoded.phase[at], encoded.numbers[at])
            state = self.advance(gates, state[:, :, :active])
            yield at, state[0, -1]

    def logits(self, encoded: Encoded) -> Floats:
        """(events,) logits of a right answer; NaN for events that the model cannot predict.

        Those are the first events of students where the model has no start step.
        """
        several = encoded.skill.shape[1] > 1
        logits = np.full(len(encoded), np.nan)
        for at, hidden in self.walk(encoded):
            weight = encoded.skill_weight[at] if several else None
            logits[at] = self.ask(hidden, encoded.skill[at], weight)
        if self.query_phase is not None:
            logits += self.query_phase[encoded.query_phase]
        if len(self.query):
            logits += encoded.query @ self.query
        if len(self.counts):
            logits += encoded.counts @ self.counts
        return logits

    def predict(self, encoded: Encoded) -> Floats:
        """(events,) probabilities of a right answer; NaN where :meth:`logits` has none."""
        return sigmoid(self.logits(encoded))


def _turned(weight: AnyArray) -> Floats32:
    return np.ascontiguousarray(weight.T, dtype=np.float32)


def _squash(x: Floats32) -> Floats32:
    # tanh cannot overflow, as exp(-x) can in 32 bits
    return np.asarray(0.5 * np.tanh(0.5 * x) + 0.5, dtype=np.float32)


def _gru(gates: Floats32, state: State, layer: Layer) -> State:
    """Torch's GRU: the reset gate is applied after the recurrent product."""
    hidden = state[0]
    width = hidden.shape[-1]
    recurrent = hidden @ layer.recurrent + layer.bias_state
    both = _squash(gates[:, : 2 * width] + recurrent[:, : 2 * width])
    reset, keep = both[:, :width], both[:, width:]
    new = np.tanh(gates[:, 2 * width :] + reset * recurrent[:, 2 * width :])
    return np.asarray((new + keep * (hidden - new))[None])


def _lstm(gates: Floats32, state: State, layer: Layer) -> State:
    """Torch's LSTM, gates in the order input, forget, cell, output."""
    hidden, cell = state[0], state[1]
    width = hidden.shape[-1]
    total = gates + hidden @ layer.recurrent + layer.bias_state
    inner = _squash(total)
    cell = inner[:, width : 2 * width] * cell + inner[:, :width] * np.tanh(
        total[:, 2 * width : 3 * width]
    )
    return np.stack([inner[:, 3 * width :] * np.tanh(cell), cell])

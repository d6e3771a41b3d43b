"""The network: what went before -> a state; state, item and counts -> a logit."""
# ruff: noqa: TID253
# The whole job of this file is a torch module.

from __future__ import annotations

from typing import TypeAlias

import attrs
import torch
from torch import Tensor, nn

from kpisdk_edu_dkt.dkt.features.architecture import Architecture

State: TypeAlias = tuple[Tensor, ...]  # (layers, B, H), once for a GRU, twice for an LSTM


@attrs.frozen(eq=False)
class Batch:
    """Padded sequences: B students, T steps, M skills at once. Entry t predicts event t.

    Attributes:
        token: (B, T, M) what went before, as tokens.
        token_weight: (B, T, M) weights of the tokens, or None where M is 1.
        phase: (B, T) phase of the step before.
        numbers: (B, T, F) numbers of the step before.
        skill: (B, T, M) head that is requested.
        skill_weight: (B, T, M) weights of the heads, or None where M is 1.
        query_phase: (B, T) phase of the item.
        query: (B, T, Q) numbers of the item.
        counts: (B, T, C) past counts on its skill.
        correct: (B, T) the answers.
        mask: (B, T) 1 where there is an event, 0 where there is padding.
    """

    token: Tensor
    token_weight: Tensor | None
    phase: Tensor
    numbers: Tensor
    skill: Tensor
    skill_weight: Tensor | None
    query_phase: Tensor
    query: Tensor
    counts: Tensor
    correct: Tensor
    mask: Tensor


class Tracer(nn.Module):
    """A recurrent knowledge tracer with a head for each skill.

    Only the head of the item that comes next is computed: a row of the head matrix, not all of it.
    """

    def __init__(self, size: Architecture) -> None:
        super().__init__()
        self.size = size
        self.token = nn.Embedding(size.tokens, size.embed)
        self.phase = nn.Embedding(size.input_phases, size.embed) if size.input_phases else None
        self.numbers = (
            nn.Linear(size.input_width, size.embed, bias=False) if size.input_width else None
        )
        recurrent = nn.GRU if size.cell == "gru" else nn.LSTM
        self.cell = recurrent(size.embed, size.hidden, size.layers, batch_first=True)
        self.dropout = nn.Dropout(size.dropout)
        self.head = nn.Embedding(size.heads, size.hidden)
        self.head_bias = nn.Embedding(size.heads, 1)
        self.query_phase = nn.Embedding(size.query_phases, 1) if size.query_phases else None
        self.query = nn.Linear(size.query_width, 1, bias=False) if size.query_width else None
        self.counts = nn.Linear(size.count_width, 1, bias=False) if size.count_width else None
        self._initialise()

    def _initialise(self) -> None:
        bound = self.size.hidden**-0.5  # what nn.Linear would take for the heads
        nn.init.uniform_(self.head.weight, -bound, bound)
        nn.init.zeros_(self.head_bias.weight)
        for part in (self.query_phase, self.query, self.counts):
            if part is not None:
                nn.init.zeros_(part.weight)
        if self.size.input_layer == "onehot":
            self._lay_out_side_by_side()

    def _lay_out_side_by_side(self) -> None:
        """Token, phase and numbers each get columns of their own, and nothing there is learned."""
        identity = torch.eye(self.size.embed)
        at = self.size.tokens
        self.token.weight.data.copy_(identity[:at])
        self.token.weight.requires_grad = False
        if self.phase is not None:
            self.phase.weight.data.copy_(identity[at : at + self.size.input_phases])
            self.phase.weight.requires_grad = False
            at += self.size.input_phases
        if self.numbers is not None:
            self.numbers.weight.data.copy_(identity[at:].T)
            self.numbers.weight.requires_grad = False

    def forward(self, batch: Batch, state: State | None = None) -> tuple[Tensor, State]:
        """Logits of a right answer, and the state after the last step.

        Args:
            batch: B students, T steps.
            state: Where earlier chunks of the same sequences ended; None at their start.

        Returns:
            (B, T) logits, and the state for the next chunk.
        """
        x = _mean(self.token(batch.token), batch.token_weight)  # (B, T, E)
        if self.phase is not None:
            x = x + self.phase(batch.phase)
        if self.numbers is not None:
            x = x + self.numbers(batch.numbers)
        if self.size.cell == "gru":
            h, last = self.cell(x, None if state is None else state[0])  # h (B, T, H)
            after: State = (last,)
        else:
            h, after = self.cell(x, state)
        h = self.dropout(h)
        head = _mean(self.head(batch.skill), batch.skill_weight)  # (B, T, H)
        bias = _mean(self.head_bias(batch.skill), batch.skill_weight)  # (B, T, 1)
        logit = (h * head).sum(dim=-1) + bias.squeeze(-1)  # (B, T)
        if self.query_phase is not None:
            logit = logit + self.query_phase(batch.query_phase).squeeze(-1)
        if self.query is not None:
            logit = logit + self.query(batch.query).squeeze(-1)
        if self.counts is not None:
            logit = logit + self.counts(batch.counts).squeeze(-1)
        return logit, after


def _mean(values: Tensor, weight: Tensor | None) -> Tensor:
    """(B, T, M, D) -> (B, T, D): the weighted mean over M, or the only entry."""
    if weight is None:
        return values.squeeze(2)
    return (values * weight.unsqueeze(-1)).sum(dim=2)

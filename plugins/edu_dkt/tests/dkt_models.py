"""Models with random weights and answers one by one, for the tests of serving."""

from __future__ import annotations

import numpy as np
import torch

from kpisdk_edu_dkt.dkt.artefact.model import Model
from kpisdk_edu_dkt.dkt.data.events import as_events
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.features.architecture import architecture_for
from kpisdk_edu_dkt.dkt.features.encoder import EncoderOptions, fit_encoder
from kpisdk_edu_dkt.dkt.learning.checkpoint import weights_of
from kpisdk_edu_dkt.dkt.learning.model import Tracer
from kpisdk_edu_dkt.dkt.serving.answers import Answer, Item


def untrained(
    interactions: Interactions,
    *,
    seed: int = 0,
    reads: EncoderOptions | None = None,
    **sizes: object,
) -> Model:
    """A model with random weights, every part of which has an effect."""
    encoder = fit_encoder(as_events(interactions), reads)
    size = architecture_for(encoder, **sizes)  # type: ignore[arg-type]  # sizes of the test
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        weights = weights_of(Tracer(size))
    rng = np.random.default_rng(seed)
    for name in (
        "head.weight",
        "head_bias.weight",
        "query.weight",
        "counts.weight",
        "query_phase.weight",
    ):
        if name in weights:
            weights[name] = rng.normal(0, 0.5, weights[name].shape).astype(np.float32)
    return Model(encoder, size, weights)


def answers_of(interactions: Interactions) -> list[Answer]:
    """The rows as single answers, as an application would hand them over."""
    assert interactions.phase is not None
    return [
        Answer(
            interactions.student.names[interactions.student.codes[row]],
            float(interactions.t[row]),
            interactions.skill.names[interactions.skill.codes[row]],
            int(interactions.correct[row]),
            {name: float(v[row]) for name, v in interactions.numbers.items() if name != "p_true"},
            interactions.phase.names[interactions.phase.codes[row]],
        )
        for row in range(len(interactions))
    ]


def item_of(answer: Answer) -> Item:
    """What was known of an answer before it was given."""
    known = ("difficulty", "motivation", "anxiety_level")
    return Item(answer.skill, {name: answer.numbers[name] for name in known}, answer.phase)

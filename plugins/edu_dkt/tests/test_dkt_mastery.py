"""Mastery: the probability of an average item, and only where it was shown to be one."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from dkt_models import answers_of

from kpisdk_edu_dkt.dkt.data.splitting import Split
from kpisdk_edu_dkt.dkt.errors import (
    NotMasteryError,
)
from kpisdk_edu_dkt.dkt.learning.training import Trained
from kpisdk_edu_dkt.dkt.serving.answers import Item
from kpisdk_edu_dkt.dkt.serving.mastery import mastery
from kpisdk_edu_dkt.dkt.serving.tracker import Tracker
from kpisdk_edu_dkt.dkt.sigmoid import sigmoid


def test_mastery_is_the_probability_of_an_average_item_now(
    dkt_trained: Trained, dkt_split: Split
) -> None:
    """It equals the tracker's answer at the training means, phases averaged in logits."""
    part = dkt_split.test.of_students(np.arange(len(dkt_split.test.student.names)) < 2)
    model = dkt_trained.model
    found = mastery(model, part)
    tracker = Tracker(model)
    answers = answers_of(part)
    for answer in answers:
        tracker.observe(answer)
    means = {column.name: column.mean for column in model.encoder.queries}
    student, skill = part.student.names[1], "2"
    asked = [
        tracker.predict(student, Item(skill, means, phase)) or 0.0 for phase in model.encoder.phases
    ]
    expected = sigmoid(np.mean([np.log(p / (1 - p)) for p in asked]))

    assert found.probability[1, 2] == pytest.approx(float(expected), abs=1e-5)
    assert found.practised.all()
    seen = {answer.skill[0] for answer in answers if answer.student == student}
    assert found.practised[1].sum() == len(seen)


def test_the_share_at_mastery_counts_practised_pairs_only(
    dkt_trained: Trained, dkt_split: Split
) -> None:
    """A pair that was never practised is neither reached nor counted."""
    found = mastery(dkt_trained.model, dkt_split.test)
    reached, pairs = attrs.evolve(
        found,
        probability=np.array([[0.9, 0.9], [0.8, 0.1]]),
        practised=np.array([[True, False], [True, True]]),
    ).share_at(0.8)

    assert (reached, pairs) == (2, 3)


def test_outputs_are_not_called_mastery_without_proof(
    dkt_trained: Trained, dkt_split: Split
) -> None:
    """A drop under 0.02, or none measured, refuses the word."""
    model = dkt_trained.model
    weak = attrs.evolve(model, metrics={"knowledge": {"heads_permuted_drop": 0.001}})

    with pytest.raises(NotMasteryError, match=r"0.0010 only"):
        mastery(weak, dkt_split.test)
    with pytest.raises(NotMasteryError, match="never shown"):
        mastery(attrs.evolve(model, metrics={}), dkt_split.test)

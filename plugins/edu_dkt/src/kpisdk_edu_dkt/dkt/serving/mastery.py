"""Mastery per student and skill: the probability of a right answer to an average item, now."""

from __future__ import annotations

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Booleans, Floats, Floats32, Integers
from kpisdk_edu_dkt.dkt.artefact.model import Model
from kpisdk_edu_dkt.dkt.data.events import Events, as_events
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.errors import NotMasteryError
from kpisdk_edu_dkt.dkt.evaluation.knowledge import LEAST_HEAD_DROP, LEAST_RISES
from kpisdk_edu_dkt.dkt.features.counts import count_features
from kpisdk_edu_dkt.dkt.features.encoding import Encoded, encode, known_codes
from kpisdk_edu_dkt.dkt.sigmoid import sigmoid


@attrs.frozen(eq=False)
class Mastery:
    """Mastery of all students in all skills of a model.

    Attributes:
        students: Ids of the students.
        skills: Skills of the model.
        probability: (students, skills) probability of a right answer to an item whose known
            columns are the training students' means, phases weighted alike.
        practised: (students, skills) whether the student ever answered on the skill.
    """

    students: tuple[str, ...]
    skills: tuple[str, ...]
    probability: Floats
    practised: Booleans

    def share_at(self, level: float) -> tuple[int, int]:
        """(pairs at or above ``level``, pairs) among the practised pairs."""
        reached = self.practised & (self.probability >= level)
        return int(reached.sum()), int(self.practised.sum())


def mastery(model: Model, interactions: Interactions) -> Mastery:
    """Mastery after the last answer of each student.

    Args:
        model: The model.
        interactions: What the students answered.

    Raises:
        NotMasteryError: The model's outputs were not shown to carry knowledge of their skills.
        DifficultyTimingError: The ``difficulty`` is another one than the model was trained on.
        ColumnsMismatchError: The interactions lack what the model reads.
        UnknownIdError: They have unknown ids and the model refuses such.
    """
    if not model.is_mastery:
        raise NotMasteryError(
            model.head_drop, LEAST_HEAD_DROP, model.rises_after_right, LEAST_RISES
        )
    events = as_events(model.settled(interactions))
    wins, failures = _tallies(events, model)
    network, encoder = model.network, model.encoder
    hidden = _last_states(model, events)
    logits = hidden @ network.head.T + network.head_bias
    if encoder.unknown:
        logits = logits[:, : len(encoder.skills)]
    if network.query_phase is not None:
        logits = logits + network.query_phase[: len(encoder.phases)].mean()
    if len(network.counts):
        answers = np.bincount(events.student, events.correct, len(events.lengths))
        features = count_features(
            wins, failures, answers[:, None], (events.lengths - answers)[:, None]
        )
        logits = logits + features @ network.counts
    return Mastery(interactions.student.names, encoder.skills, sigmoid(logits), wins + failures > 0)


def _tallies(events: Events, model: Model) -> tuple[Floats, Floats]:
    """(students, skills) right and wrong answers."""
    students, skills = len(events.lengths), len(model.encoder.skills)
    heads = known_codes(events.interactions.skill, model.encoder.skills)
    event, place = np.nonzero(events.skill >= 0)
    head = heads[events.skill[event, place]]
    known = head < skills
    pair = events.student[event[known]] * skills + head[known]
    answer = events.correct[event[known]]
    shape = (students, skills)
    wins = np.bincount(pair, answer, students * skills).reshape(shape)
    failures = np.bincount(pair, 1.0 - answer, students * skills).reshape(shape)
    return np.asarray(wins, dtype=np.float64), np.asarray(failures, dtype=np.float64)


def _last_states(model: Model, events: Events) -> Floats32:
    """(students, H) top hidden state after each student's last event.

    Every history is prolonged by one event, whose prediction reads exactly that state.
    """
    students = len(events.lengths)
    ends = events.offsets[1:]
    order = np.insert(np.arange(len(events)), ends, ends - 1)
    longer = attrs.evolve(
        events,
        row=events.row[order],
        offsets=events.offsets + np.arange(students + 1),
        skill=events.skill[order],
        correct=events.correct[order],
    )
    encoded: Encoded = encode(longer, model.encoder)
    extra: Integers = longer.offsets[1:] - 1
    owner = np.full(len(longer), -1)
    owner[extra] = np.arange(students)
    states = np.zeros((students, model.size.hidden), dtype=np.float32)
    for at, hidden in model.network.walk(encoded):
        ending = owner[at] >= 0
        states[owner[at[ending]]] = hidden[ending]
    return states

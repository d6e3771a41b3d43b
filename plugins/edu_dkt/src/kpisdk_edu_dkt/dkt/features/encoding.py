"""Events as arrays that a network reads, made once for a whole set, without a loop over rows."""

from __future__ import annotations

from typing import TypeVar

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk_edu_dkt.dkt.arrays import Booleans, Floats, Floats32, Integers
from kpisdk_edu_dkt.dkt.data.events import Events
from kpisdk_edu_dkt.dkt.data.interactions import Ids
from kpisdk_edu_dkt.dkt.errors import ColumnsMismatchError, UnknownIdError
from kpisdk_edu_dkt.dkt.features.counts import mean_count_features
from kpisdk_edu_dkt.dkt.features.encoder import Encoder, NumberColumn, width

Number = TypeVar("Number", np.float64, np.int64)


@attrs.frozen(eq=False)
class Encoded:
    """A set of events as a model reads it; entry ``i`` is the prediction of event ``i``.

    What is read of the past is already moved: ``token[i]``, ``phase[i]`` and ``numbers[i]``
    describe the event *before* ``i`` of the same student, or the start step.

    Attributes:
        offsets: (students + 1,) first event of each student, and one past the last.
        token: (events, skills at once) skill x answer of the event before.
        token_weight: (events, skills at once) 1/m for each of m skills, 0 for filling.
        phase: (events,) phase of the event before.
        numbers: (events, input width) scaled numbers of the event before; 0 at the start step.
        skill: (events, skills at once) head that predicts the event.
        skill_weight: (events, skills at once) as above, for the event itself.
        query_phase: (events,) phase of the event itself.
        query: (events, query width) numbers of the event itself that are known before its answer.
        counts: (events, count width) right and wrong answers before.
        correct: (events,) 0 or 1, the target.
        unknown_skills: Events with a skill that the model does not know.
        unknown_phases: Events with a phase that the model does not know.
    """

    offsets: Integers
    token: Integers
    token_weight: Floats32
    phase: Integers
    numbers: Floats32
    skill: Integers
    skill_weight: Floats32
    query_phase: Integers
    query: Floats32
    counts: Floats32
    correct: Floats32
    unknown_skills: int
    unknown_phases: int

    def __len__(self) -> int:
        return len(self.correct)


def encode(events: Events, encoder: Encoder, requested: Integers | None = None) -> Encoded:
    """Events in the words of an encoder.

    Args:
        events: The events.
        encoder: Fitted on training events.
        requested: (events, skills at once) codes of other skills to predict at each event, -1 for
            none; None to predict the skills of the events themselves.

    Raises:
        ColumnsMismatchError: A column that the model reads is absent, or has gaps where the
            training data had none.
        UnknownIdError: A skill or phase is unknown and the encoder's policy is ``error``.
    """
    _require(events, encoder)
    skill, weight, strange = _skills(events, encoder, events.skill)
    first = np.zeros(len(events), dtype=bool)
    first[events.offsets[:-1][events.lengths > 0]] = True
    tokens = token_of(skill, events.correct[:, None], encoder)
    query_phase, strange_phase = _phases(events, encoder)
    inputs = _columns(events, encoder.inputs)
    queries = _columns(events, encoder.queries)
    token_weight = _moved(weight, first, 0.0)
    token_weight[first, 0] = 1.0
    if requested is not None:
        skill, weight, strange = _skills(events, encoder, requested)
    counts = np.zeros((len(events), 0))
    if encoder.options.counts:
        counts = mean_count_features(events, requested)
    return Encoded(
        offsets=events.offsets,
        token=_moved(tokens, first, encoder.tokens - 1),
        token_weight=token_weight.astype(np.float32),
        phase=_moved(query_phase, first, max(encoder.input_phases - 1, 0)),
        numbers=_moved(inputs, first, 0.0).astype(np.float32),
        skill=skill,
        skill_weight=weight.astype(np.float32),
        query_phase=query_phase,
        query=queries.astype(np.float32),
        counts=counts.astype(np.float32),
        correct=events.correct.astype(np.float32),
        unknown_skills=int(strange.sum()),
        unknown_phases=strange_phase,
    )


def token_of(skill: Integers, correct: Floats, encoder: Encoder) -> Integers:
    """Token of an answered skill: its head, or head x answer where answers are read.

    Args:
        skill: (events, skills) heads.
        correct: (events,) answers.
        encoder: What tokens there are.
    """
    if not encoder.options.answer:
        return skill
    return skill * 2 + np.asarray(correct).astype(np.int64)


def known_codes(ids: Ids, vocabulary: tuple[str, ...]) -> Integers:
    """(names,) position of each name in a vocabulary; its length for names not in it.

    Args:
        ids: Codes and names of some rows.
        vocabulary: The names that the model knows.
    """
    index = {name: position for position, name in enumerate(vocabulary)}
    return np.array([index.get(name, len(vocabulary)) for name in ids.names], dtype=np.int64)


def _moved(values: NDArray[Number], first: Booleans, at_start: float) -> NDArray[Number]:
    """Values of the event before; ``at_start`` for the first event of each student."""
    moved = np.empty_like(values)
    moved[1:] = values[:-1]
    moved[first] = at_start
    return moved


def _require(events: Events, encoder: Encoder) -> None:
    interactions = events.interactions
    names = dict.fromkeys(column.name for column in (*encoder.inputs, *encoder.queries))
    absent = [name for name in names if name not in interactions.numbers]
    if encoder.phases and interactions.phase is None:
        absent.append("phase_type")
    if absent:
        reason = "the model was trained on columns that are absent"
        raise ColumnsMismatchError(interactions.source, absent, reason)
    gaps = [
        column.name
        for column in dict.fromkeys((*encoder.inputs, *encoder.queries))
        if not column.masked and np.isnan(events.numbers(column.name)).any()
    ]
    if gaps:
        reason = "values are missing in columns that were complete in training"
        raise ColumnsMismatchError(interactions.source, gaps, reason)


def _skills(events: Events, encoder: Encoder, codes: Integers) -> tuple[Integers, Floats, Booleans]:
    """Heads of some skills of each event, their weights, and which events have an unknown one."""
    ids = events.interactions.skill
    present = codes >= 0
    heads = known_codes(ids, encoder.skills)
    head = np.where(present, heads[codes], 0)
    strange = (present & (head == len(encoder.skills))).any(axis=1)
    if strange.any() and encoder.options.unknown == "error":
        event, place = np.argwhere(present & (head == len(encoder.skills)))[0]
        name = ids.names[codes[event, place]]
        raise UnknownIdError("skill_id", name, len(encoder.skills))
    return head, present / np.maximum(present.sum(axis=1, keepdims=True), 1), strange


def _phases(events: Events, encoder: Encoder) -> tuple[Integers, int]:
    ids = events.interactions.phase
    if not encoder.phases or ids is None:
        return np.zeros(len(events), dtype=np.int64), 0
    codes = ids.codes[events.row]
    phase = known_codes(ids, encoder.phases)[codes]
    strange = phase == len(encoder.phases)
    if strange.any() and encoder.options.unknown == "error":
        name = ids.names[codes[np.argmax(strange)]]
        raise UnknownIdError("phase_type", name, len(encoder.phases))
    return phase, int(strange.sum())


def _columns(events: Events, columns: tuple[NumberColumn, ...]) -> Floats:
    """(events, width) scaled values of some columns, then their mask bits."""
    block = np.zeros((len(events), width(columns)))
    bit = len(columns)
    for place, column in enumerate(columns):
        values = events.numbers(column.name)
        block[:, place] = column.scaled(values)
        if column.masked:
            block[:, bit] = np.isnan(values)
            bit += 1
    return block

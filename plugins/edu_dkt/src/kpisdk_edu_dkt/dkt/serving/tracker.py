"""One event at a time: the state of each student is carried, nothing is run again."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Floats32, Integers
from kpisdk_edu_dkt.dkt.artefact.model import Model
from kpisdk_edu_dkt.dkt.artefact.storing import weights_sha256
from kpisdk_edu_dkt.dkt.data.parsing import id_text
from kpisdk_edu_dkt.dkt.errors import (
    ColumnsMismatchError,
    StaleEventError,
    UnknownIdError,
)
from kpisdk_edu_dkt.dkt.features.counts import count_features_of_one
from kpisdk_edu_dkt.dkt.features.encoder import NumberColumn, width
from kpisdk_edu_dkt.dkt.serving.answers import Answer, Item, check_answer, check_item
from kpisdk_edu_dkt.dkt.serving.student_state import StudentState

_FLAT = 700.0  # beyond it exp overflows, and the probability is exp(logit) to all digits


class Tracker:
    """A stateful predictor.

    ``observe`` takes an answer in, ``predict`` says how likely a right answer to an item is. A
    student without history is answered from the start step.
    """

    def __init__(self, model: Model) -> None:
        self._encoder, self._network = model.encoder, model.network
        # arrays of one entry, made once: making them anew costs as much as using them
        self._heads = {name: np.array([[at]]) for at, name in enumerate(model.encoder.skills)}
        self._phases = {name: np.array([at]) for at, name in enumerate(model.encoder.phases)}
        self._no_phase = np.zeros(1, dtype=np.int64)
        self._strange_head = np.array([[len(self._heads)]])
        self._strange_phase = np.array([len(self._phases)])
        self._inputs = _Scaler(model.encoder.inputs)
        self._queries = _Scaler(model.encoder.queries)
        self._sha256 = weights_sha256(model)
        self._states: dict[str, StudentState] = {}
        self._fresh = self._network.blank(1)
        if model.encoder.options.start:
            token = np.array([[model.encoder.tokens - 1]])
            phase = np.array([max(model.encoder.input_phases - 1, 0)])
            nothing = np.zeros((1, model.encoder.input_width), dtype=np.float32)
            gates = self._network.gates(token, None, phase, nothing)
            self._fresh = self._network.advance(gates, self._fresh)

    def observe(self, answer: Answer) -> None:
        """Take an answer in.

        Raises:
            InteractionsError: A value breaks the contract.
            StaleEventError: The answer is not later than the student's last one.
            UnknownIdError: The skill or phase is unknown and the model refuses such.
            ColumnsMismatchError: A column that the model reads is absent or empty.
        """
        check_answer(answer)
        state = self._state(answer.student)
        if answer.t <= state.t:
            raise StaleEventError(answer.student, answer.t, state.t)
        head, weight = self._head(answer.skill)
        token = head * 2 + int(answer.correct) if self._encoder.options.answer else head
        phase = self._phase(answer.phase)
        numbers = self._inputs.scaled(answer.numbers, answer.student)
        gates = self._network.gates(token, weight, phase, numbers)
        state.hidden = self._network.advance(gates, state.hidden)
        state.t = float(answer.t)
        tally = state.wins if answer.correct else state.failures
        for skill in dict.fromkeys(answer.skill):
            tally[skill] = tally.get(skill, 0) + 1
        state.all_wins += int(answer.correct)
        state.all_failures += 1 - int(answer.correct)
        self._states[answer.student] = state

    def predict(self, student: str, item: Item) -> float | None:
        """How likely a right answer to an item is, given all that was observed.

        Args:
            student: The student's id.
            item: The item, as it is known before the answer.

        Returns:
            The probability; None where the model has no start step and the student no history.

        Raises:
            InteractionsError: A value breaks the contract, or is known only after the answer.
            UnknownIdError: The skill or phase is unknown and the model refuses such.
            ColumnsMismatchError: A column that the model reads is absent or empty.
        """
        check_item(item)
        state = self._state(student)
        if state.t == -np.inf and not self._encoder.options.start:
            return None
        network = self._network
        head, weight = self._head(item.skill)
        logit = float(network.ask(state.hidden[0, -1], head, weight)[0])
        if network.query_phase is not None:
            logit += float(network.query_phase[self._phase(item.phase)[0]])
        if len(network.query):
            logit += float(self._queries.scaled(item.numbers, student)[0] @ network.query)
        if len(network.counts):
            logit += float(_counts(state, item.skill) @ network.counts)
        return 1.0 / (1.0 + math.exp(-logit)) if logit > -_FLAT else math.exp(logit)

    def export_state(self, student: str) -> bytes:
        """A student's state as bytes, to be kept and restored elsewhere."""
        return self._state(student).to_bytes(self._sha256)

    def restore_state(self, content: bytes) -> str:
        """Take a state in that :meth:`export_state` gave; returns the student's id.

        Raises:
            ArtefactError: The bytes are damaged, or belong to another model.
        """
        state = StudentState.from_bytes(content, self._sha256, self._fresh.shape)
        self._states[state.student] = state
        return state.student

    def forget(self, student: str) -> None:
        """Drop what is known of a student."""
        self._states.pop(id_text(student) or "", None)

    def _state(self, student: str) -> StudentState:
        name = id_text(student) or ""
        state = self._states.get(name)
        return StudentState(name, self._fresh) if state is None else state

    def _head(self, skills: tuple[str, ...]) -> tuple[Integers, Floats32 | None]:
        """(1, M) heads, and (1, M) weights where there are several."""
        strict = self._encoder.options.unknown == "error"
        heads = []
        for skill in skills:
            head = self._heads.get(skill)
            if head is None and strict:
                raise UnknownIdError("skill_id", skill, len(self._heads))
            heads.append(self._strange_head if head is None else head)
        if len(heads) == 1:
            return heads[0], None
        weight = np.full((1, len(heads)), 1.0 / len(heads), dtype=np.float32)
        return np.concatenate(heads, axis=1), weight

    def _phase(self, phase: str | None) -> Integers:
        if not self._phases:
            return self._no_phase
        if phase is None:
            raise ColumnsMismatchError("The event", ("phase_type",), "the model reads this column")
        phase = id_text(phase) or ""
        place = self._phases.get(phase)
        if place is None and self._encoder.options.unknown == "error":
            raise UnknownIdError("phase_type", phase, len(self._phases))
        return self._strange_phase if place is None else place


def _counts(state: StudentState, skills: tuple[str, ...]) -> Floats32:
    """(features,) the counts of some skills, as training computed them."""
    features = [
        count_features_of_one(
            state.wins.get(skill, 0),
            state.failures.get(skill, 0),
            state.all_wins,
            state.all_failures,
        )
        for skill in skills
    ]
    if len(features) == 1:
        return np.array(features[0], dtype=np.float32)
    return np.asarray(np.array(features).mean(axis=0), dtype=np.float32)


class _Scaler:
    """Some numeric columns of one event, on the model's scale."""

    def __init__(self, columns: tuple[NumberColumn, ...]) -> None:
        self._columns = columns
        self._width = width(columns)

    def scaled(self, numbers: Mapping[str, float | None], student: str) -> Floats32:
        """(1, width) scaled values, then mask bits."""
        row = [0.0] * self._width
        bit = len(self._columns)
        for place, column in enumerate(self._columns):
            value = numbers.get(column.name)
            missing = value is None or value != value  # noqa: PLR0124 -- NaN
            if missing and not column.masked:
                source = f"The event of student {student!r}"
                reason = "the model reads this column, and it was never missing in training"
                raise ColumnsMismatchError(source, (column.name,), reason)
            if value is not None and not missing:
                shifted = math.log1p(value) if column.log else value
                row[place] = (shifted - column.mean) / column.scale
            if column.masked:
                row[bit] = float(missing)
                bit += 1
        return np.array([row], dtype=np.float32)

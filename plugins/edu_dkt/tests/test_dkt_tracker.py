"""The tracker: one event at a time, without forgetting or inventing."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from dkt_models import answers_of, item_of, untrained

from kpisdk_edu_dkt.dkt.artefact.tensor_file import TensorFile, from_bytes, to_bytes
from kpisdk_edu_dkt.dkt.data.checking import check
from kpisdk_edu_dkt.dkt.data.events import as_events
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.errors import (
    ArtefactError,
    ColumnsMismatchError,
    InteractionsError,
    StaleEventError,
)
from kpisdk_edu_dkt.dkt.features.encoder import EncoderOptions
from kpisdk_edu_dkt.dkt.learning.training import Trained
from kpisdk_edu_dkt.dkt.serving.answers import Answer, Item
from kpisdk_edu_dkt.dkt.serving.tracker import Tracker


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_events_streamed_one_by_one_equal_the_whole_sequence(cell: str) -> None:
    """100 answers, each predicted before it is observed, agree with the sequence to 1e-5."""
    from kpisdk_edu_dkt.dkt.synthetic.classroom import Classroom, simulate

    long = simulate(Classroom(students=3, skills=4, longest=150, seed=2))
    model = untrained(long, cell=cell, hidden=32)
    whole = model.predict(as_events(long))
    tracker = Tracker(model)
    streamed = []
    for answer in answers_of(long):
        streamed.append(tracker.predict(answer.student, item_of(answer)))
        tracker.observe(answer)

    assert len(streamed) > 200
    assert streamed == pytest.approx(whole, abs=1e-5)


def test_a_state_saved_and_restored_half_way_gives_the_same(dkt_class: Interactions) -> None:
    """Exported bytes, taken into another tracker, go on exactly where they stopped."""
    model = untrained(dkt_class)
    answers = answers_of(dkt_class.of_students(np.arange(300) == 5))
    first, second = Tracker(model), Tracker(model)
    for answer in answers[:10]:
        first.observe(answer)
    assert second.restore_state(first.export_state("5")) == "5"
    for answer in answers[10:]:
        first.observe(answer)
        second.observe(answer)

    assert first.predict("5", item_of(answers[0])) == second.predict("5", item_of(answers[0]))


def test_a_state_of_128_numbers_takes_512_bytes(dkt_class: Interactions) -> None:
    """The network's state of a student is 128 32-bit floats, not the history."""
    model = untrained(dkt_class, hidden=128)

    assert model.size.state_bytes == 512
    assert model.network.blank(1).nbytes == 512


def test_a_state_of_another_model_or_a_damaged_one_is_refused(dkt_class: Interactions) -> None:
    """Bytes that do not belong here are told apart, not loaded."""
    one, other = Tracker(untrained(dkt_class)), Tracker(untrained(dkt_class, seed=1))
    content = one.export_state("5")

    with pytest.raises(ArtefactError, match="another model"):
        other.restore_state(content)
    with pytest.raises(ArtefactError, match="truncated"):
        one.restore_state(content[:-5])


def test_an_event_that_is_not_later_is_refused(dkt_class: Interactions) -> None:
    """The same t, or an older one, is an error that names student and both times."""
    tracker = Tracker(untrained(dkt_class))
    answer = answers_of(dkt_class)[3]
    tracker.observe(answer)

    with pytest.raises(StaleEventError, match="t=3 of student '0'"):
        tracker.observe(answer)
    tracker.forget("0")
    tracker.observe(answer)


def test_a_student_without_history_gets_a_number(dkt_trained: Trained) -> None:
    """Without history the probability is near the base rate of the skill."""
    tracker = Tracker(dkt_trained.model)
    item = Item("2", {"difficulty": 0.45, "motivation": 0.5, "anxiety_level": 0.3}, "lecon")
    p = tracker.predict("nobody", item)

    assert p is not None
    assert 0.35 < p < 0.65


def test_without_a_start_step_there_is_no_number_for_nobody(dkt_class: Interactions) -> None:
    """A model that cannot predict a first answer says so, and invents nothing."""
    reads = EncoderOptions(answer=False, start=False, query=False, counts=False, unknown="error")
    tracker = Tracker(untrained(dkt_class, reads=reads, input_layer="onehot"))

    assert tracker.predict("nobody", Item("2")) is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"correct": 2}, "correct: 2"),
        ({"t": float("nan")}, "t: nan"),
        ({"numbers": {"difficulty": 1.7}}, "difficulty: 1.7"),
        ({"numbers": {"time_spent": float("inf")}}, "time_spent: inf"),
        ({"numbers": {"time_spent": -3.0}}, "time_spent: -3.0"),
        ({"numbers": {"adjustment": 0.5}}, "adjustment: 0.5"),
        ({"numbers": {"mood": 0.5}}, "mood: no numeric column"),
        ({"skill": ""}, "skill_id: missing"),
    ],
)
def test_an_answer_that_breaks_the_contract_is_refused(
    dkt_class: Interactions, change: dict[str, object], told: str
) -> None:
    """The sentence names the field and the value, and the state stays as it was."""
    tracker = Tracker(untrained(dkt_class))
    before = tracker.export_state("0")

    with pytest.raises(InteractionsError, match=told):
        tracker.observe(attrs.evolve(answers_of(dkt_class)[0], **change))
    assert tracker.export_state("0") == before


def test_events_with_several_skills_and_gaps_stream_like_the_whole_sequence() -> None:
    """Two skills at once, motivation sometimes missing, no phases: tracker and sequence agree."""
    rng = np.random.default_rng(4)
    count = 40
    columns = {
        "student_id": ["a"] * count,
        "t": list(range(count)),
        "skill_id": [("x", "y", "z")[at % 3] for at in range(count)],
        "correct": [int(value) for value in np.repeat(rng.integers(0, 2, count // 2), 2)],
        "problem_id": [at // 2 for at in range(count)],
        "motivation": [None if at % 6 < 2 else 0.3 + 0.01 * at for at in range(count)],
        "time_spent": [1.0 + at for at in range(count)],
    }
    some = check(columns, source="s")
    events = as_events(some)
    model = untrained(some, hidden=16)
    tracker, streamed = Tracker(model), []
    for event, row in enumerate(events.row):
        skills = tuple(some.skill.names[code] for code in events.skill[event] if code >= 0)
        known = {"motivation": columns["motivation"][row]}
        streamed.append(tracker.predict("a", Item(skills, known)))
        after = known | {"time_spent": columns["time_spent"][row]}
        tracker.observe(Answer("a", float(row), skills, int(events.correct[event]), after))

    assert len(events) == 20
    assert streamed == pytest.approx(model.predict(events), abs=1e-5)


def test_a_state_of_another_shape_or_content_is_refused(dkt_class: Interactions) -> None:
    """Bytes that name the right model and hold the wrong thing."""
    tracker = Tracker(untrained(dkt_class))
    file = from_bytes(tracker.export_state("5"), "state")
    odd = TensorFile({"hidden": np.zeros((1, 1, 1, 3), dtype=np.float32)}, file.metadata)
    broken = TensorFile(file.tensors, dict(file.metadata) | {"state": "[]"})

    with pytest.raises(ArtefactError, match="does not fit"):
        tracker.restore_state(to_bytes(odd))
    with pytest.raises(ArtefactError, match="not a state"):
        tracker.restore_state(to_bytes(broken))


def test_an_item_may_not_be_described_by_what_comes_after(dkt_class: Interactions) -> None:
    """The time spent on an item is not known before it is answered."""
    tracker = Tracker(untrained(dkt_class))

    with pytest.raises(InteractionsError, match="time_spent: known only after"):
        tracker.predict("0", Item("1", {"time_spent": 3.0}))


def test_a_column_that_the_model_reads_must_come_with_the_event(dkt_class: Interactions) -> None:
    """Missing difficulty or phase is an error, never a silent zero."""
    tracker = Tracker(untrained(dkt_class))
    answer = answers_of(dkt_class)[0]

    with pytest.raises(ColumnsMismatchError, match="difficulty"):
        tracker.observe(attrs.evolve(answer, numbers={}))
    with pytest.raises(ColumnsMismatchError, match="phase_type"):
        tracker.observe(attrs.evolve(answer, phase=None))
    with pytest.raises(ColumnsMismatchError, match="motivation"):
        tracker.observe(attrs.evolve(answer, numbers={**answer.numbers, "motivation": None}))

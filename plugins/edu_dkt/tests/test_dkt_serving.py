"""Serving in NumPy: equal to torch, one event at a time, without forgetting or inventing."""

from __future__ import annotations

import os
import subprocess
import sys

import attrs
import numpy as np
import pytest
import torch

from kpisdk_edu_dkt.dkt.artefact.model import Model
from kpisdk_edu_dkt.dkt.artefact.tensor_file import TensorFile, from_bytes, to_bytes
from kpisdk_edu_dkt.dkt.data.checking import check
from kpisdk_edu_dkt.dkt.data.events import as_events
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.data.splitting import Split
from kpisdk_edu_dkt.dkt.errors import (
    ArtefactError,
    ColumnsMismatchError,
    InteractionsError,
    NotMasteryError,
    StaleEventError,
    UnknownIdError,
)
from kpisdk_edu_dkt.dkt.features.architecture import architecture_for
from kpisdk_edu_dkt.dkt.features.encoder import EncoderOptions, fit_encoder
from kpisdk_edu_dkt.dkt.features.encoding import encode
from kpisdk_edu_dkt.dkt.learning.batches import Store, group_students
from kpisdk_edu_dkt.dkt.learning.checkpoint import weights_of
from kpisdk_edu_dkt.dkt.learning.inference import load_tracer, predict_logits
from kpisdk_edu_dkt.dkt.learning.model import Tracer
from kpisdk_edu_dkt.dkt.learning.training import Trained
from kpisdk_edu_dkt.dkt.serving.answers import Answer, Item
from kpisdk_edu_dkt.dkt.serving.mastery import mastery
from kpisdk_edu_dkt.dkt.serving.predicting import predict
from kpisdk_edu_dkt.dkt.serving.tracker import Tracker
from kpisdk_edu_dkt.dkt.sigmoid import sigmoid


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


def torch_logits(model: Model, interactions: Interactions, chunk: int = 1000) -> np.ndarray:
    """Logits of all events by torch, back in the order of the events."""
    encoded = encode(as_events(interactions), model.encoder)
    groups = group_students(encoded, 16, start=model.encoder.options.start)
    numbered = attrs.evolve(encoded, correct=np.arange(len(encoded), dtype=np.float32))
    store = Store(numbered, torch.device("cpu"))
    logits, place = predict_logits(
        load_tracer(model.size, dict(model.weights)), store, groups, chunk
    )
    ordered = np.full(len(encoded), np.nan)
    ordered[place.astype(int)] = logits
    return ordered


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


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("layers", [1, 2])
def test_numpy_equals_torch(dkt_class: Interactions, cell: str, layers: int) -> None:
    """Every probability of whole sequences agrees to 1e-6, for both cells and two layers."""
    some = dkt_class.of_students(np.arange(300) < 20)
    model = untrained(some, cell=cell, layers=layers, hidden=24, embed=12)

    assert model.predict(as_events(some)) == pytest.approx(
        sigmoid(torch_logits(model, some)), abs=1e-6
    )


def test_numpy_equals_torch_with_a_one_hot_input_and_no_start_step(
    dkt_class: Interactions,
) -> None:
    """The notebook's shape: first answers have no prediction in either, the others agree."""
    some = dkt_class.of_students(np.arange(300) < 20)
    reads = EncoderOptions(answer=False, start=False, query=False, counts=False, unknown="error")
    model = untrained(some, reads=reads, input_layer="onehot", hidden=24)
    p = model.predict(as_events(some))

    assert np.flatnonzero(np.isnan(p)).tolist() == some.offsets[:-1].tolist()
    assert p == pytest.approx(sigmoid(torch_logits(model, some)), abs=1e-6, nan_ok=True)


def test_numpy_equals_torch_for_events_with_several_skills() -> None:
    """One event under two skills is the mean of both heads and of both tokens."""
    columns = {
        "student_id": [1, 1, 1, 1, 2, 2],
        "t": [0, 1, 2, 3, 0, 1],
        "skill_id": ["x", "x", "y", "z", "y", "x"],
        "correct": [1, 0, 0, 1, 1, 0],
        "problem_id": [1, 2, 2, 3, 1, 2],
    }
    some = check(columns, source="s")
    model = untrained(some, hidden=8, embed=4)

    assert len(as_events(some)) == 5
    assert model.predict(as_events(some)) == pytest.approx(
        sigmoid(torch_logits(model, some)), abs=1e-6
    )


def test_histories_cut_in_pieces_carry_their_state(dkt_class: Interactions) -> None:
    """Pieces of 7 steps give the same logits as whole sequences."""
    some = dkt_class.of_students(np.arange(300) < 20)
    model = untrained(some, cell="lstm", hidden=16)

    assert torch_logits(model, some, chunk=7) == pytest.approx(torch_logits(model, some), abs=1e-5)


def test_a_student_alone_or_among_others_is_predicted_alike(dkt_class: Interactions) -> None:
    """Padding and neighbours of other lengths change nothing beyond 1e-6."""
    model = untrained(dkt_class)
    p = model.predict(as_events(dkt_class))

    for student in (0, 17, 299):
        alone = dkt_class.of_students(np.arange(300) == student)
        rows = dkt_class.student.codes == student
        assert model.predict(as_events(alone)) == pytest.approx(p[rows], abs=1e-6)


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


def test_an_unknown_skill_has_a_head_of_its_own_or_is_refused(dkt_class: Interactions) -> None:
    """By policy: an answer from the unknown head, or an error that names the skill."""
    item = Item("10^9", {"difficulty": 0.5, "motivation": 0.5, "anxiety_level": 0.5}, "nowhere")
    assert Tracker(untrained(dkt_class)).predict("1", item) is not None

    strict = Tracker(untrained(dkt_class, reads=EncoderOptions(unknown="error")))
    with pytest.raises(UnknownIdError, match=r"skill_id '10\^9'"):
        strict.predict("1", item)
    with pytest.raises(UnknownIdError, match="phase_type 'nowhere'"):
        strict.predict("1", attrs.evolve(item, skill="1"))


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


def test_a_certain_prediction_does_not_overflow(dkt_class: Interactions) -> None:
    """A head bias of -1000 gives a probability of 0, not an overflow."""
    model = untrained(dkt_class)
    weights = dict(model.weights) | {
        "head_bias.weight": np.full((model.size.heads, 1), -1000.0, dtype=np.float32)
    }
    sure = attrs.evolve(model, weights=weights)

    assert Tracker(sure).predict("0", item_of(answers_of(dkt_class)[0])) == 0.0


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


def test_flipping_an_answer_changes_later_predictions_only(
    dkt_trained: Trained, dkt_split: Split
) -> None:
    """Predictions of rows up to t are untouched, that of t+1 changes."""
    part = dkt_split.test.of_students(np.arange(len(dkt_split.test.student.names)) < 1)
    correct = part.correct.copy()
    correct[8] = 1 - correct[8]
    before = predict(dkt_trained.model, part).p
    after = predict(dkt_trained.model, attrs.evolve(part, correct=correct)).p

    assert (before[:9] == after[:9]).all()
    assert before[9] != after[9]


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


def test_serving_imports_neither_torch_nor_scikit_learn_nor_pandas() -> None:
    """A fresh process that imports everything that serves has none of them loaded."""
    code = (
        "import sys\n"
        "import kpisdk_edu_dkt.dkt.serving.tracker, kpisdk_edu_dkt.dkt.serving.mastery\n"
        "import kpisdk_edu_dkt.dkt.serving.predicting, kpisdk_edu_dkt.dkt.evaluation.report\n"
        "import kpisdk_edu_dkt.dkt.artefact.storing, kpisdk_edu_dkt.dkt.data.reading\n"
        "import kpisdk_edu_dkt.dkt.commands\n"
        "heavy = {'torch', 'sklearn', 'scipy', 'pandas', 'matplotlib', 'onnx', 'sqlalchemy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    # the same places to import from as here, whether installed or not
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )

    assert done.stdout.strip() == "[]"

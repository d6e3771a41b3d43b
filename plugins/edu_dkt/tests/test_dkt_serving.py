"""Serving in NumPy: equal to torch, one event at a time, without forgetting or inventing."""

from __future__ import annotations

import os
import subprocess
import sys

import attrs
import numpy as np
import pytest
import torch
from dkt_models import answers_of, item_of, untrained

from kpisdk_edu_dkt.dkt.artefact.model import Model
from kpisdk_edu_dkt.dkt.data.checking import check
from kpisdk_edu_dkt.dkt.data.events import as_events
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.data.splitting import Split
from kpisdk_edu_dkt.dkt.errors import (
    UnknownIdError,
)
from kpisdk_edu_dkt.dkt.features.encoder import EncoderOptions
from kpisdk_edu_dkt.dkt.features.encoding import encode
from kpisdk_edu_dkt.dkt.learning.batches import Store, group_students
from kpisdk_edu_dkt.dkt.learning.inference import load_tracer, predict_logits
from kpisdk_edu_dkt.dkt.learning.training import Trained
from kpisdk_edu_dkt.dkt.serving.answers import Item
from kpisdk_edu_dkt.dkt.serving.predicting import predict
from kpisdk_edu_dkt.dkt.serving.tracker import Tracker
from kpisdk_edu_dkt.dkt.sigmoid import sigmoid


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


def test_an_unknown_skill_has_a_head_of_its_own_or_is_refused(dkt_class: Interactions) -> None:
    """By policy: an answer from the unknown head, or an error that names the skill."""
    item = Item("10^9", {"difficulty": 0.5, "motivation": 0.5, "anxiety_level": 0.5}, "nowhere")
    assert Tracker(untrained(dkt_class)).predict("1", item) is not None

    strict = Tracker(untrained(dkt_class, reads=EncoderOptions(unknown="error")))
    with pytest.raises(UnknownIdError, match=r"skill_id '10\^9'"):
        strict.predict("1", item)
    with pytest.raises(UnknownIdError, match="phase_type 'nowhere'"):
        strict.predict("1", attrs.evolve(item, skill="1"))


def test_a_certain_prediction_does_not_overflow(dkt_class: Interactions) -> None:
    """A head bias of -1000 gives a probability of 0, not an overflow."""
    model = untrained(dkt_class)
    weights = dict(model.weights) | {
        "head_bias.weight": np.full((model.size.heads, 1), -1000.0, dtype=np.float32)
    }
    sure = attrs.evolve(model, weights=weights)

    assert Tracker(sure).predict("0", item_of(answers_of(dkt_class)[0])) == 0.0


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

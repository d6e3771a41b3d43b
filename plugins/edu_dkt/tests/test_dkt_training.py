"""Training: reproducible, resumable, honest about failure, and the same over several processes."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import attrs
import numpy as np
import pytest
import torch

from kpisdk import MissingDependencyError
from kpisdk_edu_dkt.dkt.artefact.storing import save, weights_bytes
from kpisdk_edu_dkt.dkt.data.checking import check
from kpisdk_edu_dkt.dkt.data.events import as_events
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.data.splitting import Split, split_by_student
from kpisdk_edu_dkt.dkt.errors import (
    DivergenceError,
    SharedStudentsError,
    TooFewError,
)
from kpisdk_edu_dkt.dkt.exchange.onnx_export import export_onnx
from kpisdk_edu_dkt.dkt.features.encoder import fit_encoder
from kpisdk_edu_dkt.dkt.features.encoding import encode
from kpisdk_edu_dkt.dkt.learning.batches import Store, group_students, split_in_chunks
from kpisdk_edu_dkt.dkt.learning.curves import write_curves, write_history
from kpisdk_edu_dkt.dkt.learning.history import EpochRecord
from kpisdk_edu_dkt.dkt.learning.options import PRESETS, TrainingOptions
from kpisdk_edu_dkt.dkt.learning.training import Trained, train
from kpisdk_edu_dkt.dkt.synthetic.classroom import Classroom, simulate


def test_the_same_seed_and_threads_give_the_same_bytes(
    small: Split, quick: TrainingOptions
) -> None:
    """Two trainings end in equal weight files; another seed ends in another one."""
    first = weights_bytes(train(small, quick, draws=0).model)
    second = weights_bytes(train(small, quick, draws=0).model)
    other = weights_bytes(train(small, attrs.evolve(quick, seed=5), draws=0).model)

    assert first == second
    assert first != other


def test_rows_in_another_order_give_the_same_bytes(quick: TrainingOptions, tmp_path: Path) -> None:
    """Artefact, report and metrics: the order of a table is nobody's choice."""
    options = attrs.evolve(quick, epochs=1)
    columns = simulate(Classroom(students=60, skills=3, longest=15, seed=3)).columns()
    order = np.random.default_rng(4).permutation(len(columns["t"]))
    shuffled = {name: [values[at] for at in order] for name, values in columns.items()}
    for name, rows in (("one", columns), ("two", shuffled)):
        parts = split_by_student(check(rows, source="class"), 0)
        save(train(parts, options, draws=50).model, tmp_path / name)

    for file in ("model.safetensors", "config.json", "metrics.json", "card.md"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_torch_is_left_as_it_was_found(small: Split, quick: TrainingOptions) -> None:
    """Neither the global random state nor the number of threads changes."""
    torch.manual_seed(11)
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    train(small, attrs.evolve(quick, threads=threads + 1, epochs=1), draws=0)

    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads


def test_a_diverging_training_stops_with_a_sentence(
    small: Split, quick: TrainingOptions, tmp_path: Path
) -> None:
    """A loss that is no number any more is an error that names the epoch and what to try."""
    wild = attrs.evolve(quick, learning_rate=1e30)

    with pytest.raises(DivergenceError, match=r"epoch 1.*No state is kept.*Lower the learning"):
        train(small, wild, checkpoints=tmp_path)
    assert not list(tmp_path.iterdir())


def test_training_stops_when_validation_no_longer_gains(
    small: Split, quick: TrainingOptions
) -> None:
    """With patience 2, exactly two epochs follow the best one, and its weights are kept."""
    trained = train(small, attrs.evolve(quick, epochs=60, patience=2), draws=0)
    best = max(record.epoch for record in trained.history if record.best)
    alone = train(small, attrs.evolve(quick, epochs=best, patience=60), draws=0)

    assert len(trained.history) == best + 2
    assert weights_bytes(trained.model) == weights_bytes(alone.model)


def test_losses_are_pooled_over_answers(small: Split, quick: TrainingOptions) -> None:
    """The recorded validation loss is the mean over all answers, recomputed from predictions."""
    trained = train(small, quick, draws=0)
    best = min(trained.history, key=lambda record: record.valid_loss)
    events = as_events(small.valid)
    p = trained.model.predict(events)
    loss = -np.mean(np.log(np.where(events.correct == 1, p, 1 - p)))

    assert best.valid_loss == pytest.approx(loss, abs=1e-6)


def test_the_learning_rate_falls_after_epochs_without_gain(
    small: Split, quick: TrainingOptions
) -> None:
    """With decay 0 nothing is learned after the first epoch that was not the best."""
    trained = train(small, attrs.evolve(quick, decay=0.0, epochs=40, patience=6), draws=0)
    missed = next(place for place, r in enumerate(trained.history) if not r.best)
    later = [record.valid_loss for record in trained.history[missed:]]

    assert len(later) > 2
    assert later == pytest.approx([later[0]] * len(later), abs=1e-12)


def test_every_answer_of_a_long_history_is_scored_once(quick: TrainingOptions) -> None:
    """1,000 answers of a student in chunks of 64: as many answers learned from as there are."""
    rng = np.random.default_rng(0)
    rows = {"student_id": [], "t": [], "skill_id": [], "correct": []}
    for student, count in (("long", 1000), ("short", 30), ("other", 65)):
        rows["student_id"] += [student] * count
        rows["t"] += list(range(count))
        rows["skill_id"] += rng.integers(0, 2, count).tolist()
        rows["correct"] += rng.integers(0, 2, count).tolist()
    data = check(rows, source="s")
    others = attrs.evolve(data, student=attrs.evolve(data.student, names=("x", "y", "z")))
    nobody = data.of_students(np.zeros(3, dtype=bool))
    trained = train(
        Split(data, others, nobody, "test"), attrs.evolve(quick, chunk=64, epochs=1), draws=0
    )

    assert trained.history[0].answers == 1095
    assert trained.report is None
    events = as_events(data)
    encoded = encode(events, trained.model.encoder)
    seen: list[int] = []
    for group in group_students(encoded, 2, start=True):
        for index, mask, _ in split_in_chunks(group, 64):
            seen += index[mask].tolist()
    assert sorted(seen) == list(range(1095))


def test_no_student_may_be_in_two_parts(small: Split, quick: TrainingOptions) -> None:
    """Students that stop or judge a training must not be learned from: an error that names one."""
    with pytest.raises(SharedStudentsError, match="in the training and the validation part"):
        train(attrs.evolve(small, valid=small.train), quick)
    with pytest.raises(SharedStudentsError, match="in the validation and the test part"):
        train(attrs.evolve(small, test=small.valid), quick)


def test_batches_hold_neighbours_in_length_and_each_student_once(
    dkt_class: Interactions,
) -> None:
    """Bucketing pads little; every student is in one batch; an epoch's order has its own seed."""
    events = as_events(dkt_class)
    encoded = encode(events, fit_encoder(events))
    groups = group_students(encoded, 32, start=True, rng=np.random.default_rng(1))
    again = group_students(encoded, 32, start=True, rng=np.random.default_rng(1))
    firsts = np.concatenate([group.first for group in groups])

    assert sorted(firsts) == dkt_class.offsets[:-1].tolist()
    assert all((a.first == b.first).all() for a, b in zip(groups, again, strict=True))
    assert max(int(g.length.max() - g.length.min()) for g in groups) <= 4


def test_hidden_skills_are_shown_as_unknown_at_the_head_and_in_the_next_token(
    dkt_class: Interactions,
) -> None:
    """Hiding event 2 changes head 2 and token 3, keeps the answer, and can be undone."""
    events = as_events(dkt_class.of_students(np.arange(300) < 2))
    encoder = fit_encoder(events)
    encoded = encode(events, encoder)
    store = Store(encoded, torch.device("cpu"))
    hidden = np.zeros(len(encoded), dtype=bool)
    last = int(events.offsets[1]) - 1
    hidden[[2, last]] = True
    store.mask_skills(encoded, encoder, hidden)
    index = np.arange(len(encoded))[None]
    batch = store.batch(index, np.ones_like(index, dtype=bool))
    strange = len(encoder.skills)

    assert batch.skill[0, 2, 0] == strange
    assert batch.token[0, 3, 0] == 2 * strange + int(encoded.correct[2])
    # the first event of the next student still opens with the start token
    assert batch.token[0, last + 1, 0] == encoder.tokens - 1
    store.mask_skills(encoded, encoder, np.zeros_like(hidden))
    assert (store.batch(index, index >= 0).token.numpy()[0] == encoded.token).all()


def test_the_warm_start_is_the_logistic_regression(small: Split, quick: TrainingOptions) -> None:
    """With a learning rate of almost nothing the model answers what the baseline answers."""
    still = attrs.evolve(quick, learning_rate=1e-12, weight_decay=0.0, epochs=1)
    model = train(small, still, draws=0).model
    assert model.baseline is not None
    events = as_events(small.test)

    assert model.predict(events) == pytest.approx(model.baseline.predict(events), abs=1e-5)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_networks_of_both_cells_and_several_layers_learn(small: Split, cell: str) -> None:
    """Without the warm start the training loss falls from epoch to epoch."""
    options = attrs.evolve(
        PRESETS["default"], epochs=3, cell=cell, layers=2, warm_start=False, decay=1.0, batch=8
    )
    losses = [record.train_loss for record in train(small, options, draws=0).history]

    assert losses[2] < losses[0]


def test_one_skill_is_enough(quick: TrainingOptions) -> None:
    """One skill trains; its heads cannot be permuted, and the report says why."""
    one = split_by_student(simulate(Classroom(students=60, skills=1, longest=12, seed=1)), 0)
    trained = train(one, quick, draws=0)
    assert trained.report is not None

    assert trained.report.knowledge.heads_permuted_drop is None
    assert trained.report.knowledge.reason == "one_skill"
    assert not trained.model.is_mastery


def test_students_with_one_answer_train_with_a_start_step_and_not_without(
    quick: TrainingOptions,
) -> None:
    """First answers can be learned from; the notebook's model has nothing to learn from."""
    rng = np.random.default_rng(1)
    rows = {
        "student_id": list(range(60)),
        "t": [0] * 60,
        "skill_id": rng.integers(0, 2, 60).tolist(),
        "correct": rng.integers(0, 2, 60).tolist(),
    }
    split = split_by_student(check(rows, source="s"), 0)

    assert train(split, quick, draws=0).history[0].answers == split.train.students
    with pytest.raises(TooFewError, match="No training student has 2"):
        train(split, attrs.evolve(PRESETS["notebook"], device="cpu"))


def test_all_answers_right_gives_a_model_and_no_auc(quick: TrainingOptions) -> None:
    """One class: the AUC is absent with its reason, the other metrics are there, nothing is NaN."""
    data = simulate(Classroom(students=60, skills=2, longest=10, seed=1))
    split = split_by_student(attrs.evolve(data, correct=np.ones_like(data.correct)), 0)
    trained = train(split, quick, draws=10)
    assert trained.report is not None

    assert trained.report.model["auc"].reason == "one_class"
    assert trained.report.model["accuracy"].value == 1.0
    assert np.isfinite(trained.model.predict(as_events(split.test))).all()
    assert trained.report.knowledge.move_after_wrong is None
    json.dumps(trained.report.as_json(), allow_nan=False)


def test_history_and_curves_are_written(dkt_trained: Trained, tmp_path: Path) -> None:
    """One JSON object for each epoch, and two pictures of the right kind."""
    write_history(dkt_trained.history, tmp_path)
    png, svg = write_curves(dkt_trained.history, tmp_path)
    told = json.loads((tmp_path / "history.json").read_text())

    assert [EpochRecord(**record) for record in told] == list(dkt_trained.history)
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "<svg" in svg.read_text()


@pytest.mark.parametrize("library", ["torch", "onnx", "matplotlib.figure"])
def test_a_missing_library_is_named_with_its_extra(
    small: Split,
    dkt_trained: Trained,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    library: str,
) -> None:
    """What needs it and what to install, instead of an ImportError."""
    monkeypatch.setitem(sys.modules, library, None)
    calls = {
        "torch": lambda: train(small),
        "onnx": lambda: export_onnx(dkt_trained.model, tmp_path / "m.onnx"),
        "matplotlib.figure": lambda: write_curves(dkt_trained.history, tmp_path),
    }

    with pytest.raises(MissingDependencyError, match=r"pip install 'kpisdk-edu-dkt\["):
        calls[library]()


def test_validation_that_is_no_number_stops_the_training(
    small: Split, quick: TrainingOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A training loss may still be finite when the validation loss no longer is."""
    monkeypatch.setattr(
        "kpisdk_edu_dkt.dkt.learning.fitting._Run._validate",
        lambda _: (np.zeros(1), np.zeros(1), math.inf),
    )

    with pytest.raises(DivergenceError, match="the loss is inf"):
        train(small, quick)

"""Training: reproducible, resumable, honest about failure, and the same over several processes."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import attrs
import numpy as np
import pytest
import torch

from kpisdk import MissingDependencyError
from kpisdk_edu_dkt.dkt.arrays import AnyArray
from kpisdk_edu_dkt.dkt.artefact.storing import save, weights_bytes
from kpisdk_edu_dkt.dkt.artefact.tensor_file import TensorFile, read_tensor_file, to_bytes
from kpisdk_edu_dkt.dkt.data.checking import check
from kpisdk_edu_dkt.dkt.data.events import as_events
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.data.splitting import Split, split_by_student
from kpisdk_edu_dkt.dkt.errors import (
    ArtefactError,
    DeviceError,
    DivergenceError,
    FileWriteError,
    SharedStudentsError,
    TooFewError,
)
from kpisdk_edu_dkt.dkt.exchange.onnx_export import export_onnx
from kpisdk_edu_dkt.dkt.features.encoder import fit_encoder
from kpisdk_edu_dkt.dkt.features.encoding import encode
from kpisdk_edu_dkt.dkt.learning.batches import Store, group_students, split_in_chunks
from kpisdk_edu_dkt.dkt.learning.curves import write_curves, write_history
from kpisdk_edu_dkt.dkt.learning.device import choose_device
from kpisdk_edu_dkt.dkt.learning.distributed import ProcessGroup
from kpisdk_edu_dkt.dkt.learning.history import EpochRecord
from kpisdk_edu_dkt.dkt.learning.options import PRESETS, TrainingOptions
from kpisdk_edu_dkt.dkt.learning.training import Trained, train
from kpisdk_edu_dkt.dkt.synthetic.classroom import Classroom, simulate

CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")


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


def test_a_resumed_training_ends_at_the_weights_of_an_unbroken_one(
    small: Split, quick: TrainingOptions, tmp_path: Path
) -> None:
    """One epoch, then two more from the checkpoint, equal three at once, to the byte."""
    unbroken = train(small, quick, draws=0)
    train(small, attrs.evolve(quick, epochs=1), checkpoints=tmp_path, draws=0)
    resumed = train(small, quick, checkpoints=tmp_path, resume=True, draws=0)

    assert weights_bytes(resumed.model) == weights_bytes(unbroken.model)
    assert [r.epoch for r in resumed.history] == [1, 2, 3]
    assert [attrs.evolve(r, seconds=0.0) for r in resumed.history] == [
        attrs.evolve(r, seconds=0.0) for r in unbroken.history
    ]


def test_a_checkpoint_of_another_training_is_refused(
    small: Split, quick: TrainingOptions, tmp_path: Path
) -> None:
    """Other options, or a damaged or missing file, cannot be resumed from."""
    with pytest.raises(ArtefactError, match="no folder of checkpoints was named"):
        train(small, quick, resume=True)
    with pytest.raises(ArtefactError, match="No such file"):
        train(small, quick, checkpoints=tmp_path, resume=True)
    train(small, attrs.evolve(quick, epochs=1), checkpoints=tmp_path, draws=0)
    with pytest.raises(ArtefactError, match="other options or data"):
        train(small, attrs.evolve(quick, hidden=16), checkpoints=tmp_path, resume=True)
    path = tmp_path / "checkpoint.safetensors"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ArtefactError, match="truncated"):
        train(small, quick, checkpoints=tmp_path, resume=True)


def test_no_half_written_checkpoint_is_ever_seen(
    small: Split, quick: TrainingOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that fails leaves the checkpoint of the epoch before, and no other file."""
    train(small, attrs.evolve(quick, epochs=1), checkpoints=tmp_path, draws=0)
    before = (tmp_path / "checkpoint.safetensors").read_bytes()

    def full(_: Path, __: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(FileWriteError, match="No space left on device"):
        train(small, quick, checkpoints=tmp_path, resume=True, draws=0)

    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.safetensors"]


def test_a_diverging_training_stops_with_a_sentence(
    small: Split, quick: TrainingOptions, tmp_path: Path
) -> None:
    """A loss that is no number any more is an error that names the epoch and what to try."""
    wild = attrs.evolve(quick, learning_rate=1e30)

    with pytest.raises(DivergenceError, match=r"epoch 1.*No state is kept.*Lower the learning"):
        train(small, wild, checkpoints=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_later_divergence_names_the_last_good_checkpoint(
    small: Split, quick: TrainingOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checkpoint of the epoch before stays as it was, and the sentence says where it is."""
    train(small, attrs.evolve(quick, epochs=1), checkpoints=tmp_path, draws=0)
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    monkeypatch.setattr(
        "kpisdk_edu_dkt.dkt.learning.fitting._Run._learn", lambda _, __: (math.nan, 1, None)
    )

    with pytest.raises(DivergenceError, match=r"epoch 2.*is .*checkpoint.safetensors"):
        train(small, quick, checkpoints=tmp_path, resume=True)
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before


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


def test_an_unavailable_device_is_an_error_and_auto_takes_the_cpu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a GPU ``cuda`` is refused with a way out; ``auto`` quietly means the CPU."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)

    with pytest.raises(DeviceError, match=r"'cuda' cannot be used.*--device auto or cpu"):
        choose_device("cuda")
    with pytest.raises(DeviceError, match="Metal"):
        choose_device("mps")
    with pytest.raises(DeviceError, match="known are"):
        choose_device("tpu")
    assert choose_device("auto").type == "cpu"


def test_a_process_without_a_gpu_of_its_own_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one GPU the second process of a machine has none; the first gets number 0."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)

    assert str(choose_device("auto")) == "cuda:0"
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    with pytest.raises(DeviceError, match=r"process 1 finds only 1 GPU"):
        choose_device("cuda", local_rank=1)


def test_history_and_curves_are_written(dkt_trained: Trained, tmp_path: Path) -> None:
    """One JSON object for each epoch, and two pictures of the right kind."""
    write_history(dkt_trained.history, tmp_path)
    png, svg = write_curves(dkt_trained.history, tmp_path)
    told = json.loads((tmp_path / "history.json").read_text())

    assert [EpochRecord(**record) for record in told] == list(dkt_trained.history)
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "<svg" in svg.read_text()


def test_a_team_shares_a_batch_without_loss_or_overlap() -> None:
    """Five students over two processes: 3 and 2; over seven: two processes only keep step."""
    index = np.arange(15).reshape(5, 3)
    mask = np.ones((5, 3), dtype=bool)
    shares = [ProcessGroup(rank, 2).share(index, mask) for rank in range(2)]
    many = [ProcessGroup(rank, 7).share(index, mask) for rank in range(7)]

    assert sorted(np.concatenate([part.ravel() for part, _ in shares])) == list(range(15))
    assert [int(real.sum()) for _, real in many] == [3, 3, 3, 3, 3, 0, 0]


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


def test_a_checkpoint_whose_content_does_not_fit_is_refused(
    small: Split, quick: TrainingOptions, tmp_path: Path
) -> None:
    """Another schema, or a missing tensor, under the right fingerprint."""
    train(small, attrs.evolve(quick, epochs=1), checkpoints=tmp_path, draws=0)
    path = tmp_path / "checkpoint.safetensors"
    file = read_tensor_file(path)
    path.write_bytes(to_bytes(TensorFile(file.tensors, dict(file.metadata) | {"schema": "9"})))
    with pytest.raises(ArtefactError, match="its schema is '9'"):
        train(small, quick, checkpoints=tmp_path, resume=True)
    fewer = {name: v for name, v in file.tensors.items() if name != "model/head.weight"}
    path.write_bytes(to_bytes(TensorFile(fewer, file.metadata)))
    with pytest.raises(ArtefactError, match="does not fit this training"):
        train(small, quick, checkpoints=tmp_path, resume=True)


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


WORKER = """
import sys
import attrs
from kpisdk_edu_dkt.dkt.artefact.storing import save
from kpisdk_edu_dkt.dkt.data.splitting import split_by_student
from kpisdk_edu_dkt.dkt.learning.curves import write_history
from kpisdk_edu_dkt.dkt.learning.distributed import process_group_of_environment
from kpisdk_edu_dkt.dkt.learning.options import PRESETS
from kpisdk_edu_dkt.dkt.learning.training import train
from kpisdk_edu_dkt.dkt.synthetic.classroom import Classroom, simulate
from pathlib import Path

split = split_by_student(simulate(Classroom(students=80, skills=3, longest=20, seed=3)), 0)
options = attrs.evolve(
    PRESETS["default"], epochs=2, hidden=8, embed=8, batch=15, chunk=8, dropout=0.0, device="cpu"
)
processes = process_group_of_environment()
trained = train(split, options, processes=processes, draws=0)
if processes.leads:
    save(trained.model, Path(sys.argv[1]))
    write_history(trained.history, Path(sys.argv[1]))
"""


def _start(code: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    paths = os.pathsep.join(path for path in sys.path if path)
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"} | environment,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_learn_what_one_learns_on_the_same_batches(
    small: Split, tmp_path: Path
) -> None:
    """Loss of each epoch and final weights over gloo equal those of one process.

    Batches of 15 over two processes, in chunks of 8 steps, so that shares are uneven and some
    chunks leave a process without students.
    """
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    processes = [
        _start(WORKER, tmp_path, RANK=str(rank), LOCAL_RANK=str(rank), **shared)
        for rank in range(2)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    options = attrs.evolve(
        PRESETS["default"],
        epochs=2,
        hidden=8,
        embed=8,
        batch=15,
        chunk=8,
        dropout=0.0,
        device="cpu",
    )
    alone = train(small, options, draws=0)
    told = json.loads((tmp_path / "history.json").read_text())

    from kpisdk_edu_dkt.dkt.artefact.storing import load

    for one, two in zip(alone.history, told, strict=True):
        assert two["train_loss"] == pytest.approx(one.train_loss, abs=1e-6)
        assert two["valid_loss"] == pytest.approx(one.valid_loss, abs=1e-6)
    together: dict[str, AnyArray] = dict(load(tmp_path).weights)
    for name, value in alone.model.weights.items():
        assert together[name] == pytest.approx(value, abs=1e-4), name


@pytest.mark.gpu
@CUDA
def test_a_gpu_learns_what_a_cpu_learns(small: Split, quick: TrainingOptions) -> None:
    """In full precision and without dropout, losses agree with the CPU's to 1e-3."""
    plain = attrs.evolve(quick, dropout=0.0, mixed_precision=False)
    cpu = train(small, plain, draws=0)
    gpu = train(small, attrs.evolve(plain, device="cuda"), draws=0)

    for one, two in zip(cpu.history, gpu.history, strict=True):
        assert two.valid_loss == pytest.approx(one.valid_loss, abs=1e-3)
    assert gpu.model.provenance["device"] == "cuda"


@pytest.mark.gpu
@CUDA
def test_mixed_precision_learns_nearly_the_same(small: Split, quick: TrainingOptions) -> None:
    """bfloat16 moves the validation loss by less than 0.01."""
    plain = attrs.evolve(quick, dropout=0.0, device="cuda")
    full = train(small, attrs.evolve(plain, mixed_precision=False), draws=0)
    half = train(small, plain, draws=0)

    assert half.history[-1].valid_loss == pytest.approx(full.history[-1].valid_loss, abs=0.01)


@pytest.mark.gpu
@CUDA
def test_a_training_on_a_gpu_can_be_resumed(
    small: Split, quick: TrainingOptions, tmp_path: Path
) -> None:
    """Weights, optimiser and random stream of the device come back from the checkpoint."""
    on_gpu = attrs.evolve(quick, device="cuda")
    unbroken = train(small, on_gpu, draws=0)
    train(small, attrs.evolve(on_gpu, epochs=1), checkpoints=tmp_path, draws=0)
    resumed = train(small, on_gpu, checkpoints=tmp_path, resume=True, draws=0)

    for name, value in unbroken.model.weights.items():
        assert resumed.model.weights[name] == pytest.approx(value, abs=1e-5), name

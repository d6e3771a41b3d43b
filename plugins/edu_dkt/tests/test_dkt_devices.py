"""Where a training runs: devices, and several processes as one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import attrs
import numpy as np
import pytest
import torch

from kpisdk_edu_dkt.dkt.arrays import AnyArray
from kpisdk_edu_dkt.dkt.data.splitting import Split
from kpisdk_edu_dkt.dkt.errors import (
    DeviceError,
)
from kpisdk_edu_dkt.dkt.learning.device import choose_device
from kpisdk_edu_dkt.dkt.learning.distributed import ProcessGroup
from kpisdk_edu_dkt.dkt.learning.options import PRESETS, TrainingOptions
from kpisdk_edu_dkt.dkt.learning.training import train

CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")


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


def test_a_team_shares_a_batch_without_loss_or_overlap() -> None:
    """Five students over two processes: 3 and 2; over seven: two processes only keep step."""
    index = np.arange(15).reshape(5, 3)
    mask = np.ones((5, 3), dtype=bool)
    shares = [ProcessGroup(rank, 2).share(index, mask) for rank in range(2)]
    many = [ProcessGroup(rank, 7).share(index, mask) for rank in range(7)]

    assert sorted(np.concatenate([part.ravel() for part, _ in shares])) == list(range(15))
    assert [int(real.sum()) for _, real in many] == [3, 3, 3, 3, 3, 0, 0]


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

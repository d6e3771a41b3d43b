"""Checkpoints: a training goes on where it stopped, and from no other one."""

from __future__ import annotations

import math
from pathlib import Path

import attrs
import pytest

from kpisdk_edu_dkt.dkt.artefact.storing import weights_bytes
from kpisdk_edu_dkt.dkt.artefact.tensor_file import TensorFile, read_tensor_file, to_bytes
from kpisdk_edu_dkt.dkt.data.splitting import Split
from kpisdk_edu_dkt.dkt.errors import (
    ArtefactError,
    DivergenceError,
    FileWriteError,
)
from kpisdk_edu_dkt.dkt.learning.options import TrainingOptions
from kpisdk_edu_dkt.dkt.learning.training import train


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

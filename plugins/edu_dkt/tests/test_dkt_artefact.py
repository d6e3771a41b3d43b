"""The artefact: the same model in a new process, and nothing foreign is trusted or run."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from kpisdk_edu_dkt.dkt.artefact.storing import load, save
from kpisdk_edu_dkt.dkt.artefact.tensor_file import TensorFile, from_bytes, to_bytes
from kpisdk_edu_dkt.dkt.data.events import as_events
from kpisdk_edu_dkt.dkt.data.splitting import Split
from kpisdk_edu_dkt.dkt.data.writing import write_csv
from kpisdk_edu_dkt.dkt.errors import ArtefactError
from kpisdk_edu_dkt.dkt.learning.training import Trained


@pytest.fixture
def folder(dkt_trained: Trained, tmp_path: Path) -> Path:
    """A saved model."""
    save(dkt_trained.model, tmp_path / "model")
    return tmp_path / "model"


class _Hostile:
    """A pickle that would write a file when loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (os.mkdir, (str(self.path),))


def _config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def _tensors(folder: Path, tensors: dict[str, np.ndarray]) -> None:
    """Other weights, with a configuration that vouches for them."""
    content = to_bytes(TensorFile(tensors))
    (folder / "model.safetensors").write_bytes(content)
    _config(folder, weights_sha256=hashlib.sha256(content).hexdigest())


def test_a_new_process_predicts_the_same(
    folder: Path, dkt_trained: Trained, dkt_split: Split, tmp_path: Path
) -> None:
    """Saved, loaded elsewhere without torch, equal to the last bit."""
    data = tmp_path / "test.csv"
    with data.open("w") as handle:
        write_csv(dkt_split.test, handle)
    code = (
        "import sys\n"
        "from kpisdk_edu_dkt.dkt.artefact.storing import load\n"
        "from kpisdk_edu_dkt.dkt.data.reading import read\n"
        "from kpisdk_edu_dkt.dkt.serving.predicting import predict\n"
        "for p in predict(load(sys.argv[1]), read(sys.argv[2])).p: print(repr(float(p)))\n"
        "assert 'torch' not in sys.modules\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(data)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )

    there = [float(line) for line in done.stdout.split()]
    assert there == pytest.approx(dkt_trained.model.predict(as_events(dkt_split.test)), abs=1e-6)


def test_everything_comes_back(folder: Path, dkt_trained: Trained) -> None:
    """Encoder, sizes, baseline, provenance and metrics are those that were saved."""
    model, loaded = dkt_trained.model, load(folder)

    assert loaded.encoder == model.encoder
    assert loaded.size == model.size
    assert loaded.metrics == json.loads(json.dumps(model.metrics))
    assert loaded.provenance == json.loads(json.dumps(model.provenance))
    assert loaded.baseline is not None
    assert model.baseline is not None
    assert loaded.baseline.encoder == model.baseline.encoder
    assert (loaded.baseline.regression.skill == model.baseline.regression.skill).all()
    assert loaded.is_mastery


def test_two_saves_are_byte_identical(dkt_trained: Trained, tmp_path: Path) -> None:
    """No time stamp, no order of a hash table, in any of the files."""
    save(dkt_trained.model, tmp_path / "one")
    save(dkt_trained.model, tmp_path / "two")

    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_no_file_is_a_pickle(folder: Path) -> None:
    """Each file is safetensors, JSON or text; none starts like a pickle or a zip of pickles."""
    names = {path.name for path in folder.iterdir()}
    assert names == {"model.safetensors", "config.json", "metrics.json", "card.md"}
    for path in folder.iterdir():
        assert not path.read_bytes().startswith((b"\x80", b"PK"))
        assert not zipfile.is_zipfile(path)
    load_file(folder / "model.safetensors")


def test_our_tensor_files_are_safetensors_files(tmp_path: Path) -> None:
    """The safetensors library reads what we write, and we read what it writes."""
    tensors = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3),
        "b": np.array([1.5, -2.0]),
        "c": np.array([7], dtype=np.int64),
        "empty": np.zeros((0, 4), dtype=np.float32),
    }
    (tmp_path / "ours").write_bytes(to_bytes(TensorFile(tensors, {"k": "v"})))
    save_file(tensors, tmp_path / "theirs", {"k": "v"})
    theirs = from_bytes((tmp_path / "theirs").read_bytes(), "theirs")

    for name, value in load_file(tmp_path / "ours").items():
        assert (value == tensors[name]).all()
        assert value.dtype == tensors[name].dtype
        assert (theirs.tensors[name] == value).all()
    assert theirs.metadata == {"k": "v"}


@pytest.mark.parametrize("keep", [0, 7, 100, -1])
def test_a_truncated_weights_file_is_refused(folder: Path, keep: int) -> None:
    """However much is cut off; even with a checksum that fits what is left."""
    content = (folder / "model.safetensors").read_bytes()[:keep]
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(ArtefactError, match="checksum"):
        load(folder)
    _config(folder, weights_sha256=hashlib.sha256(content).hexdigest())
    with pytest.raises(ArtefactError, match=r"truncated|bytes of tensors|outside"):
        load(folder)


def test_one_changed_byte_is_refused(folder: Path) -> None:
    """The checksum in config.json tells."""
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(bytes(content))

    with pytest.raises(ArtefactError, match="altered"):
        load(folder)


def test_a_hostile_pickle_in_place_of_the_weights_runs_nothing(
    folder: Path, tmp_path: Path
) -> None:
    """Even vouched for by config.json it is refused, and its command was not run."""
    content = pickle.dumps(_Hostile(tmp_path / "was_run"))
    (folder / "model.safetensors").write_bytes(content)
    _config(folder, weights_sha256=hashlib.sha256(content).hexdigest())

    with pytest.raises(ArtefactError, match=r"truncated|not a safetensors file"):
        load(folder)
    assert not (tmp_path / "was_run").exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"schema_version": 99}, "schema version is 99"),
        ({"schema_version": None}, "schema version is None"),
        ({"architecture": None}, "architecture is not an object"),
        ({"architecture": {"hidden": 4}}, "missing or unknown"),
        ({"encoder": []}, "encoder is not an object"),
        ({"provenance": 3}, "provenance is not an object"),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(
    folder: Path, changes: dict[str, object], told: str
) -> None:
    """Another schema, missing or odd parts: a sentence each."""
    _config(folder, **changes)

    with pytest.raises(ArtefactError, match=told):
        load(folder)


@pytest.mark.parametrize(
    ("part", "name", "value", "told"),
    [
        ("architecture", "hidden", 17, "do not fit config.json"),
        ("architecture", "hidden", "16", "hidden is '16'"),
        ("architecture", "hidden", -1, "hidden is -1"),
        ("architecture", "cell", "rnn", "unknown cell 'rnn'"),
        ("architecture", "start", False, "disagree on start"),
        ("encoder", "skills", ["a", "a"], "twice"),
        ("encoder", "skills", "abc", "not a list of texts"),
        ("encoder", "phases", ["hub"], "disagree on input_phases"),
        ("encoder", "inputs", {}, "inputs is not a list"),
        ("encoder", "queries", [], "disagree on query_width"),
    ],
)
def test_a_configuration_that_contradicts_the_weights_is_refused(
    folder: Path, part: str, name: str, value: object, told: str
) -> None:
    """A single value changed by hand is found."""
    config = json.loads((folder / "config.json").read_text())
    config[part][name] = value
    (folder / "config.json").write_text(json.dumps(config))

    with pytest.raises(ArtefactError, match=told):
        load(folder)


def test_weights_that_are_not_finite_are_refused(folder: Path) -> None:
    """NaN in a tensor, with a checksum that fits."""
    tensors = {name: np.array(v) for name, v in load_file(folder / "model.safetensors").items()}
    tensors["network/head.weight"][0, 0] = np.nan
    _tensors(folder, tensors)

    with pytest.raises(ArtefactError, match=r"network/head.weight.*not finite"):
        load(folder)


def test_weights_with_a_missing_tensor_are_refused(folder: Path) -> None:
    """A network without its heads, or a baseline without its coefficients."""
    tensors = dict(load_file(folder / "model.safetensors"))
    _tensors(folder, {n: v for n, v in tensors.items() if n != "network/head.weight"})
    with pytest.raises(ArtefactError, match=r"head.weight"):
        load(folder)
    _tensors(folder, {n: v for n, v in tensors.items() if n != "baseline/skill"})
    with pytest.raises(ArtefactError, match="coefficients of the baseline"):
        load(folder)
    _tensors(folder, {n: v for n, v in tensors.items() if n != "scale/inputs_mean"})
    with pytest.raises(ArtefactError, match="scales of inputs are missing"):
        load(folder)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    """Missing, empty, or with a configuration that is no JSON."""
    with pytest.raises(ArtefactError, match=r"holds no config\.json"):
        load(tmp_path / "nothing")
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ArtefactError, match="not JSON"):
        load(tmp_path)
    (tmp_path / "config.json").write_text("[]")
    with pytest.raises(ArtefactError, match="not a JSON object"):
        load(tmp_path)


def _header(text: bytes, body: bytes = b"") -> bytes:
    return len(text).to_bytes(8, "little") + text + body


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "truncated"),
        (b"\xff" * 40, "truncated"),
        (_header(b"not json"), "not JSON"),
        (_header(b"[1]"), "not a JSON object"),
        (_header(b"[" * 100_000), "not JSON"),
        (_header(b'{"__metadata__":{"a":1}}'), "metadata"),
        (_header(b'{"a":{"dtype":"OBJ","shape":[1],"data_offsets":[0,4]}}', b"1234"), "unknown"),
        (_header(b'{"a":{"dtype":"F32","shape":[1]}}', b"1234"), "unknown way"),
        (_header(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9]}}', b"1234"), "outside"),
        (_header(b'{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', b"1234"), "outside"),
        (_header(b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,4]}}', b"1234"), "4 bytes"),
        (_header(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', b"12345"), "5 bytes"),
        (
            _header(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', b"12345678"),
            "gaps",
        ),
    ],
)
def test_a_foreign_or_malformed_tensor_file_is_refused(content: bytes, told: str) -> None:
    """Every way in which a header can lie is a sentence, not a crash."""
    with pytest.raises(ArtefactError, match=told):
        from_bytes(content, "file")

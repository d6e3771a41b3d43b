"""Files that are cut, flipped, swollen or hostile: one typed error each, soon, and in little room.

Each kind of file is cut at every fiftieth of its length and has a byte turned over at every
fiftieth. What is read after that must be what was written, or an :class:`ArtefactError`.
"""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import numpy as np
import pytest
import torch

from kpisdk_edu_dkt.dkt.artefact.model import Model
from kpisdk_edu_dkt.dkt.artefact.storing import load, save
from kpisdk_edu_dkt.dkt.data.splitting import Split
from kpisdk_edu_dkt.dkt.errors import ArtefactError
from kpisdk_edu_dkt.dkt.exchange.notebook_import import import_notebook
from kpisdk_edu_dkt.dkt.learning.checkpoint import Progress, load_checkpoint, save_checkpoint
from kpisdk_edu_dkt.dkt.learning.model import Tracer
from kpisdk_edu_dkt.dkt.learning.options import TrainingOptions
from kpisdk_edu_dkt.dkt.learning.precision import precision_on
from kpisdk_edu_dkt.dkt.learning.training import train
from kpisdk_edu_dkt.dkt.serving.answers import Answer
from kpisdk_edu_dkt.dkt.serving.tracker import Tracker

PARTS = 50
MOST_BYTES = 64 << 20


@pytest.fixture(scope="module")
def place(small: Split, quick: TrainingOptions, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model's folder with its checkpoint, and the notebook's pair of files."""
    folder = tmp_path_factory.mktemp("damage")
    options = attrs.evolve(quick, epochs=1)
    save(train(small, options, checkpoints=folder, draws=0).model, folder)
    torch.save(_state(), folder / "a.pt")
    np.savez(
        folder / "b.npz",
        skill_categories=np.arange(2),
        phase_categories=np.array(["hub", "défi"], dtype=object),
        scaler_mean=np.zeros(5),
        scaler_scale=np.ones(5),
    )
    return folder


def _state() -> dict[str, torch.Tensor]:
    shapes = {
        "gru.weight_ih_l0": (12, 9),
        "gru.weight_hh_l0": (12, 4),
        "gru.bias_ih_l0": (12,),
        "gru.bias_hh_l0": (12,),
        "out.weight": (2, 4),
        "out.bias": (2,),
    }
    return {name: torch.full(shape, 0.5) for name, shape in shapes.items()}


def damages(content: bytes) -> Iterator[bytes]:
    """The content cut, and with one byte turned over, at every fiftieth of its length."""
    for part in range(PARTS):
        at = len(content) * part // PARTS
        yield content[:at]
        yield content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
        yield content[:at] + bytes([content[at] ^ 1 << part % 8]) + content[at + 1 :]


def outcomes(path: Path, read: Callable[[], object]) -> list[object]:
    """What reading gives for each damage of a file: a value, or None for an ArtefactError."""
    content = path.read_bytes()
    found: list[object] = []
    try:
        for damaged in damages(content):
            path.write_bytes(damaged)
            try:
                found.append(read())
            except ArtefactError:
                found.append(None)
    finally:
        path.write_bytes(content)
    assert len(found) == 3 * PARTS
    return found


def _same(one: Model, other: Model) -> bool:
    return (
        (one.encoder, one.size, one.difficulty_timing, one.provenance)
        == (other.encoder, other.size, other.difficulty_timing, other.provenance)
        and all(np.array_equal(one.weights[name], other.weights[name]) for name in one.weights)
        and np.array_equal(one.learned, other.learned)
    )


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "metrics.json"])
def test_a_damaged_model_is_refused_or_the_same(place: Path, name: str) -> None:
    """All have checksums: the report, too, as it decides whether outputs may be called mastery."""
    whole = load(place)
    found = outcomes(place / name, lambda: load(place))

    if name != "config.json":
        assert found == [None] * len(found)
    assert all(_same(model, whole) for model in found if isinstance(model, Model))


def test_a_damaged_checkpoint_is_refused(place: Path, small: Split, quick: TrainingOptions) -> None:
    """To go on from another state than the one that was kept would be another training."""
    size = load(place).size
    path = place / "damaged.safetensors"

    def parts() -> tuple[Tracer, torch.optim.Optimizer]:
        model = Tracer(size)
        return model, torch.optim.AdamW(model.parameters())

    model, optimiser = parts()
    precision = precision_on(torch.device("cpu"), mixed=False)
    model.head.weight.sum().backward()
    optimiser.step()
    best = {"head.weight": model.head.weight.detach().numpy()}
    from kpisdk_edu_dkt.dkt.learning.history import EpochRecord

    record = EpochRecord(1, 0.7, None, 0.7, None, 0.5, True, 10, 0.1)
    progress = Progress(1, 0.7, best, 0, [record])
    save_checkpoint(path, model, optimiser, precision, progress, "data")

    def read() -> object:
        return load_checkpoint(path, *parts(), precision, "data")

    assert isinstance(read(), Progress)
    assert outcomes(path, read) == [None] * (3 * PARTS)


def test_a_damaged_state_of_a_student_is_refused(place: Path) -> None:
    """A byte of the state is a probability: it is not served, and not a traceback."""
    model = load(place)
    tracker = Tracker(model)
    numbers = {"difficulty": 0.4, "motivation": 0.5, "anxiety_level": 0.5}
    numbers |= {"adjustment": 0, "time_spent": 3.0, "next_difficulty": 0.4}
    tracker.observe(Answer("ada", 0, "1", 1, numbers, "hub"))
    content = tracker.export_state("ada")

    for damaged in damages(content):
        with pytest.raises(ArtefactError):
            Tracker(model).restore_state(damaged)
    assert Tracker(model).restore_state(content) == "ada"


@pytest.mark.parametrize("name", ["a.pt", "b.npz"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_damaged_notebook_pair_is_refused_or_the_same(place: Path, name: str) -> None:
    """Entries of the archives are compared with their own checksums."""
    whole = import_notebook(place / "a.pt", place / "b.npz")
    found = outcomes(place / name, lambda: import_notebook(place / "a.pt", place / "b.npz"))

    assert all(_same(model, whole) for model in found if isinstance(model, Model))
    # nothing but the padding between entries, and dates of their directory, may go unseen
    assert found.count(None) > PARTS


def _zip(entries: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _npy(header: str, body: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + body


def _described(shape: str, kind: str = "<f8") -> str:
    return f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}}}\n"


SWOLLEN_NPZ = {
    "a zip that unpacks to 100 MB": {
        "skill_categories.npy": _npy(_described("(12500000,)"), bytes(100_000_000))
    },
    "an array of a million million": {"scaler_mean.npy": _npy(_described("(1000000000000,)"))},
    "a million million empty texts": {
        "phase_categories.npy": _npy(_described("(1000000000000,)", "<U0"))
    },
    "many dimensions": {"skill_categories.npy": _npy(_described("(1,) * 99"))},
    "no array": {"skill_categories.npy": b"nothing"},
    "a number": {"skill_categories.npy": _npy(_described("()"), bytes(8))},
}


@pytest.mark.parametrize("kind", SWOLLEN_NPZ)
def test_a_swollen_archive_is_refused_in_little_room(
    place: Path, tmp_path: Path, kind: str
) -> None:
    """Neither what an entry unpacks to nor what a header claims is given room."""
    (tmp_path / "b.npz").write_bytes(_zip(SWOLLEN_NPZ[kind]))
    tracemalloc.start()
    try:
        with pytest.raises(ArtefactError, match=r"b\.npz"):
            import_notebook(place / "a.pt", tmp_path / "b.npz")
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()


def _pt(pickled: bytes, how: int = zipfile.ZIP_STORED, **entries: bytes) -> bytes:
    return _zip({"x/data.pkl": pickled, "x/version": b"3\n", **entries}, how)


_PICKLES = {
    # builtins.bytearray(10 ** 10), which torch's restricted unpickler would make
    "ten gigabytes": b"\x80\x02c__builtin__\nbytearray\n\x8a\x05\x00\xe4\x0b\x54\x02\x85R.",
    "a command": b"cos\nsystem\n(S'true'\ntR.",
    "a memo of four billion": b"\x80\x02]r\xff\xff\xff\xff.",
    "nothing": b"",
}


@pytest.mark.parametrize("kind", _PICKLES)
def test_a_hostile_pickle_in_a_pt_file_is_refused(place: Path, tmp_path: Path, kind: str) -> None:
    """It is looked at before torch reads it."""
    (tmp_path / "a.pt").write_bytes(_pt(_PICKLES[kind]))

    with pytest.raises(ArtefactError, match=r"not a (plain )?state dict"):
        import_notebook(tmp_path / "a.pt", place / "b.npz")


def test_a_pt_file_that_is_swollen_or_claims_too_much_is_refused(
    place: Path, tmp_path: Path
) -> None:
    """Compressed, of the old format, or with views of one number as a matrix of 10^12."""
    view = torch.zeros(1).expand(3_000_000, 1_000_000)
    whole = (place / "a.pt").read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        packed = _zip({name: archive.read(name) for name in archive.namelist()})
    buffer = io.BytesIO()
    torch.save(_state(), buffer, _use_new_zipfile_serialization=False)
    told = {}
    torch.save(_state() | {"gru.weight_hh_l0": view}, tmp_path / "view.pt")
    (tmp_path / "packed.pt").write_bytes(packed)
    (tmp_path / "old.pt").write_bytes(buffer.getvalue())
    for name in ("view", "packed", "old"):
        with pytest.raises(ArtefactError) as caught:
            import_notebook(tmp_path / f"{name}.pt", place / "b.npz")
        told[name] = caught.value.message

    assert "claim more than the file holds" in told["view"]
    assert "compressed" in told["packed"]
    assert "no zip archive" in told["old"]


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("architecture.layers", 2**31 - 1),
        ("architecture.dropout", "much"),
        ("architecture.start", "yes"),
        ("encoder.options.counts", "no"),
        ("encoder.inputs.0.name", 7),
        ("encoder.inputs.0.masked", "no"),
        ("encoder.skills", ["\ud800", "b", "c"]),
        ("difficulty_timing", ["after"]),
        ("provenance.seed", 8),
    ],
)
def test_a_configuration_with_an_impossible_value_is_refused(
    place: Path, tmp_path: Path, part: str, value: object
) -> None:
    """Types and ranges are looked at, and what looks possible is held against the checksum."""
    for file in ("model.safetensors", "config.json", "metrics.json"):
        (tmp_path / file).write_bytes((place / file).read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    *path, last = (int(name) if name.isdigit() else name for name in part.split("."))
    target = config
    for name in path:
        target = target[name]
    target[last] = value
    (tmp_path / "config.json").write_text(json.dumps(config))

    with pytest.raises(ArtefactError):
        load(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b'{"knowledge": [1]}', b'{"knowledge": {"heads_permuted_drop": "much"}}', b'{"a": NaN}',
     b'{"a": 1e999}', b'{"a": ' + b"9" * 5000 + b"}", b"[" * 100_000, b"\xff\xfe"],
)  # fmt: skip
def test_a_report_that_is_none_is_refused(place: Path, tmp_path: Path, content: bytes) -> None:
    """What decides whether outputs are mastery is read with care."""
    for file in ("model.safetensors", "config.json"):
        (tmp_path / file).write_bytes((place / file).read_bytes())
    (tmp_path / "metrics.json").write_bytes(content)

    with pytest.raises(ArtefactError, match=r"metrics\.json"):
        load(tmp_path)


def test_a_report_that_was_polished_is_refused(place: Path, tmp_path: Path) -> None:
    """One figure of it, and outputs that rise in a third of the cases would be mastery."""
    for file in ("model.safetensors", "config.json"):
        (tmp_path / file).write_bytes((place / file).read_bytes())
    report = json.loads((place / "metrics.json").read_text())
    report.setdefault("knowledge", {})["rises_after_right"] = 0.99
    (tmp_path / "metrics.json").write_text(json.dumps(report))

    with pytest.raises(ArtefactError, match=r"metrics\.json.* it was altered"):
        load(tmp_path)


def test_what_is_no_file_or_too_large_is_not_read(place: Path, tmp_path: Path) -> None:
    """A folder, a pipe without a writer, a sparse giant: a sentence at once."""
    import os

    for file in ("model.safetensors", "metrics.json"):
        (tmp_path / file).write_bytes((place / file).read_bytes())
    config = tmp_path / "config.json"
    config.mkdir()
    with pytest.raises(ArtefactError, match="no regular file"):
        load(tmp_path)
    config.rmdir()
    os.mkfifo(config)
    with pytest.raises(ArtefactError, match="no regular file"):
        load(tmp_path)
    config.unlink()
    with config.open("wb") as handle:
        handle.truncate(1 << 40)
    with pytest.raises(ArtefactError, match="are not read"):
        load(tmp_path)
    with pytest.raises(ArtefactError, match="no model"):
        load("a\0b")

"""ONNX out, the notebook's files in: checked numbers, and hostile files that run nothing."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from kpisdk_edu_dkt.dkt.artefact.model import Model
from kpisdk_edu_dkt.dkt.artefact.storing import load, save
from kpisdk_edu_dkt.dkt.data.events import as_events
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.errors import ArtefactError, NotMasteryError, UnknownIdError
from kpisdk_edu_dkt.dkt.exchange.notebook_import import import_notebook
from kpisdk_edu_dkt.dkt.exchange.onnx_export import export_onnx, random_step
from kpisdk_edu_dkt.dkt.features.architecture import architecture_for
from kpisdk_edu_dkt.dkt.features.encoder import EncoderOptions, fit_encoder
from kpisdk_edu_dkt.dkt.learning.checkpoint import weights_of
from kpisdk_edu_dkt.dkt.learning.inference import load_tracer
from kpisdk_edu_dkt.dkt.learning.model import Batch, Tracer
from kpisdk_edu_dkt.dkt.serving.mastery import mastery
from kpisdk_edu_dkt.dkt.serving.predicting import predict

PHASES = ["defi", "exploration", "hub", "lecon", "synthese"]


def _model(interactions: Interactions, reads: EncoderOptions | None, **sizes: object) -> Model:
    encoder = fit_encoder(as_events(interactions), reads)
    size = architecture_for(encoder, **sizes)  # type: ignore[arg-type]  # sizes of the test
    return Model(encoder, size, weights_of(Tracer(size)))


@pytest.mark.parametrize(
    ("cell", "layers", "reads"),
    [
        ("gru", 1, None),
        ("lstm", 2, None),
        ("gru", 2, EncoderOptions(phases=False, numbers=(), counts=False)),
    ],
)
def test_the_exported_step_equals_pytorch(
    dkt_class: Interactions, tmp_path: Path, cell: str, layers: int, reads: EncoderOptions | None
) -> None:
    """Probabilities and states of random steps agree with the torch module to 1e-5."""
    model = _model(dkt_class, reads, cell=cell, layers=layers, hidden=12, embed=6)
    assert export_onnx(model, tmp_path / "step.onnx") < 1e-5

    step = random_step(model.size, 9, seed=4)
    session = onnxruntime.InferenceSession(str(tmp_path / "step.onnx"))
    probability, after = session.run(["probability", "state_after"], step)

    def column(name: str, width: int = 0) -> torch.Tensor:
        empty = np.zeros((9, width), dtype=np.float32) if width else np.zeros(9, dtype=np.int64)
        return torch.from_numpy(step.get(name, empty)).unsqueeze(1)

    batch = Batch(
        token=column("token").unsqueeze(-1),
        token_weight=None,
        phase=column("phase"),
        numbers=column("numbers", 1),
        skill=column("skill").unsqueeze(-1),
        skill_weight=None,
        query_phase=column("query_phase"),
        query=column("query", 1),
        counts=column("counts", 1),
        correct=torch.zeros(9, 1),
        mask=torch.ones(9, 1),
    )
    with torch.no_grad():
        logit, state = load_tracer(model.size, dict(model.weights))(
            batch, tuple(torch.from_numpy(part) for part in step["state"])
        )

    assert probability == pytest.approx(torch.sigmoid(logit[:, 0]).numpy(), abs=1e-5)
    assert after == pytest.approx(np.stack([part.numpy() for part in state]), abs=1e-5)


def test_an_export_that_differs_is_not_written(
    dkt_class: Interactions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A graph that answers otherwise than the model is an error, and no file."""
    monkeypatch.setattr(
        "kpisdk_edu_dkt.dkt.exchange.onnx_export.largest_difference", lambda *_: 0.5
    )

    with pytest.raises(ArtefactError, match=r"differs from the model by 0\.5"):
        export_onnx(_model(dkt_class, None), tmp_path / "step.onnx")
    assert not (tmp_path / "step.onnx").exists()


class _Notebook(torch.nn.Module):
    """The shape of the notebook's network, for its parameter names."""

    def __init__(self, width: int, hidden: int, skills: int) -> None:
        super().__init__()
        self.gru = torch.nn.GRU(width, hidden, batch_first=True)
        self.out = torch.nn.Linear(hidden, skills)


@pytest.fixture
def notebook() -> _Notebook:
    """Random weights in the notebook's shape: 4 skills, 5 phases, 5 numbers."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return _Notebook(4 + 5 + 5, 16, 4)


@pytest.fixture
def files(notebook: _Notebook, tmp_path: Path) -> tuple[Path, Path]:
    """The pair of files as the notebook writes them: its phases are an array of objects."""
    torch.save(notebook.state_dict(), tmp_path / "dkt.pt")
    _encoders(tmp_path / "dkt.npz")
    return tmp_path / "dkt.pt", tmp_path / "dkt.npz"


MEAN = np.array([0.45, 0.0, 6.2, 0.5, 0.3])
SCALE = np.array([0.2, 0.45, 3.1, 0.22, 0.19])


def _encoders(path: Path, **changes: object) -> None:
    arrays: dict[str, object] = {
        "skill_categories": np.arange(4),
        "phase_categories": np.array(PHASES, dtype=object),
        "scaler_mean": MEAN,
        "scaler_scale": SCALE,
    }
    np.savez(path, **(arrays | changes))  # type: ignore[arg-type]  # arrays by name


def test_the_imported_notebook_answers_what_the_notebook_answers(
    notebook: _Notebook, files: tuple[Path, Path], dkt_class: Interactions, tmp_path: Path
) -> None:
    """One-hot rows, scaled numbers, GRU, sigmoid, head of the next skill: told here row by row."""
    part = dkt_class.of_students(np.arange(300) < 3)
    model = import_notebook(*files, difficulty="next_difficulty")
    p = predict(model, part).p
    assert part.phase is not None
    names = ("next_difficulty", "adjustment", "time_spent", "motivation", "anxiety_level")
    numbers = (np.stack([part.numbers[name] for name in names], axis=1) - MEAN) / SCALE
    rows = np.hstack([np.eye(4)[part.skill.codes], np.eye(5)[part.phase.codes], numbers])
    for begin, end in zip(part.offsets, part.offsets[1:], strict=False):
        with torch.no_grad():
            hidden, _ = notebook.gru(torch.tensor(rows[begin:end], dtype=torch.float32)[None])
            heads = torch.sigmoid(notebook.out(hidden))[0].numpy()
        after = part.skill.codes[begin + 1 : end]
        expected = heads[np.arange(end - begin - 1), after]
        assert np.isnan(p[begin])
        assert p[begin + 1 : end] == pytest.approx(expected, abs=1e-6)

    save(model, tmp_path / "model")
    again = predict(load(tmp_path / "model"), part).p
    assert again == pytest.approx(p, abs=1e-7, nan_ok=True)
    with pytest.raises(NotMasteryError):
        mastery(model, part)


def test_an_unknown_skill_is_refused_by_the_imported_model(
    files: tuple[Path, Path], dkt_class: Interactions
) -> None:
    """Where the notebook feeds a zero vector without a word, the import says no."""
    model = import_notebook(*files, difficulty="next_difficulty")
    names = ("0", "1", "2", "seven")
    import attrs

    strange = attrs.evolve(dkt_class, skill=attrs.evolve(dkt_class.skill, names=names))
    with pytest.raises(UnknownIdError, match="'seven'"):
        predict(model, strange)


class _Hostile:
    """A pickle that would make a folder when loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (os.mkdir, (str(self.path),))


def test_a_hostile_pt_file_runs_nothing(files: tuple[Path, Path], tmp_path: Path) -> None:
    """A pickle that runs a command, plain or in torch's own zip, is refused unexecuted."""
    weights, encoders = files
    weights.write_bytes(pickle.dumps(_Hostile(tmp_path / "was_run")))
    with pytest.raises(ArtefactError, match="not a plain state dict"):
        import_notebook(weights, encoders)
    torch.save({"gru": _Hostile(tmp_path / "was_run")}, weights)
    with pytest.raises(ArtefactError, match="not a plain state dict"):
        import_notebook(weights, encoders)
    assert not (tmp_path / "was_run").exists()


def test_a_hostile_npz_file_runs_nothing(files: tuple[Path, Path], tmp_path: Path) -> None:
    """An array of objects with a command in it is refused by name, unexecuted."""
    weights, encoders = files
    hostile = np.empty(1, dtype=object)
    hostile[0] = _Hostile(tmp_path / "was_run")
    _encoders(encoders, phase_categories=hostile)

    with pytest.raises(ArtefactError, match=r"pickle that is refused: it asks for .*mkdir"):
        import_notebook(weights, encoders)
    assert not (tmp_path / "was_run").exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"phase_categories": np.array([1, None], dtype=object)}, "not text"),
        ({"skill_categories": np.array([0, 10, 20, 30])}, "not 0 to K-1"),
        ({"scaler_scale": np.array([1.0, 0.0, 1.0, 1.0, 1.0])}, "positive"),
        ({"scaler_mean": np.array([1.0])}, "scales"),
        ({"phase_categories": np.array(["hub"])}, "do not fit the encoders"),
    ],
)
def test_encoders_that_do_not_fit_are_refused(
    files: tuple[Path, Path], changes: dict[str, object], told: str
) -> None:
    """Each with what is wrong."""
    _encoders(files[1], **changes)

    with pytest.raises(ArtefactError, match=told):
        import_notebook(*files)


def test_phases_saved_as_plain_text_are_read_too(files: tuple[Path, Path]) -> None:
    """A pair that was saved without objects needs no pickle at all."""
    _encoders(files[1], phase_categories=np.array(PHASES))

    assert import_notebook(*files).encoder.phases == tuple(PHASES)


def test_missing_damaged_or_foreign_files_are_refused(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    """No file, half a file, a file of something else, tensors that are not finite."""
    weights, encoders = files
    with pytest.raises(ArtefactError, match="No such file"):
        import_notebook(tmp_path / "none.pt", encoders)
    with pytest.raises(ArtefactError, match="No such file"):
        import_notebook(weights, tmp_path / "none.npz")
    (tmp_path / "half.npz").write_bytes(encoders.read_bytes()[:200])
    with pytest.raises(ArtefactError, match=r"not an .npz file"):
        import_notebook(weights, tmp_path / "half.npz")
    np.savez(tmp_path / "other.npz", something=np.arange(3))
    with pytest.raises(ArtefactError, match="lacks an array"):
        import_notebook(weights, tmp_path / "other.npz")
    torch.save([1, 2], tmp_path / "list.pt")
    with pytest.raises(ArtefactError, match="not a state dict"):
        import_notebook(tmp_path / "list.pt", encoders)
    state = torch.load(weights, weights_only=True)
    state["out.bias"][0] = float("nan")
    torch.save(state, tmp_path / "nan.pt")
    with pytest.raises(ArtefactError, match="not finite"):
        import_notebook(tmp_path / "nan.pt", encoders)

"""The reference notebook's ``.pt`` and ``.npz`` pair as a model of this package, read safely."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kpisdk import MissingDependencyError
from kpisdk_edu_dkt.dkt.arrays import AnyArray
from kpisdk_edu_dkt.dkt.artefact.model import Model
from kpisdk_edu_dkt.dkt.errors import ArtefactError
from kpisdk_edu_dkt.dkt.exchange.object_array import RefusedPickleError, texts_of_pickled_array
from kpisdk_edu_dkt.dkt.features.architecture import architecture_for
from kpisdk_edu_dkt.dkt.features.encoder import Encoder, EncoderOptions, NumberColumn

_NUMBERS = ("difficulty", "adjustment", "time_spent", "motivation", "anxiety_level")
_OPTIONS = EncoderOptions(
    answer=False, start=False, query=False, counts=False, log_time=False, unknown="error"
)


def import_notebook(
    weights: Path | str, encoders: Path | str, *, difficulty: str = "difficulty"
) -> Model:
    """The notebook's model.

    It keeps the notebook's omissions: no answer in the input, no prediction of first answers, and
    no right to call its outputs mastery.

    Args:
        weights: The ``.pt`` file (a state dict).
        encoders: The ``.npz`` file (categories and scales).
        difficulty: Column that holds what the notebook calls ``difficulty``, which is the one
            after the change: ``difficulty`` in the notebook's own files, ``next_difficulty`` in
            files of this package.

    Raises:
        MissingDependencyError: torch is not installed.
        ArtefactError: A file is missing, damaged, hostile, or is not the notebook's; nothing of it
            is executed.
    """
    weights, encoders = Path(weights), Path(encoders)
    state = _state_dict(weights)
    encoder = _encoder(_arrays(encoders), encoders, difficulty)
    width = len(encoder.skills) + len(encoder.phases) + len(_NUMBERS)
    hidden = state["gru.weight_hh_l0"].shape[-1] if "gru.weight_hh_l0" in state else 0
    expected = {
        "gru.weight_ih_l0": (3 * hidden, width),
        "gru.weight_hh_l0": (3 * hidden, hidden),
        "gru.bias_ih_l0": (3 * hidden,),
        "gru.bias_hh_l0": (3 * hidden,),
        "out.weight": (len(encoder.skills), hidden),
        "out.bias": (len(encoder.skills),),
    }
    found = {name: value.shape for name, value in state.items()}
    if found != expected:
        odd = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
        raise ArtefactError(
            str(weights), f"these tensors do not fit the encoders: {', '.join(odd)}."
        )
    for name, value in state.items():
        if not np.isfinite(value).all():
            raise ArtefactError(str(weights), f"tensor {name!r} holds values that are not finite.")
    size = architecture_for(encoder, input_layer="onehot", hidden=hidden)
    provenance = {"preset": "notebook", "source": f"{weights.name} and {encoders.name}"}
    return Model(encoder, size, _renamed(state, encoder), provenance=provenance)


def _renamed(state: Mapping[str, AnyArray], encoder: Encoder) -> dict[str, AnyArray]:
    """The notebook's tensors under our names, behind a one-hot input layer."""
    skills, phases = len(encoder.skills), len(encoder.phases)
    identity = np.eye(skills + phases + len(_NUMBERS), dtype=np.float32)
    named = {
        "token.weight": identity[:skills],
        "phase.weight": identity[skills : skills + phases],
        "numbers.weight": np.ascontiguousarray(identity[skills + phases :].T),
        "head.weight": state["out.weight"],
        "head_bias.weight": state["out.bias"][:, None],
    }
    for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"):
        named[f"cell.{name}"] = state[f"gru.{name}"]
    return {name: np.asarray(value, dtype=np.float32) for name, value in named.items()}


def _state_dict(path: Path) -> dict[str, AnyArray]:
    try:
        import torch
    except ImportError as error:
        install = "pip install 'kpisdk-edu-dkt[train]'"
        raise MissingDependencyError("torch", "Reading a .pt file", install) from error
    try:
        # weights_only: torch's own restricted unpickler, which refuses all but tensors
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ArtefactError(str(path), error.strerror or str(error)) from error
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ArtefactError(str(path), f"it is not a plain state dict ({reason})") from error
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(value, torch.Tensor) for name, value in state.items()
    ):
        raise ArtefactError(str(path), "it is not a state dict of tensors.")
    return {name: value.float().numpy() for name, value in state.items()}


def _arrays(path: Path) -> dict[str, Any]:
    """Arrays of an ``.npz``; arrays of objects as tuples of text."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {
                name.removesuffix(".npy"): _array(archive.read(name)) for name in archive.namelist()
            }
    except OSError as error:
        raise ArtefactError(str(path), error.strerror or str(error)) from error
    except RefusedPickleError as error:
        raise ArtefactError(str(path), f"it holds a pickle that is refused: {error}.") from error
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as error:
        raise ArtefactError(str(path), f"it is not an .npz file ({error}).") from error


def _array(content: bytes) -> AnyArray | tuple[str, ...]:
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0
    if version != (1, 0):
        read = np.lib.format.read_array_header_2_0
    _, _, dtype = read(stream)
    if dtype.hasobject:
        return texts_of_pickled_array(stream.read())
    stream.seek(0)
    return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))


def _encoder(arrays: Mapping[str, Any], path: Path, difficulty: str) -> Encoder:
    try:
        skills, phases = arrays["skill_categories"], arrays["phase_categories"]
        means = np.asarray(arrays["scaler_mean"], dtype=np.float64)
        scales = np.asarray(arrays["scaler_scale"], dtype=np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise ArtefactError(str(path), f"it lacks an array of the notebook: {error}.") from error
    names = tuple(str(skill) for skill in skills)
    if names != tuple(str(place) for place in range(len(names))):
        fault = (
            "its skills are not 0 to K-1. The notebook picks the head by the raw id and the input "
            "by its position, so with these ids its heads belong to other skills."
        )
        raise ArtefactError(str(path), fault)
    fits = means.shape == scales.shape == (len(_NUMBERS),)
    if not (fits and np.isfinite(means).all() and np.isfinite(scales).all() and (scales > 0).all()):
        raise ArtefactError(str(path), f"its scales are not {len(_NUMBERS)} positive numbers.")
    columns = (difficulty, *_NUMBERS[1:])
    return Encoder(
        skills=names,
        phases=tuple(str(phase) for phase in phases),
        inputs=tuple(
            NumberColumn(name, log=False, mean=float(mean), scale=float(scale), masked=False)
            for name, mean, scale in zip(columns, means, scales, strict=True)
        ),
        queries=(),
        options=_OPTIONS,
    )

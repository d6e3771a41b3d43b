"""The reference notebook's ``.pt`` and ``.npz`` pair as a model of this package, read safely."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kpisdk_edu_dkt.dkt.arrays import AnyArray
from kpisdk_edu_dkt.dkt.artefact.model import Model
from kpisdk_edu_dkt.dkt.errors import ArtefactError
from kpisdk_edu_dkt.dkt.exchange.array_archive import arrays_of
from kpisdk_edu_dkt.dkt.exchange.state_dict import state_dict
from kpisdk_edu_dkt.dkt.features.architecture import architecture_for
from kpisdk_edu_dkt.dkt.features.encoder import Encoder, EncoderOptions, NumberColumn

_NUMBERS = ("difficulty", "adjustment", "time_spent", "motivation", "anxiety_level")
_ARRAYS = ("skill_categories", "phase_categories", "scaler_mean", "scaler_scale")
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
    state = state_dict(weights)
    encoder = _encoder(arrays_of(encoders, _ARRAYS), encoders, difficulty)
    width = len(encoder.skills) + len(encoder.phases) + len(_NUMBERS)
    recurrent = state.get("gru.weight_hh_l0", np.zeros((0, 0)))
    hidden = recurrent.shape[-1] if recurrent.ndim else 0
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


def _encoder(arrays: Mapping[str, Any], path: Path, difficulty: str) -> Encoder:
    try:
        skills, phases = arrays["skill_categories"], arrays["phase_categories"]
        means = np.asarray(arrays["scaler_mean"], dtype=np.float64)
        scales = np.asarray(arrays["scaler_scale"], dtype=np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise ArtefactError(str(path), f"it lacks an array of the notebook: {error}.") from error
    named = tuple(str(phase) for phase in phases)
    if len(set(named)) < len(named):
        raise ArtefactError(str(path), "it names a phase twice.")
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
        phases=named,
        inputs=tuple(
            NumberColumn(name, log=False, mean=float(mean), scale=float(scale), masked=False)
            for name, mean, scale in zip(columns, means, scales, strict=True)
        ),
        queries=(),
        options=_OPTIONS,
    )

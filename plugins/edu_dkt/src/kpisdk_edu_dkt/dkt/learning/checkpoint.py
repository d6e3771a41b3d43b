"""Where a training stands after an epoch, in one file, replaced atomically, without pickle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import AnyArray
from kpisdk_edu_dkt.dkt.artefact.tensor_file import (
    TensorFile,
    read_tensor_file,
    require_seal,
    sealed,
    write_atomically,
)
from kpisdk_edu_dkt.dkt.errors import ArtefactError
from kpisdk_edu_dkt.dkt.learning.history import EpochRecord, as_json, from_json

if TYPE_CHECKING:
    import torch

    from kpisdk_edu_dkt.dkt.learning.precision import Precision

SCHEMA = "3"
FILE_NAME = "checkpoint.safetensors"
_MODEL, _BEST, _OPTIMISER = "model/", "best/", "optimiser/"


@attrs.define(eq=False)
class Progress:
    """How far a training has come.

    Attributes:
        epoch: Epochs done.
        best_loss: Best validation loss so far.
        best: Weights that reached it.
        stale: Epochs since then.
        history: One record for each epoch.
    """

    epoch: int = 0
    best_loss: float = float("inf")
    best: dict[str, AnyArray] = attrs.Factory(dict)
    stale: int = 0
    history: list[EpochRecord] = attrs.Factory(list)


def weights_of(model: torch.nn.Module) -> dict[str, AnyArray]:
    """A copy of a network's weights as NumPy arrays."""
    return {
        name: np.array(value.detach().cpu().numpy(), dtype=np.float32)
        for name, value in model.state_dict().items()
    }


def load_weights(model: torch.nn.Module, weights: dict[str, AnyArray]) -> None:
    """Put weights into a network; every name and shape must fit.

    Args:
        model: The network.
        weights: Name -> values.
    """
    import torch

    model.load_state_dict({name: torch.tensor(value) for name, value in weights.items()})


def save_checkpoint(
    path: Path,
    model: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    precision: Precision,
    progress: Progress,
    fingerprint: str,
) -> None:
    """Write where a training stands.

    Args:
        path: The file; replaced in one step.
        model: The network after the epoch.
        optimiser: Its optimiser.
        precision: How its steps compute.
        progress: Epochs, best weights, history.
        fingerprint: Of the options and the data; a resumed training must have the same.
    """
    tensors = {_MODEL + name: value for name, value in weights_of(model).items()}
    tensors |= {_BEST + name: value for name, value in progress.best.items()}
    for index, state in optimiser.state_dict()["state"].items():
        for key, value in state.items():
            array = np.asarray(value.detach().cpu().numpy(), dtype=np.float32)
            tensors[f"{_OPTIMISER}{index}/{key}"] = array
    metadata = {
        "schema": SCHEMA,
        "fingerprint": fingerprint,
        "progress": json.dumps(
            {
                "epoch": progress.epoch,
                "best_loss": progress.best_loss,
                "stale": progress.stale,
                "history": as_json(progress.history),
            }
        ),
        "precision": json.dumps(precision.state),
    }
    write_atomically(path, sealed(TensorFile(tensors, metadata)))


def load_checkpoint(
    path: Path,
    model: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    precision: Precision,
    fingerprint: str,
) -> Progress:
    """Put a network, its optimiser and its precision where a checkpoint left them.

    Args:
        path: The file.
        model: The network.
        optimiser: Its optimiser.
        precision: How its steps compute.
        fingerprint: Of the options and the data; that of the file must be the same.

    Raises:
        ArtefactError: The file is missing, damaged, of another schema, or belongs to a training
            with other options or data.
    """
    file = read_tensor_file(path)
    if file.metadata.get("schema") != SCHEMA:
        found = file.metadata.get("schema")
        raise ArtefactError(str(path), f"its schema is {found!r}, this version reads {SCHEMA!r}.")
    if file.metadata.get("fingerprint") != fingerprint:
        fault = "it belongs to a training with other options or data. Resume with the same ones."
        raise ArtefactError(str(path), fault)
    try:
        stored = json.loads(file.metadata["progress"])
        progress = Progress(
            int(stored["epoch"]),
            float(stored["best_loss"]),
            _part(file, _BEST),
            int(stored["stale"]),
            from_json(stored["history"]),
        )
        if not any(record.best for record in progress.history) or not progress.best:
            raise ValueError("it has no best epoch")
        load_weights(model, _part(file, _MODEL))
        _load_optimiser(optimiser, _part(file, _OPTIMISER))
        precision.state = json.loads(file.metadata["precision"])
    except (
        *(AttributeError, LookupError, TypeError, ValueError, ArithmeticError, RuntimeError),
    ) as error:
        raise ArtefactError(
            str(path), f"its content does not fit this training: {error}"
        ) from error
    # last, as what is wrong with a part says more than that something is
    require_seal(file, str(path))
    return progress


def _part(file: TensorFile, prefix: str) -> dict[str, AnyArray]:
    return {
        name.removeprefix(prefix): np.array(value)
        for name, value in file.tensors.items()
        if name.startswith(prefix)
    }


def _load_optimiser(optimiser: torch.optim.Optimizer, tensors: dict[str, AnyArray]) -> None:
    import torch

    learned = [weight for part in optimiser.param_groups for weight in part["params"]]
    state: dict[int, dict[str, Any]] = {}
    for name, value in tensors.items():
        index, key = name.split("/")
        weight = learned[int(index)]
        if value.shape not in ((), tuple(weight.shape)):
            raise ValueError(f"the optimiser's {name} has shape {value.shape}")
        state.setdefault(int(index), {})[key] = torch.tensor(value)
    optimiser.load_state_dict(
        {"state": state, "param_groups": optimiser.state_dict()["param_groups"]}
    )

"""A model as a folder: model.safetensors, config.json, metrics.json and card.md; no pickle."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np

from kpisdk_edu_dkt.dkt.arrays import AnyArray
from kpisdk_edu_dkt.dkt.artefact.bounded_file import (
    LARGEST_JSON,
    LARGEST_TENSORS,
    json_object,
    read_bounded,
)
from kpisdk_edu_dkt.dkt.artefact.card import card
from kpisdk_edu_dkt.dkt.artefact.description import (
    DescriptionError,
    architecture_json,
    architecture_of,
    encoder_json,
    encoder_of,
    scale_tensors,
)
from kpisdk_edu_dkt.dkt.artefact.model import Baseline, Model
from kpisdk_edu_dkt.dkt.artefact.tensor_file import (
    TensorFile,
    from_bytes,
    to_bytes,
    write_atomically,
)
from kpisdk_edu_dkt.dkt.baseline.counts_regression import CountsRegression
from kpisdk_edu_dkt.dkt.data.interactions import Timing
from kpisdk_edu_dkt.dkt.errors import ArtefactError
from kpisdk_edu_dkt.dkt.features.architecture import tensor_shapes
from kpisdk_edu_dkt.dkt.features.counts import COUNT_FEATURES
from kpisdk_edu_dkt.dkt.features.encoder import Encoder

SCHEMA_VERSION = 1
WEIGHTS, CONFIG, METRICS, CARD = "model.safetensors", "config.json", "metrics.json", "card.md"
_NETWORK, _SCALES, _BASELINE, _BASELINE_SCALES = "network/", "scale/", "baseline/", "basescale/"
_LEARNED, _SEAL = "learned_students", "sha256"
_ALTERED = "its checksum is not the one in config.json: it was altered."


def weights_bytes(model: Model) -> bytes:
    """All tensors of a model as the bytes of its weights file."""
    tensors = {_NETWORK + name: value for name, value in model.weights.items()}
    tensors |= {_SCALES + name: value for name, value in scale_tensors(model.encoder).items()}
    if model.baseline is not None:
        regression = model.baseline.regression
        tensors |= {
            _BASELINE + "bias": np.array([regression.bias]),
            _BASELINE + "skill": regression.skill,
            _BASELINE + "phase": regression.phase,
            _BASELINE + "features": regression.features,
            _BASELINE + "base_rate": np.array([model.baseline.base_rate]),
        }
        scales = scale_tensors(model.baseline.encoder)
        tensors |= {_BASELINE_SCALES + name: value for name, value in scales.items()}
    if len(model.learned):
        tensors[_LEARNED] = model.learned
    return to_bytes(TensorFile(tensors))


def weights_sha256(model: Model) -> str:
    """The sha256 that the weights file of a model has: its fingerprint."""
    return hashlib.sha256(weights_bytes(model)).hexdigest()


def save(model: Model, folder: Path | str) -> str:
    """Write a model's folder; files of the same names are replaced.

    Args:
        model: What is written.
        folder: Where; it is made if need be.

    Returns:
        The sha256 of the weights file.
    """
    folder = Path(folder)
    weights, metrics = weights_bytes(model), _json(model.metrics)
    digest = hashlib.sha256(weights).hexdigest()
    baseline = None if model.baseline is None else encoder_json(model.baseline.encoder)
    config = {
        "schema_version": SCHEMA_VERSION,
        "kind": "kpisdk-dkt",
        "weights_sha256": digest,
        "metrics_sha256": hashlib.sha256(metrics).hexdigest(),
        "architecture": architecture_json(model.size),
        "encoder": encoder_json(model.encoder),
        "baseline_encoder": baseline,
        "difficulty_timing": model.difficulty_timing,
        "difficulty_look": model.difficulty_look,
        "provenance": dict(model.provenance),
    }
    write_atomically(folder / WEIGHTS, weights)
    write_atomically(folder / METRICS, metrics)
    write_atomically(folder / CARD, card(model, digest).encode())
    # last, as a reader trusts what the configuration says of the other files
    write_atomically(folder / CONFIG, _json({**config, _SEAL: _seal(config)}))
    return digest


def _json(values: Mapping[str, Any]) -> bytes:
    text = json.dumps(values, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def load(folder: Path | str) -> Model:
    """The model of a folder.

    Raises:
        ArtefactError: A file is missing, truncated, altered, of another schema version, or does
            not fit the others; nothing of it is executed.
    """
    folder = Path(folder)
    if not _is_there(folder / CONFIG):
        fault = f"it holds no {CONFIG}, and so no model. `kpisdk dkt train` makes one."
        raise ArtefactError(str(folder), fault)
    config = _read_json(folder / CONFIG)
    version = config.get("schema_version")
    if version != SCHEMA_VERSION:
        fault = f"its schema version is {version!r}, this package reads {SCHEMA_VERSION}."
        raise ArtefactError(str(folder / CONFIG), fault)
    path = folder / WEIGHTS
    tensors = _tensors(path, config.get("weights_sha256"))
    try:
        size = architecture_of(config.get("architecture"))
        encoder = encoder_of(config.get("encoder"), _part(tensors, _SCALES))
        baseline = _baseline(config.get("baseline_encoder"), tensors)
    except DescriptionError as error:
        raise ArtefactError(str(folder / CONFIG), f"{error}.") from error
    weights = _part(tensors, _NETWORK)
    expected = tensor_shapes(size)
    found = {name: value.shape for name, value in weights.items()}
    if found != expected:
        odd = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
        raise ArtefactError(str(path), f"its tensors do not fit config.json: {', '.join(odd)}.")
    _fits(size, encoder, folder)
    learned = np.asarray(tensors.get(_LEARNED, np.zeros(0, dtype=np.int64)))
    if learned.dtype != np.int64 or learned.ndim != 1:
        raise ArtefactError(str(path), f"tensor {_LEARNED!r} is no list of students.")
    metrics = _metrics(folder / METRICS, config.get("metrics_sha256"))
    provenance, timings = _history(config, folder / CONFIG)
    return Model(encoder, size, weights, baseline, learned, provenance, metrics, *timings)


def _tensors(path: Path, expected: Any) -> Mapping[str, AnyArray]:
    """The tensors of the weights file, if its checksum is the one that is expected."""
    content = read_bounded(path, LARGEST_TENSORS)
    if hashlib.sha256(content).hexdigest() != expected:
        raise ArtefactError(str(path), _ALTERED)
    tensors = from_bytes(content, str(path)).tensors
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise ArtefactError(str(path), f"tensor {name!r} holds values that are not finite.")
    return tensors


def _history(
    config: Mapping[str, Any], path: Path
) -> tuple[dict[str, Any], tuple[Timing | None, Timing | None]]:
    """How the model came about, and which difficulty it was trained on; checks the seal, too."""
    provenance = config.get("provenance")
    if not isinstance(provenance, dict):
        raise ArtefactError(str(path), "provenance is not an object.")
    timing, look = config.get("difficulty_timing"), config.get("difficulty_look")
    for value in (timing, look):
        if value not in (None, *get_args(Timing)):
            raise ArtefactError(str(path), f"its difficulty is one {value!r} the answer.")
    # last, as what is wrong with a value says more than that something is
    if config.get(_SEAL) not in (None, _seal(config)):
        raise ArtefactError(str(path), "it does not have its own checksum: it was altered.")
    return provenance, (timing, look)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _fits(size: Any, encoder: Encoder, folder: Path) -> None:
    sizes = {
        "tokens": (size.tokens, encoder.tokens),
        "heads": (size.heads, encoder.heads),
        "input_phases": (size.input_phases, encoder.input_phases),
        "input_width": (size.input_width, encoder.input_width),
        "query_phases": (
            size.query_phases,
            encoder.query_phases if encoder.options.query else 0,
        ),
        "query_width": (size.query_width, encoder.query_width),
        "count_width": (size.count_width, encoder.count_width),
        "start": (size.start, encoder.options.start),
    }
    odd = sorted(name for name, (one, other) in sizes.items() if one != other)
    if odd:
        fault = f"architecture and encoder disagree on {', '.join(odd)}."
        raise ArtefactError(str(folder / CONFIG), fault)


def _baseline(values: Any, tensors: Mapping[str, AnyArray]) -> Baseline | None:
    if values is None:
        return None
    encoder = encoder_of(values, _part(tensors, _BASELINE_SCALES))
    part = _part(tensors, _BASELINE)
    expected = {
        "bias": (1,),
        "base_rate": (1,),
        "skill": (encoder.heads,),
        "phase": (encoder.query_phases,),
        "features": (len(COUNT_FEATURES) + encoder.query_width,),
    }
    if {name: value.shape for name, value in part.items()} != expected:
        raise DescriptionError("the coefficients of the baseline do not fit its columns")
    regression = CountsRegression(
        float(part["bias"][0]), part["skill"], part["phase"], part["features"]
    )
    return Baseline(encoder, regression, float(part["base_rate"][0]))


def _part(tensors: Mapping[str, AnyArray], prefix: str) -> dict[str, AnyArray]:
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }


def _read_json(path: Path) -> dict[str, Any]:
    return json_object(read_bounded(path, LARGEST_JSON), str(path))


def _metrics(path: Path, expected: Any) -> dict[str, Any]:
    """The report as it was kept, which decides whether outputs may be called mastery."""
    content = read_bounded(path, LARGEST_JSON)
    values = json_object(content, str(path))
    checks = values.get("knowledge", {})
    numbers = (int, float, type(None))
    if not isinstance(checks, dict) or not all(
        name == "reason" or isinstance(value, numbers) for name, value in checks.items()
    ):
        raise ArtefactError(str(path), "its knowledge checks are not numbers.")
    if expected not in (None, hashlib.sha256(content).hexdigest()):
        raise ArtefactError(str(path), _ALTERED)
    return values


def _seal(config: Mapping[str, Any]) -> str:
    """The checksum of a configuration, whatever the layout of its file."""
    rest = {name: value for name, value in config.items() if name != _SEAL}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()

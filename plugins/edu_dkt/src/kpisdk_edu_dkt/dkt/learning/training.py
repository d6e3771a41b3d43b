"""From interactions to a judged model: split, encode, fit, judge."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from kpisdk import MissingDependencyError
from kpisdk_edu_dkt.dkt.arrays import AnyArray
from kpisdk_edu_dkt.dkt.artefact.model import Baseline, Model
from kpisdk_edu_dkt.dkt.baseline.counts_regression import fit_counts_regression
from kpisdk_edu_dkt.dkt.data.columns import QUERY_NUMBERS
from kpisdk_edu_dkt.dkt.data.events import Events, as_events
from kpisdk_edu_dkt.dkt.data.splitting import Split, fingerprints
from kpisdk_edu_dkt.dkt.errors import TooFewError
from kpisdk_edu_dkt.dkt.evaluation.intervals import DRAWS
from kpisdk_edu_dkt.dkt.evaluation.leakage import GivenAway, given_away
from kpisdk_edu_dkt.dkt.evaluation.report import Report, evaluate
from kpisdk_edu_dkt.dkt.features.architecture import Architecture, architecture_for
from kpisdk_edu_dkt.dkt.features.encoder import Encoder, EncoderOptions, fit_encoder
from kpisdk_edu_dkt.dkt.features.encoding import encode
from kpisdk_edu_dkt.dkt.learning.distributed import ProcessGroup

# fitting needs torch only when it runs
from kpisdk_edu_dkt.dkt.learning.fitting import fit
from kpisdk_edu_dkt.dkt.learning.history import EpochRecord
from kpisdk_edu_dkt.dkt.learning.options import TrainingOptions
from kpisdk_edu_dkt.dkt.learning.training_inputs import Fitted, OnEpoch, TrainingInputs


@attrs.frozen(eq=False)
class Trained:
    """What a training gives.

    Attributes:
        model: The model, its report on the test students included.
        report: That report; None where there are no test students.
        history: One record for each epoch.
        given_away: Columns, taken as known before the answer, that give it away in the training
            data.
    """

    model: Model
    report: Report | None
    history: tuple[EpochRecord, ...]
    given_away: tuple[GivenAway, ...] = ()


def train(
    split: Split,
    options: TrainingOptions | None = None,
    *,
    processes: ProcessGroup | None = None,
    checkpoints: Path | None = None,
    resume: bool = False,
    on_epoch: OnEpoch | None = None,
    draws: int = DRAWS,
) -> Trained:
    """Train a model on some students and judge it on others.

    Args:
        split: Who is learned from, who decides when to stop, who is judged.
        options: All choices; the default preset if None.
        processes: The processes that train together.
        checkpoints: Folder for the state after each epoch.
        resume: Whether to go on from there.
        on_epoch: Called after each epoch.
        draws: Bootstrap draws of the report.

    Raises:
        MissingDependencyError: torch is not installed.
        SharedStudentsError: A student is in two parts.
        TooFewError: No answer of the training or the validation students can be predicted.
        DifficultyTimingError: The ``difficulty`` looks like the one after the answer, and nobody
            said which it is.
        DeviceError: The device is not there.
        DivergenceError: The loss is no longer a number.
        ArtefactError: The checkpoint to resume from cannot be used.
    """
    options = options or TrainingOptions()
    _require_torch()
    split.require_disjoint()
    split = split.settled()
    learned, checked = as_events(split.train), as_events(split.valid)
    _require_answers(learned, checked, options)
    encoder = fit_encoder(learned, _reads(learned, options))
    baseline = fit_baseline(learned)
    size = architecture_for(
        encoder,
        cell=options.cell,
        input_layer=options.input_layer,
        embed=options.embed,
        hidden=options.hidden,
        layers=options.layers,
        dropout=options.dropout,
    )
    inputs = TrainingInputs(
        encode(learned, encoder),
        encode(checked, encoder),
        encoder,
        size,
        options,
        _fingerprint(split, options),
        warm_start(size, encoder, baseline) if options.warm_start else {},
    )
    fitted = fit(
        inputs, processes=processes, checkpoints=checkpoints, resume=resume, on_epoch=on_epoch
    )
    model = Model(
        encoder,
        size,
        fitted.weights,
        baseline,
        # sorted, so that nothing is known of the order of the students
        np.sort(fingerprints((*split.train.student.names, *split.valid.student.names))),
        _provenance(split, options, fitted),
        difficulty_timing=split.train.difficulty_timing,
        difficulty_look=split.train.difficulty_look,
    )
    leaks = given_away(split.train, model.item_names)
    sentences = [each.sentence for each in leaks]
    model = attrs.evolve(model, provenance={**model.provenance, "given_away": sentences})
    if not len(split.test):
        return Trained(model, None, fitted.history, leaks)
    report = evaluate(model, split.test, draws=draws)
    judged = attrs.evolve(model, metrics=report.as_json())
    return Trained(judged, report, fitted.history, leaks)


def fit_baseline(events: Events) -> Baseline:
    """The logistic regression on counts of training events, with the item's known columns."""
    present = events.interactions.numbers
    numbers = tuple(name for name in QUERY_NUMBERS if name in present)
    encoder = fit_encoder(events, EncoderOptions(numbers=numbers))
    regression = fit_counts_regression(encode(events, encoder), encoder)
    return Baseline(encoder, regression, float(events.correct.mean()))


def warm_start(size: Architecture, encoder: Encoder, baseline: Baseline) -> dict[str, AnyArray]:
    """First weights of the heads, such that the untrained model already is the baseline.

    The heads listen to the state with weight 0 at first, so training can only add to what the
    counts say. Empty for a model that does not read all that the baseline reads.

    Args:
        size: Sizes of the network.
        encoder: What it reads.
        baseline: The logistic regression on counts.
    """
    same_columns = encoder.queries == baseline.encoder.queries
    same_phases = size.query_phases == baseline.encoder.query_phases
    if not (encoder.options.counts and same_columns and same_phases):
        return {}
    regression = baseline.regression
    skill = regression.skill[: size.heads] + regression.bias
    start: dict[str, AnyArray] = {
        "head.weight": np.zeros((size.heads, size.hidden)),
        "head_bias.weight": skill[:, None],
        "counts.weight": regression.features[None, : size.count_width],
    }
    if size.query_width:
        start["query.weight"] = regression.features[None, size.count_width :]
    if size.query_phases:
        start["query_phase.weight"] = regression.phase[:, None]
    return {name: value.astype(np.float32) for name, value in start.items()}


def _require_torch() -> None:
    try:
        import torch  # noqa: F401 -- whether it is there is the question
    except ImportError as error:
        install = "pip install 'kpisdk-edu-dkt[train]'"
        raise MissingDependencyError("torch", "Training", install) from error


def _require_answers(learned: Events, checked: Events, options: TrainingOptions) -> None:
    least = 1 if options.reads.start else 2
    for part, events in (("training", learned), ("validation", checked)):
        if not (events.lengths >= least).any():
            what = f"No {part} student has {least} answer(s) or more, so nothing can be learned."
            raise TooFewError(what, "Provide longer histories.")


def _reads(events: Events, options: TrainingOptions) -> EncoderOptions:
    """What to read; the notebook preset reads the columns that the notebook reads."""
    reads = options.reads
    if options.preset != "notebook" or reads.numbers is not None:
        return reads
    present = events.interactions.numbers
    # the notebook's "difficulty" is the one after the change, which has a column of its own here
    changed = "next_difficulty" if "next_difficulty" in present else "difficulty"
    wanted = (changed, "adjustment", "time_spent", "motivation", "anxiety_level")
    return attrs.evolve(reads, numbers=tuple(name for name in wanted if name in present))


def _fingerprint(split: Split, options: TrainingOptions) -> str:
    """Equal for trainings that must end alike: same data, same choices (epochs may be more)."""
    chosen = attrs.asdict(options)
    del chosen["epochs"], chosen["patience"]
    identity = [split.train.sha256, split.valid.sha256, chosen]
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def _provenance(split: Split, options: TrainingOptions, fitted: Fitted) -> dict[str, Any]:
    return {
        "preset": options.preset,
        "options": attrs.asdict(options),
        "seed": options.seed,
        "threads": options.threads,
        "device": fitted.device,
        "best_epoch": fitted.best_epoch,
        "epochs": len(fitted.history),
        "split": split.rule,
        "students": {
            "train": split.train.students,
            "valid": split.valid.students,
            "test": split.test.students,
        },
        "source": split.train.source,
        "data_sha256": split.train.sha256,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": importlib.metadata.version("torch"),
        },
    }

"""How far the features have moved since training: the mean stability index."""

from collections.abc import Mapping
from functools import partial
from math import fsum
from typing import Any

from kpisdk import (
    STORED,
    AsOf,
    Calculator,
    Direction,
    Estimate,
    FirstOf,
    FrameInput,
    Governance,
    Inputs,
    Kpi,
    Mean,
    Note,
    Option,
    Reason,
    Trailing,
    Unit,
    count,
    few_rows,
)
from kpisdk_ws1_quality.described import StoredFigure, outside
from kpisdk_ws1_quality.drift_interval import Binned, counts_by_bucket, mean_interval, null_mean
from kpisdk_ws1_quality.feature_distributions import Distribution, Reference, newest
from kpisdk_ws1_quality.feature_values import Production, production
from kpisdk_ws1_quality.json_documents import json_junk
from kpisdk_ws1_quality.mlflow_source import tracked
from kpisdk_ws1_quality.models_french import FRENCH
from kpisdk_ws1_quality.models_sources import BY_PATIENT, MONTH, SOURCE, TOLERANCE, WORKSTREAM
from kpisdk_ws1_quality.prediction_datasets import DRIFT_METRICS, PREDICTIONS, PREPROCESSING
from kpisdk_ws1_quality.psi import bins_of, floored, smoothed, stability
from kpisdk_ws1_quality.units import with_bounds

CRITICAL = 0.25
"""A stability index above this is critical, of one feature as of their mean."""


def _drift(inputs: Inputs) -> Estimate:
    """The stability index of each feature in production against training, and their mean."""
    rows = inputs.frames["production"]
    reference, junk_references = newest(inputs.frames["distributions"])
    trained = {} if reference is None else reference.features
    found = production(rows["features"].tolist(), trained)
    notes = (
        *json_junk(found.junk, "features"),
        *json_junk(junk_references, "feature_distributions"),
        *found.notes(trained),
    )
    if reference is None:
        return _nothing(found, junk_references, notes)
    notes += (*_one_sided(reference, found), *_other_version(reference, rows))
    compared = {name: each for name, each in sorted(trained.items()) if name in found.values}
    indices = {
        name: stability(known.shares, smoothed(found.values[name], known.edges))
        for name, known in compared.items()
    }
    if not indices:
        return _not_compared(reference, found, notes)
    binned = _binned(compared, found, inputs.units("production"))
    largest = max(indices, key=lambda name: indices[name])
    counts = {name: len(found.values[name]) for name in indices}
    scarcest = min(counts, key=lambda name: counts[name])
    details = {
        "psi": indices,
        "largest": {"feature": largest, "psi": indices[largest]},
        "values": counts,
        "without_drift": {name: null_mean(each) for name, each in binned.items()},
    }
    notes = (
        *few_rows(counts[scarcest], f"values of feature {scarcest!r}"),
        *_not_whole(compared),
        *_drifted(indices),
        *notes,
    )
    average = fsum(indices.values()) / len(indices)
    made = Estimate.of(average, n=found.rows, warnings=notes, details=details)
    return with_bounds(made, mean_interval(binned, average))


def _binned(
    compared: Mapping[str, Distribution], found: Production, units: Any
) -> dict[str, Binned]:
    """The values of each feature by bin and by unit."""
    import numpy as np

    binned = {}
    for name, known in compared.items():
        bins = bins_of(found.values[name], known.edges)
        codes = units[np.asarray(found.places[name])]
        counts = counts_by_bucket(bins, codes, len(known.shares))
        actual = smoothed(found.values[name], known.edges)
        binned[name] = Binned(floored(known.shares), actual, counts)
    return binned


def _nothing(found: Production, junk_references: int, notes: tuple[Note, ...]) -> Estimate:
    """Why there is no distribution to compare with: none is stored, or none can be read."""
    message = "No feature_distributions were computed before as_of, so that nothing is compared."
    reason = Reason.NO_ROWS
    if junk_references:
        message = "No document of feature_distributions before as_of can be read as JSON."
        reason = Reason.WRONG_TYPE
    return Estimate.absent(reason, message, n=found.rows, warnings=notes)


def _not_compared(reference: Reference, found: Production, notes: tuple[Note, ...]) -> Estimate:
    """Why no feature is compared: none is there on both sides, or what is there is unreadable."""
    names = {*reference.features, *reference.faulty}
    if found.is_unreadable(reference.features) or (found.junk and not found.documents):
        message = "No value of a feature with a distribution can be read as a number."
        return Estimate.absent(Reason.WRONG_TYPE, message, n=found.rows, warnings=notes)
    if reference.faulty and names & found.values.keys():
        message = f"Nothing is left to compare: {_faults(reference)}."
        return Estimate.absent(Reason.WRONG_TYPE, message, n=found.rows, warnings=notes)
    message = "No feature is there both in training and in production."
    return Estimate.absent(Reason.NO_ROWS, message, n=found.rows, warnings=notes)


def _one_sided(reference: Reference, found: Production) -> tuple[Note, ...]:
    """The warning of features that cannot be compared, each side named."""
    stored = {*reference.features, *reference.faulty}
    present = {*found.values, *found.odd}
    sides = (
        ("in training only", stored - present),
        ("in production only", set(found.values) - stored),
        ("without a number in production", set(reference.features) & present - set(found.values)),
    )
    told = [f"{', '.join(sorted(names))} {where}" for where, names in sides if names]
    told += [_faults(reference)] if reference.faulty else []
    if not told:
        return ()
    return (Note("feature_left_out", f"Left out of the mean: {'; '.join(told)}."),)


def _faults(reference: Reference) -> str:
    return ", ".join(
        f"{name} with a distribution that cannot be read ({what})"
        for name, what in reference.faulty.items()
    )


def _not_whole(distributions: Mapping[str, Distribution]) -> tuple[Note, ...]:
    """The warning of shares in training that do not add up to 1; they are used as they are."""
    sums = {name: fsum(each.shares) for name, each in distributions.items() if not each.is_whole}
    if not sums:
        return ()
    told = ", ".join(f"{name} ({found:.4g})" for name, found in sums.items())
    return (Note("shares_not_whole", f"The stored proportions do not add up to 1: {told}."),)


def _drifted(indices: Mapping[str, float]) -> tuple[Note, ...]:
    """The warning of features that have drifted by themselves, whatever the mean says."""
    beyond = {name: psi for name, psi in indices.items() if psi > CRITICAL}
    if not beyond:
        return ()
    told = ", ".join(f"{name} ({psi:.4g})" for name, psi in beyond.items())
    return (Note("feature_drifted", f"Beyond {CRITICAL:g} by themselves: {told}."),)


def _other_version(reference: Reference, rows: object) -> tuple[Note, ...]:
    """The warning of distributions that belong to a model version that predicts nothing here."""
    versions = set(rows["model_version"].dropna()) if "model_version" in rows else set()  # type: ignore[operator,index]
    if reference.version is None or not versions or reference.version in versions:
        return ()
    words = (
        f"The newest distributions are those of model version {reference.version!r}, which made "
        "none of the predictions they are compared with."
    )
    return (Note("other_version", words),)


_psi = DRIFT_METRICS["psi_value"]
STORED_INDEX = StoredFigure(
    Mean(DRIFT_METRICS, _psi),
    {"outside": count(DRIFT_METRICS, _psi < 0.0)},
    partial(outside, column="psi_value", bounds="below 0, where no stability index lies"),
)

_distributions = PREPROCESSING["feature_distributions"]
DRIFT = Calculator(
    _drift,
    (
        FrameInput(
            "production",
            PREDICTIONS,
            ("features",),
            where=PREDICTIONS["features"].not_null(),
            optional=("model_version",),
        ),
        FrameInput(
            "distributions",
            PREPROCESSING,
            ("computed_at", "feature_distributions"),
            where=_distributions.not_null() & (PREPROCESSING["computed_at"] < AsOf()),
            windowed=False,
            sliced=False,
            optional=("model_version",),
        ),
    ),
    units="production",
)

KPIS = (
    Kpi(
        id="WS1-MP-009",
        translations={"fr": FRENCH["WS1-MP-009"]},
        name="Feature Drift (PSI)",
        workstream=WORKSTREAM,
        definition=(
            "Mean population stability index of the model's features, production against training."
        ),
        calculation_type="derived",
        formula="sum_b (q_b - p_b) * ln(q_b / p_b)",
        calculation=FirstOf(
            (
                Option("stored", STORED_INDEX, sampling=STORED),
                Option("computed", DRIFT, window=MONTH),
                tracked("WS1-MP-009"),
            ),
            parameter=SOURCE.name,
            tolerance=TOLERANCE,
        ),
        unit=Unit.PSI,
        direction=Direction.LOWER,
        target=0.10,
        warning=0.20,
        critical=CRITICAL,
        window=Trailing(7),
        base=PREDICTIONS,
        parameters=(SOURCE,),
        sampling=BY_PATIENT,
        slug="feature_drift_psi",
        governance=Governance(
            objective="Notice when the model meets other data than it was trained on",
            numerator="stability indices of the features",
            denominator="features that are known in training and production",
            granularity="feature",
            segment="all predictions",
            source="feature_drift_metrics, ml_preprocessing_metadata, ml_predictions",
            owner="Data science",
            gaming_risk="averaging one drifting feature away among many steady ones",
            controls="the result's details hold every feature and the largest",
        ),
    ),
)

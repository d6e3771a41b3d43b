"""How far the features have moved since training: the mean stability index."""

from kpisdk import (
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
)
from kpisdk_ws1_quality.feature_distributions import Reference, newest, production
from kpisdk_ws1_quality.json_documents import json_junk
from kpisdk_ws1_quality.mlflow_source import tracked
from kpisdk_ws1_quality.models_outcomes import few
from kpisdk_ws1_quality.models_sources import MONTH, SOURCE, TOLERANCE, WORKSTREAM
from kpisdk_ws1_quality.prediction_datasets import DRIFT_METRICS, PREDICTIONS, PREPROCESSING
from kpisdk_ws1_quality.psi import smoothed, stability


def _drift(inputs: Inputs) -> Estimate:
    """The stability index of each feature in production against training, and their mean."""
    rows = inputs.frames["production"]
    values, junk = production(rows["features"].tolist())
    reference, junk_references = newest(inputs.frames["distributions"])
    notes = (
        *json_junk(junk, "features"),
        *json_junk(junk_references, "feature_distributions"),
    )
    n = len(rows) - junk
    if reference is None or not values:
        what = (
            "feature_distributions were computed before as_of"
            if values
            else "features hold a number"
        )
        message = f"No {what}, so that there is nothing to compare."
        return Estimate.absent(Reason.NO_ROWS, message, n=n, warnings=notes)
    notes += (*_one_sided(reference, set(values)), *_other_version(reference, rows))
    indices = {
        name: stability(known.shares, smoothed(values[name], known.edges))
        for name, known in sorted(reference.features.items())
        if name in values
    }
    if not indices:
        message = "No feature is there both in training and in production."
        return Estimate.absent(Reason.NO_ROWS, message, n=n, warnings=notes)
    largest = max(indices, key=lambda name: indices[name])
    details = {"psi": indices, "largest": {"feature": largest, "psi": indices[largest]}}
    average = sum(indices.values()) / len(indices)
    return Estimate.of(average, n=n, warnings=(*few(n), *notes), details=details)


def _one_sided(reference: Reference, present: set[str]) -> tuple[Note, ...]:
    """The warning of features that cannot be compared, each side named."""
    stored = {*reference.features, *reference.faulty}
    sides = (
        ("in training only", stored - present),
        ("in production only", present - stored),
        ("with a distribution that cannot be read", set(reference.faulty)),
    )
    told = [f"{', '.join(sorted(names))} {where}" for where, names in sides if names]
    if not told:
        return ()
    return (Note("feature_left_out", f"Left out of the mean: {'; '.join(told)}."),)


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
)

KPIS = (
    Kpi(
        id="WS1-MP-009",
        name="Feature Drift (PSI)",
        workstream=WORKSTREAM,
        definition=(
            "Mean population stability index of the model's features, production against training."
        ),
        formula="sum_b (q_b - p_b) * ln(q_b / p_b)",
        calculation=FirstOf(
            (
                Option("stored", Mean(DRIFT_METRICS, DRIFT_METRICS["psi_value"])),
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
        critical=0.25,
        window=Trailing(7),
        base=PREDICTIONS,
        parameters=(SOURCE,),
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

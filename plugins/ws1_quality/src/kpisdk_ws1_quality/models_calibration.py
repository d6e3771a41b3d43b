"""Whether a model's probabilities are as sure as they should be: the calibration slope."""

from typing import Any

from kpisdk import (
    Calculator,
    Estimate,
    FrameInput,
    Frequency,
    Governance,
    Inputs,
    IntervalReason,
    Kpi,
    Mean,
    Note,
    Reason,
    Unit,
    Values,
    few_rows,
)
from kpisdk_ws1_quality.described import StoredFigure
from kpisdk_ws1_quality.logistic_slope import fit, is_separated, log_odds
from kpisdk_ws1_quality.models_french import FRENCH
from kpisdk_ws1_quality.models_outcomes import not_judged, not_probabilities, one_class
from kpisdk_ws1_quality.models_sources import BY_PATIENT, MONTH, SOURCE, WORKSTREAM, three_ways
from kpisdk_ws1_quality.models_versions import NEWEST
from kpisdk_ws1_quality.prediction_datasets import PREDICTIONS
from kpisdk_ws1_quality.units import with_bounds

TOO_STEEP = 1.15
"""A slope above this is good by the thresholds' rule, and no good sign."""


def underconfident(slope: float) -> tuple[Note, ...]:
    """The warning of a slope far above 1, which the thresholds call good."""
    if slope <= TOO_STEEP:
        return ()
    words = (
        f"A slope of {slope:.4g} is above {TOO_STEEP}: the probabilities are underconfident, too "
        "near to the middle. The ideal is 1."
    )
    return (Note("underconfident", words),)


def _described(made: Estimate, values: Values) -> Estimate:  # noqa: ARG001 - a stored mean has no other measures
    return made if made.value is None else made.with_notes(*underconfident(made.value))


def _slope(inputs: Inputs) -> Estimate:
    """The slope of the outcome on the prediction's log-odds, fitted without a penalty."""
    is_judged, lost = _judged(inputs.frames["outcomes"])
    frame = inputs.frames["outcomes"][is_judged]
    p = frame["prediction_value"].to_numpy(dtype=float)
    y = frame["actual_outcome"].to_numpy(dtype=float)
    refused = one_class(float((y == 1).sum()), float((y == 0).sum()))
    if refused is not None:
        return refused.with_notes(*lost)
    units = None if inputs.sampling.unit is None else inputs.units("outcomes")[is_judged]
    return _fitted(p, y, units).with_notes(*lost)


def _judged(frame: Any) -> tuple[Any, tuple[Note, ...]]:
    """Which rows are judged, and the warning of those with an outcome that are not."""
    known, predicted = frame["actual_outcome"].isin([0.0, 1.0]), frame["prediction_value"].notna()
    lost = not_judged(float((~known).sum()), float((known & ~predicted).sum()))
    return (known & predicted).to_numpy(), lost


def _fitted(p: Any, y: Any, units: Any) -> Estimate:
    x, n = log_odds(p), len(y)
    if x.min() == x.max():
        message = f"All {n} predictions are the same, so that no slope is determined."
        return Estimate.absent(Reason.NOT_IDENTIFIED, message, n=n)
    if is_separated(x, y):
        message = (
            f"A threshold separates the outcomes of all {n} rows without overlap, so that the "
            "slope is infinite. Take a longer window or a wider slice."
        )
        return Estimate.absent(Reason.NOT_FINITE, message, n=n)
    fitted = fit(x, y, units)
    if fitted is None:
        message = f"The regression over {n} rows did not settle: they are all but separated."
        return Estimate.absent(Reason.NOT_FINITE, message, n=n)
    made = Estimate.of(
        fitted.slope,
        n=n,
        warnings=(
            *few_rows(n),
            *underconfident(fitted.slope),
            *not_probabilities(float(((p < 0) | (p > 1)).sum())),
        ),
        details={"intercept": fitted.intercept, "standard_error": fitted.standard_error},
    )
    if fitted.units < 2:
        return with_bounds(made, IntervalReason.TOO_FEW_UNITS)
    from kpisdk.statistics import wald_interval

    bounds = wald_interval(fitted.slope, fitted.standard_error, fitted.units - 1)
    return with_bounds(made, bounds)


SLOPE = Calculator(
    _slope,
    (
        FrameInput(
            "outcomes",
            PREDICTIONS,
            ("prediction_value", "actual_outcome"),
            where=PREDICTIONS["actual_outcome"].not_null(),
        ),
    ),
    units="outcomes",
)

KPIS = (
    Kpi(
        id="WS1-MP-006",
        translations={"fr": FRENCH["WS1-MP-006"]},
        name="Calibration Slope",
        workstream=WORKSTREAM,
        definition=(
            "Slope of the logistic regression of the outcome on the log-odds of the prediction; "
            "1 is ideal, less is overconfident."
        ),
        calculation_type="direct",
        formula="logistic_regression(y ~ predicted_prob).slope",
        calculation=three_ways(
            "WS1-MP-006",
            StoredFigure(Mean(NEWEST, NEWEST["calibration_score"]), {}, _described),
            SLOPE,
            underconfident,
        ),
        unit=Unit.SLOPE,
        frequency=Frequency.WEEKLY,
        target=1.0,
        warning=0.8,
        critical=0.6,
        window=MONTH,
        parameters=(SOURCE,),
        sampling=BY_PATIENT,
        slug="calibration_slope",
        governance=Governance(
            objective="Give probabilities that mean what they say",
            numerator="change of the outcome's log-odds",
            denominator="change of the prediction's log-odds",
            granularity="prediction",
            segment="predictions with a known outcome",
            source="ml_predictions",
            owner="Data science",
            gaming_risk="pulling all probabilities to the middle raises the slope",
            controls="a slope above 1.15 carries a warning",
        ),
    ),
)

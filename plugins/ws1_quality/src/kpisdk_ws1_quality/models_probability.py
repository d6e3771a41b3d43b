"""How good a model's probabilities are at a cut and on average: F1 and Brier score."""

from functools import partial

from kpisdk import (
    Direction,
    Estimate,
    Formula,
    Governance,
    Kpi,
    Mean,
    Reason,
    Unit,
    ValueRange,
    Values,
    count,
    few_rows,
    mean,
)
from kpisdk_ws1_quality.described import StoredFigure, outside
from kpisdk_ws1_quality.models_f1_figures import F1
from kpisdk_ws1_quality.models_french import FRENCH
from kpisdk_ws1_quality.models_outcomes import known, over_rows
from kpisdk_ws1_quality.models_sources import (
    BY_PATIENT,
    MONTH,
    SOURCE,
    WORKSTREAM,
    stored_mean,
    three_ways,
)
from kpisdk_ws1_quality.models_versions import NEWEST
from kpisdk_ws1_quality.prediction_datasets import PREDICTIONS


def _harmonic(values: Values) -> Estimate:
    """``2 P R / (P + R)`` of the mean precision and recall."""
    precision, recall = values["precision"], values["recall"]
    n = int(min(values["n_precision"] or 0, values["n_recall"] or 0))
    if precision is None or recall is None:
        return Estimate.of(None, n=n)
    if precision + recall == 0:
        message = "Mean precision and mean recall are both zero, so that F1 has no denominator."
        return Estimate.absent(Reason.ZERO_DENOMINATOR, message, n=n)
    details = {"precision": precision, "recall": recall}
    f1 = 2 * precision * recall / (precision + recall)
    return Estimate.of(f1, n=n, warnings=few_rows(n), details=details)


_precision, _recall = NEWEST["model_precision"], NEWEST["model_recall"]
_STORED_F1 = Formula(
    {
        "precision": mean(NEWEST, _precision),
        "recall": mean(NEWEST, _recall),
        "n_precision": count(NEWEST, _precision.not_null()),
        "n_recall": count(NEWEST, _recall.not_null()),
    },
    _harmonic,
)
STORED_F1 = StoredFigure(
    _STORED_F1,
    {
        "outside": count(
            NEWEST, (_precision < 0.0) | (_precision > 1.0) | (_recall < 0.0) | (_recall > 1.0)
        )
    },
    partial(outside, column="model_precision or model_recall", bounds="outside 0 to 1"),
)
_miss = PREDICTIONS["prediction_value"] - PREDICTIONS["actual_outcome"]
BRIER = over_rows(Mean(PREDICTIONS, _miss * _miss, known))

KPIS = (
    Kpi(
        id="WS1-MP-003",
        translations={"fr": FRENCH["WS1-MP-003"]},
        name="F1 Score",
        workstream=WORKSTREAM,
        definition="Harmonic mean of precision and recall, predictions of 0.5 and more saying yes.",
        calculation_type="derived",
        formula="2 * (precision * recall) / (precision + recall)",
        calculation=three_ways("WS1-MP-003", STORED_F1, F1),
        unit=Unit.SCORE,
        target=0.75,
        warning=0.60,
        critical=0.45,
        window=MONTH,
        parameters=(SOURCE,),
        sampling=BY_PATIENT,
        slug="f1_score",
        value_range=ValueRange(0, 1),
        governance=Governance(
            objective="Say yes rightly without missing too many",
            numerator="twice the true positives",
            denominator="predicted positives and actual positives",
            granularity="prediction",
            segment="predictions with a known outcome",
            source="ml_predictions",
            owner="Data science",
            gaming_risk="moving the probabilities around the cut of 0.5",
            controls="read beside WS1-MP-006 (calibration)",
        ),
    ),
    Kpi(
        id="WS1-MP-005",
        translations={"fr": FRENCH["WS1-MP-005"]},
        name="Brier Score",
        workstream=WORKSTREAM,
        definition="Mean squared distance between predicted probability and outcome.",
        calculation_type="direct",
        formula="mean((p - y)^2)",
        calculation=three_ways("WS1-MP-005", stored_mean("brier_score"), BRIER),
        unit=Unit.SCORE,
        direction=Direction.LOWER,
        target=0.15,
        warning=0.25,
        critical=0.35,
        window=MONTH,
        parameters=(SOURCE,),
        sampling=BY_PATIENT,
        slug="brier_score",
        value_range=ValueRange(0, 1),
        governance=Governance(
            objective="Give probabilities that can be planned with",
            numerator="squared distances of probability and outcome",
            denominator="predictions with a known outcome",
            granularity="prediction",
            segment="predictions with a known outcome",
            source="ml_predictions",
            owner="Data science",
            gaming_risk="a rare outcome makes it small for any model",
            controls="read beside WS1-MP-002 (PR-AUC)",
        ),
    ),
)

"""How well a model ranks: ROC-AUC, PR-AUC and recall at K."""

from kpisdk import (
    Estimate,
    Governance,
    Guardrail,
    Kpi,
    LogicalType,
    Mean,
    Note,
    Parameter,
    ParameterRef,
    Ratio,
    Reason,
    Unit,
    ValueRange,
    Values,
    count,
)
from kpisdk_ws1_quality.described import StoredFigure, outside
from kpisdk_ws1_quality.json_documents import json_junk
from kpisdk_ws1_quality.models_french import FRENCH
from kpisdk_ws1_quality.models_outcomes import RANKED, OverOutcomes, did_not, happened
from kpisdk_ws1_quality.models_ranking_figures import AREA, AVERAGE_PRECISION
from kpisdk_ws1_quality.models_sources import (
    BY_PATIENT,
    MONTH,
    SOURCE,
    WORKSTREAM,
    no_share,
    stored_mean,
    three_ways,
)
from kpisdk_ws1_quality.models_versions import RANKINGS

_ranked_positives = count(RANKED, happened)

RECALL_AT_K = OverOutcomes(
    Ratio(
        count(RANKED, happened & (RANKED["place"] <= ParameterRef("k", LogicalType.INT))),
        _ranked_positives,
    ),
    _ranked_positives,
    count(RANKED, did_not),
)


def _without_junk(made: Estimate, values: Values) -> Estimate:
    told = made.with_notes(*json_junk(values["junk"], "rank_metrics"))
    unread, junk = values["unread"], values["junk"]
    if junk and made.value is None:
        message = f"{junk:g} row(s) hold rank_metrics that no recall can be read from."
        return Estimate.absent(Reason.WRONG_TYPE, message, n=0, warnings=told.warnings)
    if unread and made.value is None:
        message = f"{unread:g} row(s) store a recall_at_k that is no number."
        return Estimate.absent(Reason.WRONG_TYPE, message, n=0, warnings=told.warnings)
    if unread:
        words = f"{unread:g} row(s) left out: their stored recall_at_k is no number."
        told = told.with_notes(Note("values_left_out", words))
    return outside(told, values, "recall_at_k", "outside 0 to 1")


STORED_RECALL = StoredFigure(
    Mean(RANKINGS, RANKINGS["recall"]),
    {
        "junk": count(RANKINGS, RANKINGS["kind"].is_in("junk", "array", "scalar")),
        "unread": count(RANKINGS, RANKINGS["unread"].is_true()),
        "outside": no_share(RANKINGS, RANKINGS["recall"]),
    },
    _without_junk,
)

KPIS = (
    Kpi(
        id="WS1-MP-001",
        translations={"fr": FRENCH["WS1-MP-001"]},
        name="ROC-AUC",
        workstream=WORKSTREAM,
        definition=(
            "Probability that the model ranks a random positive above a random negative; ties "
            "count half."
        ),
        calculation_type="direct",
        formula="integral TPR d(FPR)",
        calculation=three_ways("WS1-MP-001", stored_mean("model_auc"), AREA),
        unit=Unit.SCORE,
        target=0.80,
        warning=0.70,
        critical=0.60,
        window=MONTH,
        parameters=(SOURCE,),
        sampling=BY_PATIENT,
        slug="roc_auc",
        value_range=ValueRange(0, 1),
        guardrails=(Guardrail("WS1-MP-006"),),
        governance=Governance(
            objective="Rank patients and HCPs by a model that tells them apart",
            numerator="pairs of a positive and a negative that are ranked rightly",
            denominator="pairs of a positive and a negative",
            granularity="prediction",
            segment="predictions with a known outcome",
            source="ml_predictions",
            owner="Data science",
            gaming_risk="judging only the predictions that are easy",
            controls="compare the stored figure with the computed one",
        ),
    ),
    Kpi(
        id="WS1-MP-002",
        translations={"fr": FRENCH["WS1-MP-002"]},
        name="PR-AUC",
        workstream=WORKSTREAM,
        definition="Average precision: precision over the steps of recall, tied scores as one.",
        calculation_type="direct",
        formula="integral Precision d(Recall)",
        calculation=three_ways("WS1-MP-002", stored_mean("model_pr_auc"), AVERAGE_PRECISION),
        unit=Unit.SCORE,
        target=0.70,
        warning=0.55,
        critical=0.40,
        window=MONTH,
        parameters=(SOURCE,),
        sampling=BY_PATIENT,
        slug="pr_auc",
        value_range=ValueRange(0, 1),
        governance=Governance(
            objective="Find the rare positives without drowning them in false alerts",
            numerator="precision at each step of recall",
            granularity="prediction",
            segment="predictions with a known outcome",
            source="ml_predictions",
            owner="Data science",
            gaming_risk="a population with more positives raises it without a better model",
            controls="read beside the share of positives",
        ),
    ),
    Kpi(
        id="WS1-MP-004",
        translations={"fr": FRENCH["WS1-MP-004"]},
        name="Recall@Top-K",
        workstream=WORKSTREAM,
        definition="Share of all positives that are among the K highest predictions.",
        calculation_type="direct",
        formula="TP_at_K / total_positives",
        calculation=three_ways("WS1-MP-004", STORED_RECALL, RECALL_AT_K),
        unit=Unit.SCORE,
        target=0.60,
        warning=0.45,
        critical=0.30,
        window=MONTH,
        parameters=(
            SOURCE,
            Parameter("k", LogicalType.INT, "how many predictions are acted on", 100, minimum=1),
        ),
        sampling=BY_PATIENT,
        slug="recall_at_top_k",
        value_range=ValueRange(0, 1),
        governance=Governance(
            objective="Reach the positives with the visits that can be made",
            numerator="positives among the K highest predictions",
            denominator="positives",
            granularity="prediction",
            segment="predictions with a known outcome",
            source="ml_predictions",
            owner="Data science",
            gaming_risk="raising K",
            controls="K is 100 unless the request says otherwise",
        ),
    ),
)

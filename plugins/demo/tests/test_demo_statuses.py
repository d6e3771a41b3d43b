"""The data answer the KPIs with statuses of all kinds, computed here from the semantics alone.

The figures are worked out with pandas from the definitions; nothing is shared with the KPI plugins.
"""

import pandas as pd
import pytest

from kpisdk_demo import frames

END = pd.Timestamp(2026, 3, 1)
HIGHER, LOWER = "higher", "lower"
THRESHOLDS = {
    # id: (direction, target, warning, critical)
    "WS1-DQ-001": (HIGHER, 0.85, 0.70, 0.50),
    "WS1-DQ-002": (HIGHER, 0.80, 0.65, 0.45),
    "WS1-DQ-003": (HIGHER, 0.75, 0.60, 0.40),
    "WS1-DQ-005": (HIGHER, 0.95, 0.90, 0.80),
    "WS1-DQ-006": (LOWER, 0.05, 0.10, 0.20),
    "WS1-DQ-007": (LOWER, 3, 7, 14),
    "WS1-DQ-009": (LOWER, 24, 48, 72),
    "WS1-MP-001": (HIGHER, 0.80, 0.70, 0.60),
    "WS1-MP-004": (HIGHER, 0.60, 0.45, 0.30),
    "WS1-MP-005": (LOWER, 0.15, 0.25, 0.35),
    "WS2-TR-001": (HIGHER, 0.70, 0.55, 0.40),
    "WS2-TR-002": (HIGHER, 0.60, 0.45, 0.30),
    "WS2-TR-003": (HIGHER, 0.15, 0.10, 0.05),
    "WS2-TR-004": (HIGHER, 0.60, 0.45, 0.30),
    "WS2-TR-005": (LOWER, 0.10, 0.20, 0.30),
    "WS2-TR-006": (LOWER, 0.15, 0.25, 0.40),
    "WS2-TR-007": (LOWER, 14, 21, 30),
    "WS2-TR-008": (LOWER, 0.10, 0.20, 0.30),
    "WS3-BI-001": (HIGHER, 2000, 1500, 1000),
    "WS3-BI-002": (HIGHER, 1200, 900, 600),
    "WS3-BI-003": (HIGHER, 0.40, 0.30, 0.20),
    "WS3-BI-010": (HIGHER, 3.0, 2.0, 1.0),
    "BR-001": (LOWER, 0.40, 0.50, 0.60),
    "BR-003": (HIGHER, 0.60, 0.45, 0.30),
    "BR-004": (LOWER, 30, 45, 60),
    "BR-005": (HIGHER, 0.70, 0.55, 0.40),
}
EXPECTED = {
    "good": {
        "WS1-DQ-003", "WS1-DQ-006", "WS1-DQ-007", "WS1-MP-001",
        "WS2-TR-001", "WS2-TR-003", "WS2-TR-006", "BR-005",
    },
    "warning": {
        "WS1-DQ-001", "WS1-DQ-002", "WS1-DQ-005", "WS1-DQ-009", "WS1-MP-005", "WS2-TR-002",
        "WS2-TR-004", "WS2-TR-005", "WS2-TR-007", "WS3-BI-001", "WS3-BI-002", "WS3-BI-003",
        "WS3-BI-010", "BR-001", "BR-003",
    },
    "critical": {"WS1-MP-004", "WS2-TR-008", "BR-004"},
}  # fmt: skip


def judged(value, direction, target, warning, critical):
    """Semantics rule 8."""
    if direction == HIGHER:
        return "good" if value >= target else "critical" if value < critical else "warning"
    return "good" if value <= target else "critical" if value > warning else "warning"


def since(rows, column, days):
    """Rows of the last ``days`` days, half-open."""
    instants = pd.to_datetime(rows[column])
    return rows[(instants >= END - pd.Timedelta(days=days)) & (instants < END)]


def quality(t):
    """WS1 data quality and two model figures."""
    journeys, universe = t["patient_journeys"], t["reference_universe"]
    current = universe[universe.expiration_date.isna()]
    size = current.groupby("universe_type").total_count.sum()
    hcps = t["hcp_profiles"]
    reached = hcps[hcps.coverage_status.fillna(value=False) & (hcps.priority_tier <= 2)]
    tracking = t["data_source_tracking"]
    tracking = tracking[tracking.tracking_date == tracking.tracking_date.max()]
    rates = tracking.filter(like="match_rate")
    weights = rates.notna().mul(tracking.records_received.astype(float), axis=0)
    recent = since(journeys, "created_at", 30)
    regions = journeys[["patient_id", "geographic_region"]].dropna().drop_duplicates()
    ours = regions.geographic_region.value_counts(normalize=True)
    theirs = current[current.universe_type == "patient"].groupby("region").total_count.sum()
    arrived = since(journeys, "ingestion_timestamp", 30)
    lag = (arrived.ingestion_timestamp - arrived.source_timestamp) / pd.Timedelta(days=1)
    runs = since(t["etl_pipeline_metrics"], "run_completed_at", 30)
    runs = runs[runs.status == "success"]
    hours = (runs.run_completed_at - runs.source_data_timestamp) / pd.Timedelta(hours=1)
    scores = since(t["ml_predictions"], "prediction_timestamp", 30)
    known = scores.dropna(subset="actual_outcome")
    top = known.sort_values(["prediction_value", "prediction_id"], ascending=[False, True])[:100]
    return {
        "WS1-DQ-001": journeys.patient_id.nunique() / size["patient"],
        "WS1-DQ-002": len(reached) / size["hcp"],
        "WS1-DQ-003": (rates * weights).sum().sum() / weights.sum().sum(),
        "WS1-DQ-005": recent[["patient_id", "brand", "event_date"]].notna().all(axis=1).mean(),
        "WS1-DQ-006": (ours - theirs / theirs.sum()).abs().max(),
        "WS1-DQ-007": lag.fillna(arrived.data_lag_hours / 24).median(),
        "WS1-DQ-009": hours.fillna(runs.time_to_release_hours).median(),
        "WS1-MP-001": scores.model_auc.mean(),
        "WS1-MP-004": top.actual_outcome.sum() / known.actual_outcome.sum(),
        "WS1-MP-005": scores.brier_score.mean(),
    }


def triggers(t):
    """WS2, and the KPIs of reach that read triggers."""
    every = t["triggers"]
    fired = since(every, "trigger_timestamp", 30)
    tracked = fired[fired.outcome_tracked.fillna(value=False) & fired.outcome_value.notna()]
    events = since(t["treatment_events"], "event_date", 30)
    events = events[events.event_type.isin(["prescription", "conversion"])]
    events = events.dropna(subset="patient_id")
    first = every.groupby("patient_id").trigger_timestamp.min().dt.floor("D")
    led = pd.to_datetime(events.event_date) >= events.patient_id.map(first)
    acted = fired.action_taken.fillna("") != ""
    rate = acted.groupby(fired.control_group_flag).mean()
    delivered = fired.acceptance_status.dropna()
    changed = fired.dropna(subset=["previous_trigger_id", "change_failed"])
    eligible = t["patient_journeys"]
    eligible = set(eligible[eligible.is_eligible].patient_id.dropna())
    quarter = since(every, "trigger_timestamp", 90)
    hcps = t["hcp_profiles"]
    oncologists = hcps[hcps.specialty.str.contains("oncolog", case=False)].hcp_id
    return {
        "WS2-TR-001": (tracked.outcome_value > 0).mean(),
        "WS2-TR-002": led.mean(),
        "WS2-TR-003": rate[False] / rate[True] - 1,
        "WS2-TR-004": (delivered == "accepted").mean(),
        "WS2-TR-005": fired.false_positive_flag.mean(),
        "WS2-TR-006": (delivered == "overridden").mean(),
        "WS2-TR-007": fired.lead_time_days.median(),
        "WS2-TR-008": changed.change_failed.mean(),
        "WS3-BI-003": len(eligible & set(fired.patient_id)) / len(eligible),
        "BR-005": oncologists.isin(quarter[quarter.brand == "Kisqali"].hcp_id).mean(),
    }


def business(t):
    """The rest of WS3 and of the brands."""
    sessions, journeys, events = t["user_sessions"], t["patient_journeys"], t["treatment_events"]
    urticaria = journeys.diagnosis.str.contains("csu|chronic spontaneous urticaria", case=False)
    tried = events[
        events.drug_class.str.lower().isin(["antihistamine", "h1_blocker", "h1-blocker"])
    ]
    tried = tried[tried.patient_id.isin(journeys[urticaria].patient_id)]
    poor = tried.treatment_response.str.lower().isin(["inadequate", "uncontrolled", "refractory"])
    pnh = journeys.diagnosis.str.contains("pnh|paroxysmal nocturnal hemoglobinuria", case=False)
    pnh |= journeys.diagnosis.str.contains("anemia", case=False) & journeys.is_eligible
    candidates = pd.Series(journeys[pnh].patient_id.dropna().unique())
    tests = events[events.test_type.isin(["flow_cytometry", "pnh_panel", "gpi_anchor"])]
    kisqali = events[(events.event_type == "prescription") & (events.brand == "Kisqali")]
    started = pd.to_datetime(kisqali.groupby("patient_id").event_date.min())
    found = pd.to_datetime(journeys.groupby("patient_id").diagnosis_date.min())
    return {
        "WS3-BI-001": since(sessions, "session_start", 30).user_id.nunique(),
        "WS3-BI-002": since(sessions, "session_start", 7).user_id.nunique(),
        "WS3-BI-010": since(t["business_metrics"], "metric_date", 30).roi.mean(),
        "BR-001": poor.groupby(tried.patient_id).any().mean(),
        "BR-003": candidates.isin(tests.patient_id.dropna()).mean(),
        "BR-004": (started - found).dropna().dt.days.median(),
    }


@pytest.mark.parametrize(("scale", "seed"), [(1, 7), (1, 2026), (0.6, 1)])
def test_the_mix_of_statuses_is_the_same_for_every_seed_and_scale(scale, seed):
    """Good, warning and critical all occur, and each KPI's status is no accident of the draw."""
    t = frames(scale, seed, END.to_pydatetime())
    values = quality(t) | triggers(t) | business(t)

    assert set(values) == set(THRESHOLDS)
    statuses: dict[str, set[str]] = {}
    for name, value in values.items():
        statuses.setdefault(judged(float(value), *THRESHOLDS[name]), set()).add(name)
    assert statuses == EXPECTED


def test_a_smaller_data_set_has_statuses_of_all_kinds(tables):
    """With a fifth of the patients single statuses may differ; all kinds still occur."""
    values = quality(tables) | triggers(tables) | business(tables)

    kinds = {judged(float(value), *THRESHOLDS[name]) for name, value in values.items()}
    assert kinds == {"good", "warning", "critical"}


def test_every_brand_has_prescriptions_new_ones_and_others_share_the_market(tables):
    """TRx, NRx, NBRx and TRx share have rows to count in the last 30 days."""
    recent = since(tables["treatment_events"], "event_date", 30)
    recent = recent[recent.event_type == "prescription"]

    assert {"Remibrutinib", "Fabhalta", "Kisqali", "Competitor"} == set(recent.brand.dropna())
    assert recent.brand.isna().any()
    assert recent.patient_id.isna().any()
    assert (recent.sequence_number == 1).any()
    assert (recent.sequence_number > 1).any()


def test_causal_columns_have_effects_to_average(tables):
    """Treatment effects, segments and counterfactuals are there in the last 30 days."""
    recent = since(tables["ml_predictions"], "prediction_timestamp", 30)

    assert recent.treatment_effect_estimate.mean() == pytest.approx(0.08, abs=0.02)
    by_segment = recent.groupby("segment_assignment").heterogeneous_effect.mean()
    assert by_segment["early_adopter"] > by_segment["low_engagement"]
    assert recent.counterfactual_outcome.notna().any()
    assert recent[recent.segment_assignment.isna()].heterogeneous_effect.notna().any()

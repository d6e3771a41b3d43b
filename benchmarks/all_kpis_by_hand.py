"""One SQL statement a KPI, as an analyst would write it from the semantics of the 41 KPIs.

The first column is the KPI's value at :data:`AS_OF`. Where the semantics want a computed figure
beside the stored one (to warn when they differ), it is the second column; a logistic regression
cannot be sensibly said in one statement, so WS1-MP-006 reads what is stored.
"""

from __future__ import annotations

from collections.abc import Mapping

BRAND = "Kisqali"
BY_BRAND = ("WS3-BI-007", "WS3-BI-008")
"""The KPIs that require a brand."""

TODAY = "DATE '2026-01-01'"


def last(days: int, column: str) -> str:
    first = {7: "2025-12-25", 30: "2025-12-02", 90: "2025-10-03"}[days]
    return f"{column} >= TIMESTAMP '{first}' AND {column} < TIMESTAMP '2026-01-01'"


def share(top: str, bottom: str, table: str, where: str) -> str:
    return (
        f"SELECT count(CASE WHEN {top} THEN 1 END) * 1.0 / "
        f"nullif(count(CASE WHEN {bottom} THEN 1 END), 0) FROM {table} WHERE {where}"
    )


def in_force(kind: str) -> str:
    return (
        f"universe_type = '{kind}' AND effective_date <= {TODAY} "
        f"AND (expiration_date IS NULL OR expiration_date > {TODAY})"
    )


NEWEST_DAY = (
    f"tracking_date = (SELECT max(tracking_date) FROM data_source_tracking "
    f"WHERE tracking_date <= {TODAY})"
)

DATA = {
    "WS1-DQ-001": f"""
        WITH universe AS (SELECT * FROM reference_universe WHERE {in_force("patient")}),
        named AS (SELECT DISTINCT patient_id FROM universe WHERE patient_id IS NOT NULL)
        SELECT CASE WHEN (SELECT count(*) FROM named) > 0
            THEN (SELECT count(*) FROM named WHERE patient_id IN (
                    SELECT patient_id FROM patient_journeys WHERE patient_id IS NOT NULL)) * 1.0
                / (SELECT count(*) FROM named)
            ELSE (SELECT count(DISTINCT patient_id) FROM patient_journeys) * 1.0
                / (SELECT sum(total_count) FROM universe) END""",
    "WS1-DQ-002": f"""
        SELECT (SELECT count(DISTINCT hcp_id) FROM hcp_profiles
                WHERE coverage_status AND priority_tier <= 2) * 1.0
            / (SELECT sum(total_count) FROM reference_universe WHERE {in_force("hcp")})""",
    "WS1-DQ-003": f"""
        SELECT sum(rate * records_received) / sum(records_received) FROM (
            SELECT records_received, match_rate_vs_claims AS rate, tracking_date
            FROM data_source_tracking
            UNION ALL SELECT records_received, match_rate_vs_ehr, tracking_date
            FROM data_source_tracking
            UNION ALL SELECT records_received, match_rate_vs_specialty, tracking_date
            FROM data_source_tracking) AS rates
        WHERE {NEWEST_DAY} AND rate IS NOT NULL""",
    "WS1-DQ-004": f"""
        SELECT sum(stacking_lift_percentage / 100 * stacking_eligible_records)
            / sum(stacking_eligible_records)
        FROM data_source_tracking WHERE {NEWEST_DAY} AND stacking_lift_percentage IS NOT NULL""",
    "WS1-DQ-005": share(
        "patient_id IS NOT NULL AND brand IS NOT NULL AND event_date IS NOT NULL",
        "TRUE",
        "patient_journeys",
        last(30, "created_at"),
    ),
    "WS1-DQ-006": f"""
        WITH pairs AS (SELECT geographic_region AS region, count(DISTINCT patient_id) * 1.0 AS n
            FROM patient_journeys WHERE geographic_region IS NOT NULL GROUP BY geographic_region),
        members AS (SELECT region, sum(total_count) * 1.0 AS n FROM reference_universe
            WHERE {in_force("patient")} AND region IS NOT NULL GROUP BY region)
        SELECT max(abs(coalesce(pairs.n, 0) / (SELECT sum(n) FROM pairs)
            - coalesce(members.n, 0) / (SELECT sum(n) FROM members)))
        FROM pairs FULL JOIN members ON members.region = pairs.region""",
    "WS1-DQ-007": f"""
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce(
            extract(epoch FROM ingestion_timestamp - source_timestamp) / 86400.0,
            data_lag_hours / 24.0))
        FROM patient_journeys WHERE {last(30, "ingestion_timestamp")}""",
    "WS1-DQ-008": """
        WITH same AS (SELECT iaa_group_id, {canonical} AS value, count(*) AS n,
                min(annotator_id) AS least, max(annotator_id) AS largest
            FROM ml_annotations WHERE iaa_group_id IS NOT NULL AND annotator_id IS NOT NULL
                AND annotation_value IS NOT NULL GROUP BY iaa_group_id, {canonical}),
        agreement AS (SELECT sum(n * (n - 1)) * 1.0 / (sum(n) * (sum(n) - 1)) AS share FROM same
            GROUP BY iaa_group_id HAVING min(least) < max(largest))
        SELECT avg(share) FROM agreement""",
    "WS1-DQ-009": f"""
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce(
            extract(epoch FROM run_completed_at - source_data_timestamp) / 3600.0,
            time_to_release_hours))
        FROM etl_pipeline_metrics WHERE status = 'success' AND {last(30, "run_completed_at")}""",
}

SCORED = last(30, "prediction_timestamp")
JUDGED = f"{SCORED} AND prediction_value IS NOT NULL AND actual_outcome IN (0, 1)"
STORED = f"""FROM ml_predictions WHERE {SCORED} AND model_version = (
            SELECT model_version FROM ml_predictions WHERE {SCORED} AND model_version IS NOT NULL
            ORDER BY prediction_timestamp DESC, model_version DESC LIMIT 1)"""
LEVELS = f"""SELECT prediction_value AS p, sum(actual_outcome) AS pos,
                sum(1 - actual_outcome) AS neg
            FROM ml_predictions WHERE {JUDGED} GROUP BY prediction_value"""
GAP = "{recalls}"
"""An engine's words for the largest minus the smallest recall in a row's document."""

STORED_FIGURES = {
    "WS1-MP-001": f"SELECT avg(model_auc) {STORED}",
    "WS1-MP-002": f"SELECT avg(model_pr_auc) {STORED}",
    "WS1-MP-003": "SELECT 2 * avg(model_precision) * avg(model_recall) / "
    f"nullif(avg(model_precision) + avg(model_recall), 0) {STORED}",
    "WS1-MP-004": "SELECT avg(CAST(rank_metrics ->> 'recall_at_100' AS double precision)) "
    f"{STORED}",
    "WS1-MP-005": f"SELECT avg(brier_score) {STORED}",
    "WS1-MP-006": f"SELECT avg(calibration_score) {STORED}",
    "WS1-MP-008": f"SELECT avg({GAP}) {STORED}",
    "WS1-MP-009": f"SELECT avg(psi_value) FROM feature_drift_metrics "
    f"WHERE {last(7, 'measured_at')}",
}

COMPUTED_FIGURES = {
    "WS1-MP-001": f"""SELECT sum(pos * (below + neg / 2)) / (sum(pos) * sum(neg)) FROM (
            SELECT pos, neg, sum(neg) OVER (ORDER BY p) - neg AS below
            FROM ({LEVELS}) AS levels) AS ranked""",
    "WS1-MP-002": f"""SELECT sum(pos * hits / (hits + misses)) / sum(pos) FROM (
            SELECT pos, sum(pos) OVER (ORDER BY p DESC) AS hits,
                sum(neg) OVER (ORDER BY p DESC) AS misses
            FROM ({LEVELS}) AS levels) AS ranked""",
    "WS1-MP-003": f"""SELECT 2.0 * count(CASE WHEN prediction_value >= 0.5 AND actual_outcome = 1
                THEN 1 END)
            / (count(CASE WHEN prediction_value >= 0.5 THEN 1 END)
                + count(CASE WHEN actual_outcome = 1 THEN 1 END))
        FROM ml_predictions WHERE {JUDGED}""",
    "WS1-MP-004": f"""SELECT sum(CASE WHEN place <= 100 THEN actual_outcome END)
            / sum(actual_outcome) FROM (
            SELECT actual_outcome,
                row_number() OVER (ORDER BY prediction_value DESC, prediction_id) AS place
            FROM ml_predictions WHERE {JUDGED}) AS ranked""",
    "WS1-MP-005": "SELECT avg((prediction_value - actual_outcome) "
    f"* (prediction_value - actual_outcome)) FROM ml_predictions WHERE {JUDGED}",
    "WS1-MP-008": f"""SELECT max(recall) - min(recall) FROM (
            SELECT avg(CASE WHEN prediction_value >= 0.5 THEN 1.0 ELSE 0.0 END) AS recall
            FROM ml_predictions JOIN (
                SELECT patient_id, insurance_type, row_number() OVER (PARTITION BY patient_id
                    ORDER BY created_at DESC, patient_journey_id DESC) AS place
                FROM patient_journeys WHERE created_at < TIMESTAMP '2026-01-01'
            ) AS visits ON visits.patient_id = ml_predictions.patient_id AND place = 1
            WHERE {JUDGED} AND actual_outcome = 1 AND insurance_type IS NOT NULL
            GROUP BY insurance_type) AS recalls""",
}

REFERENCE = """(SELECT feature_distributions FROM ml_preprocessing_metadata
            WHERE computed_at < TIMESTAMP '2026-01-01' AND feature_distributions IS NOT NULL
            ORDER BY computed_at DESC LIMIT 1) AS newest"""
COMPUTED_FIGURES["WS1-MP-009"] = """
        SELECT avg(index) FROM (
            SELECT shares.feature, sum((q - p) * ln(q / p)) AS index FROM (
                SELECT trained.feature, bin, greatest(proportion, 1e-6) AS p,
                    (coalesce(counted.n, 0) + 1.0) / (sum(counted.n) OVER (
                        PARTITION BY trained.feature) + count(*) OVER (
                        PARTITION BY trained.feature)) AS q
                FROM (SELECT feature, {proportions} FROM ({trained}) AS known) AS trained
                LEFT JOIN (SELECT feature, {bin} AS bin, count(*) AS n
                    FROM ({produced}) AS values JOIN ({trained}) AS known USING (feature)
                    GROUP BY 1, 2) AS counted USING (feature, bin)
            ) AS shares GROUP BY shares.feature) AS features"""

MONTH = last(30, "trigger_timestamp")
TRIGGERS = {
    "WS2-TR-001": share(
        "outcome_value > 0", "outcome_value IS NOT NULL", "triggers", f"{MONTH} AND outcome_tracked"
    ),
    "WS2-TR-002": f"""
        SELECT count(CASE WHEN CAST(first AS DATE) <= event_date THEN 1 END) * 1.0 / count(*)
        FROM treatment_events LEFT JOIN (SELECT patient_id, min(trigger_timestamp) AS first
            FROM triggers GROUP BY patient_id) AS firsts
            ON firsts.patient_id = treatment_events.patient_id
        WHERE {last(30, "event_date")} AND event_type IN ('prescription', 'conversion')
            AND treatment_events.patient_id IS NOT NULL""",
    "WS2-TR-003": f"""
        SELECT avg(CASE WHEN control_group_flag THEN NULL WHEN action_taken <> '' THEN 1.0
                ELSE 0.0 END)
            / avg(CASE WHEN NOT control_group_flag THEN NULL WHEN action_taken <> '' THEN 1.0
                ELSE 0.0 END) - 1
        FROM triggers WHERE {MONTH} AND control_group_flag IS NOT NULL""",
    "WS2-TR-004": share(
        "acceptance_status = 'accepted'", "acceptance_status IS NOT NULL", "triggers", MONTH
    ),
    "WS2-TR-005": share(
        "false_positive_flag", "false_positive_flag IS NOT NULL", "triggers", MONTH
    ),
    "WS2-TR-006": share(
        "acceptance_status = 'overridden'", "acceptance_status IS NOT NULL", "triggers", MONTH
    ),
    "WS2-TR-007": "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY lead_time_days) "
    f"FROM triggers WHERE {MONTH}",
    "WS2-TR-008": share(
        "change_failed",
        "change_failed IS NOT NULL",
        "triggers",
        f"{MONTH} AND previous_trigger_id IS NOT NULL",
    ),
}

EVENTS = f"{last(30, 'event_date')} AND event_type = 'prescription'"
BUSINESS = {
    "WS3-BI-001": "SELECT count(DISTINCT user_id) FROM user_sessions "
    f"WHERE {last(30, 'session_start')}",
    "WS3-BI-002": "SELECT count(DISTINCT user_id) FROM user_sessions "
    f"WHERE {last(7, 'session_start')}",
    "WS3-BI-003": f"""
        WITH eligible AS (SELECT DISTINCT patient_id FROM patient_journeys
            WHERE is_eligible AND patient_id IS NOT NULL)
        SELECT (SELECT count(*) FROM eligible WHERE patient_id IN (
                SELECT patient_id FROM triggers WHERE {MONTH})) * 1.0
            / (SELECT count(*) FROM eligible)""",
    "WS3-BI-004": share(
        "coverage_status", "coverage_status IS NOT NULL", "hcp_profiles", "priority_tier IN (1, 2)"
    ),
    "WS3-BI-005": f"SELECT count(*) FROM treatment_events WHERE {EVENTS}",
    "WS3-BI-006": f"SELECT count(*) FROM treatment_events WHERE {EVENTS} AND sequence_number = 1",
    "WS3-BI-007": f"""
        SELECT count(*) FROM (SELECT patient_id, min(event_date) AS first FROM treatment_events
            WHERE event_type = 'prescription' AND brand = '{BRAND}' AND patient_id IS NOT NULL
            GROUP BY patient_id) AS firsts WHERE {last(30, "first")}""",
    "WS3-BI-008": share(f"brand = '{BRAND}'", "TRUE", "treatment_events", EVENTS),
    "WS3-BI-009": f"""
        WITH delivered AS (SELECT patient_id, CAST(trigger_timestamp AS DATE) AS day FROM triggers
            WHERE {MONTH} AND acceptance_status IS NOT NULL AND patient_id IS NOT NULL)
        SELECT (SELECT count(*) FROM delivered WHERE EXISTS (SELECT 1 FROM treatment_events
                WHERE treatment_events.patient_id = delivered.patient_id
                    AND event_type = 'prescription' AND event_date < {TODAY}
                    AND event_date BETWEEN day AND day + 30)) * 1.0
            / (SELECT count(*) FROM delivered)""",
    "WS3-BI-010": f"""
        SELECT coalesce((SELECT avg(roi) FROM business_metrics WHERE {last(30, "metric_date")}),
            (SELECT avg(roi_estimate) FROM agent_activities
                WHERE {last(30, "activity_timestamp")}))""",
}

BRANDS = {
    "BR-001": """
        WITH taken AS (SELECT patient_id, max(CASE WHEN lower(treatment_response) IN
                ('inadequate', 'uncontrolled', 'refractory') THEN 1 ELSE 0 END) AS bad
            FROM treatment_events
            WHERE lower(drug_class) IN ('antihistamine', 'h1_blocker', 'h1-blocker')
            GROUP BY patient_id)
        SELECT sum(bad) * 1.0 / count(*) FROM taken WHERE patient_id IN (
            SELECT patient_id FROM patient_journeys WHERE lower(diagnosis) LIKE '%csu%'
                OR lower(diagnosis) LIKE '%chronic spontaneous urticaria%')""",
    "BR-002": f"""
        SELECT avg(coalesce(now.intent_to_prescribe_score - before.intent_to_prescribe_score,
            now.intent_to_prescribe_change))
        FROM hcp_intent_surveys AS now LEFT JOIN hcp_intent_surveys AS before
            ON before.survey_id = now.previous_survey_id AND before.hcp_id = now.hcp_id
            AND before.brand = now.brand
        WHERE {last(90, "now.survey_date")} AND now.brand = 'Remibrutinib'
            AND now.response_quality_flag IS DISTINCT FROM FALSE""",
    "BR-003": """
        WITH eligible AS (SELECT DISTINCT patient_id FROM patient_journeys
            WHERE patient_id IS NOT NULL AND (lower(diagnosis) LIKE '%pnh%'
                OR lower(diagnosis) LIKE '%paroxysmal nocturnal hemoglobinuria%'
                OR lower(diagnosis) LIKE '%anemia%' AND is_eligible))
        SELECT (SELECT count(*) FROM eligible WHERE patient_id IN (
                SELECT patient_id FROM treatment_events
                WHERE lower(test_type) IN ('flow_cytometry', 'pnh_panel', 'gpi_anchor'))) * 1.0
            / (SELECT count(*) FROM eligible)""",
    "BR-004": """
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY started - diagnosed) FROM (
            SELECT patient_id, min(diagnosis_date) AS diagnosed FROM patient_journeys
            GROUP BY patient_id) AS diagnoses
        JOIN (SELECT patient_id, min(event_date) AS started FROM treatment_events
            WHERE event_type = 'prescription' AND brand = 'Kisqali'
            GROUP BY patient_id) AS starts ON starts.patient_id = diagnoses.patient_id
        WHERE started >= diagnosed""",
    "BR-005": f"""
        SELECT count(DISTINCT CASE WHEN hcp_id IN (SELECT hcp_id FROM triggers
                WHERE brand = 'Kisqali' AND {last(90, "trigger_timestamp")})
                THEN hcp_id END) * 1.0 / count(DISTINCT hcp_id)
        FROM hcp_profiles WHERE lower(specialty) LIKE '%oncolog%'""",
}

WORDS = {
    "duckdb": {
        # Keys in any order: the members of the object, sorted.
        "canonical": "CAST(list_sort(map_entries(CAST(annotation_value AS MAP(VARCHAR, VARCHAR))))"
        " AS VARCHAR)",
        "recalls": "list_max(CAST(json_extract(fairness_metrics, "
        "'$.recall_by_group.insurance_type.*') AS DOUBLE[])) - list_min(CAST(json_extract("
        "fairness_metrics, '$.recall_by_group.insurance_type.*') AS DOUBLE[]))",
        "explained": "CAST(shap_values AS VARCHAR) NOT IN ('{}', '[]', 'null')",
        "proportions": "unnest(proportions) AS proportion, "
        "unnest(range(0, len(proportions))) AS bin",
        "bin": "len(list_filter(edges, lambda edge: edge <= number))",
        "produced": "SELECT key AS feature, CAST(value AS DOUBLE) AS number "
        f"FROM ml_predictions, json_each(features) WHERE {SCORED}",
        "trained": "SELECT key AS feature, CAST(value -> 'edges' AS DOUBLE[]) AS edges, "
        "CAST(value -> 'proportions' AS DOUBLE[]) AS proportions "
        f"FROM {REFERENCE}, json_each(feature_distributions)",
    },
    "postgresql": {
        "canonical": "annotation_value",
        "recalls": "(SELECT max(CAST(value AS double precision)) "
        "- min(CAST(value AS double precision)) FROM jsonb_each_text("
        "fairness_metrics -> 'recall_by_group' -> 'insurance_type'))",
        "explained": "shap_values NOT IN ('{}', '[]', 'null')",
        "proportions": "unnest(proportions) AS proportion, "
        "generate_series(0, cardinality(proportions) - 1) AS bin",
        "bin": "width_bucket(number, edges)",
        "produced": "SELECT key AS feature, CAST(value AS double precision) AS number "
        f"FROM ml_predictions, jsonb_each_text(features) WHERE {SCORED}",
        "trained": "SELECT key AS feature, CAST(ARRAY(SELECT jsonb_array_elements_text("
        "value -> 'edges')) AS double precision[]) AS edges, CAST(ARRAY(SELECT "
        "jsonb_array_elements_text(value -> 'proportions')) AS double precision[]) AS proportions "
        f"FROM {REFERENCE}, jsonb_each(feature_distributions)",
    },
}


def statements(engine: str, *, computed: bool = True) -> Mapping[str, str]:
    """The statement of each KPI by id; ``computed`` tells whether model figures are both read."""
    models = {
        kpi_id: f"SELECT ({stored}), ({COMPUTED_FIGURES[kpi_id]})"
        if computed and kpi_id in COMPUTED_FIGURES
        else stored
        for kpi_id, stored in STORED_FIGURES.items()
    }
    models["WS1-MP-007"] = share("{explained}", "TRUE", "ml_predictions", last(30, "created_at"))
    found = dict(sorted({**DATA, **models, **TRIGGERS, **BUSINESS, **BRANDS}.items()))
    for name, words in WORDS[engine].items():
        found = {kpi_id: text.replace(f"{{{name}}}", words) for kpi_id, text in found.items()}
    return found

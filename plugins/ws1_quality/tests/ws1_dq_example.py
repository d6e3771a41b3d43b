"""A data set small enough to be worked out on paper: every data quality KPI has a known answer."""

from __future__ import annotations

import datetime as dt

import pandas as pd


def _day(month: int, day: int) -> dt.date:
    return dt.date(2025, month, day)


def _at(month: int, day: int, hour: int = 0) -> dt.datetime:
    return dt.datetime(2025, month, day, hour)


def _frame(columns: str, rows: list[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns.split()).astype(object)


def example() -> dict[str, pd.DataFrame]:
    """All six tables, as of 30 June 2025 at noon."""
    journeys = _frame(
        "patient_id brand event_date geographic_region hcp_id source_timestamp "
        "ingestion_timestamp data_lag_hours created_at",
        [
            # lags of 2, 6, 1 and 3 days; the third has no source time
            ("P1", "Kisqali", _day(6, 18), "north", "H1", _at(6, 18), _at(6, 20), 9.0, _at(6, 20)),
            ("P1", "Kisqali", None, "north", "H1", _at(6, 15), _at(6, 21), None, _at(6, 21)),
            ("P2", "Kisqali", _day(6, 20), "south", None, None, _at(6, 22), 24.0, _at(6, 22)),
            ("P3", "Fabhalta", _day(6, 1), "south", "H2", _at(6, 20), _at(6, 23), None, _at(6, 23)),
            ("P9", None, _day(4, 1), None, None, _at(4, 1), _at(5, 1), None, _at(5, 1)),
        ],
    )
    universe = _frame(
        "universe_type patient_id brand region specialty total_count effective_date "
        "expiration_date",
        [
            ("patient", "P1", "Kisqali", "north", None, 1, _day(1, 1), None),
            ("patient", "P2", "Kisqali", "south", None, 1, _day(1, 1), _day(7, 1)),
            ("patient", "P3", "Fabhalta", "north", None, 1, _day(6, 30), None),
            ("patient", "P4", "Kisqali", "south", None, 1, _day(1, 1), None),
            ("patient", "P5", "Fabhalta", "east", None, 1, _day(1, 1), _day(6, 30)),  # expired
            ("patient", "P6", "Fabhalta", "east", None, 1, _day(7, 1), None),  # not yet
            ("patient", "P7", "Fabhalta", "east", None, 1, None, None),  # never
            ("hcp", None, None, "north", "Oncology", 3, _day(1, 1), None),
            ("hcp", None, None, "south", "Dermatology", 5, _day(1, 1), None),
            ("hcp", None, None, "south", "Oncology", 100, _day(1, 1), _day(2, 1)),
        ],
    )
    profiles = _frame(
        "hcp_id specialty priority_tier coverage_status",
        [
            ("H1", "Oncology", 1, True),
            ("H2", "Dermatology", 2, True),
            ("H3", "Oncology", 3, True),
            ("H4", "Oncology", 1, False),
            ("H5", "Oncology", 1, None),
        ],
    )
    tracking = _frame(
        "tracking_date source_name records_received match_rate_vs_claims match_rate_vs_ehr "
        "match_rate_vs_specialty stacking_eligible_records stacking_lift_percentage",
        [
            # 80 + 50 + 180 of 100 + 100 + 300 records; a lift of 10 + 15 on 50 + 150
            (_day(6, 29), "A", 100, 0.8, 0.5, None, 50, 20.0),
            (_day(6, 29), "B", 300, 0.6, None, None, 150, 10.0),
            (_day(6, 29), "C", None, 1.0, None, None, 70, None),
            (_day(6, 28), "A", 500, 0.1, 0.1, 0.1, 50, 1.0),
            (_day(7, 5), "A", 500, 0.1, 0.1, 0.1, 50, 1.0),
        ],
    )
    annotations = _frame(
        "iaa_group_id annotator_id annotation_type annotation_value",
        [
            ("G1", "ann", "relevance", '"yes"'),  # one pair of three agrees
            ("G1", "ben", "relevance", '"yes"'),
            ("G1", "cyd", "relevance", '"no"'),
            ("G2", "ann", "relevance", '{"a": 1, "b": 2}'),  # the one pair agrees
            ("G2", "ben", "relevance", '{"b":2,"a":1}'),
            ("G3", "ann", "relevance", '"yes"'),  # one annotator
            ("G3", "ann", "relevance", '"yes"'),
            (None, "ben", "relevance", '"yes"'),
        ],
    )
    runs = _frame(
        "pipeline_name status source_data_timestamp run_completed_at time_to_release_hours",
        [
            ("claims", "success", _at(6, 20), _at(6, 20, 10), 99.0),  # 10 hours
            ("claims", "success", _at(6, 20), _at(6, 21, 6), None),  # 30
            ("ehr", "success", None, _at(6, 22), 20.0),
            ("ehr", "failed", _at(6, 1), _at(6, 22), None),
            ("ehr", "success", _at(4, 1), _at(5, 1), None),  # before the window
        ],
    )
    return {
        "patient_journeys": journeys,
        "reference_universe": universe,
        "hcp_profiles": profiles,
        "data_source_tracking": tracking,
        "ml_annotations": annotations,
        "etl_pipeline_metrics": runs,
    }

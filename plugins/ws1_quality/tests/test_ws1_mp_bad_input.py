"""What the model-performance KPIs need is missing, wrong or empty: a named refusal, no number."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from ws1_mp_data import AS_OF, DATASETS, IDS, tables

from kpisdk import Workspace

VERSION = ("prediction_timestamp", "model_version")
OUTCOME = ("prediction_timestamp", "prediction_value", "actual_outcome")
PREDICTIONS, JOURNEYS = "ml_predictions", "patient_journeys"
NEEDS = {
    ("WS1-MP-001", "stored"): {PREDICTIONS: (*VERSION, "model_auc")},
    ("WS1-MP-002", "stored"): {PREDICTIONS: (*VERSION, "model_pr_auc")},
    ("WS1-MP-003", "stored"): {PREDICTIONS: (*VERSION, "model_precision", "model_recall")},
    ("WS1-MP-004", "stored"): {PREDICTIONS: (*VERSION, "rank_metrics")},
    ("WS1-MP-005", "stored"): {PREDICTIONS: (*VERSION, "brier_score")},
    ("WS1-MP-006", "stored"): {PREDICTIONS: (*VERSION, "calibration_score")},
    ("WS1-MP-008", "stored"): {PREDICTIONS: (*VERSION, "fairness_metrics")},
    ("WS1-MP-009", "stored"): {"feature_drift_metrics": ("psi_value", "measured_at")},
    ("WS1-MP-001", "computed"): {PREDICTIONS: OUTCOME},
    ("WS1-MP-002", "computed"): {PREDICTIONS: OUTCOME},
    ("WS1-MP-003", "computed"): {PREDICTIONS: OUTCOME},
    ("WS1-MP-004", "computed"): {PREDICTIONS: (*OUTCOME, "prediction_id")},
    ("WS1-MP-005", "computed"): {PREDICTIONS: OUTCOME},
    ("WS1-MP-006", "computed"): {PREDICTIONS: OUTCOME},
    ("WS1-MP-007", "computed"): {PREDICTIONS: ("created_at", "shap_values")},
    ("WS1-MP-008", "computed"): {
        PREDICTIONS: (*OUTCOME, "patient_id"),
        JOURNEYS: ("patient_journey_id", "patient_id", "created_at", "insurance_type"),
    },
    ("WS1-MP-009", "computed"): {
        PREDICTIONS: ("prediction_timestamp", "features"),
        "ml_preprocessing_metadata": ("computed_at", "feature_distributions"),
    },
}
"""What each source of each KPI reads, written from the semantics and not from the plugin."""

BROKEN = sorted(
    {
        (source, table, column)
        for (_, source), needs in NEEDS.items()
        for table, columns in needs.items()
        for column in columns
    }
)
"""Each column once a source: the KPIs that do not need it must not mind."""

KEYS = ("prediction_id", "patient_journey_id")
"""Columns that break ties and mean nothing else."""

WHOLE = tables(seed=3)


def compute(source, frames, kpis, **arguments):
    """Results by KPI, from one source of figures."""
    workspace = Workspace(frames, cache="off", clock=lambda: AS_OF)
    parameters = {"source": source, "k": 5}
    if not {"WS1-MP-004"} & set(kpis):
        parameters.pop("k")
    if set(kpis) == {"WS1-MP-007"}:
        parameters = {}
    report = workspace.compute(*kpis, as_of=AS_OF, parameters=parameters, **arguments)
    return {result.kpi_id: result for result in report}


def ask(kpi, source, frames, **arguments):
    """The one result of a KPI."""
    return compute(source, frames, [kpi], **arguments)[kpi]


@pytest.fixture(scope="module")
def unbroken():
    """All values of the whole tables, by source and KPI."""
    return {
        source: compute(source, WHOLE, [kpi for kpi, each in NEEDS if each == source])
        for source in ("stored", "computed")
    }


def changed(table, frame):
    """The whole tables with one of them replaced."""
    return {**WHOLE, table: frame}


def needing(source, table, column):
    """The KPIs that read a column from that source of figures."""
    return [
        kpi
        for (kpi, each), needs in NEEDS.items()
        if each == source and column in needs.get(table, ())
    ]


@pytest.mark.parametrize(("kpi", "source"), NEEDS)
def test_only_what_the_semantics_name_is_needed(unbroken, kpi, source):
    """A source with just these columns gives the same number as the whole tables."""
    frames = {table: WHOLE[table][list(columns)] for table, columns in NEEDS[kpi, source].items()}

    found = ask(kpi, source, frames)

    assert found.value is not None
    assert found.value == pytest.approx(unbroken[source][kpi].value, rel=1e-12)


@pytest.mark.parametrize(("source", "table", "column"), BROKEN)
def test_a_missing_column_is_named_and_hurts_nobody_else(unbroken, source, table, column):
    """Who needs it has no value and a reason that holds the name; the others are as they were."""
    hurt = needing(source, table, column)

    frame = WHOLE[table].drop(columns=column)
    results = compute(source, changed(table, frame), list(unbroken[source]))

    for kpi, result in results.items():
        if kpi in hurt:
            assert (result.value, result.reason) == (None, "missing_column")
            assert repr(column) in result.message
        else:
            assert result.value == pytest.approx(unbroken[source][kpi].value, rel=1e-12)


@pytest.mark.parametrize(("source", "table", "column"), BROKEN)
def test_a_column_of_the_wrong_type_is_named(source, table, column):
    """Booleans where anything else is needed: refused before a row is read."""
    frame = WHOLE[table].assign(**{column: True})
    results = compute(source, changed(table, frame), needing(source, table, column))

    for result in results.values():
        assert (result.value, result.reason) == (None, "wrong_type")
        assert repr(column) in result.message


@pytest.mark.parametrize(("source", "table", "column"), BROKEN)
def test_a_column_without_a_value_gives_no_number(source, table, column):
    """All missing: absent, and never a zero. A key that is missing orders nothing but ties."""
    frame = WHOLE[table].assign(**{column: None})
    results = compute(source, changed(table, frame), needing(source, table, column))

    for result in results.values():
        if column in KEYS:
            assert result.value is not None
            continue
        assert result.value is None
        assert result.reason in ("no_rows", "zero_denominator")
        assert result.message


@pytest.mark.parametrize(
    ("kpi", "source", "table"), [(*key, table) for key, needs in NEEDS.items() for table in needs]
)
def test_an_empty_or_missing_table_gives_no_number(kpi, source, table):
    """No rows, or no table at all: absent, with the reason."""
    empty = ask(kpi, source, changed(table, WHOLE[table].iloc[:0]))
    gone = ask(kpi, source, {name: each for name, each in WHOLE.items() if name != table})

    assert (empty.value, empty.reason) == (None, "no_rows")
    assert (gone.value, gone.reason) == (None, "missing_table")
    assert table in gone.message


@pytest.mark.parametrize(("kpi", "source"), NEEDS)
def test_a_slice_that_the_tables_do_not_carry_is_refused(kpi, source):
    """Predictions carry no brand: refused with the columns that they carry."""
    result = ask(kpi, source, WHOLE, where={"brand": "Kisqali"})

    assert (result.value, result.reason) == (None, "unsupported_slice")
    assert "'brand'" in result.message


def test_a_doctor_who_stands_twice_is_no_slice():
    """hcp_profiles with a repeated key would count predictions twice: refused."""
    doubled = pd.concat([WHOLE["hcp_profiles"]] * 2)
    frames = changed("hcp_profiles", doubled)

    for result in compute("computed", frames, IDS, where={"specialty": "onc"}).values():
        assert (result.value, result.reason) == (None, "unsupported_slice")


@pytest.mark.parametrize(("kpi", "source"), NEEDS)
def test_a_window_without_rows_gives_no_number(kpi, source):
    """Nothing lies in 2019."""
    result = ask(kpi, source, WHOLE, window="2019")

    assert result.value is None
    assert result.reason in ("no_rows", "zero_denominator")


def test_wrong_values_of_a_loose_engine_are_refused(source_on):
    """SQLite holds any text in a time column: what is no instant is refused, not compared."""
    frames = {name: each.copy() for name, each in WHOLE.items()}
    predictions = frames["ml_predictions"]
    predictions["prediction_timestamp"] = predictions["prediction_timestamp"].map(
        lambda at: None if pd.isna(at) else f"day {at:%d}"
    )
    typed = [each for each in DATASETS if each.name != "ml_predictions"]
    workspace = Workspace(source_on("sqlite", frames, typed), cache="off", clock=lambda: AS_OF)

    (result,) = workspace.compute("WS1-MP-001", as_of=AS_OF)

    assert (result.value, result.reason) == (None, "wrong_type")


def test_old_figures_are_marked_stale():
    """The newest prediction is three days before the clock, two being allowed."""
    frame = WHOLE["ml_predictions"]
    old = frame[frame["prediction_timestamp"] < AS_OF - dt.timedelta(days=3)]
    clock = AS_OF.replace(tzinfo=dt.UTC)
    workspace = Workspace(changed("ml_predictions", old), cache="off", clock=lambda: clock)

    (result,) = workspace.compute("WS1-MP-001")

    assert result.value is not None
    assert result.stale

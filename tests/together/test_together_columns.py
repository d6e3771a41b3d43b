"""A KPI needs the columns that it uses, and no other: each declared one is taken away in turn."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kpisdk import Kpi, Reason, Result, Workspace
from kpisdk.contracts.calculators import Calculator, options_of
from kpisdk.contracts.relations import datasets_of
from kpisdk.testing.tolerance import close
from kpisdk_demo import frames

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
DETAILS = {
    "BR-002": ("response_quality_flag", "intent_to_prescribe_change"),
    "CM-002": ("segment_assignment",),
    "CM-005": ("outcome", "path_id", "treatment"),
    "WS1-DQ-001": ("patient_id",),
    "WS1-DQ-007": ("source_timestamp",),
    "WS1-DQ-009": ("source_data_timestamp", "time_to_release_hours"),
}
"""Columns that a formula reads, and that make no difference on these rows: a second choice where
the first is missing, a flag that is set nowhere, what the details say."""

SLICED = ("WS3-BI-007", "WS3-BI-008")
"""They need a brand, and are grouped by it here."""

TABLES = (
    "agent_activities",
    "business_metrics",
    "causal_paths",
    "data_source_tracking",
    "etl_pipeline_metrics",
    "feature_drift_metrics",
    "hcp_intent_surveys",
    "hcp_profiles",
    "ml_annotations",
    "ml_predictions",
    "ml_preprocessing_metadata",
    "patient_journeys",
    "reference_universe",
    "treatment_events",
    "triggers",
    "user_sessions",
)

Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def demo() -> Frames:
    """Every table that the commercial KPIs read."""
    return dict(frames(0.02, 7, NOW))


@pytest.fixture(scope="module")
def kpis(demo) -> dict[str, Kpi]:
    """The commercial and causal KPIs; the education plugin's tests have data of their own."""
    with Workspace(demo, cache="off") as workspace:
        found = workspace.registry.kpis
        # The counterfactual of one patient needs that patient named.
        return {name: kpi for name, kpi in found.items() if not name.startswith(("EDU", "CM-004"))}


def columns_of(kpi: Kpi) -> set[tuple[str, str]]:
    """The columns that a KPI declares, by table."""
    datasets = list(kpi.datasets)
    for option in options_of(kpi.calculation):
        if isinstance(option.calculation, Calculator):
            defaults = {each.name: each.default for each in kpi.parameters}
            for ask in option.calculation.asks(defaults, None):
                datasets += datasets_of(ask.relation)
    return {(each.name, column.name) for each in datasets for column in each.columns}


def answers(tables: Frames, kpi_ids: list[str]) -> dict[str, tuple[Result, ...]]:
    """The results of each KPI, asked in as few requests as there are ways to ask.

    Without intervals: what these take of a table is no part of the value.
    """
    found: dict[str, tuple[Result, ...]] = {}
    with Workspace(tables, cache="off", clock=lambda: NOW) as workspace:
        for by in ((), ("brand",)):
            asked = [each for each in kpi_ids if (each in SLICED) == bool(by)]
            report = workspace.compute(*asked, by=by, intervals="none") if asked else ()
            for result in report:
                found[result.kpi_id] = (*found.get(result.kpi_id, ()), result)
    return found


def alike(one: tuple[Result, ...], other: tuple[Result, ...]) -> bool:
    """Whether two answers are the same numbers from the same place."""
    return len(one) == len(other) and all(
        close(here.value, there.value) and here.answered_by == there.answered_by
        for here, there in zip(one, other, strict=True)
    )


def is_told(results: tuple[Result, ...], column: str) -> bool:
    """Whether a missing column is the reason, or why another way answers instead."""
    return all(
        (result.reason is Reason.MISSING_COLUMN and repr(column) in (result.message or ""))
        or any(
            note.code == "fell_back" and repr(column) in note.message for note in result.warnings
        )
        for result in results
    )


@pytest.mark.parametrize("table", TABLES)
def test_a_column_that_is_not_used_can_be_missing_and_one_that_is_used_is_named(table, demo, kpis):
    """Unused: the answer stays. Used, as another answer over its NULLs shows: missing_column."""
    faults = []
    readers = {name: columns_of(kpi) for name, kpi in kpis.items()}
    concerned = [name for name, read in readers.items() if any(table == each for each, _ in read)]
    before = answers(demo, concerned)
    for column in sorted({each for read in readers.values() for t, each in read if t == table}):
        asked = [name for name in concerned if (table, column) in readers[name]]
        without = answers({**demo, table: demo[table].drop(columns=column)}, asked)
        changed = [name for name in asked if not alike(without[name], before[name])]
        if not changed:
            continue
        blank = demo[table].assign(**{column: pd.Series(dtype=demo[table][column].dtype)})
        blanked = answers({**demo, table: blank}, changed)
        for name in changed:
            is_used = not alike(blanked[name], before[name]) or column in DETAILS.get(name, ())
            if not is_used or not is_told(without[name], column):
                faults.append((name, column, without[name][0].reason, without[name][0].message))

    assert faults == []


def test_every_table_is_tried(kpis):
    """One that a new KPI reads belongs to the list above."""
    assert {table for kpi in kpis.values() for table, _ in columns_of(kpi)} == set(TABLES)


def test_a_slice_needs_its_column_in_every_table_that_it_binds(demo):
    """Without the triggers' brand, recall has no brand's answer, and has one for everybody."""
    tables = {**demo, "triggers": demo["triggers"].drop(columns="brand")}
    with Workspace(tables, cache="off", clock=lambda: NOW) as workspace:
        whole = workspace.compute("WS2-TR-002")[0]
        sliced = workspace.compute("WS2-TR-002", by=["brand"])[0]

    assert whole.value is not None
    assert (sliced.value, sliced.reason) == (None, Reason.MISSING_COLUMN)
    assert "'brand' of table 'triggers'" in sliced.message

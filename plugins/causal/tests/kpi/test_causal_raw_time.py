"""Estimates from raw rows hold for the window and the instant asked for, or are refused."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pytest

from kpisdk import (
    Column,
    Dataset,
    Direction,
    Kpi,
    LogicalType,
    Reason,
    Simple,
    Unit,
    Workspace,
    count,
    hookimpl,
)
from kpisdk.testing import ENGINES

HOURS = 2000
EFFECT = {
    "dataset": "visits",
    "treatment": "t",
    "outcome": "y",
    "confounders": "x",
    "cross_check": False,
}
VISITS = Dataset("visits", (Column("seen_at", LogicalType.TIMESTAMP),), time="seen_at")


@pytest.fixture(scope="module")
def visits() -> pd.DataFrame:
    """One row an hour from 2026-01-01: no effect in January, one of 2 from February on."""
    generator = np.random.default_rng(0)
    t, x = generator.integers(0, 2, HOURS), generator.standard_normal(HOURS)
    noise = generator.standard_normal(HOURS)
    return pd.DataFrame(
        {
            "seen_at": pd.date_range("2026-01-01", periods=HOURS, freq="h"),
            "t": t,
            "x": x,
            "y": 2.0 * t * (np.arange(HOURS) >= 744) + x + noise,
        }
    )


def _compute(source, causal_plugin, kpi="CM-001", parameters=(), more=(), **request):
    workspace = Workspace(source, plugins=[*causal_plugin, *more], cache="off")
    (result,) = workspace.compute(kpi, parameters={**EFFECT, **dict(parameters)}, **request)
    return result


def test_a_named_time_column_bounds_the_rows(source_on, causal_plugin, visits):
    """744 hours lie before February, and the result says what it holds for."""
    source = source_on("frames", {"visits": visits}, (VISITS,))

    result = _compute(source, causal_plugin, parameters={"time": "seen_at"}, as_of="2026-02-01")

    assert (result.n, result.answered_by) == (744, "visits"), result.message
    assert result.interval.low < 0 < result.interval.high
    assert result.data_through == pd.Timestamp("2026-01-31T23:00Z")
    assert result.window is not None


def test_a_window_of_raw_rows_is_half_open(source_on, causal_plugin, visits):
    """Of February all 672 hours count, and neither the last of January nor the first of March."""
    source = source_on("frames", {"visits": visits}, (VISITS,))

    result = _compute(source, causal_plugin, parameters={"time": "seen_at"}, window="2026-02")

    assert result.n == 672
    assert result.interval.low < 2 < result.interval.high
    assert result.window.label == "2026-02"


@pytest.mark.parametrize(
    "request_", [{"as_of": "2026-02-01"}, {"window": "2026-01"}, {"grain": "month"}]
)
def test_a_window_that_no_column_can_honour_is_refused(source_on, causal_plugin, visits, request_):
    """Without a time column the value would be that of all rows: no value, and what to name."""
    source = source_on("frames", {"visits": visits}, (VISITS,))

    result = _compute(source, causal_plugin, **request_)

    assert (result.value, result.reason) == (None, Reason.MISSING_PARAMETER)
    assert "'visits'" in result.message
    assert "parameter time" in result.message


class Shop:
    """A plugin whose KPI declares the raw table, its time column with it."""

    @hookimpl
    def kpisdk_kpis(self) -> Iterable[Kpi]:
        """One KPI over the visits."""
        yield Kpi(
            id="SHOP-001",
            name="Visits",
            workstream="shop",
            definition="Visits in all.",
            formula="count",
            calculation=Simple(count(VISITS)),
            unit=Unit.COUNT,
            direction=Direction.CONTEXT,
        )


@pytest.mark.parametrize("engine", ENGINES)
def test_the_time_column_of_the_declared_dataset_holds(engine, source_on, causal_plugin, visits):
    """The data contract knows the table's time: nobody need name it again."""
    source = source_on(engine, {"visits": visits}, (VISITS,))

    result = _compute(source, causal_plugin, more=(Shop(),), as_of="2026-02-01")

    assert (result.n, result.reason) == (744, Reason.NO_TARGET), result.message


def test_all_rows_count_where_no_window_is_given(source_on, causal_plugin, visits):
    """The stored values' 30 days are none of the raw table's."""
    source = source_on("frames", {"visits": visits}, (VISITS,))

    result = _compute(source, causal_plugin, parameters={"time": "seen_at"})

    assert (result.n, result.window.label) == (HOURS, "all")


def test_a_series_is_cut_at_the_instant_too(source_on, causal_plugin, visits):
    """CM-003 has no window of its own, and still honours as_of."""
    days = visits.set_index("seen_at")["x"].resample("D").mean().reset_index()
    source = source_on("frames", {"visits": days}, ())
    asked = {"outcome": "x", "time_column": "seen_at", "intervention_date": "2026-01-25"}
    workspace = Workspace(source, plugins=causal_plugin, cache="off")

    (result,) = workspace.compute(
        "CM-003",
        as_of="2026-02-01",
        parameters={
            **asked,
            "dataset": "visits",
            "time": "seen_at",
            "estimator": "local_level",
        },
    )

    assert (result.details["n_pre"], result.details["n_post"]) == (24, 7)


def test_a_first_estimate_leaves_the_environment_as_it_was(source_on, causal_plugin, visits):
    """Libraries that are imported on the way set variables; nobody is warned of a side effect."""
    source = source_on("frames", {"visits": visits}, (VISITS,))

    result = _compute(source, causal_plugin)

    assert "side_effect" not in {note.code for note in result.warnings}

"""Raw data are enough: a source without the stored tables answers from the table that is named."""

from __future__ import annotations

import pytest

from kpisdk import Workspace


@pytest.mark.parametrize("engine", ["frames", "duckdb", "sqlite"])
@pytest.mark.parametrize(
    ("kpi", "parameters"),
    [
        ("CM-001", {"confounders": "x", "cross_check": False}),
        ("CM-005", {"mediators": "x"}),
    ],
)
def test_a_source_with_raw_rows_only_is_enough(
    source_on, causal_plugin, trial, engine, kpi, parameters
):
    """Neither ml_predictions nor causal_paths is there, and nobody asked for them."""
    source = source_on(engine, {"trial": trial})
    workspace = Workspace(source, plugins=causal_plugin, cache="off")
    named = {"dataset": "trial", "treatment": "t", "outcome": "y", **parameters}

    (result,) = workspace.compute(kpi, parameters=named)

    assert result.value is not None, result.message
    assert result.details["path"] == "estimated"
    assert (result.window, result.data_through) == (None, None)

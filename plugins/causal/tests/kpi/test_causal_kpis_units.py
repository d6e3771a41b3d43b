"""What the interval of an estimated effect takes as independent: rows, or the clusters named."""

from __future__ import annotations

import numpy as np
import pandas as pd
from causal_store import DATASETS, tables

from kpisdk import Workspace
from kpisdk.settings import KpiSettings, Settings


def _visits():
    """60 patients of 5 visits each; a patient's visits share the treatment and half the noise."""
    generator = np.random.default_rng(61)
    patients = np.repeat(np.arange(60), 5)
    treated = (np.arange(60) % 2)[patients]
    shared = generator.standard_normal(60)[patients]
    outcome = treated + shared + generator.standard_normal(300)
    return {
        **tables(10),
        "visits": pd.DataFrame({"patient_id": patients, "t": treated, "y": outcome}),
    }


NAMED = {"dataset": "visits", "treatment": "t", "outcome": "y", "cross_check": False}


def test_rows_are_the_unit_unless_a_cluster_is_named(asked):
    """Whoever has several rows is warned of: the interval by rows is too narrow."""
    result = asked("frames", _visits(), "CM-001", **NAMED)

    assert result.interval.unit == "row"
    assert "repeated_units" in [note.code for note in result.warnings]


def test_a_named_cluster_is_the_unit_and_widens_the_interval(asked):
    """Patients of five like visits are 60 answers, not 300: wider by about sqrt(1 + 4 · 0.5)."""
    data = _visits()

    by_row = asked("frames", data, "CM-001", **NAMED)
    by_patient = asked("frames", data, "CM-001", cluster="patient_id", **NAMED)

    width = by_row.interval.high - by_row.interval.low
    assert by_patient.interval.unit == "patient_id"
    assert 1.4 < (by_patient.interval.high - by_patient.interval.low) / width < 2.1
    assert "repeated_units" not in [note.code for note in by_patient.warnings]


def test_settings_name_the_clusters_and_a_request_may_take_rows(source_on, causal_plugin):
    """The unit of the KPI counts as ``cluster`` does; ``intervals="row"`` goes before both."""
    settings = Settings(kpis={"CM-001": KpiSettings("patient_id")})

    def width(settings=None, **asked):
        workspace = Workspace(
            source_on("frames", _visits(), DATASETS),
            plugins=causal_plugin,
            cache="off",
            settings=settings,
        )
        parameters = {**NAMED, **asked.pop("parameters", {})}
        (result,) = workspace.compute("CM-001", parameters=parameters, **asked)
        return result.interval.unit, result.interval.high - result.interval.low

    by_cluster = width(parameters={"cluster": "patient_id"})
    by_row = width()

    assert by_cluster[0] == "patient_id"
    assert width(settings) == by_cluster
    assert width(settings, intervals="row") == by_row
    assert width(intervals="row", parameters={"cluster": "patient_id"}) == by_row

"""A request is settled once: afterwards nobody asks a record what it has said already."""

from __future__ import annotations

import datetime as dt

import attrs
import pandas as pd

from kpisdk import Column, Dataset, Estimate, LogicalType, Ratio, Reason, count
from kpisdk.planner import slicing

MARCH, APRIL = dt.datetime(2025, 3, 5), dt.datetime(2025, 4, 5)
TREND = {
    "by": ["site"],
    "grain": "month",
    "compare": "previous",
    "window": "2025-03-01..2025-04-30",
}


@attrs.define
class Counting:
    """A metric of a plugin's own that counts how often it is asked for its measures."""

    measured: Ratio
    asked: int = 0

    def measures(self):
        self.asked += 1
        return self.measured.measures()

    def follow_ups(self, values):
        return {}

    def concepts(self):
        return ()

    def estimate(self, values):
        return self.measured.estimate(values)


def test_a_metric_is_asked_for_its_measures_once(opened, table, make, visits):
    """However many slices, buckets and windows its value is wanted for."""
    metric = Counting(Ratio(count(visits, visits["done"].is_true()), count(visits)))
    rows = [{"site": site, "at": at, "done": True} for site in "abc" for at in (MARCH, APRIL)]
    workspace = opened({"core_visits": table(*rows)}, make(metric, unit="ratio"))
    workspace.compute("CORE-T-001")  # whatever the installation as a whole asks has been asked
    before = metric.asked

    report = workspace.compute("CORE-T-001", **TREND)

    assert [result.value for result in report] == [1.0] * 6
    assert metric.asked - before == 1


def test_a_relation_is_sliced_once_for_all_kpis(opened, table, make, visits, monkeypatch):
    """Two KPIs of one table share what the columns of the request are in it."""
    looked_up = []
    plain = slicing.dimension
    monkeypatch.setattr(
        slicing, "dimension", lambda *given: looked_up.append(given[1]) or plain(*given)
    )
    kpis = [make(kpi_id=f"CORE-T-00{number}") for number in (1, 2)]

    opened({"core_visits": table({"site": "a"})}, *kpis).compute(
        "CORE-T-001", "CORE-T-002", **TREND
    )

    assert looked_up == ["site"]


@attrs.frozen
class Elsewhere:
    """A metric whose second question is put to a table that the slice does not reach."""

    first: Dataset
    second: Dataset

    def measures(self):
        return {"n": count(self.first)}

    def follow_ups(self, values):
        return {"m": count(self.second)}

    def concepts(self):
        return ()

    def estimate(self, values):
        return Estimate.of(values["n"])


def test_a_second_question_to_a_table_without_the_slice_is_refused(opened, table, make, visits):
    """It names the column, and no other KPI pays for it."""
    other = Dataset("core_other", (Column("x", LogicalType.INT),))
    kpi = make(Elsewhere(visits, other), "CORE-T-002")
    tables = {"core_visits": table({"site": "a"}), "core_other": pd.DataFrame({"x": [1]})}

    first, second = opened(tables, make(), kpi).compute("CORE-T-001", "CORE-T-002", by=["site"])

    assert (first.value, second.reason) == (1, Reason.UNSUPPORTED_SLICE)
    assert "cannot be sliced by 'site'" in second.message

"""Plugins that contradict each other stop the KPIs that it concerns; all others are answered."""

from __future__ import annotations

import pandas as pd
import pytest

from kpisdk import (
    Column,
    Dataset,
    Kpi,
    Reason,
    Reference,
    Settings,
    Simple,
    Status,
    Workspace,
    count,
    hookimpl,
)
from kpisdk.engine.availability import Finding


def brings(name, *kpis):
    """A plugin with these KPIs."""

    class Plugin:
        distribution = f"kpisdk-{name}"
        __version__ = "1.0"

        @hookimpl
        def kpisdk_kpis(self):
            return kpis

    Plugin.name = name
    return Plugin()


def counts(kpi_id, dataset):
    """A KPI that counts the rows of a dataset."""
    facts = {"name": kpi_id, "workstream": "w", "definition": "d", "formula": "f", "unit": "count"}
    return Kpi(id=kpi_id, calculation=Simple(count(dataset)), **facts)


PEOPLE = Dataset("people", (Column("person", "text", key=True), Column("tier", "int")))
OTHER_PEOPLE = Dataset("people", (Column("person", "text", key=True), Column("tier", "text")))
VISITS = Dataset("visits", (Column("visit", "text"), Column("person", "text")))
REFERRING = Dataset(
    "visits",
    (Column("visit", "text"), Column("person", "text")),
    None,
    (Reference("person", PEOPLE),),
)
FRAMES = {
    "people": pd.DataFrame({"person": ["p"], "tier": [1]}),
    "visits": pd.DataFrame({"visit": ["v", "w"], "person": ["p", "p"]}),
}


@pytest.fixture
def workspace():
    """Two plugins that declare a column of people differently, and KPIs of visits beside them."""
    one = brings("one", counts("ONE-1", PEOPLE), counts("ONE-2", REFERRING))
    two = brings("two", counts("TWO-1", OTHER_PEOPLE), counts("TWO-2", VISITS))
    with Workspace(FRAMES, plugins=[one, two], settings=Settings(), cache="off") as opened:
        yield opened


def test_a_clash_stops_the_kpis_that_read_the_table_and_no_other(workspace):
    """They are absent, with a reason that names both plugins."""
    report = workspace.compute("ONE-1", "ONE-2", "TWO-1", "TWO-2")

    found = {each.kpi_id: each for each in report.results}
    assert {name: each.value for name, each in found.items()} == {
        "ONE-1": None,
        "ONE-2": 2,
        "TWO-1": None,
        "TWO-2": 2,
    }
    for stopped in (found["ONE-1"], found["TWO-1"]):
        assert (stopped.status, stopped.reason) == (Status.UNKNOWN, Reason.CONFLICTING_DEFINITIONS)
        assert "kpisdk-one 1.0" in stopped.message
        assert "kpisdk-two 1.0" in stopped.message


def test_a_slice_by_a_disputed_column_is_stopped(workspace):
    """By which of both declarations it would be read is nobody's to choose."""
    by_tier, by_person = (
        next(iter(workspace.compute("ONE-2", by=column).results)) for column in ("tier", "person")
    )

    assert by_tier.reason is Reason.CONFLICTING_DEFINITIONS
    assert "kpisdk-two 1.0" in by_tier.message
    assert by_person.value == 2


def test_check_answers_for_all_of_them(workspace):
    """A conflict is what stands in the way of two, and of no other."""
    found = {each.kpi_id: each for each in workspace.check("ONE-1", "ONE-2", "TWO-1").kpis}

    assert found["ONE-1"].kind == found["TWO-1"].kind == "conflict"
    assert found["ONE-2"].finding is Finding.CALCULABLE


def test_a_kpi_that_two_plugins_bring_is_absent_and_names_both():
    """Which of the two was meant is nobody's to choose either."""
    plugins = [brings("one", counts("X-1", VISITS)), brings("two", counts("X-1", VISITS))]
    other = brings("three", counts("X-2", VISITS))
    with Workspace(FRAMES, plugins=[*plugins, other], settings=Settings(), cache="off") as opened:
        report = opened.compute("X-1", "X-2")

    stopped, stands = report.results
    assert stopped.reason is Reason.CONFLICTING_DEFINITIONS
    assert "kpisdk-one 1.0 and kpisdk-two 1.0" in stopped.message
    assert stands.value == 2

"""How long the diagnosed wait for Kisqali, those who still wait included."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from brand_data import DATASETS

from kpisdk import Result, Workspace
from kpisdk.testing import ENGINES

AS_OF = dt.datetime(2025, 6, 30, tzinfo=dt.UTC)
LAST = dt.date(2025, 6, 30)


def tables(waits: list[tuple[int, bool]]) -> dict[str, pd.DataFrame]:
    """A patient for each (days, started): treated so long after the diagnosis, or not yet."""
    journeys, events = [], []
    for place, (days, started) in enumerate(waits):
        # Who is not treated was diagnosed so many days before as_of; the others long ago.
        diagnosed = LAST - dt.timedelta(days=300 if started else days)
        journeys.append((f"P{place}", diagnosed))
        if started:
            events.append((f"P{place}", diagnosed + dt.timedelta(days=days), "prescription"))
    return {
        "patient_journeys": pd.DataFrame(journeys, columns=["patient_id", "diagnosis_date"]).assign(
            hcp_id=None, diagnosis="breast cancer", is_eligible=True
        ),
        "treatment_events": pd.DataFrame(
            events, columns=["patient_id", "event_date", "event_type"]
        ).assign(brand="Kisqali", drug_class=None, test_type=None, treatment_response=None),
    }


def adoption(source: object) -> Result:
    """BR-004 of a source."""
    (result,) = Workspace(source, cache="off").compute("BR-004", as_of=AS_OF)
    return result


@pytest.mark.parametrize("engine", ENGINES)
def test_the_median_of_all_counts_those_who_still_wait(source_on, engine):
    """Worked by hand: six patients, three of them treated after 10, 20 and 30 days.

    On day 10 one of six starts: 5/6 wait on. One leaves untreated after 15 days. On day 20 one of
    the four left starts: 5/6 x 3/4 = 5/8. On day 30 one of three: 5/8 x 2/3 = 5/12, the first share
    that is no more than half. The plain median of the treated is 20.
    """
    waits = [(10, True), (20, True), (30, True), (15, False), (40, False), (50, False)]

    result = adoption(source_on(engine, tables(waits), DATASETS))

    assert result.value == pytest.approx(20)
    assert result.details["kaplan_meier_median_days"] == pytest.approx(30)
    assert result.details["not_yet_treated"] == 3


def test_where_fewer_than_half_ever_start_there_is_no_median_of_all():
    """One of four starts, and three quarters are left: nobody knows when half will have started."""
    result = adoption(tables([(10, True), (200, False), (200, False), (200, False)]))

    assert result.value == pytest.approx(10)
    assert result.details["kaplan_meier_median_days"] is None


def test_where_all_are_treated_it_is_the_lower_median():
    """Nobody waits: half have started on the second of three days, and on the second of four."""
    for days, expected in (([5, 9, 40], 9), ([5, 9, 11, 40], 9)):
        result = adoption(tables([(each, True) for each in days]))
        assert result.details["kaplan_meier_median_days"] == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(6))
def test_the_median_is_that_of_another_implementation(seed):
    """The first day on which the curve of statsmodels is at half or below; days occur in ties."""
    survfunc = pytest.importorskip("statsmodels.duration.survfunc")
    rng = np.random.default_rng(seed)
    waits = [(int(each), bool(rng.random() < 0.6)) for each in rng.integers(1, 60, 80)]
    curve = survfunc.SurvfuncRight(*(np.array(each, float) for each in zip(*waits, strict=True)))
    halved = curve.surv_times[curve.surv_prob <= 0.5 + 1e-9]

    result = adoption(tables(waits))

    expected = halved[0] if len(halved) else None
    assert result.details["kaplan_meier_median_days"] == expected

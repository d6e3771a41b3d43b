"""Bad input, one behaviour each: what an intervention changed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal import errors
from kpisdk_causal.impact.panel_impact import estimate_panel_impact
from kpisdk_causal.impact.series_impact import estimate_series_impact
from kpisdk_causal.questions.question import (
    PanelQuestion,
    SeriesQuestion,
)
from kpisdk_causal.questions.rules import Rules


def _daily(n=60, **columns):
    generator = np.random.default_rng(6)
    days = pd.date_range("2025-01-01", periods=n)
    return pd.DataFrame({"day": days, "y": generator.standard_normal(n), **columns})


def _impact(frame, intervention="2025-02-20", **fields):
    rules = fields.pop("rules", Rules(estimator="local_level"))
    return estimate_series_impact(
        frame,
        SeriesQuestion(outcome="y", time="day", intervention=intervention, rules=rules, **fields),
    )


def test_a_short_period_before_is_warned_about():
    """40 periods before for 20 after: fewer than three times as many."""
    answer = _impact(_daily(), "2025-02-10")

    assert "SHORT_PRE_PERIOD" in answer.warning_codes


def test_too_few_periods_before_are_refused():
    """5 before: refused with the count."""
    with pytest.raises(errors.SeriesError, match="5 periods lie before"):
        _impact(_daily(), "2025-01-06")


def test_an_intervention_after_the_end_is_refused_with_the_reach():
    """The message says from when to when the series runs."""
    with pytest.raises(errors.SeriesError, match=r"No period lies after.*2025-03-01"):
        _impact(_daily(), "2026-01-01")


def test_a_gap_in_the_periods_is_refused():
    """A day that is not there must be explicit."""
    with pytest.raises(errors.SeriesError, match=r"missing between 2025-01-20.*2025-01-22"):
        _impact(_daily().drop(index=20))


@pytest.mark.parametrize("frequency", ["MS", "QS", "B", "W", "h"])
def test_calendar_steps_are_no_gaps(frequency):
    """Months of different lengths and weekends do not count as gaps."""
    times = pd.date_range("2020-01-01", periods=60, freq=frequency)
    frame = _daily().assign(day=times)

    assert _impact(frame, times[45]).n_control == 45


def test_a_period_that_occurs_twice_is_refused():
    """One row per period."""
    with pytest.raises(errors.SeriesError, match="occurs twice"):
        _impact(pd.concat([_daily(), _daily().tail(1)]))


@pytest.mark.parametrize("missing", ["raise", "drop"])
def test_a_missing_value_in_a_control_is_refused_whatever_the_rule(missing):
    """Dropping the row would make a gap."""
    frame = _daily(c=[np.nan] + [1.0] * 59)

    with pytest.raises(errors.MissingValuesError, match="'c'"):
        _impact(frame, controls="c", rules=Rules(estimator="local_level", missing=missing))


def test_a_control_that_is_the_response_is_refused():
    """It would explain the effect away."""
    frame = _daily()

    with pytest.raises(errors.SeriesError, match="'c' equals the response"):
        _impact(frame.assign(c=frame["y"]), controls="c")


def test_a_series_that_never_changes_has_no_effect():
    """0 and a warning; no error and no p, which nothing could be measured by."""
    answer = _impact(_daily().assign(y=2.0))

    assert (answer.value, answer.p_value, answer.std_error) == (0.0, None, None)
    assert "CONSTANT_OUTCOME" in answer.warning_codes


def test_a_series_that_never_changed_before_is_no_measure_of_chance():
    """Constant before, another constant after: an error of the change would be invented."""
    frame = _daily()
    answer = _impact(frame.assign(y=np.where(frame["day"] < "2025-02-20", 2.0, 3.0)))

    assert (answer.value, answer.p_value, answer.reason) == (None, None, "CONSTANT_OUTCOME")


def test_autocorrelated_residuals_are_warned_about():
    """A random walk without a control: the local level's interval would be far too narrow."""
    walk = np.random.default_rng(12).standard_normal(60).cumsum()

    assert "AUTOCORRELATED" in _impact(_daily().assign(y=walk)).warning_codes
    assert "AUTOCORRELATED" not in _impact(_daily()).warning_codes


def _panel(**fields):
    generator = np.random.default_rng(7)
    rows = [
        {"unit": unit, "time": time, "y": generator.standard_normal()}
        for unit in "abcdef"
        for time in range(12)
    ]
    given = {"unit": "unit", "time": "time", "outcome": "y", "treated": "a", "intervention": 8}
    return pd.DataFrame(rows), PanelQuestion(**{**given, **fields})


def test_an_unknown_unit_is_refused():
    """With those that exist."""
    frame, question = _panel(treated="z")

    with pytest.raises(errors.UnknownValueError, match="no unit 'z'"):
        estimate_panel_impact(frame, question)


def test_a_unit_without_a_period_is_refused():
    """The unit and the period are named."""
    frame, question = _panel()

    with pytest.raises(errors.SeriesError, match="'a' has no row of 3"):
        estimate_panel_impact(frame.drop(index=3), question)


def test_too_few_control_units_are_refused():
    """Two units that were never treated are not enough for placebos."""
    frame, question = _panel(treated=("a", "b", "c", "d"))

    with pytest.raises(errors.SeriesError, match=r"2 unit\(s\) were never treated"):
        estimate_panel_impact(frame, question)

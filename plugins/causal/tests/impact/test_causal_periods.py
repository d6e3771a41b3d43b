"""Periods are dates or numbers in their own order; panels compare with as many placebos."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal.errors import QuestionError, SeriesError, SingularDesignError
from kpisdk_causal.impact.panel_impact import estimate_panel_impact, placebo_groups
from kpisdk_causal.impact.periods import read_periods
from kpisdk_causal.impact.series_impact import estimate_series_impact
from kpisdk_causal.questions.question import PanelQuestion, SeriesQuestion
from kpisdk_causal.questions.rules import Rules

N = 60
DAYS = pd.date_range("2025-01-01", periods=N)
MONTHS = pd.date_range("2020-01-01", periods=N, freq="MS")
BERLIN = pd.date_range("2025-02-20", periods=N, tz="Europe/Berlin")
"""Midnights over the change to summer time: their offsets are +01:00 and +02:00."""


def _series(times, intervention, response=None, **fields):
    generator = np.random.default_rng(0)
    y = generator.standard_normal(N) + 3.0 * (np.arange(N) >= 50)
    frame = pd.DataFrame({"d": times, "y": y if response is None else response})
    rules = Rules(estimator="local_level")
    asked = {"outcome": "y", "time": "d", "intervention": intervention, "rules": rules}
    return estimate_series_impact(frame, SeriesQuestion(**{**asked, **fields}))


@pytest.mark.parametrize(
    ("times", "intervention"),
    [
        ([f"{d.year}-{d.month}-{d.day}" for d in DAYS], "2025-2-20"),
        ([int(f"{d:%Y%m}") for d in MONTHS], "2024-03"),
        ([f"{d:%Y%m}" for d in MONTHS], "202403"),
        ([int(f"{d:%Y%m%d}") for d in DAYS], 20250220),
        ([f"{d:%Y-%m-%d}T00:00:00+02:00" for d in DAYS], "2025-02-20"),
        ([f"{d:%Y-%m-%d}T00:00:00+02:00" for d in DAYS], "2025-02-19T22:00:00Z"),
        ([d.isoformat() for d in BERLIN], "2025-04-11"),
        (BERLIN, "2025-04-11"),
        ([f"{1990 + i // 4}-Q{i % 4 + 1}" for i in range(N)], "2002-Q3"),
        ([str(i) for i in range(N)], "50"),
        (range(N), 49.5),
        (list(reversed([str(1960 + i) for i in reversed(range(N))])), 2010),
    ],
)
def test_50_periods_lie_before_however_they_are_written(times, intervention):
    """Never 49 or 51: neither an offset nor a missing zero moves a period over the intervention."""
    assert _series(times, intervention).details["n_pre"] == 50


@pytest.mark.parametrize(
    ("times", "intervention"),
    [
        ([f"W{i}" for i in range(N)], "W50"),
        ([f"{d:%d/%m/%Y}" for d in DAYS], "20/02/2025"),
        ([f"{d:%B %d, %Y}" for d in DAYS], "2025-02-20"),
        ([True] * N, True),
        (["2025-01-01"] * 30 + [3] * 30, "2025-02-20"),
        (["2025-13-01", *(f"{d:%Y-%m-%d}" for d in DAYS[1:])], "2025-02-20"),
        (DAYS, "2025-02-20T00:00+02:00"),
        (range(N), "W5"),
        (DAYS, None),
    ],
)
def test_what_could_be_shifted_is_refused(times, intervention):
    """Neither sorted as text nor read in one of two ways."""
    with pytest.raises(SeriesError):
        _series(times, intervention)


def test_some_periods_with_an_offset_and_some_without_are_refused():
    """Which of two is the earlier is not known."""
    with pytest.raises(SeriesError, match="some have none"):
        read_periods(["2025-01-01T00:00Z", "2025-01-02"], "d")


def test_an_intervention_within_a_period_is_told():
    """15 March in a series of months: March counts as before, and the answer says so."""
    assert "BETWEEN_PERIODS" in _series(MONTHS, "2024-02-15").warning_codes


def test_a_plain_trend_is_no_effect():
    """100 + t and noise: without controls the trend itself is the forecast."""
    generator = np.random.default_rng(1)

    answer = _series(range(N), 50, 100 + np.arange(N) + generator.standard_normal(N))

    low, high = answer.confidence_interval
    assert low < 0 < high


def test_as_many_seasons_as_periods_leave_nothing_to_measure_by():
    """50 periods before and 48 seasons, a level and a trend: 1 degree of freedom, of 3 needed."""
    with pytest.raises(SingularDesignError, match="3 are needed"):
        _series(range(N), 50, seasons=48)


def test_a_season_that_never_came_before_cannot_be_forecast():
    """Of 56 seasons only 50 occur before the intervention."""
    with pytest.raises(SingularDesignError):
        _series(range(N), 50, seasons=56)


def test_noise_with_seasons_is_rarely_called_an_effect():
    """16 periods before and 12 seasons: p < 0.05 in 10 of 100 sets of noise at most."""
    alarms = 0
    for seed in range(100):
        frame = pd.DataFrame({"y": np.random.default_rng(seed).standard_normal(20)})
        question = SeriesQuestion(
            outcome="y", intervention=16, seasons=12, rules=Rules(estimator="local_level")
        )
        alarms += estimate_series_impact(frame, question).p_value < 0.05

    assert alarms <= 10


def _panel(treated=("u0",), units=8, periods=range(1, 13), **fields):
    generator = np.random.default_rng(2)
    rows = [
        (f"u{u}", p, 5.0 * (f"u{u}" in treated and t >= 8) + u + 0.3 * generator.standard_normal())
        for u in range(units)
        for t, p in enumerate(periods)
    ]
    frame = pd.DataFrame(rows, columns=["u", "p", "y"])
    asked = {"unit": "u", "time": "p", "outcome": "y", "treated": treated, "intervention": 9}
    return estimate_panel_impact(frame, PanelQuestion(**{**asked, **fields}))


def test_three_placebos_have_a_p_of_a_quarter_at_least():
    """One of four units is the most extreme in a quarter of all cases, whatever its size."""
    answer = _panel(units=4)

    assert answer.p_value == pytest.approx(0.25)
    assert "FEW_PLACEBOS" in answer.warning_codes


def test_two_treated_units_are_compared_with_pairs():
    """6 controls make 15 pairs; the error is that of a mean of two, not of one."""
    answer = _panel(treated=("u0", "u1"))

    assert answer.details["n_placebos"] == 15
    assert answer.value == pytest.approx(5, abs=1)


def test_many_pairs_are_drawn_without_repeats():
    """Of 40 units 780 pairs are possible, and 200 different ones are taken; the seed decides."""
    groups = placebo_groups(40, 2, seed=1)

    assert len(set(groups)) == len(groups) == 200
    assert groups == placebo_groups(40, 2, seed=1)
    assert all(one < other for one, other in groups)


@pytest.mark.parametrize(
    "fields",
    [
        {"treated": ({"u0": 9, "u1": 11},)},
        {"treated": ("u0", "u1"), "intervention": {"u0": 9, "u1": 11}},
        {"treated": ("u0", "u1"), "intervention": [9, 11]},
    ],
)
def test_staggered_adoption_is_refused(fields):
    """One intervention for all treated units; the message says what to ask instead."""
    with pytest.raises(QuestionError, match="staggered adoption is refused"):
        PanelQuestion(
            **{"unit": "u", "time": "p", "outcome": "y", "treated": "u0", "intervention": 9}
            | fields
        )


@pytest.mark.parametrize("periods", [[f"W{i}" for i in range(1, 13)], ["9a", *"bcdefghijkl"]])
def test_text_periods_of_a_panel_are_refused(periods):
    """W10 sorts before W9."""
    with pytest.raises(SeriesError):
        _panel(periods=periods, intervention="W9")


def test_whole_numbers_as_text_are_in_their_own_order():
    """Ten comes after nine."""
    assert _panel(periods=[str(p) for p in range(1, 13)], intervention="9").details["n_pre"] == 8

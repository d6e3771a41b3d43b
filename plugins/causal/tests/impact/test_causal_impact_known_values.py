"""Values known from elsewhere: what an intervention changed."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.impact.panel_impact import estimate_panel_impact
from kpisdk_causal.impact.paths import estimate_paths
from kpisdk_causal.impact.series_impact import estimate_series_impact
from kpisdk_causal.questions.question import (
    PanelQuestion,
    PathQuestion,
    SeriesQuestion,
)
from kpisdk_causal.questions.rules import Rules


def _shared(*parts: str) -> Path:
    root = os.environ.get("KPISDK_SHARED")
    places = [Path(root)] if root else [p.parent / "shared" for p in Path(__file__).parents]
    for place in places:
        path = place.joinpath("data", "causal", *parts)
        if path.exists():
            return path
    return pytest.skip(f"the shared data set {'/'.join(parts)} is not here")


def test_paths_multiply_along_and_add_up():
    """0.5·0.8, 0.5·0.1·0.5, 0.3 and 0.2·0.5: total 0.825, indirect 0.525, share 0.636364."""
    arrows = {
        ("t", "m"): 0.5,
        ("m", "y"): 0.8,
        ("t", "y"): 0.3,
        ("t", "m2"): 0.2,
        ("m2", "y"): 0.5,
        ("m", "m2"): 0.1,
    }
    graph = CausalGraph(tuple(arrows), arrows)

    answer = estimate_paths(PathQuestion(graph=graph, treatment="t", outcome="y"))

    assert answer.value == pytest.approx(0.825, abs=1e-12)
    assert answer.details["indirect_effect"] == pytest.approx(0.525, abs=1e-12)
    assert answer.details["proportion_mediated"] == pytest.approx(0.525 / 0.825, abs=1e-12)
    expected = {"t -> m -> y": 0.4, "t -> m -> m2 -> y": 0.025, "t -> y": 0.3, "t -> m2 -> y": 0.1}
    assert {part.label: part.value for part in answer.parts} == pytest.approx(expected, abs=1e-12)


def test_the_error_of_a_path_is_by_the_delta_method():
    """For a·b with errors s and r: sqrt(b²s² + a²r²)."""
    graph = CausalGraph(
        (("t", "m"), ("m", "y")),
        {("t", "m"): 0.5, ("m", "y"): 0.8},
        {("t", "m"): 0.1, ("m", "y"): 0.2},
    )

    answer = estimate_paths(PathQuestion(graph=graph, treatment="t", outcome="y"))

    assert answer.std_error == pytest.approx(np.sqrt(0.8**2 * 0.1**2 + 0.5**2 * 0.2**2))


def test_arrows_are_estimated_from_rows():
    """Each node on its causes: 20 000 rows give back 0.5·0.8 + 0.3 within 4 errors."""
    generator = np.random.default_rng(11)
    t = generator.standard_normal(20_000)
    m = 0.5 * t + generator.standard_normal(20_000)
    y = 0.3 * t + 0.8 * m + generator.standard_normal(20_000)
    graph = CausalGraph((("t", "m"), ("m", "y"), ("t", "y")))

    answer = estimate_paths(
        PathQuestion(graph=graph, treatment="t", outcome="y"),
        pd.DataFrame({"t": t, "m": m, "y": y}),
    )

    assert abs(answer.value - 0.7) < 4 * answer.std_error
    # The same number by one regression of y on t alone.
    assert answer.value == pytest.approx(np.polyfit(t, y, 1)[0], rel=1e-3)


def test_proposition_99_by_three_methods():
    """DiD -27.3491, synthetic control -19.51, synthetic DiD -15.605."""
    frame = pd.read_csv(_shared("prop99", "smoking.csv"))
    question = PanelQuestion(
        unit="state", time="year", outcome="cigsale", treated="California", intervention=1989
    )

    answer = estimate_panel_impact(frame, question)

    assert answer.estimator == "synthetic_did"
    assert answer.value == pytest.approx(-15.605, abs=0.05)
    assert answer.part("difference_in_differences").value == pytest.approx(-27.3491, abs=1e-3)
    assert answer.part("synthetic_control").value == pytest.approx(-19.51, abs=0.05)


def test_proposition_99_placebos():
    """Synthetic control: pre-fit 1.656, rank 3 of 39, gap -26.60 in 2000; SDID error near 9.5."""
    frame = pd.read_csv(_shared("prop99", "smoking.csv"))

    answer = estimate_panel_impact(
        frame,
        PanelQuestion(
            unit="state",
            time="year",
            outcome="cigsale",
            treated="California",
            intervention=1989,
            rules=Rules(estimator="synthetic_control"),
        ),
    )

    assert answer.details["pre_rmspe"] == pytest.approx(1.656, abs=0.01)
    assert answer.details["placebo_rank"] == 3
    assert answer.details["placebo_p"] == pytest.approx(3 / 39)
    series = answer.details["series"]
    assert series["actual"][-1] - series["predicted"][-1] == pytest.approx(-26.60, abs=0.05)
    assert answer.part("synthetic_did").std_error == pytest.approx(9.5, abs=0.5)


@pytest.mark.parametrize("estimator", ["bsts", "local_level"])
def test_google_series(estimator):
    """R: 27 [18, 36], cumulative 804; both estimators within 1.5 and 45, p < 0.01."""
    frame = pd.read_csv(_shared("causalimpact_series", "google.csv"))
    if estimator == "bsts":
        pytest.importorskip("causal_impact")

    answer = estimate_series_impact(
        frame,
        SeriesQuestion(
            outcome="y",
            controls=("x1", "x2"),
            time="date",
            intervention="2020-03-02",
            rules=Rules(estimator=estimator),
        ),
    )

    assert answer.value == pytest.approx(27.0, abs=1.5)
    assert answer.details["cumulative_effect"] == pytest.approx(810, abs=45)
    assert 10 <= answer.confidence_interval[0] <= 22
    assert 32 <= answer.confidence_interval[1] <= 46
    assert answer.p_value < 0.01
    assert "SHORT_PRE_PERIOD" in answer.warning_codes


def test_local_level_agrees_with_statsmodels():
    """The same model by a Kalman filter of another author: forecasts to 0.01."""
    api = pytest.importorskip("statsmodels.api")
    generator = np.random.default_rng(3)
    x = np.cumsum(generator.standard_normal(150)) + 50
    y = 2 * x + generator.standard_normal(150) * 3
    y[120:] += 10
    frame = pd.DataFrame({"y": y, "x": x})

    answer = estimate_series_impact(
        frame,
        SeriesQuestion(
            outcome="y", controls="x", intervention=120, rules=Rules(estimator="local_level")
        ),
    )

    centre, scale = y[:120].mean(), y[:120].std(ddof=1)
    z = ((x - x[:120].mean()) / x[:120].std(ddof=1))[:, None]
    model = api.tsa.UnobservedComponents((y[:120] - centre) / scale, "llevel", exog=z[:120])
    with model.fix_params({"sigma2.level": 1e-4}):
        theirs = model.fit(disp=0).get_forecast(30, exog=z[120:]).predicted_mean
    # They maximise the likelihood, we the restricted one: the forecasts hardly depend on it.
    assert np.allclose(answer.details["series"]["predicted"], centre + scale * theirs, atol=0.05)
    assert answer.confidence_interval[0] <= 10 <= answer.confidence_interval[1]

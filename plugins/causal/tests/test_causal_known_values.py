"""Values worked out by hand, by independent closed forms, or published with the data sets."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.effects.segments import estimate_segments
from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.impact.panel_impact import estimate_panel_impact
from kpisdk_causal.impact.paths import estimate_paths
from kpisdk_causal.impact.series_impact import estimate_series_impact
from kpisdk_causal.mediation.mediation_effect import estimate_mediation
from kpisdk_causal.questions.question import (
    EffectQuestion,
    MediationQuestion,
    PanelQuestion,
    PathQuestion,
    SeriesQuestion,
)
from kpisdk_causal.questions.rules import Rules

QUIET = Rules(cross_check=False)
NSW_X = ("age", "education", "black", "hispanic", "married", "nodegree", "re74", "re75")
IHDP_X = tuple(f"x{number}" for number in range(1, 26))
# SATE of the ten replications: the mean of mu1 - mu0, which is in the files.
IHDP_SATE = (4.016, 4.051, 4.099, 4.274, 4.162, 4.004, 3.991, 3.854, 10.466, 4.586)


def _shared(*parts: str) -> Path:
    root = os.environ.get("KPISDK_SHARED")
    places = [Path(root)] if root else [p.parent / "shared" for p in Path(__file__).parents]
    for place in places:
        path = place.joinpath("data", "causal", *parts)
        if path.exists():
            return path
    return pytest.skip(f"the shared data set {'/'.join(parts)} is not here")


@pytest.fixture(scope="module")
def nsw() -> pd.DataFrame:
    """The NSW experiment, 185 treated and 260 controls."""
    return pd.read_csv(_shared("lalonde_nsw", "nsw_dw.csv"))


@pytest.fixture(scope="module")
def eight_rows() -> pd.DataFrame:
    """Eight rows, balanced in x."""
    return pd.DataFrame(
        {
            "t": [1, 1, 1, 1, 0, 0, 0, 0],
            "x": [0, 0, 1, 1, 0, 0, 1, 1],
            "y": [3, 5, 8, 10, 1, 3, 4, 6],
        }
    )


def _ihdp(replication: int) -> pd.DataFrame:
    names = ["treatment", "y_factual", "y_cfactual", "mu0", "mu1", *IHDP_X]
    return pd.read_csv(_shared("ihdp", f"ihdp_npci_{replication}.csv"), header=None, names=names)


def _ask(frame, confounders=NSW_X, **fields):
    rules = fields.pop("rules", QUIET)
    return estimate_effect(
        frame,
        EffectQuestion(
            treatment="treat", outcome="re78", confounders=confounders, rules=rules, **fields
        ),
    )


def _ask_ihdp(frame, estimator=None, target="ate"):
    rules = Rules(cross_check=False, estimator=estimator, force=True)
    return estimate_effect(
        frame,
        EffectQuestion(
            treatment="treatment",
            outcome="y_factual",
            confounders=IHDP_X,
            target_units=target,
            rules=rules,
        ),
    )


def test_eight_rows_give_the_effect_worked_out_by_hand(eight_rows):
    """Cell means 4, 9 treated and 2, 5 control: effects 2 and 4, mean 3."""
    rules = Rules(min_n=4, cross_check=False)
    question = EffectQuestion(treatment="t", outcome="y", confounders="x", segment="x", rules=rules)

    assert estimate_effect(eight_rows, question).value == pytest.approx(3.0, abs=1e-9)
    segments = estimate_segments(eight_rows, question)
    assert segments.value == pytest.approx(3.0, abs=1e-9)
    assert [part.value for part in segments.parts] == pytest.approx([2.0, 4.0], abs=1e-9)


def test_nsw_without_covariates_is_the_experiment(nsw):
    """Difference in means 1794.342385, Welch error 670.996544, Welch p 0.007893."""
    answer = _ask(nsw, ())

    assert answer.estimator == "difference_in_means"
    assert answer.value == pytest.approx(1794.342385, abs=1e-4)
    assert answer.std_error == pytest.approx(670.996544, abs=1e-4)
    assert answer.p_value == pytest.approx(0.007893, abs=1e-6)
    assert (answer.n_samples, answer.n_treated, answer.n_control) == (445, 185, 260)


def test_nsw_regression_without_interactions(nsw):
    """OLS on 8 covariates: 1676.342628, classical error 638.682015, HC1 676.733697."""
    answer = _ask(nsw, treatment_kind="continuous")

    assert answer.estimand == "per_unit"
    assert answer.value == pytest.approx(1676.342628, abs=1e-4)
    assert answer.std_error == pytest.approx(676.733697, abs=1e-4)
    assert answer.details["std_error_classical"] == pytest.approx(638.682015, abs=1e-4)
    assert answer.p_value == pytest.approx(0.013245, abs=1e-6)


def test_nsw_interacted_regression(nsw):
    """Centred interactions: 1621.583084, HC1 error 689.367664 for the rows at hand.

    For the population that they come from, the mean covariates are uncertain too: more.
    """
    answer = _ask(nsw, rules=Rules(cross_check=False, estimator="interacted_regression"))

    assert answer.value == pytest.approx(1621.583084, abs=1e-4)
    assert answer.details["std_error_hc1"] == pytest.approx(689.367664, abs=1e-4)
    assert 689.367664 < answer.std_error < 700


def test_nsw_aipw(nsw):
    """AIPW without folds: 1619.0 with error 671.5, within 1 %."""
    answer = _ask(nsw)

    assert answer.estimator == "aipw"
    assert answer.value == pytest.approx(1619.0, rel=0.01)
    assert answer.std_error == pytest.approx(671.5, rel=0.01)


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("nodegree", ((3192.025, 1450.233), (1154.047, 751.098))),
        ("married", ((1373.493, None), (3709.335, None))),
    ],
)
def test_nsw_by_segment(nsw, segment, expected):
    """Difference in means within each segment."""
    question = EffectQuestion(treatment="treat", outcome="re78", segment=segment, rules=QUIET)

    answer = estimate_segments(nsw, question)

    for part, (value, error) in zip(answer.parts, expected, strict=True):
        assert part.value == pytest.approx(value, abs=1e-2)
        if error is not None:
            assert part.std_error == pytest.approx(error, abs=1e-2)


def test_the_effects_of_segments_add_up_to_the_ate(nsw):
    """Σ n_s / n · CATE_s is the AIPW estimate of the ATE, to 1e-9."""
    question = EffectQuestion(
        treatment="treat", outcome="re78", confounders=NSW_X, segment="nodegree", rules=QUIET
    )

    answer = estimate_segments(nsw, question)

    together = sum(part.n / answer.n_samples * part.value for part in answer.parts)
    assert together == pytest.approx(answer.value, rel=1e-9)
    assert answer.value == pytest.approx(_ask(nsw).value, rel=1e-9)


def test_segments_then_ate_give_the_same_ate(nsw):
    """No estimate leaves anything behind that a later one could pick up."""
    before = _ask(nsw)
    estimate_segments(
        nsw,
        EffectQuestion(
            treatment="treat", outcome="re78", confounders=NSW_X, segment="married", rules=QUIET
        ),
    )

    assert before == _ask(nsw)


@pytest.mark.parametrize(
    ("file", "share"), [("psid_controls.csv", 0.80), ("cps_controls.csv.gz", 0.90)]
)
def test_without_overlap_the_ate_is_refused_and_the_att_offered(nsw, file, share):
    """NSW beside survey controls: most scores are outside, and the ATT holds the experiment's."""
    controls = pd.read_csv(_shared("lalonde_nsw", file))
    frame = pd.concat([nsw[nsw["treat"] == 1], controls], ignore_index=True)

    answer = _ask(frame)

    assert (answer.value, answer.reason) == (None, "LOW_OVERLAP")
    assert answer.diagnostics.overlap.share_outside > share
    (att,) = answer.alternatives
    assert att.estimand == "att"
    assert att.confidence_interval[0] <= 1794 <= att.confidence_interval[1]


def test_a_forced_ate_says_that_it_was_forced(nsw):
    """``force`` reports the value, with the warning and the mark."""
    controls = pd.read_csv(_shared("lalonde_nsw", "psid_controls.csv"))
    frame = pd.concat([nsw[nsw["treat"] == 1], controls], ignore_index=True)

    answer = _ask(frame, rules=Rules(cross_check=False, force=True))

    assert answer.value < -5000
    assert answer.details["forced"] is True
    assert "LOW_OVERLAP" in answer.warning_codes


def test_ihdp_interacted_regression():
    """Replication 1: 3.961070, and the truth 4.016067 is inside the interval."""
    answer = _ask_ihdp(_ihdp(1), "interacted_regression")

    assert answer.value == pytest.approx(3.961070, abs=1e-4)
    assert answer.confidence_interval[0] <= 4.016067 <= answer.confidence_interval[1]


def test_ihdp_regression_without_interactions():
    """Replication 1: 3.928672, the plain coefficient."""
    question = EffectQuestion(
        treatment="treatment",
        outcome="y_factual",
        confounders=IHDP_X,
        treatment_kind="continuous",
        rules=QUIET,
    )

    assert estimate_effect(_ihdp(1), question).value == pytest.approx(3.928672, abs=1e-4)


@pytest.mark.parametrize("estimator", ["interacted_regression", "aipw"])
def test_ihdp_9_tells_good_estimators_from_bad(estimator):
    """The interval holds 10.466 and not 4.76, which regression without interactions says."""
    answer = _ask_ihdp(_ihdp(9), estimator)

    low, high = answer.confidence_interval
    assert low <= 10.466 <= high
    assert low > 4.76
    if estimator == "interacted_regression":
        assert answer.value == pytest.approx(10.159324, abs=1e-4)


def test_ihdp_intervals_hold_the_ate():
    """The default estimator's intervals hold the SATE in all ten replications."""
    answers = [_ask_ihdp(_ihdp(number)) for number in range(1, 11)]

    spans = [answer.confidence_interval for answer in answers]
    assert all(low <= t <= high for (low, high), t in zip(spans, IHDP_SATE, strict=True))


def test_ihdp_intervals_hold_the_att():
    """The effect on the treated is 4.0 by construction: inside in at least 9 of 10."""
    spans = [_ask_ihdp(_ihdp(n), target="att").confidence_interval for n in range(1, 11)]

    assert sum(low <= 4.0 <= high for low, high in spans) >= 9


def test_hillstrom_compares_each_arm_with_the_control():
    """Mens 0.076590 and Womens 0.045233 on visits, Holm-adjusted, with no headline value."""
    frame = pd.read_csv(_shared("hillstrom", "hillstrom.csv.gz"))
    question = EffectQuestion(
        treatment="segment", outcome="visit", control_value="No E-Mail", rules=QUIET
    )

    answer = estimate_effect(frame, question)

    assert (answer.value, answer.reason) == (None, "SEVERAL_ARMS")
    assert answer.part("Mens E-Mail").value == pytest.approx(0.076590, abs=1e-6)
    assert answer.part("Womens E-Mail").value == pytest.approx(0.045233, abs=1e-6)
    smaller = answer.part("Mens E-Mail")
    assert smaller.p_adjusted == pytest.approx(2 * smaller.p_value)


def test_hillstrom_effects_differ_between_segments():
    """Womens E-Mail on visits: 0.011078 and 0.073115 by ``womens``, heterogeneity p < 1e-15."""
    frame = pd.read_csv(_shared("hillstrom", "hillstrom.csv.gz"))
    question = EffectQuestion(
        treatment="segment",
        outcome="visit",
        treatment_value="Womens E-Mail",
        control_value="No E-Mail",
        segment="womens",
        rules=QUIET,
    )

    answer = estimate_segments(frame, question)

    assert [part.value for part in answer.parts] == pytest.approx([0.011078, 0.073115], abs=1e-6)
    assert answer.details["heterogeneity"]["p_value"] < 1e-15


def _jobs_question(**fields):
    return MediationQuestion(
        treatment="treat",
        mediators="job_seek",
        outcome="depress2",
        confounders=("econ_hard", "sex", "age"),
        **fields,
    )


def test_jobs_mediation_matches_the_published_products():
    """ACME -0.01574465, ADE -0.04026470, total -0.05600935, ratio 0.2811075."""
    frame = pd.read_csv(_shared("mediation_jobs", "jobs.csv"))

    answer = estimate_mediation(frame, _jobs_question())

    assert answer.part("indirect").value == pytest.approx(-0.01574465, abs=1e-7)
    assert answer.part("direct").value == pytest.approx(-0.04026470, abs=1e-7)
    assert answer.part("total").value == pytest.approx(-0.05600935, abs=1e-7)
    assert answer.details["ratio_of_estimates"] == pytest.approx(0.2811075, abs=1e-6)
    together = answer.part("indirect").value + answer.part("direct").value
    assert together == pytest.approx(answer.part("total").value, abs=1e-12)


def test_jobs_proportion_is_withheld_where_the_total_may_be_nothing():
    """The interval of the total holds 0: no proportion, unless it is forced."""
    frame = pd.read_csv(_shared("mediation_jobs", "jobs.csv"))

    answer = estimate_mediation(frame, _jobs_question())
    forced = estimate_mediation(frame, _jobs_question(rules=Rules(force=True)))

    assert (answer.value, answer.reason) == (None, "RATIO_UNSTABLE")
    assert forced.value == pytest.approx(0.2811075, abs=1e-6)
    assert "RATIO_UNSTABLE" in forced.warning_codes


def test_jobs_bootstrap_interval_is_like_the_published_one():
    """R's bootstrap: [-0.0400, 0.01], p 0.21; ranges that hold for any seed."""
    frame = pd.read_csv(_shared("mediation_jobs", "jobs.csv"))

    part = estimate_mediation(frame, _jobs_question()).part("indirect")

    assert -0.045 <= part.interval[0] <= -0.036
    assert 0.003 <= part.interval[1] <= 0.013
    assert 0.12 <= part.p_value <= 0.32


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


def test_two_mediators_count_as_one_set():
    """Direct 0.5, indirect 0.8 + 0.35, to 0.05 with 20 000 rows."""
    generator = np.random.default_rng(5)
    n = 20_000
    t = generator.integers(0, 2, n)
    m1 = 1.0 * t + generator.standard_normal(n)
    m2 = 0.7 * t + generator.standard_normal(n)
    y = 0.5 * t + 0.8 * m1 + 0.5 * m2 + generator.standard_normal(n)
    frame = pd.DataFrame({"t": t, "m1": m1, "m2": m2, "y": y})

    answer = estimate_mediation(
        frame,
        MediationQuestion(
            treatment="t", mediators=("m1", "m2"), outcome="y", rules=Rules(n_boot=50)
        ),
    )

    assert answer.part("direct").value == pytest.approx(0.5, abs=0.05)
    assert answer.part("indirect").value == pytest.approx(1.15, abs=0.05)


def test_an_interaction_gives_the_effects_of_both_arms():
    """Y = 0.5 t + 0.8 m + 0.6 t·m, m = t + noise: NIE0 0.8, NIE1 1.4, NDE0 0.5, NDE1 1.1."""
    generator = np.random.default_rng(6)
    n = 20_000
    t = generator.integers(0, 2, n)
    m = t + generator.standard_normal(n)
    y = 0.5 * t + 0.8 * m + 0.6 * t * m + generator.standard_normal(n)

    answer = estimate_mediation(
        pd.DataFrame({"t": t, "m": m, "y": y}),
        MediationQuestion(
            treatment="t", mediators="m", outcome="y", interaction=True, rules=Rules(n_boot=50)
        ),
    )

    assert answer.part("indirect_control").value == pytest.approx(0.8, abs=0.05)
    assert answer.part("indirect_treated").value == pytest.approx(1.4, abs=0.05)
    assert answer.part("direct_control").value == pytest.approx(0.5, abs=0.05)
    assert answer.part("direct_treated").value == pytest.approx(1.1, abs=0.05)


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


def test_the_p_value_of_an_effect_that_varies_is_about_its_mean():
    """Y = x + (x - 5)·t, x ~ N(5, 1): the mean effect is 0 and p says so."""
    generator = np.random.default_rng(8)
    x = generator.normal(5, 1, 1000)
    t = generator.integers(0, 2, 1000)
    y = x + (x - 5) * t + generator.standard_normal(1000)

    answer = estimate_effect(
        pd.DataFrame({"x": x, "t": t, "y": y}),
        EffectQuestion(treatment="t", outcome="y", confounders="x", rules=QUIET),
    )

    assert answer.p_value > 0.05

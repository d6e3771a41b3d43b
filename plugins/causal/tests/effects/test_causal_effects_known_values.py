"""Values known from elsewhere: the effect of a treatment."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.questions.question import (
    EffectQuestion,
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

"""Values known from elsewhere: effects through mediators."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal.mediation.mediation_effect import estimate_mediation
from kpisdk_causal.questions.question import (
    MediationQuestion,
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

"""Values known from elsewhere: effects by segment."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.effects.segments import estimate_segments
from kpisdk_causal.questions.question import (
    EffectQuestion,
)
from kpisdk_causal.questions.rules import Rules

QUIET = Rules(cross_check=False)


NSW_X = ("age", "education", "black", "hispanic", "married", "nodegree", "re74", "re75")


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


def _ask(frame, confounders=NSW_X, **fields):
    rules = fields.pop("rules", QUIET)
    return estimate_effect(
        frame,
        EffectQuestion(
            treatment="treat", outcome="re78", confounders=confounders, rules=rules, **fields
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

"""What must not change an answer: the effect of a treatment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.errors import InfiniteValuesError, SingularDesignError, TooManyLevelsError
from kpisdk_causal.questions.question import (
    EffectQuestion,
)
from kpisdk_causal.questions.rules import Rules

ADJUSTING = ("aipw", "interacted_regression", "weighting")


SEEDS = (1, 2, 3)


def _rows(seed: int, n: int = 300) -> pd.DataFrame:
    """Ward C is among the treated only; x confounds, z does not."""
    generator = np.random.default_rng(seed)
    x, z = generator.standard_normal((2, n))
    t = (generator.random(n) < 1 / (1 + np.exp(-0.6 * x))).astype(int)
    ward = generator.choice(np.array(["A", "B"], dtype=object), n)
    ward[np.flatnonzero(t == 1)[:6]] = "C"
    y = 2 * t + x + 3 * (ward == "B") + generator.standard_normal(n)
    return pd.DataFrame({"id": range(n), "t": t, "x": x, "z": z, "ward": ward, "y": y})


def _effect(frame, estimator="aipw", confounders=("x", "z", "ward"), **fields):
    rules = Rules(cross_check=False, estimator=estimator, force=True)
    asked = {"treatment": "t", "outcome": "y", "confounders": confounders, "rules": rules}
    return estimate_effect(frame, EffectQuestion(**{**asked, **fields}))


def _same(one, other, scale=1.0, rel=1e-6):
    assert other.value == pytest.approx(scale * one.value, rel=rel)
    assert other.std_error == pytest.approx(abs(scale) * one.std_error, rel=rel)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("target", ["ate", "att", "atc"])
@pytest.mark.parametrize("estimator", ADJUSTING)
def test_units_zero_points_coding_and_order_do_not_matter(estimator, target, seed):
    """Another unit and zero point of y and x, another first ward, other orders, a column twice."""
    frame = _rows(seed)
    one = _effect(frame, estimator, target_units=target)

    def asked(changed, scale=1.0, **fields):
        _same(one, _effect(changed, estimator, target_units=target, **fields), scale)

    asked(frame.assign(y=-40 * frame["y"] + 1e6), scale=-40)
    asked(frame.assign(x=1e-3 * frame["x"] + 1e5, z=-7 * frame["z"]))
    asked(frame.assign(ward=frame["ward"].map({"A": "Z", "B": "Y", "C": "X"})))
    asked(frame.sample(frac=1, random_state=seed))
    asked(frame[list(reversed(frame.columns))], confounders=("ward", "z", "x"))
    asked(frame.assign(x2=3 * frame["x"] - 1), confounders=("x", "z", "ward", "x2"))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_dose_in_other_units_has_the_effect_per_other_unit(seed):
    """Per day instead of per hour, from another zero point: 24 times the effect."""
    frame = _rows(seed).drop(columns="t")
    generator = np.random.default_rng(seed + 10)
    frame["t"] = frame["x"] + generator.standard_normal(len(frame))
    frame["y"] = 0.5 * frame["t"] + frame["x"] + generator.standard_normal(len(frame))
    fields = {"confounders": ("x", "ward"), "treatment_kind": "continuous"}
    one = _effect(frame, "partial_linear", **fields)

    moved = frame.assign(t=frame["t"] / 24 + 1e6, y=frame["y"] + 1e6)

    _same(one, _effect(moved, "partial_linear", **fields), scale=24)


def test_two_instants_that_lie_close_are_two_confounders():
    """Admission and discharge in seconds since 1970: the stay of a few hours confounds."""
    generator = np.random.default_rng(5)
    n = 2000
    stay = generator.standard_normal(n)
    start = 1.7e9 + 3e7 * generator.random(n)
    t = (generator.random(n) < 1 / (1 + np.exp(-stay))).astype(int)
    y = t + 2 * stay + generator.standard_normal(n)
    frame = pd.DataFrame({"t": t, "y": y, "start": start, "end": start + 3600 * stay})

    answer = _effect(frame, confounders=("start", "end"))

    assert answer.value == pytest.approx(1.0, abs=4 * answer.std_error)
    assert answer.warning_codes == ()


def test_whole_numbers_beyond_2_to_the_53_keep_their_differences():
    """Nanoseconds that differ by units: a confounder, an outcome and a dose as any other."""
    frame = _rows(6)
    base = 2**62
    small = (1000 * frame["x"]).round().astype("int64")
    outcome = (1000 * frame["y"]).round().astype("int64")
    one = _effect(frame.assign(x=small, y=outcome))

    far = _effect(frame.assign(x=small + base, y=outcome - base))

    _same(one, far)


def test_a_category_of_one_arm_is_left_out_and_said_to_be():
    """Nobody in ward C is a control: the effect is that on the others, wherever y begins."""
    frame = _rows(7)

    answer = _effect(frame, rules=Rules(cross_check=False))

    assert answer.n_samples == 294
    assert "ONE_ARM_ONLY" in answer.warning_codes
    without = _effect(frame[frame["ward"] != "C"], rules=Rules(cross_check=False))
    assert answer.value == pytest.approx(without.value, rel=1e-9)


def test_a_category_of_one_arm_that_is_large_is_refused():
    """A fifth of all rows without a counterpart is more than the gate lets through."""
    frame = _rows(8)
    frame.loc[frame.index[frame["t"] == 1][:60], "ward"] = "C"

    answer = _effect(frame, rules=Rules(cross_check=False))

    assert (answer.value, answer.reason) == (None, "LOW_OVERLAP")


def test_many_sites_keep_the_interval_honest():
    """25 sites, few rows in each: 95 % intervals hold the effect in 90 % of 100 sets at least."""
    inside = 0
    for seed in range(100):
        generator = np.random.default_rng(seed)
        n = 300
        site = generator.integers(0, 25, n)
        level = np.random.default_rng(0).standard_normal(25)
        t = (generator.random(n) < 1 / (1 + np.exp(-level[site]))).astype(int)
        y = 1000 + 2 * t + 3 * level[site] + generator.standard_normal(n)
        frame = pd.DataFrame({"t": t, "site": [f"s{one}" for one in site], "y": y})
        low, high = _effect(frame, confounders=("site",)).confidence_interval
        inside += low <= 2 <= high

    assert inside >= 90


@pytest.mark.parametrize("noise", [0.0, 1e-13])
def test_a_dose_that_its_confounders_determine_is_refused(noise):
    """Dose = 2a - b + 5: no row tells its effect from theirs."""
    generator = np.random.default_rng(9)
    a, b, e, u = generator.standard_normal((4, 200))
    frame = pd.DataFrame({"a": a, "b": b, "t": 2 * a - b + 5 + noise * u, "y": a + e})

    with pytest.raises(SingularDesignError, match="'t' is determined by the confounders"):
        _effect(frame, None, ("a", "b"), treatment_kind="continuous")


def test_a_column_that_names_every_row_is_no_confounder():
    """More than 1,000 levels are refused before they fill the memory."""
    frame = pd.concat([_rows(seed, 600) for seed in (1, 2)])
    frame["name"] = [f"p{place}" for place in range(len(frame))]

    with pytest.raises(TooManyLevelsError, match="1200 levels"):
        _effect(frame, confounders=("name",))


@pytest.mark.parametrize("size", [1e-90, 1e90])
def test_confounders_and_outcomes_of_any_size_are_adjusted_for(size):
    """Squares of 1e90 still fit a float64."""
    frame = _rows(0)
    plain = _effect(frame)

    _same(plain, _effect(frame.assign(x=frame["x"] * size)))
    _same(plain, _effect(frame.assign(y=frame["y"] * size)), scale=size)


@pytest.mark.parametrize("size", [1e200, 1e-200])
@pytest.mark.parametrize("column", ["x", "y"])
def test_sizes_whose_squares_no_float_holds_are_refused(column, size):
    """An error of 1e400 was no error at all; a confounder of 1e-200 was taken for a constant."""
    frame = _rows(0)

    with pytest.raises(InfiniteValuesError, match=f"'{column}'"):
        _effect(frame.assign(**{column: frame[column] * size}))


def test_whole_numbers_beyond_floats_are_refused():
    """10^400 is no float."""
    frame = _rows(0)

    with pytest.raises(InfiniteValuesError, match="'x'"):
        _effect(frame.assign(x=[10**400 + place for place in range(len(frame))]))

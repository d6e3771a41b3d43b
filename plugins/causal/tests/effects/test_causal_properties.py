"""What holds for any data: invariance, equivariance, purity, and honest p-values."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from kpisdk import DefinitionError
from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.effects.counterfactual import estimate_counterfactual
from kpisdk_causal.estimate import CausalEstimate
from kpisdk_causal.estimators.router import default_router
from kpisdk_causal.inference.intervals import holm, monte_carlo_p, two_sided_p, welch_df
from kpisdk_causal.questions.question import CounterfactualQuestion, EffectQuestion
from kpisdk_causal.questions.rules import Rules

QUIET = Rules(cross_check=False)
ADJUSTED = ("aipw", "interacted_regression", "weighting")


def _ask(frame, confounders=("x", "z"), estimator=None, **fields):
    rules = Rules(cross_check=False, estimator=estimator)
    return estimate_effect(
        frame,
        EffectQuestion(
            treatment="t",
            outcome="y",
            confounders=confounders,
            **{"rules": rules, **fields},
        ),
    )


@pytest.fixture
def wide(trial) -> pd.DataFrame:
    """The trial with a second confounder."""
    return trial.assign(z=np.random.default_rng(21).standard_normal(len(trial)))


@pytest.mark.parametrize("estimator", ADJUSTED)
def test_order_names_and_index_do_not_matter(wide, estimator):
    """Shuffled rows, permuted confounders, renamed columns, another index: equal to 1e-9."""
    one = _ask(wide, estimator=estimator)

    shuffled = wide.sample(frac=1, random_state=1)
    renamed = shuffled.rename(columns={"x": "later", "z": "earlier"})
    others = [
        _ask(shuffled, estimator=estimator),
        _ask(wide, confounders=("z", "x"), estimator=estimator),
        _ask(renamed, confounders=("later", "earlier"), estimator=estimator),
        _ask(wide.set_index(pd.Index(np.arange(200) * 7)), estimator=estimator),
    ]

    for other in others:
        assert other.value == pytest.approx(one.value, rel=1e-9)
        assert other.std_error == pytest.approx(one.std_error, rel=1e-9)


@pytest.mark.parametrize("estimator", ADJUSTED)
def test_scaling_the_outcome_scales_the_effect(wide, estimator):
    """Y -> -3 y + 7: value, error and interval follow, the interval stays sorted."""
    one = _ask(wide, estimator=estimator)

    other = _ask(wide.assign(y=-3 * wide["y"] + 7), estimator=estimator)

    assert other.value == pytest.approx(-3 * one.value, rel=1e-9)
    assert other.std_error == pytest.approx(3 * one.std_error, rel=1e-9)
    low, high = one.confidence_interval
    assert other.confidence_interval == pytest.approx((-3 * high, -3 * low), rel=1e-9)


@pytest.mark.parametrize("estimator", ADJUSTED)
def test_scaling_a_confounder_changes_nothing(wide, estimator):
    """X -> 1000 x + 5: the same to 1e-6."""
    other = _ask(wide.assign(x=1000 * wide["x"] + 5), estimator=estimator)

    assert other.value == pytest.approx(_ask(wide, estimator=estimator).value, rel=1e-6)


def test_the_same_question_gives_the_same_answer(wide):
    """Asked twice: every field equal."""
    assert _ask(wide) == _ask(wide)


@pytest.mark.parametrize("seed", ["0", "1", "2", "3"])
def test_the_hash_seed_does_not_matter(seed, tmp_path):
    """Another process with another PYTHONHASHSEED gives the same number, printed in full."""
    script = tmp_path / "ask.py"
    script.write_text(
        "import numpy as np, pandas as pd\n"
        "from kpisdk_causal import EffectQuestion, Rules, estimate_effect\n"
        "g = np.random.default_rng(1)\n"
        "f = pd.DataFrame({n: g.standard_normal(300) for n in 'abcd'})\n"
        "f['t'] = (g.random(300) < 0.5).astype(int)\n"
        "f['y'] = f['a'] + f['t'] + g.standard_normal(300)\n"
        "q = EffectQuestion(treatment='t', outcome='y', confounders=tuple('abcd'),\n"
        "                   rules=Rules(cross_check=False))\n"
        "print(repr(estimate_effect(f, q).value))\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}

    said = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True, check=True
    )

    generator = np.random.default_rng(1)
    frame = pd.DataFrame({name: generator.standard_normal(300) for name in "abcd"})
    frame["t"] = (generator.random(300) < 0.5).astype(int)
    frame["y"] = frame["a"] + frame["t"] + generator.standard_normal(300)
    assert float(said.stdout) == pytest.approx(_ask(frame, tuple("abcd")).value, rel=1e-12)


def test_the_global_random_state_is_not_touched(wide):
    """Also not by refuters, which simulate."""
    np.random.seed(5)  # noqa: NPY002  # the global state is what the test is about
    expected = np.random.random()  # noqa: NPY002  # the same

    np.random.seed(5)  # noqa: NPY002  # the same
    _ask(wide, rules=Rules(cross_check=False, refute=("placebo", "subset"), n_simulations=5))

    assert expected == np.random.random()  # noqa: NPY002  # the same


def test_refuters_are_seeded_and_say_what_passed_means(wide):
    """The same seed gives the same draws, another one others; each has its meaning."""
    names = ("placebo", "random_common_cause", "subset", "sensitivity")

    def found(seed):
        rules = Rules(cross_check=False, refute=names, n_simulations=30, seed=seed)
        return _ask(wide, rules=rules).refutations

    one = found(1)
    assert one == found(1)
    assert one[0].effect != found(2)[0].effect
    assert [refutation.name for refutation in one] == list(names)
    assert all(refutation.meaning for refutation in one)


def test_refuters_pass_a_right_estimate(wide):
    """Placebo near 0, noise changes nothing, subsets lie inside and do vary."""
    rules = Rules(cross_check=False, refute=("placebo", "random_common_cause", "subset"))

    placebo, common, subset = _ask(wide, rules=rules).refutations

    assert (placebo.passed, common.passed, subset.passed) == (True, True, True)
    assert abs(placebo.effect) <= 3 * placebo.std_dev / np.sqrt(placebo.n_sim)
    assert subset.std_dev > 0
    assert 0 < placebo.p_value <= 1


def test_the_robustness_value_is_the_published_formula(wide):
    """Cinelli and Hazlett: ½(√(f⁴ + 4f²) − f²) with f = |t| / √df."""
    answer = _ask(wide, rules=Rules(cross_check=False, refute=("sensitivity",)))

    square = (answer.value / answer.std_error) ** 2 / (200 - 2 - 2)
    expected = 0.5 * (np.sqrt(square**2 + 4 * square) - square)
    assert answer.refutations[0].details["robustness_value"] == pytest.approx(expected)


@pytest.mark.parametrize("target", ["att", "atc"])
def test_effects_on_one_arm_are_those_of_its_members(target):
    """Effect 1 + x, treatment likelier for large x: ATT above 1, ATC below, both told apart."""
    generator = np.random.default_rng(9)
    x = generator.standard_normal(20_000)
    t = (generator.random(20_000) < 1 / (1 + np.exp(-x))).astype(int)
    frame = pd.DataFrame({"x": x, "t": t, "y": x + (1 + x) * t + generator.standard_normal(20_000)})

    answer = _ask(frame, ("x",), target_units=target)

    expected = (1 + x)[t == (1 if target == "att" else 0)].mean()
    assert answer.value == pytest.approx(expected, abs=4 * answer.std_error)


def test_the_counterfactual_of_a_patient_keeps_the_residual():
    """Effect 1 + 0.5 x and the patient's own noise: the error is far below the noise of 1."""
    generator = np.random.default_rng(10)
    n = 1000
    x, noise = generator.standard_normal(n), generator.standard_normal(n)
    t = (generator.random(n) < 1 / (1 + np.exp(-x))).astype(int)
    frame = pd.DataFrame({"id": range(n), "x": x, "t": t, "y": x + (1 + 0.5 * x) * t + noise})
    effect = EffectQuestion(treatment="t", outcome="y", confounders="x", rules=QUIET)

    gaps = []
    for patient in range(20):
        question = CounterfactualQuestion(id_column="id", id=patient, effect=effect)
        answer = estimate_counterfactual(frame, question)
        truth = x[patient] + (1 + 0.5 * x[patient]) * (1 - t[patient]) + noise[patient]
        if answer.value is not None:
            gaps.append(answer.value - truth)
            delta = answer.value - frame["y"][patient]
            assert answer.details["outcome_delta"] == pytest.approx(delta)

    assert len(gaps) >= 15
    assert np.sqrt(np.mean(np.square(gaps))) < 0.2


def test_the_counterfactual_of_a_yes_or_no_is_a_probability(trial):
    """A 0/1 outcome: the other arm's probability, inside (0, 1), with its interval."""
    frame = trial.assign(id=range(200), y=(trial["y"] > 0).astype(int))
    effect = EffectQuestion(treatment="t", outcome="y", confounders="x", rules=QUIET)

    answer = estimate_counterfactual(
        frame, CounterfactualQuestion(id_column="id", id=7, effect=effect)
    )

    low, high = answer.confidence_interval
    assert 0 < low < answer.value < high < 1


def test_p_is_two_sided_and_never_zero_for_draws():
    """Wald: 1.96 gives 0.05. Draws: (1 + count) / (1 + B), doubled."""
    assert two_sided_p(1.959964, 1.0) == pytest.approx(0.05, abs=1e-6)
    assert two_sided_p(-1.959964, 1.0) == pytest.approx(0.05, abs=1e-6)
    assert monte_carlo_p(np.ones(99)) == pytest.approx(2 / 100)


def test_holm_steps_down():
    """0.01, 0.04, 0.03 become 0.03, 0.06, 0.06; a missing one does not count."""
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.01, None, 0.04]) == [pytest.approx(0.02), None, pytest.approx(0.04)]


def test_welch_degrees_of_freedom():
    """Equal variances and counts: n1 + n2 - 2."""
    assert welch_df([4.0, 4.0], [11, 11]) == pytest.approx(20.0)


def test_an_estimate_cannot_contradict_itself():
    """A nan, an unsorted interval and a missing reason are refused together."""
    with pytest.raises(DefinitionError) as caught:
        CausalEstimate(
            value=float("nan"),
            reason="SMALL_N",
            confidence_interval=(2.0, 1.0),
            n_samples=1,
            estimator="x",
            library="x",
            library_version="1",
            estimand="ate",
            contrast="1 vs 0",
        )
    assert len(caught.value.problems) == 3


def test_an_answer_is_plain_data(wide):
    """``as_dict`` holds nothing but what JSON knows, and no nan."""
    import json

    text = json.dumps(_ask(wide).as_dict(), allow_nan=False)

    assert '"estimator": "aipw"' in text


def test_the_default_router_prefers_aipw():
    """With confounders AIPW, without them the means."""
    router = default_router()

    assert router.choose("effect", "ate").estimator.name == "aipw"
    assert router.choose("effect", "ate", covariates=False).estimator.name == "difference_in_means"

"""How right the estimators are: IHDP, and how often a 95 % interval holds the truth.

    python benchmarks/causal_accuracy.py [--sets 1000] [--slow]

IHDP needs the shared data (``KPISDK_SHARED``, or ``shared`` beside the project). The table of
coverage takes a few minutes; ``--slow`` adds, on a tenth of the sets, the cross-fitted estimator,
the Bayesian series and EconML, which take many more.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pandas as pd

from kpisdk_causal import (
    EffectQuestion,
    Estimator,
    MediationQuestion,
    Rules,
    Sample,
    SegmentEffects,
    SeriesQuestion,
    Task,
    estimate_effect,
    estimate_mediation,
    estimate_series_impact,
)
from kpisdk_causal.conformance_samples import dosed, refitted, segmented, two_arms
from kpisdk_causal.estimators.builtin import estimators
from kpisdk_causal.impact.panel import Panel
from kpisdk_causal.impact.panel_impact import panel_line, with_placebos
from kpisdk_causal.inference.intervals import interval, two_sided_p
from kpisdk_causal.tables.covariates import standardised

COVARIATES = tuple(f"x{number}" for number in range(1, 26))
NAMES = ("aipw", "interacted_regression", "weighting")


def ihdp(names: tuple[str, ...]) -> None:
    root = Path(os.environ.get("KPISDK_SHARED", Path(__file__).parents[2] / "shared"))
    folder = root / "data" / "causal" / "ihdp"
    if not folder.exists():
        print(f"IHDP left out: {folder} is not here")
        return
    columns = ["treatment", "y_factual", "y_cfactual", "mu0", "mu1", *COVARIATES]
    print("IHDP, 10 replications: mean absolute error against the SATE, and coverage")
    for name in names:
        errors, inside = [], 0
        for number in range(1, 11):
            frame = pd.read_csv(folder / f"ihdp_npci_{number}.csv", header=None, names=columns)
            rules = Rules(cross_check=False, estimator=name, force=True)
            question = EffectQuestion(
                treatment="treatment", outcome="y_factual", confounders=COVARIATES, rules=rules
            )
            answer = estimate_effect(frame, question)
            truth = float((frame["mu1"] - frame["mu0"]).mean())
            errors.append(abs(answer.value - truth))
            low, high = answer.confidence_interval
            inside += low <= truth <= high
        print(f"  {name:22s} {np.mean(errors):.3f}  {inside}/10")


def coverage(sets: int, *, slow: bool) -> None:
    """A line per estimator and target: bias, spread, mean error, coverage and false alarms."""
    print(f"95 % intervals of {sets} simulated sets, and p < 0.05 where there is no effect")
    print(
        f"  {'estimator':26s} {'target':10s} {'bias':>8s} {'sd':>7s} {'error':>7s}  cover  alarms"
    )
    for name, target, draw in cases(slow=slow):
        count = max(20, sets // 10) if name in SLOW else sets
        found = np.array([draw(seed, 1.0) for seed in range(count)])
        none = np.array([draw(100_000 + seed, 0.0) for seed in range(count)])
        gap, error = found[:, 0], found[:, 1]
        inside = np.mean((found[:, 2] <= 0) & (found[:, 3] >= 0))
        alarms = np.mean(none[:, 4] < 0.05)
        print(
            f"  {name:26s} {target:10s} {gap.mean():+8.4f} {gap.std():7.4f} {error.mean():7.4f}"
            f"  {inside:.3f}  {alarms:.3f}  ({count} sets)",
            flush=True,
        )


SLOW = ("aipw_boosting", "bsts", "econml_linear_dr", "econml_forest")
Draw = Callable[[int, float], tuple[float, float, float, float, float]]
"""From a seed and an effect: estimate less truth, error, both ends less truth, and p."""


def cases(*, slow: bool) -> Iterator[tuple[str, str, Draw]]:
    """Every built-in estimator with each of its targets."""
    skipped = () if slow else SLOW
    for estimator in estimators():
        if estimator.name in skipped or estimator.lacking():
            continue
        if estimator.task == Task.EFFECT:
            for target in estimator.estimands:
                yield estimator.name, target, partial(an_effect, estimator, target)
        elif estimator.task == Task.SEGMENTS:
            yield estimator.name, "segment 1", partial(a_segment, estimator)
        elif estimator.task == Task.SERIES:
            yield estimator.name, "mean after", partial(a_series, estimator.name)
        else:
            yield estimator.name, "treated", partial(a_panel, estimator.name)
    yield "two regressions", "indirect", partial(a_mediation, "indirect")
    yield "two regressions", "direct", partial(a_mediation, "direct")


def _line(value: float, error: float, span: Any, p: float, truth: float) -> Any:
    return value - truth, error, span[0] - truth, span[1] - truth, p


def _chances(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(0.4 + 0.5 * x[:, 0] - 0.3 * x[:, 1]))


@cache
def _mean_of_x(target: str) -> float:
    """Mean of the first covariate among the treated or the controls, from two million rows."""
    x = np.random.default_rng(0).standard_normal((2_000_000, 2))
    weights = {"att": _chances(x), "atc": 1 - _chances(x)}.get(target, np.ones(len(x)))
    return float(weights @ x[:, 0] / weights.sum())


def an_effect(estimator: Estimator, target: str, seed: int, effect: float) -> Any:
    """1,000 rows; the effect grows with x, and large x are treated less."""
    if target == "per_unit":
        sample, truth = dosed(seed=seed, n=500, effect=effect), effect
    else:
        generator = np.random.default_rng(seed)
        n = 500 if estimator.name in SLOW else 1000
        x = generator.standard_normal((n, 3))
        randomised = estimator.covariates == "refused"
        chance = np.full(n, 0.4) if randomised else _chances(x)
        arm = (generator.random(n) < chance).astype(np.float64)
        own = effect * (1 + (0.0 if randomised else 1.0) * x[:, 0])
        outcome = x @ np.array([1.0, 0.5, -0.5]) + own * arm + generator.standard_normal(n)
        made = standardised(x[:, :0] if randomised else x, () if randomised else ("a", "b", "c"))
        sample = refitted(
            Sample(
                outcome=outcome,
                treatment=arm,
                covariates=made.matrix,
                names=made.names,
                target=target,
                seed=seed,
            )
        )
        truth = effect if randomised else effect * (1 + _mean_of_x(target))
    found = estimator.fit(sample)
    span = interval(found.value, found.std_error, 0.95, found.df)
    p = two_sided_p(found.value, found.std_error, found.df)
    return _line(found.value, found.std_error, span, p, truth)


def a_segment(estimator: Estimator, seed: int, effect: float) -> Any:
    """The second of two segments of 600 rows, whose effect is 2, or none."""
    sample = segmented(seed=seed, n=600, randomised=estimator.covariates == "refused")
    if effect == 0:
        gain = (1 + sample.codes) * sample.treatment
        sample = attrs.evolve(sample, outcome=sample.outcome - gain)
    effects: SegmentEffects = estimator.fit(sample)
    value = float(np.take(effects.values, 1))  # effects, and no frame
    error = float(np.sqrt(effects.covariance[1, 1]))
    df = effects.dfs[1] if effects.dfs else None
    span = interval(value, error, 0.95, df)
    return _line(value, error, span, two_sided_p(value, error, df), 2 * effect)


def a_series(name: str, seed: int, effect: float) -> Any:
    """60 periods with one control, 10 of them after."""
    generator = np.random.default_rng(seed)
    control, noise = generator.standard_normal((2, 60))
    after = np.arange(60) >= 50
    frame = pd.DataFrame({"t": range(60), "y": control + noise + effect * after, "c": control})
    question = SeriesQuestion(
        outcome="y", time="t", intervention=50, controls="c", rules=Rules(estimator=name)
    )
    found = estimate_series_impact(frame, question)
    return _line(found.value, found.std_error, found.confidence_interval, found.p_value, effect)


def a_panel(name: str, seed: int, effect: float) -> Any:
    """2 treated and 16 control units with common periods, 14 before and 6 after."""
    generator = np.random.default_rng(seed)
    units, periods = 18, 20
    values = generator.standard_normal((units, 1)) + generator.standard_normal((1, periods))
    values = values + generator.standard_normal((units, periods))
    values[:2, 14:] += effect
    panel = Panel(treated=values[:2], controls=values[2:], n_pre=14)
    estimator = next(e for e in estimators() if e.name == name)
    effect_found, placebos = with_placebos(estimator, panel, seed, most=40)
    part = panel_line(name, effect_found, placebos, panel, 0.95)
    return _line(part.value, part.std_error, part.interval, part.p_value, effect)


def a_mediation(name: str, seed: int, effect: float) -> Any:
    """500 rows: t moves m by 0.8, m moves y by 0.5 (or not), t moves y by 0.5 beside (or not)."""
    generator = np.random.default_rng(seed)
    x, e, u = generator.standard_normal((3, 500))
    t = (generator.random(500) < 0.5).astype(int)
    m = 0.8 * t + x + e
    b, c = (0.5 * effect, 0.5) if name == "indirect" else (0.5, 0.5 * effect)
    frame = pd.DataFrame({"x": x, "t": t, "m": m, "y": c * t + b * m + x + u})
    question = MediationQuestion(
        treatment="t",
        outcome="y",
        mediators="m",
        confounders="x",
        rules=Rules(n_boot=400, seed=seed, force=True),
    )
    part = estimate_mediation(frame, question).part(name)
    truth = 0.8 * b if name == "indirect" else c
    return _line(part.value, part.std_error, part.interval, part.p_value, truth)


def placebos(draws: int = 20) -> None:
    """Permuted treatments of the cross-fitted estimator: too slow for the tests."""
    estimator = next(e for e in estimators() if e.name == "aipw_boosting")
    sample = two_arms(seed=7, n=400)
    generator = np.random.default_rng(7)
    values = []
    for _ in range(draws):
        treatment = generator.permutation(sample.treatment)
        values.append(estimator.fit(refitted(attrs.evolve(sample, treatment=treatment))).value)
    error = np.std(values, ddof=1) / np.sqrt(draws)
    print(f"aipw_boosting, {draws} permuted treatments: mean {np.mean(values):+.4f} ± {error:.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=1000)
    parser.add_argument("--slow", action="store_true")
    given = parser.parse_args()
    ihdp((*NAMES, "aipw_boosting") if given.slow else NAMES)
    coverage(given.sets, slow=given.slow)
    if given.slow:
        placebos()


if __name__ == "__main__":
    main()

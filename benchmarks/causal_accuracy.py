"""How right the estimators are: IHDP, coverage and false alarms, and placebos of learned nuisances.

    python benchmarks/causal_accuracy.py [--sets 400] [--boosting]

IHDP needs the shared data (``KPISDK_SHARED``, or ``shared`` beside the project). ``--boosting``
adds the cross-fitted estimator, which takes minutes.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
import pandas as pd

from kpisdk_causal import EffectQuestion, Rules, estimate_effect
from kpisdk_causal.builtin import estimators
from kpisdk_causal.inference import interval, two_sided_p
from kpisdk_causal.samples import refitted, two_arms

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


def simulated(names: tuple[str, ...], sets: int) -> None:
    print(f"simulated, {sets} sets of 500 rows, effect 1 + x: bias, coverage; false alarms at 5 %")
    for estimator in estimators():
        if estimator.name not in names:
            continue
        effects = [estimator.fit(two_arms(seed=s, n=500, varying=1.0)) for s in range(sets)]
        spans = [interval(e.value, e.std_error, 0.95, e.df) for e in effects]
        coverage = np.mean([low <= 1 <= high for low, high in spans])
        bias = np.mean([e.value for e in effects]) - 1
        nulls = [estimator.fit(two_arms(seed=10_000 + s, n=500, effect=0.0)) for s in range(sets)]
        alarms = np.mean([two_sided_p(e.value, e.std_error, e.df) < 0.05 for e in nulls])
        print(f"  {estimator.name:22s} {bias:+.4f}  {coverage:.3f}  {alarms:.3f}")


def placebos(draws: int = 20) -> None:
    """Permuted treatments of the cross-fitted estimator: too slow for the tests."""
    import attrs

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
    parser.add_argument("--sets", type=int, default=400)
    parser.add_argument("--boosting", action="store_true")
    given = parser.parse_args()
    ihdp((*NAMES, "aipw_boosting") if given.boosting else NAMES)
    simulated(NAMES, given.sets)
    if given.boosting:
        placebos()


if __name__ == "__main__":
    main()

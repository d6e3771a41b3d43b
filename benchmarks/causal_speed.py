"""CPU seconds of causal estimates, beside DoWhy's own path on the same rows in the same run.

    python benchmarks/causal_speed.py [--dowhy] [--covariates-50-default]

``--dowhy`` runs DoWhy's identification and estimators too (needs ``kpisdk-causal[dowhy]``);
``--covariates-50-default`` adds its default identification at 50 covariates (about half a minute).
Times are CPU seconds of this process, imports counted apart.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd


def rows(n: int, k: int, seed: int = 0) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """n rows with k confounders and a true effect of 2."""
    generator = np.random.default_rng(seed)
    x = generator.standard_normal((n, k))
    names = tuple(f"x{number:02d}" for number in range(k))
    chance = 1 / (1 + np.exp(-0.5 * x[:, 0] + 0.3 * x[:, 1]))
    frame = pd.DataFrame(x, columns=list(names))
    frame["t"] = (generator.random(n) < chance).astype(int)
    frame["y"] = 2 * frame["t"] + x @ np.linspace(1, 0.1, k) + generator.standard_normal(n)
    return frame, names


def timed(what: str, run: Callable[..., Any], *given: Any, **rules: Any) -> Any:
    """Run once and print the CPU seconds."""
    start = time.process_time()
    found = run(*given, **rules)
    print(f"{time.process_time() - start:9.3f} s  {what}", flush=True)
    return found


def ours(frame: pd.DataFrame, names: tuple[str, ...], **rules: Any) -> Any:
    from kpisdk_causal import EffectQuestion, Rules, estimate_effect

    question = EffectQuestion(
        treatment="t",
        outcome="y",
        confounders=names,
        rules=Rules(**{"cross_check": False, **rules}),
    )
    return estimate_effect(frame, question)


def dowhy_path(frame: pd.DataFrame, names: tuple[str, ...], method: str) -> float:
    """Identify with the default search or the maximal one, then estimate by regression."""
    import networkx as nx
    from dowhy.causal_estimators.linear_regression_estimator import LinearRegressionEstimator
    from dowhy.causal_identifier import BackdoorAdjustment, EstimandType, identify_effect_auto

    graph = nx.DiGraph([("t", "y"), *((n, "t") for n in names), *((n, "y") for n in names)])
    estimand = identify_effect_auto(
        graph,
        ["t"],
        ["y"],
        [*names, "t", "y"],
        EstimandType.NONPARAMETRIC_ATE,
        backdoor_adjustment=getattr(BackdoorAdjustment, method),
    )
    estimand.set_identifier_method("backdoor")
    estimator = LinearRegressionEstimator(estimand)
    own = frame.copy()
    estimator.fit(own)
    answer = estimator.estimate_effect(own, control_value=0, treatment_value=1, target_units="ate")
    return float(answer.value)


def dowhy_bootstrap(frame: pd.DataFrame, names: tuple[str, ...], draws: int) -> float:
    """DoWhy's interval for weighting: a bootstrap; few draws here, 399 are usual."""
    import networkx as nx
    from dowhy.causal_estimators.propensity_score_weighting_estimator import (
        PropensityScoreWeightingEstimator,
    )
    from dowhy.causal_identifier import BackdoorAdjustment, EstimandType, identify_effect_auto

    graph = nx.DiGraph([("t", "y"), *((n, "t") for n in names), *((n, "y") for n in names)])
    estimand = identify_effect_auto(
        graph,
        ["t"],
        ["y"],
        [*names, "t", "y"],
        EstimandType.NONPARAMETRIC_ATE,
        backdoor_adjustment=BackdoorAdjustment.BACKDOOR_MAX,
    )
    estimand.set_identifier_method("backdoor")
    estimator = PropensityScoreWeightingEstimator(
        estimand, confidence_intervals=True, num_simulations=draws
    )
    own = frame.copy()
    estimator.fit(own)
    answer = estimator.estimate_effect(own, control_value=0, treatment_value=1, target_units="ate")
    answer.get_confidence_intervals()
    return float(answer.value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dowhy", action="store_true")
    parser.add_argument("--covariates-50-default", action="store_true")
    given = parser.parse_args()

    def imports() -> None:
        import sklearn.linear_model  # noqa: F401

        import kpisdk_causal.effects.average_effect  # noqa: F401

    timed("import of the estimated path (numpy and pandas loaded)", imports)
    if given.dowhy:
        timed("import of dowhy", lambda: __import__("dowhy"))
    for n, k in ((1_000, 10), (10_000, 10), (100_000, 10), (5_000, 50)):
        data = rows(n, k)
        print(f"\n{n} rows x {k} covariates")
        found = timed("CM-001: value, interval, p, overlap, balance", ours, *data)
        print(f"             {found.value:.4f} ± {found.std_error:.4f}")
        if n <= 10_000:
            refuters = ("placebo", "random_common_cause", "subset")
            timed("the same with three refuters of 100 draws", ours, *data, refute=refuters)
        if not given.dowhy:
            continue
        timed("the same with DoWhy's cross-check", ours, *data, cross_check=True)
        timed("DoWhy: maximal identification, regression", dowhy_path, *data, "BACKDOOR_MAX")
        if k == 10 or given.covariates_50_default:
            timed(
                "DoWhy: default identification, regression", dowhy_path, *data, "BACKDOOR_DEFAULT"
            )
        if n <= 10_000:
            timed("DoWhy: weighting, 20 of 399 bootstrap draws", dowhy_bootstrap, *data, 20)


if __name__ == "__main__":
    main()

# ruff: noqa: TID253
# Machine-learned nuisances are the whole job of this file; it is imported only when they run.
"""AIPW with machine-learned nuisances, cross-fitted (Chernozhukov et al. 2018).

A learner that has seen a row fits it too well, so each row is predicted by models of the other
folds; rows of one cluster lie in one fold. The cut into folds moves the answer: several cuts are
made, the median is the answer, and the spread over the cuts is reported and counted in the standard
error.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from kpisdk_causal.effects.aipw import effect_of
from kpisdk_causal.sample import Effect, Sample
from kpisdk_causal.tables.table import Floats

FOLDS = 5
CUTS = 5
MANY_ROWS = 5000
"""From here on histograms of the covariates replace their exact values: much faster, as good."""


def aipw_boosting(sample: Sample) -> Effect:
    """AIPW with gradient boosting for outcome and propensity."""
    if sample.n >= MANY_ROWS:
        return _crossfit(sample, HistGradientBoostingRegressor(), HistGradientBoostingClassifier())
    shape = {"n_estimators": 60, "max_depth": 3, "subsample": 0.8}
    return _crossfit(
        sample, GradientBoostingRegressor(**shape), GradientBoostingClassifier(**shape)
    )


def _crossfit(sample: Sample, regressor: Any, classifier: Any) -> Effect:
    seeds = np.random.default_rng(sample.seed).integers(0, 2**31 - 1, CUTS)
    effects = [_one_cut(sample, regressor, classifier, int(seed)) for seed in seeds]
    values = np.array([effect.value for effect in effects])
    value = float(np.median(values))
    errors = np.array([effect.std_error for effect in effects])
    return Effect(
        value=value,
        std_error=float(np.sqrt(np.median(errors**2 + (values - value) ** 2))),
        fold_spread=float(values.std(ddof=1)),
        details={"folds": FOLDS, "cuts": CUTS, "values": values.tolist()},
        influence=effects[int(np.argsort(values)[CUTS // 2])].influence,
    )


def _one_cut(sample: Sample, regressor: Any, classifier: Any, seed: int) -> Effect:
    arm, x = sample.treatment, sample.covariates
    treated, control, scores = np.empty(sample.n), np.empty(sample.n), np.empty(sample.n)
    for others, held in _folds(sample, seed):
        scores[held] = (
            _seeded(classifier, seed).fit(x[others], arm[others]).predict_proba(x[held])[:, 1]
        )
        for level, into in ((1.0, treated), (0.0, control)):
            rows = others[arm[others] == level]
            into[held] = (
                _seeded(regressor, seed).fit(x[rows], sample.outcome[rows]).predict(x[held])
            )
    return effect_of(sample, treated, control, _clip(scores, sample.clip))


def _folds(sample: Sample, seed: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """For each fold the rows outside it and in it; no cluster lies in two."""
    arm, codes = sample.treatment, sample.clusters
    smallest = int(min(arm.sum(), sample.n - arm.sum()))
    if codes is None:
        plain = StratifiedKFold(min(FOLDS, smallest), shuffle=True, random_state=seed)
        return list(plain.split(sample.covariates, arm))
    fewest = min(len(np.unique(codes[arm == level])) for level in (0.0, 1.0))
    if fewest < 2:
        message = "an arm lies within one cluster, so that no other cluster can predict it"
        raise ValueError(message)
    count = min(FOLDS, smallest, fewest)
    grouped = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    folds = [cut for cut in grouped.split(sample.covariates, arm, codes) if len(cut[1])]
    if any(len(np.unique(arm[others])) < 2 for others, _held in folds):
        message = "the clusters are too unlike to be cut into folds that have both arms"
        raise ValueError(message)
    return folds


def _seeded(model: Any, seed: int) -> Any:
    return clone(model).set_params(random_state=seed)


def _clip(scores: Floats, clip: float) -> Floats:
    return np.clip(scores, clip, 1 - clip)

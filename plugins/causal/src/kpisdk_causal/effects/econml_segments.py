# ruff: noqa: TID253
# Working with econml is the whole job of this file; it is imported only when the router chose it.
"""Effects per segment by EconML."""

from __future__ import annotations

from typing import Any

import numpy as np
from econml.dml import CausalForestDML
from econml.dr import LinearDRLearner
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression

from kpisdk_causal.sample import Effect, Sample, SegmentEffects
from kpisdk_causal.tables.table import Floats


def linear_dr(sample: Sample) -> SegmentEffects:
    """Linear doubly robust learner: segments as modifiers, the confounders as controls."""
    dummies = _dummies(sample)
    model = LinearDRLearner(
        model_propensity=LogisticRegression(C=1e8, solver="newton-cholesky"),
        model_regression=LinearRegression(),
        min_propensity=sample.clip,
        # Without an intercept each coefficient is the effect of its own segment.
        fit_cate_intercept=False,
        random_state=sample.seed,
    )
    model.fit(sample.outcome, sample.treatment, X=dummies, W=sample.covariates)
    result = model.effect_inference(np.eye(sample.n_segments))
    values = np.ravel(np.asarray(result.point_estimate, dtype=np.float64))
    errors = np.ravel(np.asarray(result.stderr, dtype=np.float64))
    return _effects(values, errors, model.ate_inference(dummies))


def causal_forest(sample: Sample) -> SegmentEffects:
    """Causal forest on confounders and segments, averaged over each segment (conservative)."""
    features = np.column_stack([sample.covariates, _dummies(sample)])
    model = CausalForestDML(
        discrete_treatment=True,
        model_y=GradientBoostingRegressor(random_state=sample.seed),
        model_t=GradientBoostingClassifier(random_state=sample.seed),
        n_estimators=200,
        random_state=sample.seed,
        n_jobs=1,
    )
    model.fit(sample.outcome, sample.treatment, X=features)
    found = [
        model.ate_inference(features[sample.segments == code]) for code in range(sample.n_segments)
    ]
    values = np.array([float(np.ravel(one.mean_point)[0]) for one in found])
    errors = np.array([float(np.ravel(one.stderr_mean)[0]) for one in found])
    return _effects(values, errors, model.ate_inference(features))


def _effects(values: Floats, errors: Floats, overall: Any) -> SegmentEffects:
    return SegmentEffects(
        values=values,
        covariance=np.diag(errors**2),
        overall=Effect(
            value=float(np.ravel(overall.mean_point)[0]),
            std_error=float(np.ravel(overall.stderr_mean)[0]),
        ),
    )


def _dummies(sample: Sample) -> Floats:
    return np.asarray(sample.codes[:, None] == np.arange(sample.n_segments), dtype=np.float64)

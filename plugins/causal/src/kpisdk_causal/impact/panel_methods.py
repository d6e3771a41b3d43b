"""Difference in differences, synthetic control and synthetic difference in differences."""

from __future__ import annotations

import numpy as np

from kpisdk_causal.impact.panel import Panel, PanelEffect
from kpisdk_causal.tables.table import Floats

HEAVY = 1e4
"""Weight of the sum-to-one condition, relative to the size of the data."""


def difference_in_differences(panel: Panel) -> PanelEffect:
    """Change of the treated less the mean change of the controls."""
    controls = panel.controls.mean(axis=0)
    n = panel.n_pre
    shift = float((panel.mean[:n] - controls[:n]).mean())
    return _effect(panel, controls + shift, np.full(len(panel.controls), 1 / len(panel.controls)))


def synthetic_control(panel: Panel) -> PanelEffect:
    """Convex mixture of controls that runs like the treated before (Abadie et al. 2010).

    Outcome-only weights, by non-negative least squares with a heavy row for their sum. A general
    solver on unscaled data stops at the equal weights that it starts from, and does not say so.
    """
    # The weights have the sum 1, so that every period has a zero point of its own.
    zero = panel.before.mean(axis=0)
    weights = _simplex((panel.before - zero).T, panel.mean[: panel.n_pre] - zero)
    return _effect(panel, weights @ panel.controls, weights)


def synthetic_did(panel: Panel) -> PanelEffect:
    """Differences in differences with unit and period weights (Arkhangelsky et al. 2021)."""
    n, t_post = panel.n_pre, panel.controls.shape[1] - panel.n_pre
    steps = np.diff(panel.before, axis=1)
    noise = float(steps.std(ddof=1)) if steps.size > 1 else 0.0
    zeta = (len(panel.treated) * t_post) ** 0.25 * noise
    units = _simplex(_centred(panel.before.T), _centred(panel.mean[:n]), ridge=zeta * np.sqrt(n))
    periods = _simplex(
        _centred(panel.before),
        _centred(panel.after.mean(axis=1)),
        ridge=1e-6 * noise * np.sqrt(len(panel.controls)),
    )
    synthetic = units @ panel.controls
    shift = float(periods @ (panel.mean[:n] - synthetic[:n]))
    return _effect(panel, synthetic + shift, units, {"period_weights": periods.tolist()})


def _effect(
    panel: Panel,
    counterfactual: Floats,
    weights: Floats,
    details: dict[str, list[float]] | None = None,
) -> PanelEffect:
    n = panel.n_pre
    gap = panel.mean - counterfactual
    equal = panel.mean[:n] - panel.controls[:, :n].mean(axis=0)
    return PanelEffect(
        value=float(gap[n:].mean()),
        counterfactual=counterfactual,
        weights=weights,
        pre_rmspe=float(np.sqrt((gap[:n] ** 2).mean())),
        uniform_rmspe=float(np.sqrt((equal**2).mean())),
        details=details or {},
    )


def _simplex(columns: Floats, target: Floats, ridge: float = 0.0) -> Floats:
    """Weights w >= 0 with sum 1 that minimise |columns·w - target|² + ridge²·|w|².

    Args:
        columns: shape (rows, k).
        target: shape (rows,).
        ridge: in units of the data.
    """
    from scipy.optimize import nnls

    k = columns.shape[1]
    size = max(float(np.abs(columns).max()), float(np.abs(target).max())) or 1.0
    parts, goals = [columns / size, np.full((1, k), HEAVY)], [target / size, np.array([HEAVY])]
    if ridge > 0:
        parts.append(np.eye(k) * (ridge / size))
        goals.append(np.zeros(k))
    weights, _residual = nnls(np.vstack(parts), np.concatenate(goals), maxiter=100 * k)
    normed: Floats = weights / weights.sum()
    return normed


def _centred(values: Floats) -> Floats:
    """Columns less their means: the intercept of the weights' regression, taken out beforehand."""
    centred: Floats = values - values.mean(axis=0)
    return centred

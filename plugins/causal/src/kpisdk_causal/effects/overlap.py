"""The overlap gate: where the arms share no covariates, no effect is reported."""

from __future__ import annotations

import numpy as np

from kpisdk_causal.cautions import CLIPPED, LOW_OVERLAP, NOT_CONVERGED, SEPARATION, Caution
from kpisdk_causal.estimate import Balance, Histogram, Overlap
from kpisdk_causal.propensity import Propensity, inverse_weights
from kpisdk_causal.questions.rules import Rules
from kpisdk_causal.tables.table import Floats

BINS = 20


def assess(arm: Floats, propensity: Propensity, target: str, rules: Rules) -> Overlap:
    """Measure the overlap for ``target`` (``ate``, ``att`` or ``atc``).

    The ATE needs comparable rows for everybody; the ATT only controls that resemble the treated,
    so the gate then judges the treated with scores above the upper bound; the ATC the mirror image.

    Args:
        arm: 1 treated and 0 control, shape (n,).
        propensity: the fitted scores.
        target: whose effect: ``ate``, ``att`` or ``atc``.
        rules: how to compute and when to refuse.
    """
    scores = propensity.scores
    low, high = rules.overlap_bounds
    outside = (scores < low) | (scores > high)
    judged = {
        "att": (scores > high)[arm == 1],
        "atc": (scores < low)[arm == 0],
    }.get(target, outside)
    edges = np.linspace(0, 1, BINS + 1)
    weights = inverse_weights(arm, propensity.clipped(rules.clip), target)
    return Overlap(
        low=float(scores.min()),
        high=float(scores.max()),
        bounds=(float(low), float(high)),
        share_outside=float(outside.mean()),
        share_judged=float(judged.mean()),
        tolerance=rules.overlap_tolerance,
        effective_treated=_effective(weights[arm == 1]),
        effective_control=_effective(weights[arm == 0]),
        clipped=int(((scores < rules.clip) | (scores > 1 - rules.clip)).sum()),
        separated=propensity.separated,
        histogram=Histogram(
            edges=tuple(float(edge) for edge in edges),
            treated=_counts(scores[arm == 1], edges),
            control=_counts(scores[arm == 0], edges),
        ),
    )


def refuses(overlap: Overlap) -> bool:
    """Whether the gate refuses the effect."""
    return overlap.separated or overlap.share_judged > overlap.tolerance


def cautions(overlap: Overlap, propensity: Propensity, target: str, rules: Rules) -> list[Caution]:
    """What a reader should know about the overlap.

    Args:
        overlap: as measured.
        propensity: the fitted scores.
        target: whose effect: ``ate``, ``att`` or ``atc``.
        rules: how to compute and when to refuse.
    """
    found = []
    low, high = overlap.bounds
    if overlap.separated:
        found.append(
            Caution(SEPARATION, "The confounders tell the arms apart without error: no overlap.")
        )
    if refuses(overlap):
        whom = {
            "att": "of the treated have scores above",
            "atc": "of the controls have scores below",
        }
        text = (
            f"{overlap.share_judged:.0%} {whom[target]} {high if target == 'att' else low:g}"
            if target in whom
            else f"{overlap.share_outside:.0%} of the scores lie outside [{low:g}, {high:g}]"
        )
        verdict = (
            "the value was forced and rests on extrapolation"
            if rules.force
            else f"more than {overlap.tolerance:.0%}: no {target.upper()} is reported"
        )
        found.append(Caution(LOW_OVERLAP, f"{text}; {verdict}."))
    if overlap.clipped:
        found.append(
            Caution(
                CLIPPED,
                f"{overlap.clipped} scores were clipped to [{rules.clip:g}, {1 - rules.clip:g}].",
            )
        )
    if not propensity.converged and not overlap.separated:
        found.append(
            Caution(NOT_CONVERGED, "The propensity model did not converge; distrust the weights.")
        )
    return found


def balance(
    arm: Floats,
    covariates: Floats,
    names: tuple[str, ...],
    propensity: Propensity,
    target: str,
    clip: float,
) -> Balance:
    """Absolute standardised mean differences per covariate, before and after weighting.

    The scale is the pooled standard deviation of the two arms before weighting in both cases.

    Args:
        arm: 1 treated and 0 control, shape (n,).
        covariates: shape (n, k).
        names: of the k columns.
        propensity: the fitted scores.
        target: whose effect: ``ate``, ``att`` or ``atc``.
        clip: bound for weights.
    """
    weights = inverse_weights(arm, propensity.clipped(clip), target)
    is_treated = arm == 1
    treated, control = covariates[is_treated], covariates[~is_treated]
    scale = np.sqrt((treated.var(axis=0, ddof=1) + control.var(axis=0, ddof=1)) / 2)
    # A covariate that is constant in both arms but differs between them has no scale of its own.
    scale = np.where(scale > 0, scale, 1.0)
    before = np.abs(treated.mean(axis=0) - control.mean(axis=0)) / scale
    weighted = [
        weights[mask] @ covariates[mask] / weights[mask].sum() for mask in (is_treated, ~is_treated)
    ]
    after = np.abs(weighted[0] - weighted[1]) / scale
    return Balance(
        before={name: float(value) for name, value in zip(names, before, strict=True)},
        after={name: float(value) for name, value in zip(names, after, strict=True)},
    )


def _effective(weights: Floats) -> float:
    """Kish's effective sample size (Σw)² / Σw²."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def _counts(scores: Floats, edges: Floats) -> tuple[int, ...]:
    return tuple(int(count) for count in np.histogram(scores, bins=edges)[0])

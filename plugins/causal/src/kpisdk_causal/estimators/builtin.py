"""The estimators that this plugin brings, through the same record as everybody else's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kpisdk_causal.estimator import Estimator, Task

EFFECTS = ("ate", "att", "atc")
ECONML = ("econml>=0.17,<0.18",)


def estimators() -> Iterator[Estimator]:
    """All of them. Their modules are imported when they are first used."""
    yield Estimator(
        name="difference_in_means",
        task=Task.EFFECT,
        estimands=EFFECTS,
        fit=_later("effects.means", "difference_in_means"),
        interval_method="welch t",
        p_method="two-sided welch t",
        covariates="refused",
        rank=10,
    )
    yield Estimator(
        name="aipw",
        task=Task.EFFECT,
        estimands=EFFECTS,
        fit=_later("effects.aipw", "aipw"),
        interval_method="influence function",
        p_method="two-sided wald",
        covariates="needed",
        rank=10,
    )
    yield Estimator(
        name="interacted_regression",
        task=Task.EFFECT,
        estimands=EFFECTS,
        fit=_later("effects.regression", "interacted_regression"),
        interval_method="HC1",
        p_method="two-sided wald",
        covariates="needed",
        rank=20,
    )
    yield Estimator(
        name="weighting",
        task=Task.EFFECT,
        estimands=EFFECTS,
        fit=_later("effects.weighting", "weighting"),
        interval_method="influence function",
        p_method="two-sided wald",
        covariates="needed",
        rank=30,
    )
    yield Estimator(
        name="aipw_boosting",
        task=Task.EFFECT,
        estimands=EFFECTS,
        fit=_later("effects.crossfit", "aipw_boosting"),
        interval_method="influence function, median over fold seeds",
        p_method="two-sided wald",
        covariates="needed",
        rank=40,
        repeatable=False,
    )
    yield Estimator(
        name="partial_linear",
        task=Task.EFFECT,
        estimands=("per_unit",),
        fit=_later("effects.regression", "partial_linear"),
        interval_method="HC1",
        p_method="two-sided wald",
        rank=10,
    )
    yield from _segment_estimators()
    yield from _impact_estimators()


def _segment_estimators() -> Iterator[Estimator]:
    yield Estimator(
        name="difference_by_segment",
        task=Task.SEGMENTS,
        estimands=("cate",),
        fit=_later("effects.means", "difference_by_segment"),
        interval_method="welch t",
        p_method="two-sided welch t",
        covariates="refused",
        rank=10,
    )
    yield Estimator(
        name="aipw_segments",
        task=Task.SEGMENTS,
        estimands=("cate",),
        fit=_later("effects.aipw", "aipw_segments"),
        interval_method="influence function",
        p_method="two-sided wald",
        covariates="needed",
        rank=10,
    )
    for name, function, rank in (
        ("econml_linear_dr", "linear_dr", 30),
        ("econml_forest", "causal_forest", 31),
    ):
        yield Estimator(
            name=name,
            task=Task.SEGMENTS,
            estimands=("cate",),
            fit=_later("effects.econml_segments", function),
            interval_method="econml inference",
            p_method="two-sided wald",
            requires=ECONML,
            install="'kpisdk-causal[econml]'",
            covariates="needed",
            rank=rank,
            repeatable=False,
        )


def _impact_estimators() -> Iterator[Estimator]:
    yield Estimator(
        name="bsts",
        task=Task.SERIES,
        estimands=("post_period_mean",),
        fit=_later("impact.bsts", "bsts"),
        interval_method="posterior quantiles, no narrower than the kalman forecast",
        p_method="two-sided posterior tail area, no smaller than that of the kalman forecast",
        requires=("bsts-causalimpact>=1.7,<2",),
        install="'kpisdk-causal[timeseries]'",
        rank=10,
    )
    yield Estimator(
        name="local_level",
        task=Task.SERIES,
        estimands=("post_period_mean",),
        fit=_later("impact.local_level", "local_level"),
        interval_method="kalman forecast",
        p_method="two-sided t",
        rank=20,
    )
    for rank, (name, function) in enumerate(
        (
            ("synthetic_did", "synthetic_did"),
            ("synthetic_control", "synthetic_control"),
            ("difference_in_differences", "difference_in_differences"),
        )
    ):
        yield Estimator(
            name=name,
            task=Task.PANEL,
            estimands=("panel_att",),
            fit=_later("impact.panel_methods", function),
            interval_method="placebo units",
            p_method="two-sided t on the placebo error, at least 1 / (1 + placebos)",
            rank=10 + rank,
        )


def _later(module: str, function: str) -> Any:
    def fit(sample: Any) -> Any:
        import importlib

        found = getattr(importlib.import_module(f"kpisdk_causal.{module}"), function)
        return found(sample)

    fit.__name__ = function
    fit.__doc__ = f"See ``kpisdk_causal.{module}.{function}``."
    return fit

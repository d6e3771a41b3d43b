"""Causal KPIs: stored or estimated, with interval, p-value and an overlap gate."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpisdk_causal.cautions import Caution
    from kpisdk_causal.effects.average_effect import estimate_effect
    from kpisdk_causal.effects.counterfactual import estimate_counterfactual
    from kpisdk_causal.effects.segments import estimate_segments
    from kpisdk_causal.estimate import CausalEstimate
    from kpisdk_causal.estimator import Estimator, Task
    from kpisdk_causal.estimators.installed import installed_router
    from kpisdk_causal.estimators.libraries import PRIMARY_LIBRARIES
    from kpisdk_causal.estimators.router import Router
    from kpisdk_causal.graphs.graph import CausalGraph
    from kpisdk_causal.impact.panel_impact import estimate_panel_impact
    from kpisdk_causal.impact.paths import estimate_paths
    from kpisdk_causal.impact.series_impact import estimate_series_impact
    from kpisdk_causal.mediation.mediation_effect import estimate_mediation
    from kpisdk_causal.propensity import Propensity
    from kpisdk_causal.questions.question import (
        CounterfactualQuestion,
        EffectQuestion,
        MediationQuestion,
        PanelQuestion,
        PathQuestion,
        SeriesQuestion,
    )
    from kpisdk_causal.questions.rules import Rules
    from kpisdk_causal.sample import Effect, Sample, SegmentEffects

__all__ = [
    "PRIMARY_LIBRARIES",
    "CausalEstimate",
    "CausalGraph",
    "Caution",
    "CounterfactualQuestion",
    "Effect",
    "EffectQuestion",
    "Estimator",
    "MediationQuestion",
    "PanelQuestion",
    "PathQuestion",
    "Propensity",
    "Router",
    "Rules",
    "Sample",
    "SegmentEffects",
    "SeriesQuestion",
    "Task",
    "estimate_counterfactual",
    "estimate_effect",
    "estimate_mediation",
    "estimate_panel_impact",
    "estimate_paths",
    "estimate_segments",
    "estimate_series_impact",
    "installed_router",
]

_HOMES = {
    "PRIMARY_LIBRARIES": "estimators.libraries",
    "CausalEstimate": "estimate",
    "CausalGraph": "graphs.graph",
    "Caution": "cautions",
    "CounterfactualQuestion": "questions.question",
    "Effect": "sample",
    "EffectQuestion": "questions.question",
    "Estimator": "estimator",
    "MediationQuestion": "questions.question",
    "PanelQuestion": "questions.question",
    "PathQuestion": "questions.question",
    "Propensity": "propensity",
    "Router": "estimators.router",
    "Rules": "questions.rules",
    "Sample": "sample",
    "SegmentEffects": "sample",
    "SeriesQuestion": "questions.question",
    "Task": "estimator",
    "estimate_counterfactual": "effects.counterfactual",
    "estimate_effect": "effects.average_effect",
    "estimate_mediation": "mediation.mediation_effect",
    "estimate_panel_impact": "impact.panel_impact",
    "estimate_paths": "impact.paths",
    "estimate_segments": "effects.segments",
    "estimate_series_impact": "impact.series_impact",
    "installed_router": "estimators.installed",
}


def __getattr__(name: str) -> Any:
    # Looked up on first use: the entry point imports this package on every command, and must not
    # pay for numpy there.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"kpisdk_causal.{_HOMES[name]}"), name)

"""Causal KPIs: stored or estimated, with interval, p-value and an overlap gate."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpisdk_causal.counterfactual import estimate_counterfactual
    from kpisdk_causal.effect import estimate_effect
    from kpisdk_causal.estimate import CausalEstimate
    from kpisdk_causal.estimator import Estimator, Task
    from kpisdk_causal.graph import CausalGraph
    from kpisdk_causal.impact_panel import estimate_panel_impact
    from kpisdk_causal.impact_series import estimate_series_impact
    from kpisdk_causal.installed import installed_router
    from kpisdk_causal.libraries import PRIMARY_LIBRARIES
    from kpisdk_causal.mediation import estimate_mediation
    from kpisdk_causal.paths import estimate_paths
    from kpisdk_causal.question import (
        CounterfactualQuestion,
        EffectQuestion,
        MediationQuestion,
        PanelQuestion,
        PathQuestion,
        SeriesQuestion,
    )
    from kpisdk_causal.router import Router
    from kpisdk_causal.rules import Rules
    from kpisdk_causal.sample import Effect, Sample, SegmentEffects
    from kpisdk_causal.segments import estimate_segments

__all__ = [
    "PRIMARY_LIBRARIES",
    "CausalEstimate",
    "CausalGraph",
    "CounterfactualQuestion",
    "Effect",
    "EffectQuestion",
    "Estimator",
    "MediationQuestion",
    "PanelQuestion",
    "PathQuestion",
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
    "PRIMARY_LIBRARIES": "libraries",
    "CausalEstimate": "estimate",
    "CausalGraph": "graph",
    "CounterfactualQuestion": "question",
    "Effect": "sample",
    "EffectQuestion": "question",
    "Estimator": "estimator",
    "MediationQuestion": "question",
    "PanelQuestion": "question",
    "PathQuestion": "question",
    "Router": "router",
    "Rules": "rules",
    "Sample": "sample",
    "SegmentEffects": "sample",
    "SeriesQuestion": "question",
    "Task": "estimator",
    "estimate_counterfactual": "counterfactual",
    "estimate_effect": "effect",
    "estimate_mediation": "mediation",
    "estimate_panel_impact": "impact_panel",
    "estimate_paths": "paths",
    "estimate_segments": "segments",
    "estimate_series_impact": "impact_series",
    "installed_router": "installed",
}


def __getattr__(name: str) -> Any:
    # Looked up on first use: the entry point imports this package on every command, and must not
    # pay for numpy there.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"kpisdk_causal.{_HOMES[name]}"), name)

"""CM-003 from raw rows, whichever design the question has."""

from __future__ import annotations

from typing import Any

from kpisdk_causal.estimate import CausalEstimate
from kpisdk_causal.estimators.router import Router
from kpisdk_causal.impact.panel_impact import estimate_panel_impact
from kpisdk_causal.impact.paths import estimate_paths
from kpisdk_causal.impact.series_impact import estimate_series_impact
from kpisdk_causal.questions.question import PanelQuestion, PathQuestion, SeriesQuestion


def estimate_impact(
    frame: Any,
    question: SeriesQuestion | PanelQuestion | PathQuestion,
    router: Router | None = None,
) -> CausalEstimate:
    """The impact by the design that the question is a record of; see the module of each.

    Args:
        frame: a pandas frame; none for paths whose arrows carry coefficients.
        question: what is asked.
        router: which estimator answers; the installed ones by default.
    """
    if isinstance(question, SeriesQuestion):
        return estimate_series_impact(frame, question, router)
    if isinstance(question, PanelQuestion):
        return estimate_panel_impact(frame, question, router)
    return estimate_paths(question, frame)

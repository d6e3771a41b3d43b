"""Graphs as files and texts: what an intervention changed."""

from __future__ import annotations

import pytest

from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.impact.paths import estimate_paths
from kpisdk_causal.questions.question import PathQuestion


def test_a_complete_graph_of_twenty_nodes_is_summed():
    """2^18 paths with 0.1 an arrow: 0.1 · 1.1^18 in all, 200 of them listed."""
    names = [f"v{number:02}" for number in range(20)]
    arrows = {(one, other): 0.1 for i, one in enumerate(names) for other in names[i + 1 :]}
    graph = CausalGraph(tuple(arrows), arrows, dict.fromkeys(arrows, 0.01))

    answer = estimate_paths(PathQuestion(graph=graph, treatment="v00", outcome="v19"))

    assert answer.value == pytest.approx(0.1 * 1.1**18)
    assert (answer.details["n_paths"], len(answer.parts)) == (2**18, 200)
    assert "PATHS_NOT_LISTED" in answer.warning_codes

"""Fits without a residual give no certainty: graphs."""

from __future__ import annotations

import pytest

from kpisdk_causal.errors import GraphError
from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.graphs.identification import identify


def test_a_confounder_that_the_graph_does_not_draw_is_refused():
    """The graph cannot say that it is no common effect of treatment and outcome."""
    graph = CausalGraph.parse("x -> t; x -> y; t -> y")

    with pytest.raises(GraphError, match="no node 'c'"):
        identify("t", "y", ("x", "c"), graph, ["t", "x", "y", "c"])

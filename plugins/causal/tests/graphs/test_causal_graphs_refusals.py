"""What is refused, and how it is said: graphs."""

from __future__ import annotations

import networkx as nx
import pytest

from kpisdk_causal import errors
from kpisdk_causal.graphs.graph import CausalGraph


def test_graphs_are_made_of_what_callers_have(tmp_path):
    """Arrows, a networkx graph, a path; none of them empty."""
    drawn = nx.DiGraph([("a", "b")])
    drawn.add_edge("b", "c", coefficient=0.5, std_error="0.1")
    (tmp_path / "g.dot").write_text("digraph { a -> b }")

    assert CausalGraph.of([("a", "b")]).edges == (("a", "b"),)
    assert CausalGraph.of(drawn).std_errors == {("b", "c"): 0.1}
    assert CausalGraph.of(CausalGraph.of(drawn)) == CausalGraph.of(drawn)
    assert CausalGraph.of(str(tmp_path / "g.dot")).nodes == ("a", "b")
    with pytest.raises(errors.GraphError, match="no arrows"):
        CausalGraph(())
    with pytest.raises(errors.GraphError, match="no such arrow"):
        CausalGraph((("a", "b"),), {("b", "a"): 1.0})

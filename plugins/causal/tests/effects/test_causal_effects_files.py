"""Graphs as files and texts: the effect of a treatment."""

from __future__ import annotations

import pandas as pd
import pytest

from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.errors import GraphError
from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.questions.question import EffectQuestion
from kpisdk_causal.questions.rules import Rules


@pytest.fixture
def read(tmp_path):
    """``read(text, suffix)``: the graph of a file."""

    def reading(text, suffix=".dot"):
        path = tmp_path / f"g{suffix}"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return CausalGraph.read(path)

    return reading


def test_a_node_that_is_only_labelled_like_a_column_is_refused(trial, read):
    """It would count as unobserved, and its column would not be adjusted for."""
    graph = read('digraph { n1 [label="x"]; n1 -> t; n1 -> y; t -> y }')
    question = EffectQuestion(
        treatment="t", outcome="y", graph=graph, rules=Rules(cross_check=False)
    )

    with pytest.raises(GraphError, match="'n1' is labelled 'x'"):
        estimate_effect(trial, question)


def test_a_treatment_without_a_path_is_reported(trial):
    """The graph says 0; the value is what the data say against it."""
    graph = CausalGraph((("x", "t"), ("x", "y")))
    question = EffectQuestion(
        treatment="t", outcome="y", graph=graph, rules=Rules(cross_check=False)
    )

    assert "NO_CAUSAL_PATH" in estimate_effect(trial, question).warning_codes


def test_unobserved_nodes_are_listed(trial):
    """A node that is no column is unobserved; adjusting for x blocks what it does."""
    graph = CausalGraph((("u", "x"), ("x", "t"), ("u", "y"), ("t", "y")))
    question = EffectQuestion(
        treatment="t", outcome="y", graph=graph, rules=Rules(cross_check=False)
    )

    answer = estimate_effect(pd.DataFrame(trial), question)

    assert answer.adjustment_set == ("x",)
    assert answer.diagnostics.identification["unobserved"] == ["u"]

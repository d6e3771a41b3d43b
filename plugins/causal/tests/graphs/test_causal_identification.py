"""Adjustment sets: worked out by hand on small graphs, and DoWhy's word where it is installed."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest

from kpisdk_causal import errors
from kpisdk_causal.effects import dowhy_adapter
from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.graphs.identification import adjustment_set, identify, is_valid
from kpisdk_causal.questions.question import EffectQuestion
from kpisdk_causal.questions.rules import Rules

needs_dowhy = pytest.mark.skipif(
    not dowhy_adapter.is_installed(), reason=f"{dowhy_adapter.REQUIREMENT} is not installed"
)


def _set(arrows, observed=None):
    graph = CausalGraph(tuple(tuple(arrow.split(">")) for arrow in arrows.split()))
    columns = set(graph.nodes) if observed is None else set(observed)
    return adjustment_set(graph.digraph(), "t", "y", columns)


@pytest.mark.parametrize(
    ("arrows", "expected"),
    [
        ("x>t x>y t>y", ("x",)),
        ("x>t x>y t>y z>t", ("x",)),  # z is an instrument: adjusting for it only adds noise
        ("x>t x>m m>y t>y", ("m", "x")),  # everything on the back-door path
        ("t>m m>y x>t x>y", ("x",)),  # m is a consequence
        ("t>y", ()),
        ("a>t a>c b>c b>y t>y", ()),  # M-bias: c is a collider, nothing is needed
    ],
)
def test_adjustment_sets_by_hand(arrows, expected):
    """The back-door criterion, read off the drawing."""
    found = _set(arrows)

    if expected == ():
        graph = CausalGraph(tuple(tuple(arrow.split(">")) for arrow in arrows.split()))
        assert is_valid(graph.digraph(), "t", "y", set(found))
    else:
        assert found == expected


def test_an_unobserved_mediator_of_confounding_is_gone_around():
    """U -> x -> t and u -> y with u hidden: x blocks the path."""
    assert _set("u>x x>t u>y t>y", observed={"t", "y", "x"}) == ("x",)


def test_a_hidden_common_cause_is_not_identified():
    """No observed column lies on the path."""
    with pytest.raises(errors.NotIdentifiedError, match="'u'"):
        _set("u>t u>y t>y", observed={"t", "y"})


def test_a_set_is_found_wherever_one_exists():
    """All 5-node graphs drawn from seeds: brute force over all sets agrees on identifiability."""
    for seed in range(60):
        graph = _random_graph(seed)
        observed = {"t", "y", "a", "b"}
        free = ["a", "b"]
        exists = any(
            is_valid(graph, "t", "y", set(chosen))
            for size in range(3)
            for chosen in itertools.combinations(free, size)
        )

        try:
            found = set(adjustment_set(graph, "t", "y", observed))
        except errors.NotIdentifiedError:
            assert not exists
        else:
            assert is_valid(graph, "t", "y", found)


def _random_graph(seed):
    generator = np.random.default_rng(seed)
    nodes = list(generator.permutation(["t", "y", "a", "b", "u"]))
    if nodes.index("t") > nodes.index("y"):
        i, j = nodes.index("t"), nodes.index("y")
        nodes[i], nodes[j] = nodes[j], nodes[i]
    graph = nx.DiGraph()
    graph.add_nodes_from(nodes)
    for cause, effect in itertools.combinations(nodes, 2):
        if generator.random() < 0.5:
            graph.add_edge(cause, effect)
    return graph


def test_a_list_is_checked_against_the_graph():
    """A list that leaves a back door open is refused."""
    graph = CausalGraph((("x", "t"), ("x", "y"), ("z", "t"), ("z", "y"), ("t", "y")))

    assert identify("t", "y", ("x", "z"), graph, graph.nodes).adjustment_set == ("x", "z")
    with pytest.raises(errors.NotIdentifiedError):
        identify("t", "y", ("x",), graph, graph.nodes)


GML = 'graph [ directed 1 node [id 0 label "t"] node [id 1 label "y"] edge [source 0 target 1] ]'
DOT = """strict digraph trial {
  rankdir=LR; node [shape=box]  // how it looks
  x -> t -> y; {x "a b"} -> y [coefficient=0.5, label="0.5"]
  /* nothing points
     here */ lonely;
}"""


def test_graph_files_are_read(tmp_path):
    """GML and DOT, chains and numbers on arrows included."""
    (tmp_path / "g.gml").write_text(GML)
    (tmp_path / "g.dot").write_text(DOT)

    assert CausalGraph.read(tmp_path / "g.gml").edges == (("t", "y"),)
    found = CausalGraph.read(tmp_path / "g.dot")
    assert set(found.edges) == {("x", "t"), ("t", "y"), ("x", "y"), ("a b", "y")}
    assert found.coefficients == {("x", "y"): 0.5, ("a b", "y"): 0.5}
    assert found.lonely == ("lonely",)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("g.gml", "graph [ node [ ", "not a GML graph"),
        ("g.gml", GML.replace("directed 1", "directed 0"), "undirected"),
        ("g.dot", "graph { a -- b; }", "undirected"),
        ("g.dot", "digraph { a -> ; }", "line 1: ';' stands where a name"),
        ("g.dot", "digraph { a -- b; }", "line 1: '--' has no direction"),
        ("g.dot", "digraph { a -> b", "it ends where"),
        ("g.dot", "digraph { a -> b } more", "line 1: 'more' stands"),
        ("g.dot", "digraph {\n a ! b }", "line 2: '!' is not read"),
        ("g.dot", "hello", "begin it with"),
        ("g.txt", "a -> b", "neither GML"),
        ("g.dot", "digraph { a -> b [coefficient=much]; }", "cannot be read"),
    ],
)
def test_graph_files_that_cannot_be_read_say_why(tmp_path, name, text, why):
    """Our own error, whatever the parser says."""
    (tmp_path / name).write_text(text)

    with pytest.raises(errors.GraphError, match=why):
        CausalGraph.read(tmp_path / name)


def test_a_graph_file_that_is_not_there_is_named(tmp_path):
    """The path is in the message."""
    with pytest.raises(errors.GraphError, match="no graph file"):
        CausalGraph.read(tmp_path / "none.gml")


def test_a_node_that_is_not_in_the_graph_is_named():
    """With the nodes that are."""
    graph = CausalGraph((("x", "t"), ("t", "z")))

    with pytest.raises(errors.GraphError, match=r"no node 'y'.*t, x, z"):
        identify("t", "y", (), graph, ("t", "y"))


def test_without_dowhy_the_answer_says_so(trial, monkeypatch):
    """LIBRARY_FALLBACK with the pip command, and the same number."""
    monkeypatch.setattr(dowhy_adapter, "is_installed", lambda: False)
    question = EffectQuestion(treatment="t", outcome="y", confounders="x")

    answer = estimate_effect(trial, question)

    (caution,) = [c for c in answer.warnings if c.code == "LIBRARY_FALLBACK"]
    assert "pip install 'kpisdk-causal[dowhy]'" in caution.message
    quiet = EffectQuestion(
        treatment="t", outcome="y", confounders="x", rules=Rules(cross_check=False)
    )
    assert answer.value == estimate_effect(trial, quiet).value


def test_a_dowhy_that_fails_costs_a_caution_and_no_answer(trial, monkeypatch):
    """A second opinion that cannot be had is no reason to withhold ours."""

    def broken(*_):
        raise RuntimeError("module 'networkx' has no attribute")

    monkeypatch.setattr(dowhy_adapter, "is_installed", lambda: True)
    monkeypatch.setattr(dowhy_adapter, "_identify", broken)

    answer = estimate_effect(trial, EffectQuestion(treatment="t", outcome="y", confounders="x"))

    assert answer.value is not None
    assert "CROSS_CHECK_FAILED" in answer.warning_codes


@needs_dowhy
@pytest.mark.usefixtures("third_parties")
@pytest.mark.filterwarnings("ignore")
def test_dowhy_confirms_set_and_effect(trial):
    """Its regression and weighting are near ours, and its set is the same."""
    graph = CausalGraph((("x", "t"), ("x", "y"), ("t", "y")))

    answer = estimate_effect(trial, EffectQuestion(treatment="t", outcome="y", graph=graph))

    assert answer.diagnostics.identification["agrees"] is True
    checks = answer.diagnostics.cross_checks
    assert checks["linear_regression"] == pytest.approx(answer.value, abs=answer.std_error)
    assert checks["propensity_weighting"] == pytest.approx(answer.value, abs=answer.std_error)
    assert "LIBRARY_FALLBACK" not in answer.warning_codes


@needs_dowhy
@pytest.mark.usefixtures("third_parties")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(12))
def test_dowhy_finds_a_set_where_we_do(seed):
    """On random graphs without hidden nodes the verdicts agree, and DoWhy's set is valid."""
    from dowhy.causal_identifier import BackdoorAdjustment, EstimandType, identify_effect_auto

    graph = _random_graph(seed)
    if not nx.has_path(graph, "t", "y"):
        pytest.skip("this seed draws no effect of t on y")

    theirs = identify_effect_auto(
        graph,
        ["t"],
        ["y"],
        sorted(graph),
        EstimandType.NONPARAMETRIC_ATE,
        backdoor_adjustment=BackdoorAdjustment.BACKDOOR_MAX,
    )

    ours = adjustment_set(graph, "t", "y", set(graph))
    assert is_valid(graph, "t", "y", set(ours))
    assert is_valid(graph, "t", "y", set(theirs.get_backdoor_variables()))

"""Graphs as files and texts: graphs."""

from __future__ import annotations

import time

import numpy as np
import pytest

from kpisdk_causal.errors import GraphError, GraphSyntaxError
from kpisdk_causal.graphs.graph import CausalGraph

GML = 'graph [ directed 1 node [ id 0 label "größe" ] node [ id 1 label "y" ] edge [ {} ] ]'


@pytest.fixture
def read(tmp_path):
    """``read(text, suffix)``: the graph of a file."""

    def reading(text, suffix=".dot"):
        path = tmp_path / f"g{suffix}"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return CausalGraph.read(path)

    return reading


@pytest.mark.parametrize(
    ("text", "arrows"),
    [
        ("digraph { b -> a [dir=back] }", {("a", "b")}),
        ("digraph { edge [dir=back]; b -> a; subgraph s { edge [dir=forward]; a -> c } }",
         {("a", "b"), ("a", "c")}),
        ("digraph { b -> a [dir=both, arrowhead=none] }", {("a", "b")}),
        ("digraph { subgraph cluster_1 { a; b -> c } -> d }",
         {("b", "c"), ("a", "d"), ("b", "d"), ("c", "d")}),
        ('Digraph { "node" -> y; "a" + "b" -> y // no -> arrow\n }', {("node", "y"), ("ab", "y")}),
        ("digraph { a -> b [label=<x <b>-&gt;</b> y>, weight=2] }", {("a", "b")}),
        ('digraph { "x \\"y\\"" -> größe }', {('x "y"', "größe")}),
        ('dag { bb="0,0,1,1" x [exposure,pos="0,1"] x -> y }', {("x", "y")}),
        ("\ufeffdigraph { a -> b -> c }", {("a", "b"), ("b", "c")}),
    ],
)  # fmt: skip
def test_dot_arrows_point_as_they_are_drawn(read, text, arrows):
    """Turned arrows, defaults and their scope, groups, quotes, labels, comments."""
    assert set(read(text).edges) == arrows


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("digraph {\n a -> b [dir=both] }", 2),
        ("digraph {\n a -> b [dir=none] }", 2),
        ("digraph {\n a -> b [arrowhead=inv] }", 2),
        ("digraph {\n a -> b [style=invis] }", 2),
        ("digraph {\n\n a <- b }", 3),
        ("digraph { a -- b }", 1),
        ("digraph { a:port -> b }", 1),
        ("digraph { a-1 -> b }", 1),
        ("digraph { a -> b [coefficient=nan] }", 1),
        ("digraph { a -> b [coefficient=1_000] }", 1),
        ("digraph { a -> b [std_error=-1] }", 1),
        ("digraph { a -> b [coefficient=1];\n a -> b [coefficient=2] }", 2),
        ('digraph { a -> "b }', 1),
    ],
)
def test_what_could_change_an_arrow_is_refused_with_its_line(read, text, line):
    """Never dropped, never guessed."""
    with pytest.raises(GraphSyntaxError) as caught:
        read(text)

    assert (caught.value.line, caught.value.file) == (line, "g.dot")
    assert f"line {line}" in caught.value.message


@pytest.mark.parametrize(
    "said",
    [
        'dir "back"',
        'dir "both"',
        "directed 0",
        "bidirected 1",
        'graphics [ targetArrow "none" ]',
        "coefficient 1 coefficient 2",
    ],
)
def test_an_edge_of_gml_that_says_another_direction_or_two_numbers_is_refused(read, said):
    """The source is the cause, unless the edge itself says otherwise."""
    with pytest.raises(GraphSyntaxError):
        read(GML.format(f"source 0 target 1 {said}"), ".gml")

    forward = 'dir "forward" directed 1 graphics [ targetArrow "standard" ]'
    assert read(GML.format(f"source 0 target 1 {forward}"), ".gml").edges == (("größe", "y"),)


@pytest.mark.parametrize("number", ["1e-3", "0.001", '"1E-3"', ".1e-2"])
def test_numbers_of_any_form_are_those_numbers(read, number):
    """1e-3 is a thousandth in both languages."""
    dot = read(f"digraph {{ t -> y [coefficient={number}] }}")
    gml = read(GML.format(f"source 0 target 1 coefficient {number}"), ".gml")

    assert dot.coefficients[("t", "y")] == 0.001
    assert gml.coefficients[("größe", "y")] == 0.001


@pytest.mark.parametrize(
    "text",
    [
        GML.format("source 0 target 2"),
        GML.format("source 0 target 1 coefficient 1e"),
        GML.format('source 0 target 1 graphics [ arrow "first" ]'),
        GML.format("source 0 target 1 coefficient 1 ] edge [ source 0 target 1 coefficient 2"),
        GML.replace("id 1", "id 0"),
        "graph [ directed 1 " + "a [ " * 9999,
        "graph [ directed 1 ] ]",
        "graph 1",
        "",
        b"\xff\xfegraph",
    ],
)
def test_damaged_gml_is_our_own_error(read, text):
    """Whatever is wrong with it."""
    with pytest.raises(GraphError):
        read(text, ".gml")


def test_random_bytes_are_our_own_error(read):
    """200 cuts and exchanges of a good file of either kind: a graph, or a GraphError."""
    generator = np.random.default_rng(0)
    good = {
        ".dot": "digraph { a -> {b c} [coefficient=0.5]; subgraph x { b -> d }; d [label=<e>] }",
        ".gml": GML.format("source 0 target 1 coefficient 0.5"),
    }
    for suffix, text in good.items():
        content = text.encode()
        for _ in range(200):
            damaged = bytearray(content)
            for place in generator.integers(0, len(content), 3):
                damaged[place] = int(generator.integers(0, 256))
            cut = int(generator.integers(0, len(content)))
            for each in (bytes(damaged), content[:cut]):
                try:
                    read(each, suffix)
                except GraphError:
                    continue


def test_large_drawings_are_read_or_refused_at_once(read):
    """20,000 arrows are read; two million from a line are refused; each in a few seconds."""
    begun = time.process_time()
    graph = read("digraph {" + ";".join(f"a{i} -> b{i % 997}" for i in range(20_000)) + "}")
    with pytest.raises(GraphError, match="50,000 arrows"):
        read(f"digraph {{ {{{' '.join(f'a{i}' for i in range(1500))}}} -> "
             f"{{{' '.join(f'b{i}' for i in range(1500))}}} }}")  # fmt: skip
    with pytest.raises(GraphError, match="4 MB"):
        read("digraph { a -> b }" + " " * 4_000_000)

    assert len(graph.edges) == 20_000
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("t -> y; t <- z; z -> y", 11),
        ("t -> y; t -- z", 8),
        ("t → y; z -> t", 3),
        ("a, b -> c", 2),
        ("a -> -> b", 5),
        ("a => b; b -> c", 3),
        ("t --> y", 1),
        ("x -> t; x -> \u200by", 14),
        ("x -> y\u00ad; x -> t", 7),
        ("x -> t // assigned by hand", 5),
    ],
)
def test_an_arrow_text_that_is_not_read_is_refused_with_its_column(text, column):
    """A dropped arrow would be a dropped confounder."""
    with pytest.raises(GraphSyntaxError) as caught:
        CausalGraph.parse(text)

    assert (caught.value.line, caught.value.column) == (1, column)


def test_arrow_texts_are_chains_with_quoted_names():
    """Several lines, blanks in names, and DOT itself."""
    graph = CausalGraph.parse('a -> blood pressure -> y\n"x, z" -> y; lonely')

    assert set(graph.edges) == {("a", "blood pressure"), ("blood pressure", "y"), ("x, z", "y")}
    assert graph.lonely == ("lonely",)
    assert CausalGraph.parse("digraph { a -> b [dir=back] }").edges == (("b", "a"),)

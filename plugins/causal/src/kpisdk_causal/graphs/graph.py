"""The assumed causes: a directed acyclic graph, from a list of arrows or a GML or DOT file."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs

from kpisdk_causal.errors import GraphCycleError, GraphError, GraphSyntaxError
from kpisdk_causal.graphs.drawing import MOST_ARROWS, MOST_BYTES, Drawing, Edge, numbers_on

if TYPE_CHECKING:
    import networkx as nx

_DOT = re.compile(r"\s*(?:strict\s+)?(?:digraph|graph|dag)\b[^;>]*\{", re.IGNORECASE)


def _arrows(pairs: Iterable[tuple[Any, Any]]) -> tuple[Edge, ...]:
    found = []
    for pair in pairs:
        if isinstance(pair, str) or len(pair) != 2 or not all(str(node).strip() for node in pair):
            raise GraphError(f"An arrow is a pair (cause, effect) of names, not {pair!r:.80}.")
        found.append((str(pair[0]), str(pair[1])))
    return tuple(dict.fromkeys(found))


@attrs.frozen
class CausalGraph:
    """Arrows from cause to effect, without cycles.

    Attributes:
        edges: pairs (cause, effect).
        coefficients: linear effect along an edge, where it is known.
        std_errors: standard error of a coefficient, where it is known.
        lonely: nodes without any arrow.
        labels: what a drawing writes on a node, where that is not its name.

    Raises:
        GraphCycleError: the arrows run in a circle; the error lists it.
        GraphError: there are no arrows or more than 50,000, or a coefficient belongs to none.
    """

    edges: tuple[Edge, ...] = attrs.field(converter=_arrows)
    coefficients: Mapping[Edge, float] = attrs.field(factory=dict)
    std_errors: Mapping[Edge, float] = attrs.field(factory=dict)
    lonely: tuple[str, ...] = ()
    labels: Mapping[str, str] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        import networkx as nx

        if not self.edges:
            raise GraphError("The graph has no arrows. Draw one at least: treatment -> outcome.")
        strangers = sorted({*self.coefficients, *self.std_errors} - set(self.edges))
        if strangers:
            cause, effect = strangers[0]
            raise GraphError(f"The graph has a number for {cause} -> {effect}, and no such arrow.")
        if len(self.edges) > MOST_ARROWS:
            raise GraphError(f"The graph has more than {MOST_ARROWS:,} arrows.")
        graph = self.digraph()
        if nx.is_directed_acyclic_graph(graph):
            return
        # Within one strongly connected part a cycle is found at once, whatever lies around it.
        part = min(
            (p for p in nx.strongly_connected_components(graph) if _circles(graph, p)), key=min
        )
        circle = nx.find_cycle(graph.subgraph(part))
        raise GraphCycleError(
            "The graph has a cycle.", tuple(cause for cause, _effect, *_ in circle)
        )

    @property
    def nodes(self) -> tuple[str, ...]:
        """All nodes, sorted."""
        return tuple(sorted({node for edge in self.edges for node in edge} | set(self.lonely)))

    def digraph(self) -> nx.DiGraph:
        """The graph as networkx knows it, nodes and arrows in sorted order."""
        import networkx as nx

        graph = nx.DiGraph()
        graph.add_nodes_from(self.nodes)
        graph.add_edges_from(sorted(self.edges))
        return graph

    def require(self, *nodes: str) -> None:
        """Raise :class:`GraphError` where one of ``nodes`` is not in the graph."""
        known = set(self.nodes)
        absent = [node for node in nodes if node not in known]
        if not absent:
            return
        called = [node for node, label in self.labels.items() if label == absent[0]]
        if called:
            raise GraphError(
                f"The graph has no node {absent[0]!r}; its node {called[0]!r} is labelled so. "
                "A node is known by its name: call it what the column is called."
            )
        raise GraphError(
            f"The graph has no node {absent[0]!r}. It has: {', '.join(self.nodes[:10])}."
        )

    def require_names(self, columns: Collection[str]) -> None:
        """Raise :class:`GraphError` where a node is no column, and its label is one.

        Such a node would count as unobserved, though the drawing says which column it is.
        """
        for node, label in self.labels.items():
            if node not in columns and label in columns:
                raise GraphError(
                    f"The node {node!r} is labelled {label!r}, which is a column, and is not "
                    "called so. A node is known by its name: call it what the column is called."
                )

    @classmethod
    def of(cls, given: CausalGraph | nx.DiGraph | Iterable[Edge] | str | Path) -> Self:
        """A graph from what callers have: arrows, a networkx graph, or the path of a file."""
        import networkx as nx

        if isinstance(given, cls):
            return given
        if isinstance(given, nx.DiGraph):
            return cls._from_networkx(given)
        if isinstance(given, str | Path):
            return cls.read(Path(given))
        return cls(tuple(given))  # type: ignore[arg-type]  # narrowed to Iterable[Edge] above

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a GML (``.gml``) or DOT (``.dot``, ``.gv``) file in UTF-8, of 4 MB at most.

        Numbers on an arrow named ``coefficient`` and ``std_error`` are kept.

        Raises:
            GraphSyntaxError: something that is not read, with its line.
            GraphError: no such file, another suffix, an undirected graph, too large a one.
        """
        if not path.is_file():
            raise GraphError(f"There is no graph file {str(path)!r}.")
        reader = _reader(path.suffix.lower())
        if reader is None:
            raise GraphError(f"{path.name!r} is neither GML (.gml) nor DOT (.dot, .gv).")
        try:
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError as fault:
            raise GraphError(f"{path.name!r} cannot be read: {fault.strerror}.") from fault
        if len(content) > MOST_BYTES:
            raise GraphError(f"{path.name!r} is larger than {MOST_BYTES // 1_000_000} MB.")
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as fault:
            raise GraphError(f"{path.name!r} is not a text in UTF-8: {fault}.") from fault
        try:
            return cls.drawn(reader(text))
        except GraphSyntaxError as fault:
            raise attrs.evolve(fault, file=path.name) from fault
        except GraphCycleError:
            raise
        except GraphError as fault:
            raise GraphError(f"{path.name!r}: {fault.what}") from fault

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read arrows (``x -> t -> y; x -> y``) or a whole DOT graph from a text.

        Raises:
            GraphSyntaxError: something that is not read, with its line and column.
            GraphError: an undirected graph, or too large a one.
        """
        from kpisdk_causal.graphs.arrow_text import read_arrows
        from kpisdk_causal.graphs.dot import read_dot

        return cls.drawn(read_dot(text) if _DOT.match(text) else read_arrows(text))

    @classmethod
    def drawn(cls, drawing: Drawing) -> Self:
        """The graph that a drawing shows."""
        linked = {node for arrow in drawing.arrows for node in arrow}
        return cls(
            tuple(drawing.arrows),
            {
                arrow: found["coefficient"]
                for arrow, found in drawing.arrows.items()
                if "coefficient" in found
            },
            {
                arrow: found["std_error"]
                for arrow, found in drawing.arrows.items()
                if "std_error" in found
            },
            tuple(sorted(set(drawing.labels) - linked)),
            {node: label for node, label in drawing.labels.items() if label != node},
        )

    @classmethod
    def _from_networkx(cls, graph: Any) -> Self:
        drawing = Drawing()
        for node in graph:
            if str(node) in drawing.labels:
                raise GraphError(f"Two nodes of the graph are both written {str(node)!r}.")
            drawing.node(str(node))
        for cause, effect, data in graph.edges(data=True):
            drawing.arrow(str(cause), str(effect), numbers_on(data, None), None)
        return cls.drawn(drawing)


def _reader(suffix: str) -> Callable[[str], Drawing] | None:
    from kpisdk_causal.graphs.dot import read_dot
    from kpisdk_causal.graphs.gml import read_gml

    readers: dict[str, Callable[[str], Drawing]] = {
        ".gml": read_gml,
        ".dot": read_dot,
        ".gv": read_dot,
    }
    return readers.get(suffix)


def _circles(graph: nx.DiGraph, part: set[str]) -> bool:
    return len(part) > 1 or any(graph.has_edge(node, node) for node in part)

"""The assumed causes: a directed acyclic graph, from a list of arrows or a GML or DOT file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs

from kpisdk_causal.errors import GraphCycleError, GraphError

if TYPE_CHECKING:
    import networkx as nx

Edge = tuple[str, str]


def _arrows(pairs: Iterable[tuple[Any, Any]]) -> tuple[Edge, ...]:
    return tuple((str(cause), str(effect)) for cause, effect in pairs)


@attrs.frozen
class CausalGraph:
    """Arrows from cause to effect, without cycles.

    Args:
        edges: pairs (cause, effect).
        coefficients: linear effect along an edge, where it is known.
        std_errors: standard error of a coefficient, where it is known.
        lonely: nodes without any arrow.

    Raises:
        GraphCycleError: the arrows run in a circle; the error lists it.
        GraphError: there are no arrows, or a coefficient belongs to none of them.
    """

    edges: tuple[Edge, ...] = attrs.field(converter=_arrows)
    coefficients: Mapping[Edge, float] = attrs.field(factory=dict)
    std_errors: Mapping[Edge, float] = attrs.field(factory=dict)
    lonely: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        import networkx as nx

        if not self.edges:
            raise GraphError("The graph has no arrows. Draw one at least: treatment -> outcome.")
        strangers = sorted({*self.coefficients, *self.std_errors} - set(self.edges))
        if strangers:
            cause, effect = strangers[0]
            raise GraphError(f"The graph has a number for {cause} -> {effect}, and no such arrow.")
        try:
            circle = nx.find_cycle(self.digraph())
        except nx.NetworkXNoCycle:
            return
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
        absent = [node for node in nodes if node not in self.nodes]
        if absent:
            raise GraphError(
                f"The graph has no node {absent[0]!r}. It has: {', '.join(self.nodes[:10])}."
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
        """Read a GML (``.gml``) or DOT (``.dot``, ``.gv``) file.

        Numbers on an arrow named ``coefficient`` and ``std_error`` are kept.

        Raises:
            GraphError: no such file, another suffix, an undirected graph, or text that is no graph.
        """
        if not path.is_file():
            raise GraphError(f"There is no graph file {str(path)!r}.")
        readers = {".gml": _read_gml, ".dot": _read_dot, ".gv": _read_dot}
        reader = readers.get(path.suffix.lower())
        if reader is None:
            raise GraphError(f"{path.name!r} is neither GML (.gml) nor DOT (.dot, .gv).")
        return cls._from_networkx(reader(path))

    @classmethod
    def _from_networkx(cls, graph: Any) -> Self:
        coefficients: dict[Edge, float] = {}
        std_errors: dict[Edge, float] = {}
        for cause, effect, data in graph.edges(data=True):
            for key, store in (("coefficient", coefficients), ("std_error", std_errors)):
                if key in data:
                    store[str(cause), str(effect)] = _number(data[key], f"{cause} -> {effect}")
        lonely = tuple(sorted(str(node) for node in graph if graph.degree(node) == 0))
        return cls(tuple(graph.edges()), coefficients, std_errors, lonely)


def _number(value: Any, where: str) -> float:
    try:
        return float(str(value).strip('"'))
    except ValueError:
        raise GraphError(f"The number on {where} cannot be read: {value!r}.") from None


def _read_gml(path: Path) -> Any:
    import networkx as nx

    try:
        graph = nx.read_gml(path)
    except (nx.NetworkXError, UnicodeDecodeError) as fault:
        raise GraphError(f"{path.name!r} is not a GML graph: {fault}.") from fault
    if not graph.is_directed():
        raise GraphError(f"The graph in {path.name!r} is undirected; write 'directed 1'.")
    return graph


def _read_dot(path: Path) -> Any:
    import networkx as nx

    from kpisdk_causal.dot import read_dot

    try:
        drawing = read_dot(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as fault:
        raise GraphError(f"{path.name!r} is not a text file: {fault}.") from fault
    except GraphError as fault:
        raise GraphError(f"{path.name!r}: {fault.what}") from fault
    graph = nx.DiGraph()
    graph.add_nodes_from(drawing.nodes)
    graph.add_edges_from((*arrow, found) for arrow, found in drawing.arrows.items())
    return graph

"""Which columns to adjust for: the back-door criterion, on the caller's graph."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from kpisdk_causal.cautions import NO_CAUSAL_PATH, Caution
from kpisdk_causal.errors import BadControlError, NotIdentifiedError
from kpisdk_causal.graphs.graph import CausalGraph

if TYPE_CHECKING:
    import networkx as nx


@attrs.frozen(kw_only=True)
class Identification:
    """Columns to adjust for, and how they were found.

    Attributes:
        adjustment_set: sorted columns.
        by: ``declared`` (the caller's list), ``back-door criterion`` or ``dowhy``.
        details: what the report says about it.
        cautions: what the reader should know about the graph.
    """

    adjustment_set: tuple[str, ...]
    by: str
    details: Mapping[str, Any] = attrs.field(factory=dict)
    cautions: tuple[Caution, ...] = ()


def identify(
    treatment: str,
    outcome: str,
    confounders: tuple[str, ...],
    graph: CausalGraph | None,
    columns: Collection[str],
) -> Identification:
    """The adjustment set.

    Without a graph it is the caller's list, on the caller's word. With a graph and a list, the
    list is checked against the graph. With a graph alone, the largest set that is valid is taken.

    Args:
        treatment: column and node.
        outcome: column and node.
        confounders: the caller's list; may be empty.
        graph: the assumed causes, or ``None``.
        columns: columns of the table; nodes that are not among them are unobserved.

    Raises:
        GraphError: treatment, outcome or a name of the list is not in the graph.
        BadControlError: a confounder is caused by the treatment.
        NotIdentifiedError: no set of observed columns is valid.
    """
    if graph is None:
        return Identification(adjustment_set=tuple(sorted(confounders)), by="declared")
    # Of a column that it does not draw the graph cannot say that it is no common effect.
    graph.require(treatment, outcome, *confounders)
    graph.require_names(columns)
    digraph = graph.digraph()
    caused = _caused(digraph, treatment)
    bad = tuple(sorted(set(confounders) & caused))
    if bad:
        raise BadControlError(bad, f"the graph says that {treatment!r} causes it")
    unobserved = tuple(node for node in graph.nodes if node not in columns)
    if confounders:
        if not is_valid(digraph, treatment, outcome, set(confounders)):
            raise NotIdentifiedError(treatment, outcome, unobserved)
        chosen = tuple(sorted(confounders))
    else:
        chosen = adjustment_set(digraph, treatment, outcome, set(columns))
    cautions: tuple[Caution, ...] = ()
    if outcome not in caused:
        text = f"The graph has no path from {treatment!r} to {outcome!r}: on its word the effect "
        text += "is 0, and the value is what the data say against it."
        cautions = (Caution(NO_CAUSAL_PATH, text),)
    return Identification(
        adjustment_set=chosen,
        by="back-door criterion",
        details={"unobserved": list(unobserved)},
        cautions=cautions,
    )


def adjustment_set(
    graph: nx.DiGraph, treatment: str, outcome: str, observed: set[str]
) -> tuple[str, ...]:
    """The largest useful valid set of observed nodes, sorted.

    First all observed nodes that the treatment does not cause and that are tied both to the
    treatment and, but for its effect, to the outcome. Where these open a path (M-bias), the
    observed causes of treatment or outcome: if any set is valid, that one is (van der Zander,
    Liśkiewicz and Textor 2014).

    Args:
        graph: the assumed causes.
        treatment: node of the treatment.
        outcome: node of the outcome.
        observed: nodes that are columns.

    Raises:
        NotIdentifiedError: neither is valid, so that none is.
    """
    import networkx as nx

    eligible = (set(graph) & observed) - _caused(graph, treatment) - {treatment, outcome}
    backdoor = _backdoor(graph, treatment)
    tied = eligible & _dependent(backdoor, treatment) & _dependent(backdoor, outcome)
    causes = nx.ancestors(graph, treatment) | nx.ancestors(graph, outcome)
    for candidate in (tied, eligible & causes):
        if is_valid(graph, treatment, outcome, candidate):
            return tuple(sorted(candidate))
    raise NotIdentifiedError(
        treatment, outcome, tuple(sorted(str(node) for node in set(graph) - observed))
    )


def is_valid(graph: nx.DiGraph, treatment: str, outcome: str, adjusted: set[str]) -> bool:
    """Whether ``adjusted`` blocks every back-door path and holds nothing the treatment causes.

    Args:
        graph: the assumed causes.
        treatment: node of the treatment.
        outcome: node of the outcome.
        adjusted: the nodes that are adjusted for.
    """
    import networkx as nx

    if adjusted & _caused(graph, treatment):
        return False
    backdoor = _backdoor(graph, treatment)
    return bool(nx.is_d_separator(backdoor, {treatment}, {outcome}, adjusted))


def _caused(graph: nx.DiGraph, treatment: str) -> set[str]:
    import networkx as nx

    return set(nx.descendants(graph, treatment))


def _dependent(graph: nx.DiGraph, node: str) -> set[str]:
    """The nodes not d-separated from ``node`` by nothing: those with an ancestor in common."""
    import networkx as nx

    found = {node} | nx.ancestors(graph, node)
    reached = set(found)
    pending = list(found)
    while pending:
        for child in graph.successors(pending.pop()):
            if child not in reached:
                reached.add(child)
                pending.append(child)
    return reached


def _backdoor(graph: nx.DiGraph, treatment: str) -> nx.DiGraph:
    pruned = graph.copy()
    pruned.remove_edges_from(list(graph.out_edges(treatment)))
    return pruned

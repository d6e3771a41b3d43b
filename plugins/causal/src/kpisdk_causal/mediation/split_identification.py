"""Which columns tell a direct from an indirect effect: back doors of treatment and mediators."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from kpisdk_causal.errors import BadControlError, MediatorError, UnidentifiedSplitError
from kpisdk_causal.graphs.identification import Identification
from kpisdk_causal.questions.question import MediationQuestion

if TYPE_CHECKING:
    import networkx as nx


def identify_split(question: MediationQuestion, columns: Collection[str]) -> Identification:
    """The columns to adjust for in every regression of a mediation.

    With a graph: no effect of the treatment is among them, they block the back-door paths from the
    treatment to outcome and mediators, and together with the treatment those from the mediators to
    the outcome (Pearl 2001, VanderWeele 2015). A common cause of mediator and outcome that the
    treatment causes leaves no such set.

    Args:
        question: what is asked.
        columns: of the table.

    Raises:
        GraphError: treatment, outcome or a mediator is not in the graph.
        MediatorError: a mediator lies on no path from treatment to outcome.
        BadControlError: a confounder is caused by the treatment.
        UnidentifiedSplitError: no set of observed columns is valid.
    """
    graph = question.graph
    if graph is None:
        return Identification(adjustment_set=tuple(sorted(question.confounders)), by="declared")
    graph.require(question.treatment, question.outcome, *question.mediators, *question.confounders)
    graph.require_names(columns)
    digraph = graph.digraph()
    _check_roles(digraph, question)
    unobserved = tuple(node for node in graph.nodes if node not in columns)
    if question.confounders:
        candidates = [set(question.confounders)]
    else:
        candidates = _candidates(digraph, question, set(columns))
    fault = ""
    for candidate in candidates:
        fault = _fault(digraph, question, candidate)
        if not fault:
            chosen = question.confounders or candidate
            return Identification(
                adjustment_set=tuple(sorted(chosen)),
                by="back-door criterion of treatment and mediators",
                details={"unobserved": list(unobserved)},
            )
    raise UnidentifiedSplitError(
        question.treatment, question.outcome, unobserved, question.mediators, fault
    )


def _check_roles(graph: nx.DiGraph, question: MediationQuestion) -> None:
    import networkx as nx

    caused = nx.descendants(graph, question.treatment)
    bad = tuple(name for name in question.confounders if name in caused)
    if bad:
        raise BadControlError(bad, f"the graph says that {question.treatment!r} causes it")
    causes = nx.ancestors(graph, question.outcome)
    off = tuple(name for name in question.mediators if name not in caused & causes)
    if off:
        raise MediatorError(
            off, f"the graph has no path {question.treatment} -> {off[0]} -> {question.outcome}"
        )


def _candidates(
    graph: nx.DiGraph, question: MediationQuestion, observed: set[str]
) -> list[set[str]]:
    """Causes of mediators or outcome first; then those of the treatment alone as well.

    If any set is valid, the second one is (van der Zander, Liśkiewicz and Textor 2014).
    """
    import networkx as nx

    roles = {question.treatment, question.outcome, *question.mediators}
    eligible = (set(graph) & observed) - nx.descendants(graph, question.treatment) - roles
    others = graph.copy()
    others.remove_edges_from(list(graph.in_edges(question.treatment)))
    useful = eligible & nx.ancestors(others, question.outcome)
    causes = eligible & nx.ancestors(graph, question.outcome)
    return [useful, causes]


def _fault(graph: nx.DiGraph, question: MediationQuestion, adjusted: set[str]) -> str:
    """Which two things have an open back door between them; empty where none have."""
    import networkx as nx

    treatment, outcome, mediators = question.treatment, question.outcome, set(question.mediators)
    of_treatment = graph.copy()
    of_treatment.remove_edges_from(list(graph.out_edges(treatment)))
    for what in (outcome, *sorted(mediators)):
        if not nx.is_d_separator(of_treatment, {treatment}, {what}, adjusted):
            return f"{treatment!r} and {what!r}"
    of_mediators = graph.copy()
    of_mediators.remove_edges_from([edge for name in mediators for edge in graph.out_edges(name)])
    if not nx.is_d_separator(of_mediators, mediators, {outcome}, adjusted | {treatment}):
        return f"{', '.join(map(repr, sorted(mediators)))} and {outcome!r}"
    return ""

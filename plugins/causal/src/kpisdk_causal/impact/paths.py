"""CM-003 on a graph: the effect along each path, and in all."""

from __future__ import annotations

import itertools
from typing import Any

import attrs
import numpy as np

from kpisdk_causal.cautions import (
    INCONSISTENT_MEDIATION,
    NO_CAUSAL_PATH,
    NO_SPREAD,
    PATHS_NOT_LISTED,
    SMALL_N,
    Caution,
)
from kpisdk_causal.errors import GraphError, SingularDesignError, UnknownColumnsError
from kpisdk_causal.estimate import CausalEstimate, Diagnostics, Part
from kpisdk_causal.estimator import version_of
from kpisdk_causal.graphs.drawing import Edge
from kpisdk_causal.inference.influence import FEW_DF
from kpisdk_causal.inference.intervals import EXACT, ROUNDING, interval, is_proportion, two_sided_p
from kpisdk_causal.questions.question import PathQuestion
from kpisdk_causal.tables.rank import RANK_TOLERANCE, independent
from kpisdk_causal.tables.table import Floats, Table, read

ROWS_PER_COEFFICIENT = 4
"""Fewer rows than this for each coefficient of a regression give no value."""
MOST_PATHS = 200
"""So many paths are listed; the total counts them all."""


@attrs.frozen(kw_only=True)
class Arrows:
    """Linear effects along the arrows.

    Attributes:
        edges: the e arrows, sorted.
        values: shape (e,).
        covariance: shape (e, e); ``None`` where the errors are not known.
        unit: spread of the outcome for one of the treatment, which errors are measured by (0 where
            the arrows were given).
        df: degrees of freedom of the leanest regression; ``None`` takes the normal distribution.
        n: rows they were estimated from (0 where they were given).
        n_dropped: rows left out for a missing value.
    """

    edges: tuple[Edge, ...]
    values: Floats
    covariance: Floats | None
    unit: float = 0.0
    df: float | None = None
    n: int = 0
    n_dropped: int = 0


def estimate_paths(question: PathQuestion, frame: Any = None) -> CausalEstimate:
    """The total effect: over all directed paths, the sum of the products of their arrows.

    Args:
        question: graph, treatment and outcome.
        frame: pandas frame to estimate the arrows from (each node regressed on its causes, HC1
            errors); ``None`` takes the coefficients on the graph's arrows, with independent errors.

    Returns:
        The total effect with its delta-method interval (none where an arrow has no error), a line
        per path in ``parts``, and ``indirect_effect``, ``direct_effect`` and
        ``proportion_mediated`` in ``details``. Of more than 200 paths that many are listed; the
        total is that of all. Without a path it is 0 on the graph's word alone, with the caution
        ``NO_CAUSAL_PATH`` and no interval.

    Raises:
        GraphError: a node is not in the graph, or an arrow has no coefficient.
        KpisdkError: the classes of :mod:`kpisdk_causal.errors`, for faults of the data.
    """
    import networkx as nx

    graph = question.graph.digraph()
    question.graph.require(question.treatment, question.outcome)
    between = nx.descendants(graph, question.treatment) & nx.ancestors(graph, question.outcome)
    ends = {question.treatment, question.outcome}
    part = graph.subgraph(between | ends)
    if not nx.has_path(part, question.treatment, question.outcome):
        return _no_path(question, frame)
    used = sorted(part.edges())
    arrows = _given(question, used) if frame is None else _fitted(question, used, frame)
    if arrows is None:
        return _too_few(question, frame)
    found = nx.all_simple_paths(part, question.treatment, question.outcome)
    routes = sorted(itertools.islice(found, MOST_PATHS), key=lambda route: (len(route), route))
    return _answer(question, routes, arrows, part)


def _no_path(question: PathQuestion, frame: Any) -> CausalEstimate:
    text = (
        f"The graph has no path from {question.treatment!r} to {question.outcome!r}: on its word "
        "the effect is 0, which no data were asked about."
    )
    return CausalEstimate(
        value=0.0,
        ci_level=question.rules.confidence_level,
        warnings=(Caution(NO_CAUSAL_PATH, text),),
        details={
            "indirect_effect": 0.0,
            "direct_effect": 0.0,
            "proportion_mediated": None,
            "n_paths": 0,
        },
        **_base(question, 0 if frame is None else len(frame), 0),
    )


def _given(question: PathQuestion, used: list[Edge]) -> Arrows:
    graph = question.graph
    bare = [edge for edge in used if edge not in graph.coefficients]
    if bare:
        raise GraphError(
            f"The arrow {bare[0][0]} -> {bare[0][1]} has no coefficient, and no data were given "
            "to estimate it from."
        )
    errors = [graph.std_errors.get(edge) for edge in used]
    known = all(error is not None for error in errors)
    return Arrows(
        edges=tuple(used),
        values=np.array([graph.coefficients[edge] for edge in used]),
        covariance=np.diag([float(error or 0) ** 2 for error in errors]) if known else None,
    )


def _fitted(question: PathQuestion, used: list[Edge], frame: Any) -> Arrows | None:
    from kpisdk_causal.effects.regression import least_squares

    graph = question.graph.digraph()
    nodes = sorted({effect for _cause, effect in used})
    columns = sorted({*nodes, *(cause for node in nodes for cause in graph.predecessors(node))})
    absent = tuple(name for name in columns if name not in getattr(frame, "columns", ()))
    if absent:
        raise UnknownColumnsError(absent, tuple(str(name) for name in frame.columns))
    table = read(frame, columns, question.rules.missing) if columns else Table(frame, 0)
    most = max((graph.in_degree(node) for node in nodes), default=0)
    if len(table) < max(question.rules.min_n, ROWS_PER_COEFFICIENT * (most + 1)):
        return None
    place = {edge: number for number, edge in enumerate(used)}
    values = np.zeros(len(used))
    covariance = np.zeros((len(used), len(used)))
    for node in nodes:
        causes = sorted(graph.predecessors(node))
        columns_of = np.column_stack([table.centred(cause, "cause") for cause in causes])
        scale = columns_of.std(axis=0)
        if not scale.all() or len(independent(columns_of / scale, RANK_TOLERANCE)) < len(causes):
            what = f"the causes of {node!r} are constant or mixtures of one another in the data"
            raise SingularDesignError(tuple(causes), what)
        design = np.column_stack([np.ones(len(table)), columns_of / scale])
        fit = least_squares(design, table.centred(node, "node"))
        units = np.concatenate([[1.0], scale])
        chosen = [(i + 1, place[c, node]) for i, c in enumerate(causes) if (c, node) in place]
        rows, spots = [i for i, _ in chosen], [j for _, j in chosen]
        values[spots] = (fit.coefficients / units)[rows]
        covariance[np.ix_(spots, spots)] = (fit.robust / np.outer(units, units))[np.ix_(rows, rows)]
    return Arrows(
        edges=tuple(used),
        values=values,
        covariance=covariance,
        unit=_spread(table, question.outcome) / _spread(table, question.treatment),
        df=float(df) if (df := len(table) - most - 1) < FEW_DF else None,
        n=len(table),
        n_dropped=table.n_dropped,
    )


def _answer(
    question: PathQuestion, routes: list[list[str]], arrows: Arrows, part: Any
) -> CausalEstimate:
    level = question.rules.confidence_level
    parts = []
    for route in routes:
        value, gradient = _product(route, arrows)
        error = _error(gradient, arrows)
        parts.append(
            Part(
                label=" -> ".join(route),
                value=value,
                interval=None if error is None else interval(value, error, level, arrows.df),
                std_error=error,
                p_value=None if error is None else two_sided_p(value, error, arrows.df),
                n=arrows.n or None,
            )
        )
    total, gradient, count = _sum_over_paths(question, arrows, part)
    error = _error(gradient, arrows)
    cautions = []
    if arrows.covariance is not None and error is None:
        text = "The arrows are exact, so that no uncertainty of the total can be given."
        cautions.append(Caution(NO_SPREAD, text))
    ends = (question.treatment, question.outcome)
    direct = float(arrows.values[arrows.edges.index(ends)]) if ends in arrows.edges else 0.0
    # Direct and indirect parts that cancel but for rounding leave a total of 0.
    share = (total - direct) / total if abs(total) > ROUNDING * abs(direct) else None
    if count > len(routes):
        text = f"{len(routes)} of {count:,} paths are listed; the total is that of all."
        cautions.append(Caution(PATHS_NOT_LISTED, text))
    if share is not None and not is_proportion(share):
        text = f"indirect / total = {share:.4g}: direct and indirect paths have opposite signs."
        cautions.append(Caution(INCONSISTENT_MEDIATION, text))
    return CausalEstimate(
        value=total,
        confidence_interval=None if error is None else interval(total, error, level, arrows.df),
        ci_level=level,
        ci_method=None if error is None else "delta method",
        p_value=None if error is None else two_sided_p(total, error, arrows.df),
        p_method=None if error is None else "two-sided wald",
        std_error=error,
        warnings=tuple(cautions),
        parts=tuple(parts),
        details={
            "indirect_effect": total - direct,
            "direct_effect": direct,
            "proportion_mediated": share,
            "n_paths": count,
        },
        **_base(question, arrows.n, arrows.n_dropped),
    )


def _sum_over_paths(question: PathQuestion, arrows: Arrows, part: Any) -> tuple[float, Floats, int]:
    """The total effect, its derivative by every arrow, and the number of paths.

    From cause to effect and back once each: a complete graph of 20 nodes has 262,144 paths.
    """
    import networkx as nx

    order = list(nx.topological_sort(part))
    value = {edge: float(one) for edge, one in zip(arrows.edges, arrows.values, strict=True)}
    reached = dict.fromkeys(order, 0.0) | {question.treatment: 1.0}
    count = dict.fromkeys(order, 0) | {question.treatment: 1}
    for node in order:
        for effect in part.successors(node):
            reached[effect] += reached[node] * value[node, effect]
            count[effect] += count[node]
    ahead = dict.fromkeys(order, 0.0) | {question.outcome: 1.0}
    for node in reversed(order):
        for effect in part.successors(node):
            ahead[node] += value[node, effect] * ahead[effect]
    gradient = np.array([reached[cause] * ahead[effect] for cause, effect in arrows.edges])
    return reached[question.outcome], gradient, count[question.outcome]


def _product(route: list[str], arrows: Arrows) -> tuple[float, Floats]:
    """Effect along one path, and its derivative by every arrow, shape (e,)."""
    import networkx as nx

    spots = [arrows.edges.index(edge) for edge in nx.utils.pairwise(route)]
    gradient = np.zeros(len(arrows.edges))
    for spot in spots:
        gradient[spot] = np.prod([arrows.values[other] for other in spots if other != spot])
    return float(np.prod(arrows.values[spots])), gradient


def _error(gradient: Floats, arrows: Arrows) -> float | None:
    """The error of an effect along arrows; ``None`` where it is not known, or is rounding only."""
    if arrows.covariance is None:
        return None
    error = float(np.sqrt(gradient @ arrows.covariance @ gradient))
    return error if error > EXACT * arrows.unit else None


def _spread(table: Table, column: str) -> float:
    return float(table.centred(column, "node").std())


def _too_few(question: PathQuestion, frame: Any) -> CausalEstimate:
    text = f"{len(frame)} rows are too few to estimate the arrows (or fewer than min_n)."
    return CausalEstimate(
        value=None,
        reason=SMALL_N,
        ci_level=question.rules.confidence_level,
        warnings=(Caution(SMALL_N, text),),
        **_base(question, len(frame), 0),
    )


def _base(question: PathQuestion, n: int, dropped: int) -> dict[str, Any]:
    return {
        "n_samples": n,
        "n_dropped": dropped,
        "estimator": "paths",
        "library": "networkx",
        "library_version": version_of("networkx"),
        "estimand": "total effect along directed paths",
        "contrast": f"one more unit of {question.treatment}",
        "diagnostics": Diagnostics(identification={"by": "graph"}),
    }

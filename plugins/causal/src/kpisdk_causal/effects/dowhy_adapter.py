"""DoWhy as a second opinion: it confirms the adjustment set and re-estimates the effect.

Only its functional interface is used, on a private standardised copy with sorted columns, because
DoWhy writes into the frame it is given and its answers otherwise depend on the order of sets. Its
intervals, p-values and refuters are not used: they are one-sided, bootstrapped or reuse stale
scores.
"""

from __future__ import annotations

from typing import Any

import attrs

from kpisdk_causal.cautions import CROSS_CHECK_FAILED, LIBRARY_FALLBACK, Caution
from kpisdk_causal.estimator import is_met, version_of
from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.graphs.identification import Identification
from kpisdk_causal.sample import Sample

REQUIREMENT = "dowhy>=0.14,<0.15"
MOST_LOOPS = 60
"""More arrows than nodes by this many, and DoWhy's search takes many seconds."""
COMMAND = "pip install 'kpisdk-causal[dowhy]'"


@attrs.frozen(kw_only=True)
class SecondOpinion:
    """What DoWhy answered.

    Attributes:
        identification: the adjustment set, with DoWhy's criterion where it agreed.
        estimates: the effect by DoWhy's methods, by name.
        cautions: what the reader should know about it.
    """

    identification: Identification
    estimates: dict[str, Any]
    cautions: tuple[Caution, ...] = ()


def is_installed() -> bool:
    """Whether a version of DoWhy is installed that this module works with."""
    return is_met(REQUIREMENT)


def absent(identification: Identification) -> SecondOpinion:
    """The opinion of a DoWhy that is not there."""
    caution = Caution(
        LIBRARY_FALLBACK,
        f"{REQUIREMENT} is not installed: the adjustment set is by {identification.by} alone and "
        f"the effect was not cross-checked. To have both: {COMMAND}",
    )
    return SecondOpinion(identification=identification, estimates={}, cautions=(caution,))


def second_opinion(
    sample: Sample,
    treatment: str,
    outcome: str,
    identification: Identification,
    graph: CausalGraph | None,
) -> SecondOpinion:
    """Ask DoWhy for the adjustment set and for its regression and weighting estimates.

    Args:
        sample: the numbers.
        treatment: column of the treatment.
        outcome: column of the outcome.
        identification: what our own rules found.
        graph: the assumed causes, if they were given.

    Returns:
        The identification with DoWhy's verdict, and its estimates. A DoWhy that fails leaves a
        caution with its words: a second opinion that cannot be had is no reason to withhold ours.
    """
    if graph is not None and len(graph.edges) - len(graph.nodes) > MOST_LOOPS:
        text = (
            f"DoWhy was not asked: the graph has {len(graph.edges)} arrows for {len(graph.nodes)} "
            "nodes, and its search would take long."
        )
        caution = Caution(CROSS_CHECK_FAILED, text)
        return SecondOpinion(identification=identification, estimates={}, cautions=(caution,))
    try:
        estimand = _identify(treatment, outcome, identification.adjustment_set, graph)
        theirs = tuple(sorted(estimand.get_backdoor_variables()))
        found = attrs.evolve(
            identification,
            details={
                **identification.details,
                "dowhy": version_of("dowhy"),
                "dowhy_adjustment_set": list(theirs),
                "agrees": theirs == identification.adjustment_set,
            },
        )
        estimates = _estimates(sample) if sample.propensity is not None else {}
    except Exception as fault:  # noqa: BLE001  # any fault of the library is told, never raised
        caution = Caution(CROSS_CHECK_FAILED, f"DoWhy {version_of('dowhy')} failed: {fault!r}.")
        return SecondOpinion(identification=identification, estimates={}, cautions=(caution,))
    cautions: tuple[Caution, ...] = ()
    if theirs != identification.adjustment_set:
        text = f"DoWhy would adjust for {list(theirs)}, not {list(identification.adjustment_set)}."
        cautions = (Caution(CROSS_CHECK_FAILED, text),)
    return SecondOpinion(identification=found, estimates=estimates, cautions=cautions)


def _identify(
    treatment: str, outcome: str, adjusted: tuple[str, ...], graph: CausalGraph | None
) -> Any:
    import networkx as nx
    from dowhy.causal_identifier import (
        BackdoorAdjustment,
        EstimandType,
        identify_effect_auto,
    )

    if graph is None:
        drawing = nx.DiGraph([(treatment, outcome)])
        for name in adjusted:
            drawing.add_edges_from([(name, treatment), (name, outcome)])
        observed = sorted({treatment, outcome, *adjusted})
    else:
        drawing = graph.digraph()
        observed = sorted({treatment, outcome, *adjusted} & set(drawing))
    estimand = identify_effect_auto(
        drawing,
        [treatment],
        [outcome],
        observed,
        EstimandType.NONPARAMETRIC_ATE,
        # The default search costs seconds at 20 covariates; this one is linear in them.
        backdoor_adjustment=BackdoorAdjustment.BACKDOOR_MAX,
    )
    estimand.set_identifier_method("backdoor")
    return estimand


def _estimates(sample: Sample) -> dict[str, Any]:
    """DoWhy's linear regression and weighting on standardised covariates named z000, z001, …."""
    import pandas as pd
    from dowhy.causal_estimators.linear_regression_estimator import LinearRegressionEstimator
    from dowhy.causal_estimators.propensity_score_weighting_estimator import (
        PropensityScoreWeightingEstimator,
    )

    names = tuple(f"z{position:03d}" for position in range(sample.covariates.shape[1]))
    estimand = _identify("t", "y", names, None)
    frame = pd.DataFrame(sample.covariates, columns=list(names))
    frame["t"] = sample.treatment.astype(int)
    frame["y"] = sample.outcome
    found = {}
    kinds = {"linear_regression": LinearRegressionEstimator}
    if names:
        kinds["propensity_weighting"] = PropensityScoreWeightingEstimator
    for name, kind in kinds.items():
        # A copy for each: the weighting estimator leaves a propensity column behind.
        own = frame.copy()
        estimator = kind(estimand)
        estimator.fit(own)
        answer = estimator.estimate_effect(
            own, control_value=0, treatment_value=1, target_units=sample.target
        )
        found[name] = float(answer.value)
    return found

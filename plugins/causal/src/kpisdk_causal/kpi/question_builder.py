"""From the parameters of a KPI to a causal question, and to the columns that it reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kpisdk import Problem
from kpisdk_causal.errors import QuestionError
from kpisdk_causal.graphs.arrow_text import is_arrow_text
from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.kpi.raw_rows import Named
from kpisdk_causal.questions.question import (
    CounterfactualQuestion,
    EffectQuestion,
    MediationQuestion,
    PanelQuestion,
    PathQuestion,
    SeriesQuestion,
)
from kpisdk_causal.questions.rules import Rules
from kpisdk_causal.tables.units import UNITS, cluster_columns

DESIGNS = ("time_series", "panel", "paths")


def rules(named: Named) -> Rules:
    """The rules of a request, the settings behind them."""
    plain = Rules()
    return Rules(
        confidence_level=named.get("confidence_level") or plain.confidence_level,
        missing=named.get("missing") or plain.missing,
        min_n=named.get("min_n") or plain.min_n,
        overlap_tolerance=_or(named.get("overlap_tolerance"), plain.overlap_tolerance),
        force=bool(named.get("force")),
        seed=_or(named.get("seed"), plain.seed),
        refute=named.names("refute"),
        cross_check=_or(named.get("cross_check"), plain.cross_check),
        estimator=named.get("estimator"),
        library=named.get("library"),
    )


def effect_question(named: Named, *, segment: str | None = None) -> EffectQuestion:
    """CM-001 and, with the column of a segment, CM-002.

    Args:
        named: the parameters and settings of the request.
        segment: column whose levels get an effect each.
    """
    return EffectQuestion(
        treatment=named.need("treatment", "the column of the treatment"),
        outcome=named.need("outcome", "the column of the outcome"),
        confounders=named.names("confounders"),
        graph=graph(named),
        treatment_value=named.get("treatment_value"),
        control_value=named.get("control_value"),
        treatment_kind=named.get("treatment_kind") or "auto",
        target_units=named.get("target_units") or "ate",
        segment=segment,
        cluster=named.get("cluster"),
        rules=rules(named),
    )


def segment_question(named: Named) -> EffectQuestion:
    """CM-002."""
    column = named.need("segment_column", "the column whose levels get effects")
    return effect_question(named, segment=column)


def counterfactual_question(named: Named) -> CounterfactualQuestion:
    """CM-004."""
    return CounterfactualQuestion(
        id_column=named.get("id_column") or "patient_id",
        id=named.need("patient_id", "the patient that the question is about"),
        effect=effect_question(named),
    )


def mediation_question(named: Named) -> MediationQuestion:
    """CM-005."""
    return MediationQuestion(
        treatment=named.need("treatment", "the column of the treatment"),
        outcome=named.need("outcome", "the column of the outcome"),
        mediators=named.names("mediators"),
        confounders=named.names("confounders"),
        graph=graph(named),
        treatment_value=named.get("treatment_value"),
        control_value=named.get("control_value"),
        interaction=bool(named.get("interaction")),
        cluster=named.get("cluster"),
        rules=rules(named),
    )


def impact_question(
    named: Named, given: Rules | None = None
) -> SeriesQuestion | PanelQuestion | PathQuestion:
    """CM-003, by ``design``; ``given`` rules replace those that ``named`` makes.

    Args:
        named: the parameters and settings of the request.
        given: rules in place of those that ``named`` makes.
    """
    held = given or rules(named)
    design = named.get("design") or "time_series"
    if design == "paths":
        drawn = graph(named)
        if drawn is None:
            fault = Problem("graph", "is needed for the design 'paths'")
            raise QuestionError("causal question", (fault,))
        return PathQuestion(
            graph=drawn,
            treatment=named.need("treatment", "the node where the paths begin"),
            outcome=named.need("outcome", "the node where they end"),
            rules=held,
        )
    outcome = named.need("outcome", "the column of the response")
    date = named.need("intervention_date", "the first period after the intervention")
    time = named.need("time_column", "the column of the period")
    if design == "panel":
        return PanelQuestion(
            unit=named.need("unit_column", "the column of the unit"),
            time=time,
            outcome=outcome,
            treated=named.names("treated_units"),
            intervention=date,
            rules=held,
        )
    return SeriesQuestion(
        outcome=outcome,
        intervention=date,
        time=time,
        controls=named.names("controls"),
        seasons=named.get("seasons"),
        rules=held,
    )


def effect_columns(question: EffectQuestion) -> tuple[str, ...]:
    """The columns of the table that an effect reads."""
    named = (question.treatment, question.outcome, *question.confounders)
    segment = () if question.segment is None else (question.segment,)
    return (*named, *segment, *cluster_columns(question.cluster))


def mediation_columns(question: MediationQuestion) -> tuple[str, ...]:
    """The columns of the table that a mediation reads."""
    return (
        question.treatment,
        question.outcome,
        *question.mediators,
        *question.confounders,
        *cluster_columns(question.cluster),
    )


def impact_columns(question: SeriesQuestion | PanelQuestion | PathQuestion) -> tuple[str, ...]:
    """The columns of the table that an impact reads; of a graph only those that it may read."""
    if isinstance(question, PathQuestion):
        return ()
    if isinstance(question, PanelQuestion):
        return (question.unit, question.time, question.outcome)
    return (question.outcome, *question.controls, str(question.time))


def further_columns(
    question: EffectQuestion | MediationQuestion | SeriesQuestion | PanelQuestion | PathQuestion,
) -> tuple[str, ...]:
    """Columns that are read where the table has them.

    A node of a graph that is no column is unobserved; a column that names whom a row is about shows
    whether somebody has several rows.
    """
    drawn = getattr(question, "graph", None)
    nodes = () if drawn is None else drawn.nodes
    has_units = isinstance(question, EffectQuestion | MediationQuestion)
    return (*nodes, *(UNITS if has_units else ()))


def graph(named: Named) -> CausalGraph | None:
    """The graph of a request: a file, or arrows written as ``a -> b; b -> c``.

    Raises:
        GraphError: neither a file nor arrows; a cycle.
    """
    given = named.get("graph")
    if given is None or isinstance(given, CausalGraph):
        return given
    if isinstance(given, str) and is_arrow_text(given) and not _is_file(given):
        return CausalGraph.parse(given)
    return CausalGraph.of(Path(given) if isinstance(given, str) else given)


def graph_files(named: Named) -> tuple[Path, ...]:
    """The file that the graph of a request is read from, if it is read from one."""
    given = named.get("graph")
    if isinstance(given, str) and is_arrow_text(given) and not _is_file(given):
        return ()
    return (Path(given),) if isinstance(given, str | Path) else ()


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except OSError:  # a name that is too long for one
        return False


def _or(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None else value

"""The calculations of the five KPIs: stored, unless raw data are named."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs

from kpisdk import Calculator, Dataset, Estimate, FrameInput, Inputs, Intervals
from kpisdk_causal.datasets import CAUSAL_PATHS, ML_PREDICTIONS
from kpisdk_causal.estimators.libraries import PRIMARY_LIBRARIES
from kpisdk_causal.hookspecs import ESTIMATORS
from kpisdk_causal.kpi import question_builder, stored_paths, stored_predictions
from kpisdk_causal.kpi.raw_rows import RAW, Named, raw_input

_SNAKE = re.compile(r"[a-z][a-z0-9_]{0,62}")

Columns = Callable[[Named], tuple[str, ...]]
Function = Callable[[Inputs], Estimate]


def calculator(
    kpi_id: str,
    dataset: Dataset,
    ask: FrameInput,
    from_store: Function,
    from_rows: Function,
    columns: Columns,
    extensions: tuple[str, ...] = (),
) -> Calculator:
    """A calculator that reads the store or the raw table, never both, and answers from it.

    Args:
        kpi_id: of the KPI.
        dataset: the stored estimates.
        ask: what is read of them.
        from_store: answers from stored rows.
        from_rows: answers from raw rows.
        columns: those that the raw table must have.
        extensions: hooks of other plugins that the answer depends on.
    """

    def inputs(parameters: Mapping[str, Any], settings: Any) -> tuple[FrameInput, ...]:
        named = Named(parameters, settings)
        return (raw_input(named, columns(named)),) if named.is_raw else (ask,)

    def function(inputs: Inputs) -> Estimate:
        if RAW not in inputs.frames:
            return from_store(inputs)
        found = from_rows(inputs)
        details = {**found.details, "primary_library": PRIMARY_LIBRARIES[kpi_id]}
        return attrs.evolve(found, details=details)

    def reads(parameters: Mapping[str, Any], settings: Any) -> tuple[Path, ...]:
        return question_builder.graph_files(Named(parameters, settings))

    return Calculator(function, inputs, dataset, extensions=extensions, reads=reads, units=RAW)


def _predictions(*columns: str, windowed: bool = True) -> FrameInput:
    return FrameInput(stored_predictions.PREDICTIONS, ML_PREDICTIONS, columns, windowed=windowed)


def _paths(*columns: str) -> FrameInput:
    """The paths; what only the details report may be missing."""
    needed = tuple(name for name in columns if name not in stored_paths.DETAILS_ONLY)
    reported = tuple(name for name in columns if name in stored_paths.DETAILS_ONLY)
    return FrameInput(stored_paths.PATHS, CAUSAL_PATHS, needed, windowed=False, optional=reported)


def _columns(columns: Callable[[Any], tuple[str, ...]], question: Any) -> tuple[str, ...]:
    # Datasets have snake-case columns: a node that is called otherwise can be none of them.
    further = question_builder.further_columns(question)
    return (*columns(question), *(name for name in further if _SNAKE.fullmatch(name)))


def _raw_rows(inputs: Inputs) -> Any:
    from kpisdk_causal.tables.written_numbers import with_numbers_read

    frame, unit = inputs.frames[RAW], inputs.sampling.unit
    if unit is not None and unit not in frame:
        frame[unit] = inputs.units(RAW)
    return with_numbers_read(frame)


def _named(inputs: Inputs) -> Named:
    """What the request and the settings say, with the clusters that count in this request.

    Those that ``cluster`` names, or the unit that settings name for the KPI; none where the request
    takes every row for independent.
    """
    named = Named(inputs.parameters, inputs.settings)
    cluster = named.get("cluster") or inputs.sampling.unit
    if inputs.intervals is Intervals.ROW:
        cluster = None
    settings = attrs.evolve(named.settings, cluster=cluster)
    return Named({**inputs.parameters, "cluster": cluster}, settings)


def _effect(inputs: Inputs) -> Estimate:
    from kpisdk_causal.effects.average_effect import estimate_effect
    from kpisdk_causal.estimators.installed import installed_router
    from kpisdk_causal.kpi.to_estimate import answered

    named = _named(inputs)
    return answered(
        lambda: estimate_effect(
            _raw_rows(inputs), question_builder.effect_question(named), installed_router(inputs)
        ),
        named.get("cluster"),
    )


def _segments(inputs: Inputs) -> Estimate:
    from kpisdk_causal.effects.segments import estimate_segments
    from kpisdk_causal.estimators.installed import installed_router
    from kpisdk_causal.kpi.to_estimate import answered

    named = _named(inputs)
    return answered(
        lambda: estimate_segments(
            _raw_rows(inputs),
            question_builder.segment_question(named),
            installed_router(inputs),
            only=named.get("segment"),
        ),
        named.get("cluster"),
    )


def _impact(inputs: Inputs) -> Estimate:
    from kpisdk_causal.estimators.installed import installed_router
    from kpisdk_causal.impact.by_design import estimate_impact
    from kpisdk_causal.kpi.to_estimate import answered

    named = _named(inputs)
    return answered(
        lambda: estimate_impact(
            _raw_rows(inputs), question_builder.impact_question(named), installed_router(inputs)
        )
    )


def _counterfactual(inputs: Inputs) -> Estimate:
    from kpisdk_causal.effects.counterfactual import estimate_counterfactual
    from kpisdk_causal.kpi.to_estimate import answered

    named = _named(inputs)
    return answered(
        lambda: estimate_counterfactual(
            _raw_rows(inputs), question_builder.counterfactual_question(named)
        ),
        named.get("cluster"),
    )


def _mediation(inputs: Inputs) -> Estimate:
    from kpisdk_causal.kpi.to_estimate import answered
    from kpisdk_causal.mediation.mediation_effect import estimate_mediation

    named = _named(inputs)
    return answered(
        lambda: estimate_mediation(_raw_rows(inputs), question_builder.mediation_question(named)),
        named.get("cluster"),
    )


EFFECT = calculator(
    "CM-001",
    ML_PREDICTIONS,
    _predictions("treatment_effect_estimate"),
    stored_predictions.average_effect,
    _effect,
    lambda named: _columns(
        question_builder.effect_columns, question_builder.effect_question(named)
    ),
    (ESTIMATORS,),
)

SEGMENTS = calculator(
    "CM-002",
    ML_PREDICTIONS,
    _predictions("heterogeneous_effect", "segment_assignment"),
    stored_predictions.conditional_effect,
    _segments,
    lambda named: _columns(
        question_builder.effect_columns, question_builder.segment_question(named)
    ),
    (ESTIMATORS,),
)

IMPACT = calculator(
    "CM-003",
    CAUSAL_PATHS,
    _paths("intervention_name", "causal_effect_size", "confidence_level", "validated"),
    stored_paths.causal_impact,
    _impact,
    lambda named: _columns(
        question_builder.impact_columns, question_builder.impact_question(named)
    ),
    (ESTIMATORS,),
)

COUNTERFACTUAL = calculator(
    "CM-004",
    ML_PREDICTIONS,
    _predictions(
        "prediction_id",
        "prediction_timestamp",
        "patient_id",
        "counterfactual_outcome",
        "actual_outcome",
        "treatment_received",
        "counterfactual_treatment",
        windowed=False,
    ),
    stored_predictions.counterfactual_outcome,
    _counterfactual,
    lambda named: (
        question_builder.counterfactual_question(named).id_column,
        *_columns(
            question_builder.effect_columns, question_builder.counterfactual_question(named).effect
        ),
    ),
)

MEDIATION = calculator(
    "CM-005",
    CAUSAL_PATHS,
    _paths(
        "path_id",
        "created_at",
        "treatment",
        "outcome",
        "validated",
        "indirect_effect",
        "direct_effect",
        "total_effect",
        "mediators_identified",
    ),
    stored_paths.mediation_effect,
    _mediation,
    lambda named: _columns(
        question_builder.mediation_columns, question_builder.mediation_question(named)
    ),
)

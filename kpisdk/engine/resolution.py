"""What a request comes to for each KPI, settled before anything is computed: frozen records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from kpisdk.contracts.calculators import (
    Calculator,
    Extensions,
    FirstOf,
    FrameInput,
    Option,
    no_extensions,
)
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.relations import Relation, datasets_of
from kpisdk.contracts.requests import Filters
from kpisdk.contracts.time_windows import WindowRule
from kpisdk.engine.context import CALCULATOR_TIMEOUT
from kpisdk.engine.evaluation_time import EvaluationTime
from kpisdk.engine.interval_plans import IntervalPlan
from kpisdk.engine.measure_sets import MeasureSet
from kpisdk.engine.request_slicing import Join


@attrs.frozen(kw_only=True)
class Refused:
    """An option that cannot answer.

    Attributes:
        option: its name and calculation.
        estimate: why, as the absent estimate of every cell.
        frame_inputs: what its calculator would have read.
        time: the instant and windows, where they were fixed before it was refused.
        answered_by: the tables that it would have read.
    """

    option: Option
    estimate: Estimate
    frame_inputs: tuple[FrameInput, ...] = ()
    time: EvaluationTime | None = None
    answered_by: str | None = None


@attrs.frozen(kw_only=True)
class _Resolved:
    """What metrics and calculators have in common, once resolved.

    Attributes:
        option: its name and calculation.
        rule: the window where the request gives none.
        timed: the dataset whose time column the windows refer to.
        time: the instant, the windows, and the buckets of a trend.
        intervals: what the rows behind its value are a sample of, and how it gets an interval.
        relations: what its record says that it reads.
        joins: the joins that its slice needs.
        answered_by: the tables that it reads, or its name where there are several options.
    """

    option: Option
    rule: WindowRule | None
    timed: Dataset | None
    time: EvaluationTime
    intervals: IntervalPlan
    relations: tuple[Relation, ...]
    joins: frozenset[Join]
    answered_by: str | None


@attrs.frozen(kw_only=True)
class ResolvedMetric(_Resolved):
    """An option that is a formula over measures; ``metric`` holds them."""

    metric: MeasureSet

    @property
    def frame_inputs(self) -> tuple[FrameInput, ...]:
        """A metric reads no frames."""
        return ()


@attrs.frozen(kw_only=True)
class ResolvedCalculator(_Resolved):
    """An option that is a function of frames; ``frame_inputs`` are those for these parameters."""

    calculator: Calculator
    frame_inputs: tuple[FrameInput, ...]


ResolvedOption: TypeAlias = ResolvedMetric | ResolvedCalculator
"""One way to a KPI's value that can be taken."""


@attrs.frozen(kw_only=True)
class ResolvedKpi:
    """One KPI of a request.

    Attributes:
        kpi: its record.
        version: the version of its definition.
        where: the filters of the request.
        by: the columns that the request groups by.
        parameters: the value of each of its parameters.
        settings: the settings record of the plugin that brought it.
        extensions: what plugins bring through a hook.
        timeout: seconds that one call of its code may take.
        fixed: an estimate that stands without computing anything: a refusal, or the value that the
            KPI's own definition gives for a slice that was not named.
        options: the ways to its value, in order.
    """

    kpi: Kpi
    version: str
    where: Filters
    by: tuple[str, ...]
    parameters: Mapping[str, Any]
    settings: Any = None
    extensions: Extensions = no_extensions
    timeout: float = CALCULATOR_TIMEOUT
    fixed: Estimate | None = None
    options: tuple[Refused | ResolvedOption, ...] = ()

    @property
    def id(self) -> str:
        """The KPI's id."""
        return self.kpi.id

    @property
    def ready(self) -> tuple[ResolvedOption, ...]:
        """The options that were not refused."""
        return tuple(each for each in self.options if not isinstance(each, Refused))

    @property
    def times(self) -> tuple[EvaluationTime, ...]:
        """The evaluation times of its options, as far as they were fixed."""
        return tuple(each.time for each in self.options if each.time is not None)

    @property
    def forced(self) -> str | None:
        """The option that the request forces by a parameter."""
        calculation = self.kpi.calculation
        if not isinstance(calculation, FirstOf):
            return None
        forced: str | None = self.parameters.get(calculation.parameter)
        return forced


def answering_tables(kpi: Kpi, option: Option, frame_inputs: Sequence[FrameInput]) -> str | None:
    """What answers: the option's name where there are several, else the tables that are read."""
    if option.name:
        return option.name
    names: dict[str, None] = {}
    calculation = option.calculation
    chooses = isinstance(calculation, Calculator) and callable(calculation.inputs)
    if not (chooses and frame_inputs):
        # A calculator that chooses its inputs may read other tables than the KPI's own.
        names.update(dict.fromkeys(dataset.name for dataset in kpi.datasets))
    for each in frame_inputs:
        names.update(dict.fromkeys(dataset.name for dataset in datasets_of(each.relation)))
    return ", ".join(names) or None

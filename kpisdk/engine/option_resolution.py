"""How one way to a KPI's value is settled against a source, or refused with what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import attrs

from kpisdk.contracts.calculators import Calculator, FrameInput, Option, relations_of
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.relations import Relation, datasets_of
from kpisdk.contracts.requests import Request
from kpisdk.contracts.required_columns import Columns, columns_of_inputs, columns_of_measures
from kpisdk.contracts.time_windows import Matured, WindowRule
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.calculator_inputs import named_inputs, timed_by_rows
from kpisdk.engine.catalog import Catalog, first_reason
from kpisdk.engine.evaluation_time import EvaluationTime, evaluation_time
from kpisdk.engine.frontiers import Frontiers
from kpisdk.engine.interval_plans import SamplingOf, plan_of_calculator, plan_of_metric
from kpisdk.engine.measure_queries import tiles_of
from kpisdk.engine.measure_sets import MeasureSet
from kpisdk.engine.refusals import RefusalError, as_refusals
from kpisdk.engine.request_slicing import Join, RequestSlicing, Sliced
from kpisdk.engine.resolution import (
    Refused,
    ResolvedCalculator,
    ResolvedKpi,
    ResolvedMetric,
    ResolvedOption,
    answering_tables,
)
from kpisdk.engine.source_probes import SourceProbes, require_alike
from kpisdk.engine.unnamed_reads import UnnamedReads
from kpisdk.planner.planning import uses_as_of
from kpisdk.planner.slicing import SliceValueError, UnsupportedSliceError
from kpisdk.windows import Everything


@attrs.frozen
class OptionResolver:
    """Settles options: asks their records, the source's tables and its newest rows, once each."""

    request: Request
    now: datetime
    catalog: Catalog
    frontiers: Frontiers
    probes: SourceProbes
    slicing: RequestSlicing
    disputed: Callable[..., str | None]
    sampling_of: SamplingOf
    unnamed: UnnamedReads

    def resolved(self, kpi: ResolvedKpi, option: Option) -> Refused | ResolvedOption:
        """An option of a KPI (of which all but the options is settled)."""
        attempt = _Attempt(self, kpi, option)
        try:
            return attempt.resolved()
        except RefusalError as error:
            return attempt.refused(error.estimate)


class _Attempt:
    """One option on its way: what was settled of it before it was refused is reported with that."""

    def __init__(self, resolver: OptionResolver, kpi: ResolvedKpi, option: Option) -> None:
        self.resolver, self.kpi, self.option = resolver, kpi, option
        self.frame_inputs: tuple[FrameInput, ...] = ()
        self.time: EvaluationTime | None = None

    def refused(self, estimate: Estimate) -> Refused:
        """The option, with why it cannot answer."""
        return Refused(
            option=self.option,
            estimate=estimate,
            frame_inputs=self.frame_inputs,
            time=self.time,
            answered_by=answering_tables(self.kpi.kpi, self.option, self.frame_inputs),
        )

    def resolved(self) -> ResolvedOption:
        """The option, settled.

        Raises:
            RefusalError: it cannot answer.
        """
        calculation = self.option.calculation
        if isinstance(calculation, Calculator):
            return self._calculator(calculation)
        return self._metric(MeasureSet.of(calculation))

    def _metric(self, metric: MeasureSet) -> ResolvedMetric:
        rule, timed = self._rule(), self._timed(metric.relations)
        sliced = list(dict.fromkeys((each.relation, each.across) for each in metric.own.values()))
        columns = columns_of_measures(
            metric.own.values(), windowed=rule is not None, sliced=self.resolver.slicing.columns
        )
        self._require(columns, timed, is_needed=rule is not None or self._names_instant(metric))
        self._require_slices(sliced)
        time = self._time(rule, timed, metric.relations)
        return ResolvedMetric(
            option=self.option,
            rule=rule,
            timed=timed,
            time=time,
            intervals=plan_of_metric(
                self.resolver.sampling_of(self.kpi.id, self.option),
                metric,
                self.kpi.kpi.possible,
                self.resolver.request,
                self.resolver.catalog.table,
                rule,
                time,
                self.kpi.timeout,
            ),
            relations=metric.relations,
            joins=self._joins(sliced),
            answered_by=answering_tables(self.kpi.kpi, self.option, ()),
            metric=metric,
        )

    def _calculator(self, calculator: Calculator) -> ResolvedCalculator:
        relations = relations_of(calculator)
        timed, rule = self._inputs(calculator, relations, self._rule())
        sliced: list[Sliced] = [(each.relation, ()) for each in self.frame_inputs if each.sliced]
        columns = columns_of_inputs(
            self.frame_inputs, windowed=rule is not None, sliced=self.resolver.slicing.columns
        )
        self._require(columns, timed, is_needed=rule is not None)
        self._require_cut(sliced)
        time = self._time(rule, timed, ())
        return ResolvedCalculator(
            option=self.option,
            rule=rule,
            timed=timed,
            time=time,
            intervals=plan_of_calculator(
                self.resolver.sampling_of(self.kpi.id, self.option),
                self.kpi.kpi.possible,
                self.resolver.request,
                [each for each in self.frame_inputs if each.name in calculator.units],
                self.resolver.catalog.table,
                rule,
                time,
            ),
            relations=relations,
            joins=self._joins(sliced),
            answered_by=answering_tables(self.kpi.kpi, self.option, self.frame_inputs),
            calculator=calculator,
            frame_inputs=self.frame_inputs,
        )

    def _rule(self) -> WindowRule | None:
        """The window where the request gives none; moved back by what follows its rows."""
        rule, follow_up = self.option.window or self.kpi.kpi.window, self.kpi.kpi.follow_up
        wait = 0 if follow_up is None else follow_up.wait(self.kpi.settings)
        return Matured(rule, wait) if rule is not None and wait else rule

    def _timed(self, relations: Iterable[Relation]) -> Dataset | None:
        """The dataset whose time column the windows refer to."""
        kpi = self.kpi.kpi
        if kpi.time_of is not None:
            return kpi.time_of
        bases = (relation.base for relation in relations)
        return next((each for each in bases if each.time is not None), kpi.time_dataset)

    def _inputs(
        self, calculator: Calculator, relations: Iterable[Relation], rule: WindowRule | None
    ) -> tuple[Dataset | None, WindowRule | None]:
        """Let a calculator name its inputs; the dataset and the default window of their time."""
        resolver, kpi = self.resolver, self.kpi.kpi
        timed = self._timed(relations)
        if kpi.time_of is None and not calculator.inputs and not calculator.relation:
            timed = None  # it reads nothing of the source, so no window applies to what it finds
        self.frame_inputs = named_inputs(self.kpi, calculator, resolver.catalog, resolver.unnamed)
        read = {each.name for used in self.frame_inputs for each in datasets_of(used.relation)}
        if callable(calculator.inputs) and timed is not None and timed.name not in read:
            timed = timed_by_rows(kpi, self.frame_inputs, resolver.request)
            return timed, None if timed is None else Everything()  # all rows, if no window is given
        return timed, rule

    def _names_instant(self, metric: MeasureSet) -> bool:
        """Whether a measure names the instant, and that is the newest row's."""
        if self.resolver.request.as_of is not None or self.kpi.kpi.clock:
            return False
        return any(map(uses_as_of, metric.own.values()))

    def _require(self, required: Columns, timed: Dataset | None, *, is_needed: bool) -> None:
        """Refuse what the source lacks of tables, columns and types, all of it at once.

        Args:
            required: what the calculation reads.
            timed: the dataset of the windows.
            is_needed: whether its time column is needed.
        """
        column = None if timed is None else timed.time_column
        if timed is not None and column is not None and is_needed:
            required.setdefault(timed.name, {})[column.name] = column.type
        needed, base = self.kpi.kpi.requires, self.kpi.kpi.own_base
        if (
            needed is not None
            and base is not None
            and needed.column in self.resolver.slicing.columns
        ):
            own = {column.name: column.type for column in base.columns}
            if needed.column in own:  # it is no slice that the KPI could do without
                required.setdefault(base.name, {})[needed.column] = own[needed.column]
        faults = self.resolver.catalog.faults(required)
        if faults:
            message = "; ".join(fault.message for fault in faults)
            raise RefusalError.of(first_reason(faults), f"{message}.")

    def _require_cut(self, sliced: list[Sliced]) -> None:
        """Refuse a slice or a trend of a calculator that reads nothing which could be cut so."""
        name, kpi, request = self.option.name, self.kpi.kpi, self.resolver.request
        is_cut = any(each.sliced and each.windowed for each in self.frame_inputs)
        if request.grain is not None and not is_cut:
            where = f"The source {name!r} of {kpi.id}" if name else kpi.id
            what = f"{where} holds one figure for the whole, and none for a {request.grain.value}."
            raise RefusalError.of(Reason.UNSUPPORTED_SLICE, what)
        column = next(iter(self.resolver.slicing.columns), None)
        if column is not None and not sliced:
            # Nothing that it reads could be cut to the slice: it would answer for the whole.
            raise self._unsupported(column, f"the source {name!r} holds one figure for the whole")
        self._require_slices(sliced)

    def _require_slices(self, sliced: Iterable[Sliced]) -> None:
        """Refuse a slice that a relation does not carry."""
        for relation, across in sliced:
            try:
                found = self.resolver.slicing.of(relation, across)
            except SliceValueError as error:
                raise RefusalError.of(Reason.UNSUPPORTED_SLICE, error.message) from error
            if isinstance(found, str):
                raise self._unsupported(found)

    def _unsupported(self, column: str, why: str = "") -> RefusalError:
        supported = self.resolver.slicing.supported(self.kpi.kpi)
        refused = UnsupportedSliceError(self.kpi.id, column, supported, why)
        return RefusalError.of(Reason.UNSUPPORTED_SLICE, refused.message)

    def _time(
        self, rule: WindowRule | None, timed: Dataset | None, relations: Iterable[Relation]
    ) -> EvaluationTime:
        """The instant and the windows, and the buckets of a trend.

        Args:
            rule: the window where the request gives none.
            timed: the dataset whose time column the windows refer to.
            relations: what the measures of a metric run over.
        """
        request, frontiers = self.resolver.request, self.resolver.frontiers
        with as_refusals():
            time = evaluation_time(self.kpi.kpi, rule, timed, request, frontiers, self.resolver.now)
            self.time = time
            time.rows()
            if request.grain is not None and timed is not None:
                tiles = tiles_of(time, timed, relations, frontiers, request.grain)
                self.time = time = attrs.evolve(time, tiles=tiles)
        return time

    def _joins(self, sliced: Iterable[Sliced]) -> frozenset[Join]:
        """The joins that the slice needs.

        Raises:
            RefusalError: through a table whose key is not unique or of another type, or by a column
                that plugins declare differently.
        """
        resolver, kpi_id = self.resolver, self.kpi.id
        sliced = tuple(sliced)
        joins = resolver.slicing.joins(sliced)
        with as_refusals():
            for base, via, name in sorted(joins):
                table = resolver.catalog.table(name)
                require_alike(kpi_id, resolver.catalog.table(base), via, table)
                resolver.probes.require_unique(kpi_id, table)
        for relation, each in resolver.slicing.dimensions(sliced):
            dataset, by_key = each.table or relation.base.name, each.table is not None
            why = resolver.disputed(dataset, each.name, by_key=by_key)
            if why is not None:
                message = f"{kpi_id} cannot be sliced by {each.name!r}: {why}"
                raise RefusalError.of(Reason.CONFLICTING_DEFINITIONS, message)
        return joins

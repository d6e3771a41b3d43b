"""How the values of an option get their intervals in one request: settled before anything is read.

What the record and the settings say that rows are a sample of meets what the request wants and what
the source's tables have.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

import attrs

from kpisdk.contracts.calculators import FrameInput
from kpisdk.contracts.certainty import Intervals
from kpisdk.contracts.estimates import Estimate, Note
from kpisdk.contracts.measures import Measure
from kpisdk.contracts.metric_protocol import Values
from kpisdk.contracts.plans import UnitColumn
from kpisdk.contracts.relations import Derived, Relation
from kpisdk.contracts.requests import Request
from kpisdk.contracts.sampling import ROW, Sampling, SamplingKind, sample
from kpisdk.contracts.time_windows import WindowRule
from kpisdk.contracts.value_ranges import ValueRange
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.engine.evaluation_time import EvaluationTime
from kpisdk.engine.intervals.claims import measured, one_growing_window, repeated, stricter
from kpisdk.engine.intervals.interval_figures import Figure, KnownFigure
from kpisdk.engine.intervals.limits import holds
from kpisdk.engine.intervals.metric_intervals import MetricIntervals, MomentsRead, no_interval
from kpisdk.engine.measure_sets import MeasureSet
from kpisdk.sql.relation_rows import Tables
from kpisdk.sql.unit_buckets import unit_column
from kpisdk.sql.unit_parts import share_statement
from kpisdk.statistics import LEVEL

UNIT_UNKNOWN = "unit_unknown"
"""The warning of an interval by rows where the source lacks the column of the units."""

WITHOUT_UNIT = "rows_without_unit"
"""The note of rows whose unit is NULL."""


@attrs.frozen(kw_only=True)
class IntervalPlan:
    """How the values of an option get their intervals.

    Attributes:
        sampling: what the rows are taken as a sample of: by rows where the unit is not known, or
            the request wants it so.
        possible: the values that the KPI can have.
        reason: why there is no interval whatever is read; ``None`` where there may be one.
        units: the column of the units in each relation; empty where each row is a unit.
        note: the warning that goes with every value.
        figures: how the metric gets them; ``None`` for a calculator, which makes its own.
        accumulates: whether all looks are at one window that grows; ``None`` for a single look.
    """

    sampling: Sampling
    possible: ValueRange
    reason: IntervalReason | None = None
    units: Mapping[Relation, UnitColumn] = attrs.field(factory=dict)
    note: Note | None = None
    figures: MetricIntervals | None = None
    accumulates: bool | None = None

    def level(self, units: float | None) -> float:
        """The confidence of a single interval, for so many units."""
        if self.accumulates is None:
            return LEVEL
        return stricter(units, accumulates=self.accumulates)(LEVEL)

    @property
    def names(self) -> Container[str]:
        """The measures whose moments are needed."""
        return () if self.figures is None else self.figures.names

    def ranks(self, values: Values, moments: MomentsRead) -> Mapping[str, Measure]:
        """What a quantile's interval needs read, in the place of the metric's own such measures."""
        if self.figures is None or self.reason is not None:
            return {}
        return self.figures.ranks(values, moments, self.level(_units(moments, values.get("n"))))

    def nearest(self, values: Values) -> Mapping[str, Measure]:
        """What a quantile's interval needs read where its ranks hold the quantile itself."""
        return {} if self.figures is None or self.reason else self.figures.nearest(values)

    def of_metric(self, made: Estimate, values: Values, moments: MomentsRead) -> Estimate:
        """The estimate of a cell with its interval, or the reason why it has none.

        Args:
            made: what the metric made of the values.
            values: the measure values of the cell.
            moments: of its units; ``None`` where each row is one.
        """
        if made.value is None:
            return made
        if self.reason is not None or self.figures is None:
            return measured(made, self.reason or IntervalReason.UNDEFINED, self.possible)
        units = _units(moments, made.n)
        level = self.level(units)
        found = self.figures.figure(made, values, moments, level)
        if self.accumulates is not None:
            found = repeated(found, stricter(units, accumulates=self.accumulates))
        named = made.interval is not None and made.interval.unit != ROW
        label = None if named else self.sampling.label
        return self._with_notes(measured(made, found, self.possible, label), moments)

    def of_given(self, made: Estimate) -> Estimate:
        """A value that the KPI's definition gives for a slice which was not named."""
        return measured(made, self.reason or IntervalReason.UNDEFINED, self.possible)

    def of_calculator(self, made: Estimate, units: Mapping[str, Any]) -> Estimate:
        """An estimate that a calculator made, with its own interval where it may have one.

        Of a stored figure it has one only where bounds are stored with it.

        Args:
            made: the estimate.
            units: the units of the rows that it was made of, by input, where they were read.
        """
        if made.value is None:
            return made
        is_stored = self.sampling.kind is SamplingKind.STORED
        if self.reason is not None and not (is_stored and made.interval is not None):
            return attrs.evolve(made, interval=None, interval_reason=self.reason)
        read = [each for each in units.values() if each is not None]
        unknown = max((int(each.isna().sum()) for each in read), default=0)
        made = made.with_notes(*self._notes(unknown))
        if made.interval is None:
            reason = made.interval_reason or IntervalReason.UNDEFINED
            return attrs.evolve(made, interval_reason=reason)
        if made.value is None or not holds(made.interval, made.value):
            return made  # a plugin's mistake: mended it would look right, and its contract shows it
        figure: Figure | IntervalReason = KnownFigure(made.value, made.interval)
        if self.accumulates is not None:
            counted = max((int(each.nunique() + each.isna().sum()) for each in read), default=0)
            figure = repeated(figure, stricter(counted or made.n, accumulates=self.accumulates))
        is_named = made.interval.unit != ROW or not self.units
        label = None if is_named else self.sampling.label
        return measured(made, figure, self.possible, label)

    def _with_notes(self, made: Estimate, moments: MomentsRead) -> Estimate:
        read = moments if isinstance(moments, tuple) else ()
        notes = self._notes(max((each.unknown for each in read), default=0))
        return made.with_notes(*notes) if notes else made

    def _notes(self, unknown: int) -> tuple[Note, ...]:
        """The warning that goes with every value, and the note of so many rows without a unit."""
        notes = () if self.note is None else (self.note,)
        if not unknown:
            return notes
        what = f"{unknown} row(s) have no {self.sampling.unit}: each is a unit of its own."
        return (*notes, Note(WITHOUT_UNIT, what))


def plan_of_metric(
    sampling: Sampling,
    metric: MeasureSet,
    possible: ValueRange,
    request: Request,
    tables: Tables,
    rule: WindowRule | None,
    time: EvaluationTime,
    timeout: float,
) -> IntervalPlan:
    """The plan of a metric.

    Args:
        sampling: what the record or the settings say.
        metric: its measures.
        possible: the values that the KPI can have.
        request: which intervals it wants.
        tables: the source's tables.
        rule: the window of the option where the request gives none.
        time: the instant and windows.
        timeout: seconds that a plugin's formula may take.
    """
    reason = no_interval(sampling, request.intervals)
    if reason is not None:
        return IntervalPlan(sampling=sampling, possible=possible, reason=reason)
    figures = MetricIntervals.of(metric.metric, metric.own, possible, sampling, timeout)
    note, units = None, dict[Relation, UnitColumn]()
    if sampling.unit is not None and request.intervals is Intervals.ROW:
        sampling = sample()
    if sampling.unit is not None:
        needed = [metric.own[name] for name in figures.names]
        relations = tuple(dict.fromkeys(each.relation for each in needed))
        found = {
            each: unit_column(each, sampling.unit, tables, by_day=sampling.by_day)
            for each in relations
        }
        units = {relation: unit for relation, unit in found.items() if unit is not None}
        if len(units) < len(relations):
            note, units = _unknown(sampling, [each for each in relations if each not in units]), {}
            sampling = sample()
        elif not all(map(share_statement, _by_relation(needed))):
            # Two kinds of things are counted at once, or a rank: no moments tell how they vary.
            return IntervalPlan(
                sampling=sampling, possible=possible, reason=IntervalReason.UNDEFINED
            )
    looked_at = request.window or rule
    return IntervalPlan(
        sampling=sampling,
        possible=possible,
        units=units,
        note=note,
        figures=figures,
        accumulates=one_growing_window(looked_at, time.as_of) if request.repeated else None,
    )


def plan_of_calculator(
    sampling: Sampling,
    possible: ValueRange,
    request: Request,
    by_unit: Sequence[FrameInput],
    tables: Tables,
    rule: WindowRule | None,
    time: EvaluationTime,
) -> IntervalPlan:
    """The plan of a calculator, which makes its own intervals.

    Args:
        sampling: what the record or the settings say.
        possible: the values that the KPI can have.
        request: which intervals it wants.
        by_unit: the inputs whose units the calculator takes from the engine.
        tables: the source's tables.
        rule: the window of the option where the request gives none.
        time: the instant and windows.
    """
    reason = no_interval(sampling, request.intervals)
    note, units = None, dict[Relation, UnitColumn]()
    if reason is None and sampling.unit is not None and by_unit:
        if request.intervals is Intervals.ROW:
            sampling = sample()
        else:
            relations = tuple(dict.fromkeys(each.relation for each in by_unit))
            units, missing = _unit_columns(sampling, relations, tables)
            if missing:
                note, units, sampling = _unknown(sampling, missing), {}, sample()
    looked_at = request.window or rule
    return IntervalPlan(
        sampling=sampling,
        possible=possible,
        reason=reason,
        units=units,
        note=note,
        accumulates=one_growing_window(looked_at, time.as_of) if request.repeated else None,
    )


def _unit_columns(
    sampling: Sampling, relations: Sequence[Relation], tables: Tables
) -> tuple[dict[Relation, UnitColumn], list[Relation]]:
    """The column of the units of each input, and the relations that do not reach it.

    A relation whose rows are groups counts the units of its base.
    """
    found, missing = dict[Relation, UnitColumn](), list[Relation]()
    for relation in relations:
        is_grouped = isinstance(relation, Derived) and relation.grouped
        read = relation.base if is_grouped else relation
        unit = unit_column(read, sampling.unit or "", tables, by_day=sampling.by_day)
        if unit is None:
            missing.append(read)
        else:
            found[relation] = unit
    return found, missing


def _by_relation(measures: Sequence[Measure]) -> list[list[Measure]]:
    found: dict[tuple[Relation, tuple[str, ...]], list[Measure]] = {}
    for each in measures:
        found.setdefault((each.relation, each.across), []).append(each)
    return list(found.values())


def _unknown(sampling: Sampling, relations: Sequence[Relation]) -> Note:
    names = ", ".join(dict.fromkeys(repr(each.name) for each in relations))
    message = (
        f"{names} has no column {sampling.unit!r}, whose values are the units: the interval takes "
        "every row for independent, and is too narrow where a unit has several. Map the column, or "
        "name another unit in the settings."
    )
    return Note(UNIT_UNKNOWN, message)


def _units(moments: MomentsRead, rows: float | None) -> float | None:
    """How many units stand behind a value; its rows, where each of them is one."""
    if isinstance(moments, tuple):
        return max((each.units or each.buckets for each in moments), default=None)
    return rows


SamplingOf = Callable[..., Sampling]
"""What an option's rows are a sample of, by the KPI's id and the option."""

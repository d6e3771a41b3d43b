"""The interval of a cell's value: by units from its moments, or by rows where each is one.

:class:`MetricIntervals` is made once per metric and used for every cell::

    intervals = MetricIntervals.of(metric, measures, kpi.possible, sampling)
    reader = PartsReader([labels], measures)       # the labels of the measures in the statement
    moments = reader.read([of_the_cell])           # None in its place: each row is a unit
    later = intervals.ranks(values, moments)       # measures to read first: a median's ranks
    figure = intervals.figure(made, {**values, **read}, moments)
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from kpisdk.contracts.certainty import Intervals
from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.expression_tree import Expression
from kpisdk.contracts.measures import Aggregate, Measure
from kpisdk.contracts.metric_protocol import Metric, Values
from kpisdk.contracts.metrics import Lift, Mean, Median, Ratio
from kpisdk.contracts.plain_metrics import Simple
from kpisdk.contracts.sampling import ROW, Sampling, SamplingKind
from kpisdk.contracts.unit_moments import Number, UnitMoments
from kpisdk.contracts.value_ranges import ValueRange
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.engine.failures import is_ours
from kpisdk.engine.intervals.formula_figures import FormulaFigures
from kpisdk.engine.intervals.interval_figures import Figure, KnownFigure
from kpisdk.engine.intervals.metric_shapes import (
    OurMetric,
    is_additive,
    is_share_of_whole,
    our_metric,
)
from kpisdk.engine.intervals.moment_parts import CellMoments, joined, part
from kpisdk.engine.intervals.row_figures import ranked_figure, row_figure, row_ranks
from kpisdk.engine.intervals.standard_figures import (
    lift_figure,
    mean_figure,
    quantile_ranks,
    quotient_figure,
    share_figure,
)
from kpisdk.errors import KpisdkError
from kpisdk.quarantine import PluginFaultError, contained
from kpisdk.statistics import LEVEL, Formula

_EQUAL = 1e-9
"""Values that differ by no more than this, relative, differ by rounding."""

MomentsRead = CellMoments | IntervalReason | None
"""The moments of a cell by a metric's names, or why there are none; ``None``: rows are units."""


def no_interval(sampling: Sampling, intervals: Intervals) -> IntervalReason | None:
    """Why values of such a sampling have no interval whatever was read; ``None`` where they may."""
    if sampling.kind is SamplingKind.CENSUS:
        return IntervalReason.CENSUS
    if sampling.kind is SamplingKind.STORED:
        return IntervalReason.STORED
    return IntervalReason.NOT_ASKED if intervals is Intervals.NONE else None


@attrs.define
class MetricIntervals:
    """How the values of one metric get their intervals.

    Attributes:
        metric: the formula.
        measures: its measures by name, without the numbers of rows.
        possible: the values that the KPI can have.
        by_day: whether units are calendar days.
        timeout: seconds that a plugin's formula may take per cell.
        ours: the metric of ours that it is or holds, which decides on the method.
        formulas: the figures of the formula as it is, where it is none of ours.
    """

    metric: Metric
    measures: Mapping[str, Measure]
    possible: ValueRange
    by_day: bool
    timeout: float | None
    ours: OurMetric | None
    formulas: FormulaFigures

    @classmethod
    def of(
        cls,
        metric: Metric,
        measures: Mapping[str, Measure],
        possible: ValueRange,
        sampling: Sampling,
        timeout: float | None = None,
    ) -> MetricIntervals:
        """What depends on the metric alone, worked out once.

        Args:
            metric: of the option that answers.
            measures: its own measures by name (``MeasureSet.own``).
            possible: ``Kpi.possible``.
            sampling: what the rows are a sample of.
            timeout: seconds that a plugin's formula may take per cell.
        """
        limits = (possible.low, possible.high)
        return cls(
            metric,
            measures,
            possible,
            sampling.by_day,
            timeout,
            our_metric(metric, measures),
            FormulaFigures(metric.estimate, measures, limits, sampling.by_day),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The measures whose moments are needed: those of the metric of ours, or else all.

        What a plugin counts for details and warnings only would be multiplied with everything.
        """
        match self.ours:
            case None:
                return tuple(self.measures)
            case Mean():
                return ("mean",)
            case Median():
                return ("median",)
            case Ratio() if self._is_of_totals(self.ours):
                return ("numerator", "denominator")
        return tuple(self.ours.measures())

    def ranks(
        self, values: Values, moments: MomentsRead, level: float = LEVEL
    ) -> Mapping[str, Measure]:
        """The measures to read before a quantile has an interval, named ``low`` and ``high``.

        They take the place of the metric's own later measures of those names.

        Args:
            values: the measure values of the cell.
            moments: of the cell.
            level: of the interval that is wanted.
        """
        found = self._quantile()
        if found is None:
            return {}
        name, measure = found
        q = measure.q or 0.5
        levels: tuple[float, float] | IntervalReason | None = None
        if isinstance(moments, tuple):
            levels = quantile_ranks(joined(moments), name, q, level)
        elif moments is None and isinstance(self.ours, Median):
            levels = row_ranks(int(values["n"] or 0), level)
        if levels is None or isinstance(levels, IntervalReason):
            return {}
        rank = attrs.evolve(measure, aggregate=Aggregate.RANK)
        return {
            end: attrs.evolve(rank, q=each)
            for end, each in zip(("low", "high"), levels, strict=True)
        }

    def nearest(self, values: Values) -> Mapping[str, Measure]:
        """What to read where both ranks hold the quantile itself, as they do of whole days.

        The values next to it, named ``low`` and ``high``: the true quantile lies between them, and
        an interval without width would say that it is known.

        Args:
            values: the measure values of the cell, those of :meth:`ranks` among them.
        """
        found, low = self._quantile(), values.get("low")
        if found is None or low is None or low != values.get("high"):
            return {}
        measure = found[1]
        if measure.value is None:
            return {}
        below: Expression = measure.value < low
        above: Expression = measure.value > low
        if measure.where is not None:
            below, above = measure.where & below, measure.where & above
        plain = attrs.evolve(measure, q=None, aggregate=Aggregate.MIN)
        return {
            "low": attrs.evolve(plain, aggregate=Aggregate.MAX, where=below),
            "high": attrs.evolve(plain, where=above),
        }

    def figure(
        self, made: Estimate, values: Values, moments: MomentsRead, level: float = LEVEL
    ) -> Figure | IntervalReason:
        """The figure of a cell, whose interval can be asked for at any level, or why it has none.

        Args:
            made: the estimate of the cell; an interval that names a unit of its own stands.
            values: its measure values, those of :meth:`ranks` among them.
            moments: of the cell.
            level: the level that :meth:`ranks` was asked for.
        """
        if made.value is None or made.interval_reason is not None:
            return made.interval_reason or IntervalReason.UNDEFINED
        if made.interval is not None and made.interval.unit != ROW:
            return KnownFigure(made.value, made.interval)
        if isinstance(moments, IntervalReason):
            return moments
        ours = self.ours if self._is_value_of_ours(made.value, values) else None
        if moments is None:
            return row_figure(ours, made, values, level)
        return self._by_unit(ours, made, values, moments, level)

    def influence(self, values: Values) -> Formula:
        """What moves as the value does, from the parts: for its correlation with another figure.

        Of a mean the mean deviation, of a quantile the share of rows below it.
        """
        quantile = self._quantile()
        if isinstance(self.ours, Mean):
            return _quotient_of(part("mean", "_e"), part("mean", "_n"))
        if quantile is not None:
            return _quotient_of(part(quantile[0], "_below"), part(quantile[0], "_n"))
        if isinstance(self.ours, Ratio) and self._is_of_totals(self.ours):
            return _quotient_of(part("numerator"), part("denominator"))
        return self.formulas.formula(values)

    def _by_unit(
        self,
        ours: OurMetric | None,
        made: Estimate,
        values: Values,
        moments: CellMoments,
        level: float,
    ) -> Figure | IntervalReason:
        if not any(each.buckets for each in moments):
            return IntervalReason.TOO_FEW_UNITS
        found = None
        if ours is not None and made.value is not None:
            found = self._standard(ours, made.value, values, moments, level)
        return self._by_formula(made, values, moments) if found is None else found

    def _standard(
        self, ours: OurMetric, value: float, values: Values, moments: CellMoments, level: float
    ) -> Figure | IntervalReason | None:
        """By the method of a metric of ours; ``None`` where it is the one for formulas."""
        if self._quantile() is not None:
            return ranked_figure(value, values, level, "woodruff")
        match ours:
            case Mean():
                return mean_figure(moments[0], value, "mean")
            case Lift():
                return lift_figure(moments[0], value)
            case Ratio() if self._is_of_totals(ours):
                if len(moments) == 1 or is_share_of_whole(ours):
                    return self._quotient(ours, joined(moments))
        return None

    def _quotient(self, ratio: Ratio, moments: UnitMoments) -> Figure | IntervalReason:
        top, bottom = part("numerator"), part("denominator")
        if ratio.numerator.aggregate.is_count and ratio.denominator.aggregate.is_count:
            return share_figure(moments, top, bottom, (self.possible.low, self.possible.high))
        return quotient_figure(moments, top, bottom)

    def _by_formula(
        self, made: Estimate, values: Values, moments: CellMoments
    ) -> Figure | IntervalReason:
        if is_ours(self.metric):
            return self.formulas.figure(made, values, moments)
        try:
            return contained(lambda: self.formulas.figure(made, values, moments), self.timeout)
        except (PluginFaultError, KpisdkError):
            return IntervalReason.UNDEFINED

    def _quantile(self) -> tuple[str, Measure] | None:
        """The quantile that the value is, with its name."""
        match self.ours:
            case Median():
                return "median", self.measures["median"]
            case Simple() if self.ours.measure.aggregate is Aggregate.QUANTILE:
                return "value", self.ours.measure
        return None

    def _is_of_totals(self, ratio: Ratio) -> bool:
        return is_additive(ratio.numerator) and is_additive(ratio.denominator)

    def _is_value_of_ours(self, value: float, values: Values) -> bool:
        """Whether what holds a metric of ours has left its value alone."""
        if self.ours is None or self.ours is self.metric:
            return True
        own = self.ours.estimate(values).value
        return own is not None and abs(own - value) <= _EQUAL * abs(value)


def _quotient_of(top: str, bottom: str) -> Formula:
    def formula(parts: Mapping[str, Number]) -> float | None:
        return parts[top] / parts[bottom] if parts[bottom] else None

    return formula

"""Helper views: what a KPI puts into a view of the source that holds its value ready to read.

A view is made from the metrics that compute the KPIs, so that there is one definition. Each KPI
that names a view gives it one column; several KPIs may share a view over one table.
"""

from __future__ import annotations

from typing import Any

import attrs

from kpisdk.contracts.datasets import NAME_PATTERN
from kpisdk.contracts.metric_protocol import Metric
from kpisdk.contracts.metrics import Mean, Median, Ratio
from kpisdk.contracts.plain_metrics import Simple
from kpisdk.contracts.time_windows import WindowRule
from kpisdk.errors import Problem


@attrs.frozen
class ViewFigure:
    """One column of figures: a quotient of the KPI's own measures.

    The column holds ``sum(measures) / sum(over) / factor``; without ``over`` there is no division,
    and in a sum of several, measures without a value are left out. ``window`` replaces the KPI's
    own (the users of one day beside those of a month).
    """

    column: str
    measures: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    factor: float = 1.0
    window: WindowRule | None = None


@attrs.frozen
class Breakdown:
    """Further rows of a view: its figures for each value of some columns.

    ``columns`` are slice columns of the KPI's table; ``month`` names one more, the first day of the
    calendar month of its time column. Only rows that have a value in every one of them form a
    breakdown row: the row without values is the headline, which counts all. ``metric`` stands in
    for the KPI's own where that is bound to one of the values (measures by the same names);
    ``whole`` takes all rows up to now instead of the KPI's window.
    """

    columns: tuple[str, ...] = ()
    month: str | None = None
    metric: Metric | None = None
    whole: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Its columns in the view, the month last."""
        return self.columns if self.month is None else (*self.columns, self.month)


@attrs.frozen
class ViewColumn:
    """A helper view's column that holds the KPI's headline, and the factor to the KPI's unit.

    ``measures`` and ``over`` say which measures of the KPI's metric make the column; they go
    without saying for a ratio, a mean, a median and a single measure. ``beside`` are further
    columns, ``breakdowns`` further rows.
    """

    view: str
    column: str
    factor: float = 1.0
    measures: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    beside: tuple[ViewFigure, ...] = ()
    breakdowns: tuple[Breakdown, ...] = ()

    def headline(self, metric: Metric) -> ViewFigure:
        """The column of the KPI's own value, as a figure."""
        measures, over = (self.measures, self.over) if self.measures else parts_of(metric)
        return ViewFigure(self.column, measures, over, self.factor)

    def faults(self, calculation: Any) -> list[Problem]:
        """What of it does not fit the calculation that it belongs to."""
        if not hasattr(calculation, "measures"):
            return [Problem("view", "needs a metric; what a calculator makes is in no view")]
        known = calculation.measures()
        headline = self.headline(calculation)
        figures = (headline, *self.beside)
        names = [figure.column for figure in figures]
        names += [name for breakdown in self.breakdowns for name in breakdown.names]
        problems = [
            Problem("view", f"{name!r} is not snake case")
            for name in (self.view, *dict.fromkeys(names))
            if not NAME_PATTERN.fullmatch(name)
        ]
        if not headline.measures:
            problems.append(Problem(f"view.{self.column}", "say which measures make it"))
        problems += [
            Problem(f"view.{figure.column}", f"{name!r} is not one of {', '.join(known)}")
            for figure in figures
            for name in (*figure.measures, *figure.over)
            if name not in known
        ]
        problems += [
            Problem("view.breakdowns", f"the metric of {', '.join(each.names)} has other measures")
            for each in self.breakdowns
            if each.metric is not None and set(each.metric.measures()) != set(known)
        ]
        return problems


def parts_of(metric: Metric) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The measures that a metric's value is the quotient of; none where that must be said."""
    if isinstance(metric, Ratio):
        return ("numerator",), ("denominator",)
    if isinstance(metric, Simple):
        return ("value",), ()
    if isinstance(metric, Mean):
        return ("mean",), ()
    return (("median",), ()) if isinstance(metric, Median) else ((), ())

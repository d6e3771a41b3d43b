"""The columns of a helper view, from the KPIs that share it."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from kpisdk.contracts.calculators import Calculator, FirstOf
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.metric_protocol import Metric
from kpisdk.contracts.time_windows import WindowRule
from kpisdk.contracts.view_columns import Breakdown, ViewColumn, ViewFigure
from kpisdk.engine.measure_sets import with_rows
from kpisdk.sql.aggregates import can_stand_in_view


@attrs.frozen
class Figure:
    """One column of a view: which measures of which KPI, in which window."""

    kpi: Kpi
    metric: Metric
    figure: ViewFigure

    @property
    def column(self) -> str:
        """Its name."""
        return self.figure.column

    @property
    def window(self) -> WindowRule | None:
        """Its own window, or the KPI's."""
        return self.figure.window or self.kpi.default_window

    @property
    def needed(self) -> tuple[str, ...]:
        """The measures that it is made of."""
        return (*self.figure.measures, *self.figure.over)


@attrs.frozen
class HelperView:
    """A view, and the KPIs that put their columns into it."""

    name: str
    kpis: tuple[Kpi, ...]

    @property
    def breakdowns(self) -> tuple[Breakdown, ...]:
        """The breakdowns of all of its KPIs, equal ones once."""
        return tuple(dict.fromkeys(each for kpi in self.kpis for each in column_of(kpi).breakdowns))

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of its breakdown columns: NULL in the headline row."""
        return tuple(dict.fromkeys(name for each in self.breakdowns for name in each.names))

    def figures(self, dialect: str) -> tuple[Figure, ...]:
        """Its figures, and the measures behind each headline; not what the engine cannot say."""
        found: dict[str, Figure] = {}
        for kpi in self.kpis:
            behind = [ViewFigure(name, (of,)) for of, name in behind_columns(kpi).items()]
            for figure in (*_own(kpi), *behind):
                found.setdefault(figure.column, Figure(kpi, metric_of(kpi), figure))
        return tuple(each for each in found.values() if _is_sayable(each, dialect))

    def left_out(self, dialect: str) -> tuple[str, ...]:
        """The headlines, and the columns beside them, that the engine cannot say."""
        there = {each.column for each in self.figures(dialect)}
        named = [figure.column for kpi in self.kpis for figure in _own(kpi)]
        return tuple(name for name in named if name not in there)


def helper_views(kpis: Iterable[Kpi]) -> tuple[HelperView, ...]:
    """The views that KPIs declare, by name."""
    found: dict[str, list[Kpi]] = {}
    for kpi in kpis:
        if kpi.view is not None and not isinstance(kpi.calculation, Calculator | FirstOf):
            found.setdefault(kpi.view.view, []).append(kpi)
    return tuple(HelperView(name, tuple(found[name])) for name in sorted(found))


def column_of(kpi: Kpi) -> ViewColumn:
    """What a KPI puts into its view."""
    assert kpi.view is not None  # noqa: S101 - chosen by it
    return kpi.view


def metric_of(kpi: Kpi) -> Metric:
    """The metric of a KPI that has a view."""
    assert not isinstance(kpi.calculation, Calculator | FirstOf)  # noqa: S101 - chosen by it
    return kpi.calculation


def behind_columns(kpi: Kpi) -> dict[str, str]:
    """The columns that hold the measures of a KPI's metric (and its numbers of rows), by measure.

    From them the value, its interval and its warnings are made as they are from the tables.
    """
    bare = {
        figure.measures[0]: figure.column
        for figure in _own(kpi)
        if len(figure.measures) == 1
        and not figure.over
        and figure.factor == 1
        and figure.window is None
    }
    prefix = column_of(kpi).column
    return {
        name: bare.get(name, f"{prefix}_{name.replace(':', '_').removesuffix('_0')}")
        for name in with_rows(metric_of(kpi))
    }


def _own(kpi: Kpi) -> tuple[ViewFigure, ...]:
    view = column_of(kpi)
    return (view.headline(metric_of(kpi)), *view.beside)


def _is_sayable(figure: Figure, dialect: str) -> bool:
    measures = with_rows(figure.metric)
    return all(can_stand_in_view(measures[name], dialect) for name in figure.needed)

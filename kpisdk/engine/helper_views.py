"""Helper views: from the KPIs that share a view to its columns, its rows and its text.

Everything in a view is planned and compiled by the rooms that compute the KPIs, with the engine's
clock where a request would bind an instant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from kpisdk.contracts.calculators import Calculator, FirstOf
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.measures import Measure
from kpisdk.contracts.metrics import Metric
from kpisdk.contracts.plans import Shape, Slicing
from kpisdk.contracts.relations import datasets_of
from kpisdk.contracts.views import Breakdown, ViewColumn, ViewFigure
from kpisdk.contracts.vocabulary import Grain, LogicalType
from kpisdk.contracts.windows import NewestDay, Window, WindowRule
from kpisdk.engine.asks import with_rows
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.needs import Columns, needed_columns
from kpisdk.errors import KpisdkError, listed
from kpisdk.planner.planning import Need, plan, uses_as_of
from kpisdk.planner.rules import FusionRule
from kpisdk.planner.slices import slicing
from kpisdk.sql import helper_views as select
from kpisdk.sql.moving import FIXED, Moving
from kpisdk.sql.standalone import is_sayable

_RULE = FusionRule(distinct=Shape.FUSED, limit=1000)
"""A view is one statement a kind of row: its measures have one relation, and share its scan."""


@attrs.define(eq=False)
class HelperViewError(KpisdkError):
    """A view that cannot be made on this source."""

    view: str
    why: str

    @property
    def message(self) -> str:
        return f"View {self.view!r} cannot be made: {self.why}."


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
        return self.figure.window or self.kpi.window

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
    return all(is_sayable(measures[name], dialect) for name in figure.needed)


def view_text(view: HelperView, catalog: Catalog) -> str:
    """The select that a view is made of, as text of the source's engine, with its definition.

    Raises:
        HelperViewError: tables or columns are missing, or it takes more than one relation.
        KpisdkError: the engine has no words for something in it.
    """
    faults = catalog.faults(_needs_of_tables(view))
    if faults:
        raise HelperViewError(view.name, "; ".join(fault.message for fault in faults))
    measures = [each for kpi in view.kpis for each in metric_of(kpi).measures().values()]
    if any(map(uses_as_of, measures)):
        raise HelperViewError(view.name, "its figures change with the instant of a request")
    kinds = [_rows(view, None, catalog), *(_rows(view, each, catalog) for each in view.breakdowns)]
    there = [each for each in kinds if each is not None]
    dialect = catalog.session.dialect
    rows = select.view_select(there, _key_types(view, catalog), catalog.table, dialect)
    text = catalog.session.text(rows, standalone=True)
    if FIXED.search(text):
        raise HelperViewError(view.name, "a relation takes the instant of a request as it is")
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"SELECT figures.*, '{digest}' AS {select.DEFINITION} FROM ({text}) AS figures"


def definition_of(text: str) -> str:
    """The definition that a view's text carries."""
    return text.split("'", 2)[1]


def tables_of(view: HelperView, catalog: Catalog) -> tuple[str, ...]:
    """The physical names of the tables that a view reads."""
    read = {
        dataset.name: None
        for kpi in view.kpis
        for measure in metric_of(kpi).measures().values()
        for dataset in datasets_of(measure.relation)
    }
    return tuple(catalog.table(name).physical for name in read)


def _needs_of_tables(view: HelperView) -> Columns:
    needs: Columns = {}
    for kpi in view.kpis:
        windowed = kpi.window is not None
        for name, columns in needed_columns(metric_of(kpi), (), windowed=windowed).items():
            needs.setdefault(name, {}).update(columns)
    return needs


def _rows(
    view: HelperView, breakdown: Breakdown | None, catalog: Catalog
) -> select.ViewRows | None:
    """The headline's kind of row, or a breakdown's; ``None``: the table lacks its columns."""
    figures = view.figures(catalog.session.dialect)
    needs: list[Need] = []
    for each in figures:
        measures = with_rows(each.metric)
        if breakdown is not None and breakdown.metric is not None:
            measures = with_rows(breakdown.metric)
        for name in each.needed:
            sliced = _slicing(measures[name], breakdown, catalog)
            if isinstance(sliced, str):
                return None
            window = _window(each, measures[name], breakdown, catalog)
            used = {used: _default(each.kpi, used) for used in measures[name].parameters}
            owner = (each.column, name)
            needs.append(Need(owner, name, measures[name], sliced, window, Moving.clock(), used))
    planned = plan(needs, _RULE)
    if len(planned.statements) != 1:
        why = listed(statement.why for statement in planned.statements)
        raise HelperViewError(view.name, f"its figures would take several statements ({why})")
    labels = {owner: places[0].label for (owner, _), places in planned.places.items()}
    quotients = {
        each.column: select.Quotient(
            tuple(labels[each.column, name] for name in each.figure.measures),
            tuple(labels[each.column, name] for name in each.figure.over),
            each.figure.factor,
        )
        for each in figures
    }
    if breakdown is None:
        return select.ViewRows(planned.statements[0], quotients)
    return select.ViewRows(planned.statements[0], quotients, breakdown.columns, breakdown.month)


def _slicing(measure: Measure, breakdown: Breakdown | None, catalog: Catalog) -> Slicing | str:
    if breakdown is None:
        return Slicing()
    grain = None if breakdown.month is None else Grain.MONTH
    return slicing(measure.relation, {}, breakdown.columns, grain, catalog.find)


def _default(kpi: Kpi, name: str) -> Any:
    parameter = kpi.parameter(name)
    return None if parameter is None else parameter.default


def _window(
    figure: Figure, measure: Measure, breakdown: Breakdown | None, catalog: Catalog
) -> Window | None:
    if breakdown is not None and breakdown.whole:
        return Window(None, Moving.clock(), "all")
    rule = figure.window
    if isinstance(rule, NewestDay):
        return rule.resolve(select.newest(measure.relation.base, catalog.table))
    return None if rule is None else rule.resolve(Moving.clock())


def _key_types(view: HelperView, catalog: Catalog) -> Mapping[str, LogicalType]:
    measure = next(iter(metric_of(view.kpis[0]).measures().values()))
    table = catalog.table(measure.relation.base.name)
    months = {each.month for each in view.breakdowns}
    found = {}
    for name in view.keys:
        logical = table.type_of(name) if name in table.columns else None
        found[name] = LogicalType.DATE if name in months else logical or LogicalType.TEXT
    return found

"""The select that a helper view is made of, as text: its columns, its rows, its definition.

Everything in a view is planned and compiled by the rooms that compute the KPIs, with the engine's
clock where a request would bind an instant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk.contracts.engine_traits import FusionRule
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.measures import Measure
from kpisdk.contracts.plans import Shape, Slicing
from kpisdk.contracts.relations import datasets_of
from kpisdk.contracts.required_columns import Columns, required_columns
from kpisdk.contracts.time_windows import NewestDay, Window
from kpisdk.contracts.view_columns import Breakdown
from kpisdk.contracts.vocabulary import Grain, LogicalType
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.helper_views.view_figures import Figure, HelperView, metric_of
from kpisdk.engine.measure_sets import with_rows
from kpisdk.errors import KpisdkError, listed
from kpisdk.planner.planning import MeasureRequest, plan, uses_as_of
from kpisdk.planner.slicing import slicing
from kpisdk.sql import view_selects as select
from kpisdk.sql.bound_tables import BoundTable
from kpisdk.sql.moving import FIXED, Moving

_RULE = FusionRule(distinct=Shape.FUSED, limit=1000)
"""A view is one statement a kind of row: its measures have one relation, and share its scan."""


@attrs.define(eq=False)
class HelperViewError(KpisdkError):
    """A view that cannot be made on this source."""

    view: str
    why: str

    template = "View {view!r} cannot be made: {why}."


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


def tables_of(view: HelperView, catalog: Catalog) -> tuple[BoundTable, ...]:
    """The tables that a view reads."""
    read = {
        dataset.name: None
        for kpi in view.kpis
        for measure in metric_of(kpi).measures().values()
        for dataset in datasets_of(measure.relation)
    }
    return tuple(catalog.table(name) for name in read)


def _needs_of_tables(view: HelperView) -> Columns:
    required: Columns = {}
    for kpi in view.kpis:
        windowed = kpi.window is not None
        for name, columns in required_columns(metric_of(kpi), (), windowed=windowed).items():
            required.setdefault(name, {}).update(columns)
    return required


def _rows(
    view: HelperView, breakdown: Breakdown | None, catalog: Catalog
) -> select.ViewRows | None:
    """The headline's kind of row, or a breakdown's; ``None``: the table lacks its columns."""
    figures = view.figures(catalog.session.dialect)
    requests: list[MeasureRequest] = []
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
            requests.append(
                MeasureRequest(owner, name, measures[name], sliced, window, Moving.clock(), used)
            )
    planned = plan(requests, _RULE)
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

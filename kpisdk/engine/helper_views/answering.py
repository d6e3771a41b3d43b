"""When a helper view can answer for the tables, and what it then says.

A view holds the figures as of *its* now. It answers a request only where that is certain to be the
same number: the view's text is today's definition, the request neither slices nor compares, and no
row of the KPI's time column lies in the gap between the request's window and the view's (so that
both hold the same rows). That is so for the clock, for the newest day, for no window at all, and
for a data frontier as long as no row left the window since. Everything else is the tables' work,
and the result says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.relations import Derived
from kpisdk.contracts.requests import Request
from kpisdk.contracts.time_windows import TICK, NewestDay, Window
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.cell_values import WHOLE, CellValues, Measured, MeasuredQuery
from kpisdk.engine.fetching import number
from kpisdk.engine.frontiers import Frontiers
from kpisdk.engine.helper_views.select_text import definition_of, tables_of, view_text
from kpisdk.engine.helper_views.view_figures import HelperView, behind_columns, helper_views
from kpisdk.engine.measure_queries import MetricQuery, Owner
from kpisdk.errors import ConnectionLostError, KpisdkError, listed
from kpisdk.planner.planning import uses_as_of
from kpisdk.sql import probe_statements, view_selects as select
from kpisdk.sql.expression_sql import Environment

OptionKey = tuple[str, str]
"""A KPI's id, and the name of one of its options."""


@attrs.frozen
class ViewAnswers:
    """What helper views answer of an execution.

    Attributes:
        measured: the numbers of the queries that they answer: what the tables would have given.
        used: the views that answered, by option.
        unused: why a view that is there did not, by option.
    """

    measured: Measured = attrs.field(factory=dict)
    used: dict[OptionKey, str] = attrs.field(factory=dict)
    unused: dict[OptionKey, str] = attrs.field(factory=dict)


@attrs.define(eq=False)
class UnusedViewError(KpisdkError):
    """A view that is there and does not answer a request, and why."""

    view: str
    why: str

    template = "{view} was not used: {why}."


@attrs.frozen
class Headline:
    """The headline row of a view that is ours and says what the definitions say today."""

    calculated_at: datetime
    figures: Mapping[str, float | None]


@attrs.define
class Views:
    """The helper views of one execution, each looked at once."""

    catalog: Catalog
    frontiers: Frontiers
    request: Request
    kpis: Mapping[str, Kpi]
    now: datetime
    _kinds: Mapping[str, str] | None = None
    _found: dict[str, Headline | KpisdkError] = attrs.field(factory=dict)

    def answers(self, queries: Mapping[Owner, MetricQuery]) -> ViewAnswers:
        """The queries that views answer, with their numbers; of the others, why theirs does not."""
        found = ViewAnswers()
        for owner, query in queries.items():
            view = query.kpi.kpi.view
            if view is None or not self.request.use_views or query.is_open:
                continue
            key = owner[:2]
            try:
                if view.view in self._there():
                    values = self._values(query, view.view)
                    found.measured[owner] = MeasuredQuery(query, {WHOLE: values})
                    found.used[key] = view.view
            except ConnectionLostError:
                raise
            except UnusedViewError as error:
                found.unused[key] = error.message
            except KpisdkError as error:
                found.unused[key] = UnusedViewError(view.view, error.message).message
        return found

    def _there(self) -> Mapping[str, str]:
        if self._kinds is None:
            self._kinds = self.catalog.session.views()
        return self._kinds

    def _values(self, query: MetricQuery, name: str) -> CellValues:
        """The measures of an ask as the view holds them.

        Raises:
            UnusedViewError: the view cannot answer this request.
        """
        columns = behind_columns(query.kpi.kpi)
        refused = self._refused(query) or self._unsaid(name, columns.values())
        if refused is None and self._there()[name] == "view":
            # It would be computed now: where that cannot help, it need not be read at all.
            refused = self._gap(query, self.now)
        if refused is not None:
            raise UnusedViewError(name, refused)
        headline = self._headline(name)
        gap = self._gap(query, headline.calculated_at)
        if gap is not None:
            raise UnusedViewError(name, gap)
        return {measure: headline.figures[column] for measure, column in columns.items()}

    def _refused(self, query: MetricQuery) -> str | None:
        """What of the request no view can answer, whatever it holds."""
        kpi, request = query.kpi, self.request
        asked = {
            "slices": kpi.where or kpi.by,
            "intervals by units": query.units,
            "a grain": request.grain,
            "a comparison": request.compare,
        }
        for what, given in asked.items():
            if given:
                return f"the request asks for {what}"
        if query.option.rule != kpi.kpi.default_window:
            return "the settings give the KPI another window"
        for parameter in kpi.kpi.parameters:
            if kpi.parameters.get(parameter.name) != parameter.default:
                return f"the request sets {parameter.name}"
        return None

    def _view(self, name: str) -> HelperView:
        return next(each for each in helper_views(self.kpis.values()) if each.name == name)

    def _unsaid(self, name: str, columns: Iterable[str]) -> str | None:
        """Which of the columns the engine has no SQL for: views there are without them."""
        dialect = self.catalog.session.dialect
        said = {each.column for each in self._view(name).figures(dialect)}
        missing = [column for column in columns if column not in said]
        return f"{dialect} has no SQL for its columns {listed(missing)}" if missing else None

    def _headline(self, name: str) -> Headline:
        if name not in self._found:
            try:
                self._found[name] = self._read(name)
            except ConnectionLostError:
                raise
            except KpisdkError as error:
                self._found[name] = error
        found = self._found[name]
        if isinstance(found, Headline):
            return found
        raise found

    def _read(self, name: str) -> Headline:
        session = self.catalog.session
        view = self._view(name)
        figures = [each.column for each in view.figures(session.dialect)]
        there = {column.name for column in session.columns(name) or ()}
        expected = (select.DEFINITION, select.CALCULATED_AT, *view.keys, *figures)
        missing = [column for column in expected if column not in there]
        if missing:
            why = f"somebody else made it: it has no column {listed(missing)}"
            raise UnusedViewError(name, why)
        is_kept = select.STATE in there
        others = (select.DEFINITION, select.STATE) if is_kept else (select.DEFINITION,)
        rows = session.rows(select.headline(name, figures, view.keys, others))
        if len(rows) != 1:
            why = f"it has {len(rows)} headline rows (kpisdk views create makes it anew)"
            raise UnusedViewError(name, why)
        row = rows[0]
        if row[1] != definition_of(view_text(view, self.catalog)):
            why = "it was made from other definitions or tables (kpisdk views create updates it)"
            raise UnusedViewError(name, why)
        if is_kept:
            self._check_state(view, row[2], row[0])
        values = row[1 + len(others) :]
        return Headline(row[0], dict(zip(figures, map(number, values), strict=True)))

    def _check_state(self, view: HelperView, state: Any, at: datetime) -> None:
        """Refuse a materialized view whose tables changed since it was refreshed."""
        statement = select.table_state(tables_of(view, self.catalog))
        if self.catalog.session.rows(statement)[0][0] != state:
            why = f"its tables changed after {at.isoformat()} (kpisdk views refresh)"
            raise UnusedViewError(view.name, why)

    def _gap(self, query: MetricQuery, calculated_at: datetime) -> str | None:
        """Why the view's window may hold other rows than the request's; ``None``: the same ones."""
        time, rule = query.option.time, query.option.rule
        if self._depends_on_as_of(query) and time.as_of != calculated_at:
            return "the KPI depends on the instant itself"
        asked = time.rows()
        for dataset in dict.fromkeys(self._timed(query)):
            if rule is None or asked is None:
                continue
            if isinstance(rule, NewestDay):
                newest = self.frontiers.newest(dataset, calculated_at + TICK)
                if newest is None or rule.resolve(newest) != time.window:
                    return "its newest day is another one"
                continue
            gaps = _gaps(asked, rule.resolve(calculated_at))
            table = self.catalog.table
            if gaps and self.catalog.session.rows(select.outside(dataset, gaps, table)):
                return f"rows of {dataset.name} lie between the request's window and the view's"
        return None

    def _timed(self, query: MetricQuery) -> list[Dataset]:
        bases = [measure.relation.base for measure in query.metric.own.values()]
        return [base for base in (query.option.timed, *bases) if base is not None and base.time]

    def _depends_on_as_of(self, query: MetricQuery) -> bool:
        """Whether the metric's statements change with the instant where the window stays."""
        measures = query.metric.measures.values()
        relations = dict.fromkeys(measure.relation for measure in measures)
        return any(map(uses_as_of, measures)) or any(
            self._at(each, query, timedelta()) != self._at(each, query, timedelta(days=1))
            for each in relations
            if isinstance(each, Derived)
        )

    def _at(self, relation: Derived, query: MetricQuery, later: timedelta) -> tuple[str, Any]:
        time = query.option.time
        dialect = self.catalog.session.dialect
        env = Environment(dialect, time.as_of + later, query.kpi.parameters)
        rows = probe_statements.any_row(relation, None, self.catalog.table, env, time.rows())
        compiled = rows.compile()
        return str(compiled), compiled.params


def _gaps(asked: Window, held: Window) -> tuple[Window, ...]:
    """Where two windows differ: rows outside of these lie in both of them, or in neither."""
    ends = ((asked.start, held.start), (asked.end, held.end))
    found = []
    for position, (one, other) in enumerate(ends):
        if one == other:
            continue
        if one is None or other is None:
            # An open side reaches as far as there are rows.
            limit = one or other
            found.append(Window(limit, None) if position else Window(None, limit))
        else:
            found.append(Window(min(one, other), max(one, other), "gap"))
    return tuple(found)

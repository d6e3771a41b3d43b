"""The measure values of every slice and bucket, those that depend on others included."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from kpisdk.contracts.engine_traits import FusionRule
from kpisdk.contracts.measures import Measure
from kpisdk.contracts.metric_protocol import Values
from kpisdk.contracts.requests import Request
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.failures import FormulaError, is_ours
from kpisdk.engine.fetching import Answers, Cell, fetch, projected
from kpisdk.engine.measure_queries import MetricQuery, measure_requests, with_rows
from kpisdk.errors import KpisdkError
from kpisdk.planner.planning import MeasureRequest, RowCount
from kpisdk.quarantine import PluginFaultError, contained, described

MOST_RANKS = 200
"""More distinct ranks than this in one statement cost more than the intervals are worth."""


OMITTED = "interval_omitted"
"""Marks the values of a cell whose interval was left out for that reason."""


def estimates(
    query: MetricQuery, answers: Answers, request: Request
) -> dict[Cell, dict[str, float | None]]:
    """The measure values of every cell in which the query's slice and window hold rows."""
    owner, names = query.owner, query.job.by
    measures = with_rows(query.metric)
    cells: dict[Cell, None] = {}
    if not names and request.grain is None:
        cells[(), None] = None
    else:
        for name in measures:
            answer = answers.found.get((owner, name))
            if not isinstance(name, RowCount) or answer is None or answer.names != names:
                continue
            cells.update(dict.fromkeys(cell for cell, value in answer.values.items() if value))
    return {cell: values_at(query, measures, answers, cell) for cell in cells}


def values_at(
    query: MetricQuery, measures: Mapping[str, Measure], answers: Answers, cell: Cell
) -> dict[str, float | None]:
    """The values of a query's measures in one cell, whether it holds rows or not."""
    values: dict[str, float | None] = {}
    for name, measure in measures.items():
        answer = answers.found.get((query.owner, name))
        at = None if answer is None else projected(cell, query.job.by, answer)
        value = None if answer is None or at is None else answer.values.get(at)
        # No row in the group: a count is then a true zero, anything else has no value.
        values[name] = 0.0 if value is None and measure.aggregate.is_count else value
    return values


def follow_ups_of(query: MetricQuery, values: Values) -> Mapping[str, Measure]:
    """The measures that depend on the first ones' values."""
    metric = query.metric
    if is_ours(metric):
        return metric.follow_ups(values)
    try:
        return contained(lambda: dict(metric.follow_ups(values)), query.job.timeout)
    except PluginFaultError as error:
        raise FormulaError(query.job.kpi.id, error.what) from error


def follow_up(
    asked: Mapping[Hashable, tuple[MetricQuery, dict[Cell, dict[str, float | None]]]],
    rule: FusionRule,
    catalog: Catalog,
    request: Request,
) -> Answers:
    """Read the measures that depend on the first ones, and put their values beside those.

    Cells of one query may want different ranks; all are computed for each, and each takes its own.
    """
    requests: list[MeasureRequest] = []
    wanted: dict[tuple[Hashable, Cell], dict[str, str]] = {}
    broken: dict[Hashable, KpisdkError] = {}
    for owner, (query, cells) in asked.items():
        labels: dict[Measure, str] = {}
        for cell, values in cells.items():
            try:
                follow_ups = follow_ups_of(query, values)
            except Exception as error:  # noqa: BLE001 - a plugin's metric may raise anything
                broken[owner] = (
                    error
                    if isinstance(error, FormulaError)
                    else FormulaError(query.job.kpi.id, described(error))
                )
                break
            wanted[owner, cell] = {
                name: labels.setdefault(measure, f"follow:{len(labels)}")
                for name, measure in follow_ups.items()
            }
        if len(labels) > MOST_RANKS:
            for values in cells.values():
                values[OMITTED] = None
        elif labels:
            measures = {label: measure for measure, label in labels.items()}
            requests += measure_requests(query, measures, catalog, request)
    answers = fetch(requests, rule, catalog, request.max_groups) if requests else Answers()
    for (owner, cell), names in wanted.items():
        query, cells = asked[owner]
        for name, label in names.items():
            answer = answers.found.get((owner, label))
            if answer is not None:
                cells[cell][name] = answer.values.get(projected(cell, query.job.by, answer))
    answers.errors.update(broken)
    return answers

"""From the numbers that were read to one estimate per cell."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.estimates import Estimate, Note
from kpisdk.contracts.measures import Measure
from kpisdk.contracts.metric_protocol import Metric, Values
from kpisdk.contracts.plans import Slicing
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.cell_values import MOST_RANKS, OMITTED
from kpisdk.engine.failures import (
    CalculationError,
    FormulaError,
    failed,
    is_ours,
    settled_estimate,
    side_effect,
)
from kpisdk.engine.measure_queries import MetricQuery, with_rows
from kpisdk.engine.missing_data import blank_column, blank_filters, missing_data, unmatched_filters
from kpisdk.engine.source_probes import SourceProbes
from kpisdk.errors import KpisdkError
from kpisdk.planner.planning import RowCount
from kpisdk.planner.slicing import slicing
from kpisdk.quarantine import PluginFaultError, contained, described


def estimate(query: MetricQuery, values: dict[str, float | None], probes: SourceProbes) -> Estimate:
    """The estimate of one cell, with the zeros that mislead named or refused.

    An empty table gives an absent value; so does a count of zero over a column that holds no value
    anywhere. A zero whose concept occurs nowhere in the whole table carries a warning.
    """
    metric = query.metric
    empty = _empty_tables(metric, values, probes)
    if empty:
        message = f"Table {' and '.join(empty)} holds no rows."
        return Estimate.absent(Reason.NO_ROWS, message)
    made = _called(query, metric.estimate, values)
    if OMITTED in values:
        made = made.with_notes(
            Note(
                "interval_omitted",
                f"More than {MOST_RANKS} slices of different sizes: the intervals of medians are "
                "left out. Ask for fewer slices to see them.",
            )
        )
    if made.value is None:
        return _explained(made, query, probes)
    measures = metric.measures()
    for name in metric.concepts():
        if made.value is not None and not values.get(name):
            made = _zero(made, measures[name], query, probes)
    return made


def _called(query: MetricQuery, function: Callable[..., object], values: Values) -> Estimate:
    """What a metric makes of its values; a plugin's metric may raise anything, or return it."""
    kpi_id = query.job.kpi.id
    changed: list[str] = []
    try:
        if is_ours(query.metric):  # of which there may be one per cell of thousands
            return query.metric.estimate(values)
        made = contained(
            lambda: settled_estimate(function(values)), query.job.timeout, changed.append
        )
    except PluginFaultError as error:
        return failed(CalculationError.of(f"The formula of {kpi_id} failed", error))
    except KpisdkError as error:
        return Estimate.absent(Reason.CALCULATOR_FAILED, error.message)
    except Exception as error:  # noqa: BLE001 - numbers that no formula of ours foresaw
        return failed(FormulaError(kpi_id, described(error)))
    if not isinstance(made, Estimate):
        return failed(FormulaError(kpi_id, f"it returned {made}, not an Estimate"))
    return made.with_notes(*(side_effect(kpi_id, each) for each in changed))


def _explained(made: Estimate, query: MetricQuery, probes: SourceProbes) -> Estimate:
    """An absent estimate, with the columns named that explain it because they hold nothing."""
    if made.reason not in (Reason.NO_ROWS, Reason.ZERO_DENOMINATOR):
        return made
    measures = query.metric.measures().values()
    why = (
        *_blank_time(query, probes),
        *missing_data(measures, probes),
        *(each for measure in measures for each in _unmatched(measure, query, probes)),
    )
    return attrs.evolve(made, message=" ".join((made.message or "", *dict.fromkeys(why))).strip())


def _blank_time(query: MetricQuery, probes: SourceProbes) -> tuple[str, ...]:
    """A sentence if a window applies to a time column that holds no value."""
    time, evaluation_time = query.option.time, query.option.evaluation_time
    column = None if time is None else time.time_column
    if time is None or column is None or evaluation_time is None or evaluation_time.window is None:
        return ()
    return (
        () if evaluation_time.data_through is not None else blank_column(time.name, column, probes)
    )


def _filtered(measure: Measure, query: MetricQuery, probes: SourceProbes) -> Slicing | None:
    """The filters of the request as they apply to a measure."""
    where = {each: given for each, given in query.job.where.items() if each not in measure.across}
    found = slicing(measure.relation, where, (), None, probes.catalog.find)
    return found if isinstance(found, Slicing) else None


def _blank_filters(measure: Measure, query: MetricQuery, probes: SourceProbes) -> tuple[str, ...]:
    """A sentence for each filtered column that holds no value, so that no row could pass."""
    found = _filtered(measure, query, probes)
    return () if found is None else blank_filters(measure.relation.base, found, probes)


def _unmatched(measure: Measure, query: MetricQuery, probes: SourceProbes) -> tuple[str, ...]:
    """A sentence for each filter that no row of the whole table passes."""
    found = _filtered(measure, query, probes)
    return () if found is None else unmatched_filters(measure.relation.base, found, probes)


def _empty_tables(
    metric: Metric, values: dict[str, float | None], probes: SourceProbes
) -> list[str]:
    """The metric's tables that hold no row at all; only those without one here are asked about."""
    bases: dict[str, Dataset] = {}
    for name, measure in with_rows(metric).items():
        if isinstance(name, RowCount) and not values.get(name):
            bases.setdefault(measure.relation.base.name, measure.relation.base)
    return [repr(name) for name, base in bases.items() if not probes.table_holds_rows(base)]


def _zero(made: Estimate, measure: Measure, query: MetricQuery, probes: SourceProbes) -> Estimate:
    """A zero as it is, with a warning if its concept never occurs; absent if it is unknowable."""
    why = (*_blank_time(query, probes), *_blank_filters(measure, query, probes))
    counted = measure.where
    if measure.value is not None:
        known = measure.value.not_null()
        counted = known if counted is None else known & counted
    if not why:
        unmatched = _unmatched(measure, query, probes)
        made = made.with_notes(*(Note("filter_matches_nothing", each) for each in unmatched))
        if counted is None or probes.any_row(measure, counted, query):
            return made
    why += missing_data((measure,), probes)
    if why:
        return Estimate.absent(Reason.NO_ROWS, " ".join(dict.fromkeys(why)))
    note = Note(
        "never_occurs",
        f"Nothing in the whole of {measure.relation.name!r} matches what this zero counts; "
        "check that the source records it at all.",
    )
    return made.with_notes(note)

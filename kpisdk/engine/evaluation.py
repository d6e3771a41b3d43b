"""From the numbers that were read to one estimate per cell."""

from __future__ import annotations

import attrs

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.estimates import Estimate, Note
from kpisdk.contracts.measures import Measure
from kpisdk.contracts.metric_protocol import Values
from kpisdk.contracts.plans import Slicing
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.cell_values import MOST_RANKS, OMITTED
from kpisdk.engine.failures import (
    CalculationError,
    FormulaError,
    failed,
    settled_estimate,
    side_effect,
)
from kpisdk.engine.measure_queries import MetricQuery
from kpisdk.engine.missing_data import blank_column, blank_filters, missing_data, unmatched_filters
from kpisdk.engine.request_slicing import RequestSlicing
from kpisdk.engine.source_probes import SourceProbes
from kpisdk.errors import KpisdkError
from kpisdk.quarantine import PluginFaultError, contained, described


@attrs.frozen
class Evaluation:
    """The estimates of one query, with the zeros that mislead named or refused.

    Attributes:
        query: the metric, its role and its window.
        slicing: how the request's filters apply.
        probes: asked about whole tables where a zero or an absence makes it necessary.
    """

    query: MetricQuery
    slicing: RequestSlicing
    probes: SourceProbes

    def estimate(self, values: Values) -> Estimate:
        """The estimate of one cell.

        An empty table gives an absent value; so does a count of zero over a column that holds no
        value anywhere. A zero whose concept occurs nowhere in the whole table carries a warning.
        """
        metric = self.query.metric
        empty = self._empty_tables(values)
        if empty:
            message = f"Table {' and '.join(empty)} holds no rows."
            return Estimate.absent(Reason.NO_ROWS, message)
        made = self._called(values)
        if OMITTED in values:
            made = made.with_notes(
                Note(
                    "interval_omitted",
                    f"More than {MOST_RANKS} slices of different sizes: the intervals of medians "
                    "are left out. Ask for fewer slices to see them.",
                )
            )
        if made.value is None:
            return self._explained(made)
        for name in metric.concepts:
            if made.value is not None and not values.get(name):
                made = self._zero(made, metric.own[name])
        return made

    def _called(self, values: Values) -> Estimate:
        """What the metric makes of its values; a plugin's may raise anything, or return it."""
        kpi, metric = self.query.kpi, self.query.metric
        changed: list[str] = []
        try:
            if metric.is_ours:  # of which there may be one per cell of thousands
                return metric.metric.estimate(values)
            made = contained(
                lambda: settled_estimate(metric.metric.estimate(values)),
                kpi.timeout,
                changed.append,
            )
        except PluginFaultError as error:
            return failed(CalculationError.of(f"The formula of {kpi.id} failed", error))
        except KpisdkError as error:
            return Estimate.absent(Reason.CALCULATOR_FAILED, error.message)
        except Exception as error:  # noqa: BLE001 - numbers that no formula of ours foresaw
            return failed(FormulaError(kpi.id, described(error)))
        if not isinstance(made, Estimate):
            return failed(FormulaError(kpi.id, f"it returned {made}, not an Estimate"))
        return made.with_notes(*(side_effect(kpi.id, each) for each in changed))

    def _explained(self, made: Estimate) -> Estimate:
        """An absent estimate, with the columns named that explain it because they hold nothing."""
        if made.reason not in (Reason.NO_ROWS, Reason.ZERO_DENOMINATOR):
            return made
        measures = self.query.metric.own.values()
        why = (
            *self._blank_time(),
            *missing_data(measures, self.probes),
            *(each for measure in measures for each in self._unmatched(measure)),
        )
        message = " ".join((made.message or "", *dict.fromkeys(why))).strip()
        return attrs.evolve(made, message=message)

    def _blank_time(self) -> tuple[str, ...]:
        """A sentence if a window applies to a time column that holds no value."""
        timed, time = self.query.option.timed, self.query.option.time
        column = None if timed is None else timed.time_column
        if timed is None or column is None or time.window is None or time.data_through is not None:
            return ()
        return blank_column(timed.name, column, self.probes)

    def _filtered(self, measure: Measure) -> Slicing:
        """The filters of the request as they apply to a measure."""
        found = self.slicing.of(measure.relation, measure.across) if self.query.is_sliced else ""
        return Slicing(found.filters) if isinstance(found, Slicing) else Slicing()

    def _unmatched(self, measure: Measure) -> tuple[str, ...]:
        """A sentence for each filter that no row of the whole table passes."""
        return unmatched_filters(measure.relation.base, self._filtered(measure), self.probes)

    def _empty_tables(self, values: Values) -> list[str]:
        """The metric's tables that hold no row at all; only those without one here are asked of."""
        bases: dict[str, Dataset] = {}
        for name, measure in self.query.metric.row_counts.items():
            if not values.get(name):
                bases.setdefault(measure.relation.base.name, measure.relation.base)
        return [
            repr(name) for name, base in bases.items() if not self.probes.table_holds_rows(base)
        ]

    def _zero(self, made: Estimate, measure: Measure) -> Estimate:
        """A zero as it is, with a warning if its concept never occurs; absent if unknowable."""
        kpi, probes = self.query.kpi, self.probes
        blank = blank_filters(measure.relation.base, self._filtered(measure), probes)
        why = (*self._blank_time(), *blank)
        counted = measure.where
        if measure.value is not None:
            known = measure.value.not_null()
            counted = known if counted is None else known & counted
        if not why:
            unmatched = self._unmatched(measure)
            made = made.with_notes(*(Note("filter_matches_nothing", each) for each in unmatched))
            as_of = self.query.option.time.as_of
            if counted is None or probes.any_row(measure.relation, counted, as_of, kpi.parameters):
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

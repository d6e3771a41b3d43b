"""From what the options of a KPI came to, to its results: one per cell, or one that says why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import attrs

from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result, plain_slice
from kpisdk.contracts.vocabulary import Grain, Reason
from kpisdk.engine.evaluation_time import COMPARED, MAIN
from kpisdk.engine.fallback import (
    AnyOption,
    Found,
    answer,
    options_in_turn,
    outcomes,
    stands_for_all,
    unknown_option,
)
from kpisdk.engine.fetching import Cell
from kpisdk.engine.helper_views.answering import ViewAnswers
from kpisdk.engine.intervals.change_intervals import unpaired
from kpisdk.engine.judgement import Judge, absent
from kpisdk.engine.option_evaluation import OptionEvaluation
from kpisdk.engine.period_comparison import with_comparisons
from kpisdk.engine.resolution import Refused, ResolvedKpi
from kpisdk.windows import OutOfCalendarError, bucket_start

MOST_CELLS = 200_000
"""More results than this of one KPI (slices times buckets) are refused, never truncated."""


@attrs.frozen
class CellResults:
    """Makes the results of the KPIs of an execution.

    Attributes:
        request: what is asked.
        now: when.
        evaluation: what each option comes to.
        views: what is known of helper views, by owner.
    """

    request: Request
    now: datetime
    evaluation: OptionEvaluation
    views: ViewAnswers

    def of(self, kpi: ResolvedKpi) -> tuple[Result, ...]:
        """The results of a KPI, with what they are compared with where that is asked for."""
        try:
            return self._results(kpi)
        except OutOfCalendarError as error:  # the bucket after the last year, before the first
            return (self._absent(kpi, Reason.NO_ROWS, error.message),)

    def _absent(self, kpi: ResolvedKpi, reason: Reason, message: str) -> Result:
        return absent(kpi, reason, message, self.request, self.now)

    def _results(self, kpi: ResolvedKpi) -> tuple[Result, ...]:
        """Every slice of the window, or of the one compared with, has a result in each of the two.

        In a trend it has one in every bucket.
        """
        request = self.request
        if kpi.fixed is not None:
            return (self._fixed(kpi, kpi.fixed),)
        options = options_in_turn(kpi)
        if not options:
            return (self._absent(kpi, Reason.MISSING_PARAMETER, unknown_option(kpi)),)
        apart = any(each.compared for each in kpi.times)
        # A trend's buckets are compared with one another, unless the earlier ones stand apart.
        both = request.compare is not None and (request.grain is None or apart)
        roles = (MAIN, COMPARED) if both else (MAIN,)
        found = {role: self._outcomes(kpi, options, role) for role in roles}
        slices = _slices(kpi, found.values())
        sides: dict[str, tuple[Result, ...]] = {}
        for role in roles:
            cells = _cells(options, slices, found[role], role, request.grain)
            if len(cells) > MOST_CELLS:
                message = (
                    f"{len(cells)} results were requested, and one KPI gives {MOST_CELLS} at most. "
                    "Take fewer slices, a coarser grain or a shorter window."
                )
                return (self._absent(kpi, Reason.UNSUPPORTED_SLICE, message),)
            sides[role] = self._chosen(kpi, options, found[role], cells, role)
        if request.compare is None:
            return sides[MAIN]
        other, oldest = sides.get(COMPARED, ()), self.evaluation.oldest(options)
        shown = {_key(plain_slice(dict(zip(kpi.by, each, strict=True)))): each for each in slices}
        together = _Together(self.evaluation, kpi, options, found[MAIN], shown)
        return with_comparisons(
            kpi, sides[MAIN], other, request, request.compare, oldest, together.correlation
        )

    def _outcomes(
        self, kpi: ResolvedKpi, options: Sequence[AnyOption], role: str
    ) -> dict[str, Found]:
        return outcomes(options, lambda option: self.evaluation.found(kpi, option, role))

    def _fixed(self, kpi: ResolvedKpi, estimate: Estimate) -> Result:
        """The result of an estimate that stands without computing.

        A value goes out with its window and its source; where the source lacks what the KPI reads,
        that is said instead.
        """
        if not kpi.options or estimate.value is None:
            return Judge(kpi, None, self.request, self.now).result(estimate)
        first = next(iter(kpi.ready), kpi.options[0])
        stands = (
            first.estimate if isinstance(first, Refused) else first.intervals.of_given(estimate)
        )
        judge = Judge(kpi, first.time, self.request, self.now)
        return judge.result(stands, answered_by=first.answered_by)

    def _chosen(
        self,
        kpi: ResolvedKpi,
        options: Sequence[AnyOption],
        found: Mapping[str, Found],
        cells: Sequence[Cell],
        role: str,
    ) -> tuple[Result, ...]:
        """The results of a role: one per cell, or a single absent one that says why."""
        judges = {each.option.name: self._judge(kpi, each, role) for each in options}
        if not cells or stands_for_all(options, found):
            # No group holds a row, or every option failed as a whole: one result says so.
            estimate, option = answer(kpi, options, found, None)
            return (judges[option.option.name].result(estimate),)
        results = []
        for cell in cells:
            estimate, option = answer(kpi, options, found, cell)
            name = option.option.name
            unused = self.views.unused.get((kpi.id, name))
            if unused is not None:
                estimate = attrs.evolve(estimate, details={**estimate.details, "view": unused})
            view = self.views.used.get((kpi.id, name))
            answered = option.answered_by if view is None else f"view {view}"
            results.append(judges[name].result(estimate, *cell, answered))
        return _ordered(results)

    def _judge(self, kpi: ResolvedKpi, option: AnyOption, role: str) -> Judge:
        time = None if option.time is None else option.time.in_role(role)
        return Judge(kpi, time, self.request, self.now)


@attrs.frozen
class _Together:
    """How the values of a KPI go together with those that they are compared with.

    Attributes:
        evaluation: asked for the units that are in both windows.
        kpi: the KPI.
        options: its ways to a value.
        found: what each of them came to in the window itself.
        slices: the values of the grouping columns as they were read, by those that results have.
    """

    evaluation: OptionEvaluation
    kpi: ResolvedKpi
    options: Sequence[AnyOption]
    found: Mapping[str, Found]
    slices: Mapping[tuple[str, ...], tuple[Any, ...]]

    def correlation(self, result: Result, other: Result) -> float:
        """The correlation of two results: as their units tell, or the worst that it can be."""
        values = self.slices.get(_key(result.slice), ())
        cell, before = (values, self._bucket(result)), (values, self._bucket(other))
        _, option = answer(self.kpi, self.options, self.found, cell)
        if isinstance(option, Refused) or result.interval is None:
            return 0.0
        unit, windows = result.interval.unit, (result.window, other.window)
        assumed = unpaired(option.intervals.sampling, unit, *windows)
        if not assumed:
            return assumed
        compared = None if cell[1] is None else before
        read = self.evaluation.correlation(self.kpi, option, cell, compared)
        return assumed if read is None else read

    def _bucket(self, result: Result) -> date | None:
        """The first day of a result's calendar bucket; ``None`` where it has none."""
        grain, window = self.evaluation.request.grain, result.window
        if grain is None or window is None or window.start is None:
            return None
        return bucket_start(window.start, grain).date()


def _key(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Slice values as a key: lists are none, and 1 is not True."""
    return tuple(map(repr, values.values()))


def _slices(kpi: ResolvedKpi, sides: Iterable[Mapping[str, Found]]) -> list[tuple[Any, ...]]:
    """The slices that occur anywhere, in order of appearance."""
    if not kpi.by:
        return [()]
    found: dict[tuple[Any, ...], None] = {}
    for side in sides:
        for option in side.values():
            found.update(dict.fromkeys(values for values, _ in option.cells))
    return list(found)


def _cells(
    options: Sequence[AnyOption],
    slices: Sequence[tuple[Any, ...]],
    found: Mapping[str, Found],
    role: str,
    grain: Grain | None,
) -> list[Cell]:
    """The cells that have a result: each slice, in each bucket where there are buckets."""
    if grain is None:
        return [(values, None) for values in slices]
    buckets: dict[date, None] = {}
    for option in options:
        for tile in () if option.time is None else option.time.tiles.get(role, ()):
            if tile.start is not None:
                buckets[bucket_start(tile.start, grain).date()] = None
    cells: dict[Cell, None] = {}
    for values in slices:
        cells.update(dict.fromkeys((values, bucket) for bucket in buckets))
    for way in found.values():
        cells.update(dict.fromkeys(way.cells))
    return list(cells)


def _ordered(results: list[Result]) -> tuple[Result, ...]:
    """Results by period, then slice; rows without a slice value come last."""

    def key(result: Result) -> tuple[str, list[tuple[bool, str]]]:
        return (
            result.period or "",
            [(value is None, str(value)) for value in result.slice.values()],
        )

    return tuple(sorted(results, key=key))

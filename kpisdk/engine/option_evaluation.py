"""From what was read for a KPI to its results, option by option and cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

import attrs

from kpisdk.contracts.calculators import Calculator
from kpisdk.contracts.estimates import Estimate, Note
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result, plain
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.calculating import Frames, calculate
from kpisdk.engine.cell_results import (
    choose,
    evaluated,
    fixed_result,
    options_in_turn,
    unknown_option,
)
from kpisdk.engine.cell_values import follow_ups_of, values_at
from kpisdk.engine.evaluation import estimate
from kpisdk.engine.failures import failed
from kpisdk.engine.fallback import Found
from kpisdk.engine.fetching import Answers, Cell
from kpisdk.engine.frontiers import Frontiers
from kpisdk.engine.helper_views.answering import Measured
from kpisdk.engine.jobs import Job, OptionJob
from kpisdk.engine.judgement import FOLLOW_UP, judge
from kpisdk.engine.measure_queries import OPEN, with_rows
from kpisdk.engine.period_comparison import with_comparisons
from kpisdk.engine.source_probes import SourceProbes
from kpisdk.engine.unnamed_reads import unnamed_reads
from kpisdk.errors import BadValueError, ConnectionLostError, KpisdkError, ReadError
from kpisdk.windows import bucket_start

MOST_CELLS = 200_000
"""More results than this of one KPI (slices times buckets) are refused, never truncated."""


@attrs.frozen
class OptionEvaluation:
    """What was read for all KPIs of an execution, and the results that it makes for each.

    ``cells`` holds measure values by owner, ``answers`` all that was read and the errors of owners
    without any; calculators take ``frames``, ``probes`` ask what zeros and absences mean, and
    ``frontiers`` where rows begin.
    """

    request: Request
    now: datetime
    frames: Frames
    probes: SourceProbes
    frontiers: Frontiers
    cells: Measured
    answers: Answers

    def results(self, job: Job) -> tuple[Result, ...]:
        """The results of a job, with what they are compared with where that is asked for.

        Every slice that occurs in the window, or in the one that it is compared with, has a result
        in each of the two; in a trend it has one in every bucket.
        """
        if job.fixed is not None:
            return (fixed_result(job, job.fixed, self.request, self.now),)
        options = options_in_turn(job)
        if not options:
            absent = unknown_option(job)
            return (judge(job, absent, (), None, None, self.request, self.now, None),)
        apart = any(each.evaluation_time and each.evaluation_time.compared for each in job.options)
        # A trend's buckets are compared with one another, unless the earlier ones stand apart.
        both = self.request.compare is not None and (self.request.grain is None or apart)
        roles = ("main", "compared") if both else ("main",)
        found = {role: self._evaluated(job, options, role) for role in roles}
        slices = _slices(job, found.values())
        sides = {}
        for role in roles:
            cells = _cells(options, slices, found[role], role, self.request)
            if len(cells) > MOST_CELLS:
                return (self._too_many(job, len(cells)),)
            sides[role] = choose(job, options, found[role], cells, role, self.request, self.now)
        if self.request.compare is None:
            return sides["main"]
        other = sides.get("compared", ())
        return with_comparisons(job, sides["main"], other, self.request, self._oldest(options))

    def _oldest(self, options: Sequence[OptionJob]) -> datetime | None:
        """The first row of the table whose time windows refer to; of several ways, the first's."""
        for option in options:
            if (
                option.failure is None
                and option.evaluation_time is not None
                and option.evaluation_time.window
            ):
                try:
                    return None if option.time is None else self.frontiers.oldest(option.time)
                except ConnectionLostError:
                    raise
                except ReadError:
                    return None  # then nothing is known of where rows begin
        return None

    def _too_many(self, job: Job, cells: int) -> Result:
        message = (
            f"{cells} results were requested, and one KPI gives {MOST_CELLS} at most. Take fewer "
            "slices, a coarser grain or a shorter window."
        )
        absent = Estimate.absent(Reason.UNSUPPORTED_SLICE, message)
        return judge(job, absent, (), None, None, self.request, self.now, None)

    def _evaluated(self, job: Job, options: Sequence[OptionJob], role: str) -> dict[str, Found]:
        turns: dict[str, Callable[[], Found]] = {
            option.option.name: partial(self._found, job, option, role) for option in options
        }
        return evaluated(options, turns)

    def _found(self, job: Job, option: OptionJob, role: str) -> Found:
        """What a way came to; cells whose window ends before the rows begin have no value."""
        found = self._computed(job, option, role)
        if found.whole is not None:
            return found

        def settled(cell: Cell) -> Estimate:
            absent = self._before_rows(option, role, cell[1])
            if absent is not None:
                return absent
            return self._followed(found.at(cell), job, option, role, cell)

        return Found({cell: settled(cell) for cell in found.cells}, settled)

    def _followed(
        self, made: Estimate, job: Job, option: OptionJob, role: str, cell: Cell
    ) -> Estimate:
        """An estimate with how many of its rows are too new for what may follow them."""
        follow_up = job.kpi.follow_up
        if follow_up is None or option.time is None or option.evaluation_time is None:
            return made
        owner = (job.kpi.id, option.option.name, role + OPEN)
        if owner in self.answers.errors:
            return failed(self.answers.errors[owner])
        rows = 0
        if owner in self.cells:
            query, values = self.cells[owner]
            at = (cell[0] if query.job.by else (), cell[1])
            rows = int(values.get(at, {}).get("value") or 0)
        made = attrs.evolve(made, details={**made.details, FOLLOW_UP: rows})
        if not rows or made.value is None:
            return made
        days = follow_up.horizon(job.settings)
        message = (
            f"{rows} row(s) of {option.time.name!r} are so new that the {days} days in which "
            "something can follow them are not over: the value can still change."
        )
        return made.with_notes(Note(FOLLOW_UP, message))

    def _computed(self, job: Job, option: OptionJob, role: str) -> Found:
        if option.failure is not None:
            return Found.failed(option.failure)
        owner = (job.kpi.id, option.option.name, role)
        try:
            if isinstance(option.option.calculation, Calculator):
                return self._calculated(job, option, role)
            if owner in self.answers.errors:
                return Found.failed(failed(self.answers.errors[owner]))
            if owner not in self.cells:
                return Found.failed(_NOTHING_TO_COMPARE)
            query, values = self.cells[owner]
            measures = with_rows(query.metric)
            known: dict[str, Estimate] = {}
            way = option.option.calculation

            def empty(cell: Cell) -> Estimate:
                # Cells without rows hold the same numbers, but for those that follow no slice.
                measured = values_at(query, measures, self.answers, cell)
                key = repr(measured)
                if key not in known:
                    later = dict.fromkeys(follow_ups_of(query, measured))
                    with unnamed_reads(job.unnamed, way, job.parameters, job.settings):
                        known[key] = estimate(query, {**measured, **later}, self.probes)
                return known[key]

            with unnamed_reads(job.unnamed, way, job.parameters, job.settings):
                cells = {cell: estimate(query, each, self.probes) for cell, each in values.items()}
            return Found(cells, empty)
        except ConnectionLostError:
            raise
        except ReadError as error:
            return Found.failed(failed(error))

    def _calculated(self, job: Job, option: OptionJob, role: str) -> Found:
        calculation = option.option.calculation
        assert isinstance(calculation, Calculator)  # noqa: S101 - the caller has looked
        assert option.evaluation_time is not None  # noqa: S101 - settled without failure
        window = option.evaluation_time.rows()
        if role == "compared":
            if option.evaluation_time.compared is None:
                return Found.failed(_NOTHING_TO_COMPARE)
            window = option.evaluation_time.cut(option.evaluation_time.compared)
        try:
            return calculate(job, option, calculation, self.frames, window, self.request)
        except ReadError:
            raise
        except KpisdkError as error:
            return Found.failed(Estimate.absent(Reason.CALCULATOR_FAILED, error.message))

    def _before_rows(self, option: OptionJob, role: str, bucket: date | None) -> Estimate | None:
        """Why a cell has no value where its window ends before the table's first row."""
        evaluation_time, time = option.evaluation_time, option.time
        if evaluation_time is None or evaluation_time.window is None or time is None:
            return None
        window = evaluation_time.compared if role == "compared" else evaluation_time.window
        if window is None or (role == "main" and bucket is None and evaluation_time.data_through):
            return None  # a row before its end is known
        if bucket is not None and self.request.grain is not None:
            window = evaluation_time.part(window, bucket, self.request.grain)
        try:
            oldest = self.frontiers.oldest(time)
        except BadValueError:
            return None  # an instant before any that there is: no window ends before it
        except ConnectionLostError:
            raise
        except ReadError as error:
            return failed(error)
        end = (
            evaluation_time.as_of if window.end is None else min(window.end, evaluation_time.as_of)
        )
        if (
            oldest is None
            or oldest < end
            or (evaluation_time.through_as_of and oldest == evaluation_time.as_of)
        ):
            return None
        message = (
            f"The rows of {time.name!r} begin at {plain(oldest)}, and {window.label} ends before: "
            "nothing is known of it. Ask for a later window."
        )
        return Estimate.absent(Reason.NO_ROWS, message)


_NOTHING_TO_COMPARE = Estimate.absent(Reason.NO_ROWS, "There is no window to compare with.")


def _slices(job: Job, sides: Iterable[Mapping[str, Found]]) -> list[tuple[Any, ...]]:
    """The slices that occur anywhere, in order of appearance."""
    if not job.by:
        return [()]
    found: dict[tuple[Any, ...], None] = {}
    for side in sides:
        for way in side.values():
            found.update(dict.fromkeys(values for values, _ in way.cells))
    return list(found)


def _cells(
    options: Sequence[OptionJob],
    slices: Sequence[tuple[Any, ...]],
    found: Mapping[str, Found],
    role: str,
    request: Request,
) -> list[Cell]:
    """The cells that have a result: each slice, in each bucket where there are buckets."""
    if request.grain is None:
        return [(values, None) for values in slices]
    buckets: dict[date, None] = {}
    for option in options:
        for tile in option.tiles.get(role, ()):
            assert tile.start is not None  # noqa: S101 - tiles have bounds
            buckets[bucket_start(tile.start, request.grain).date()] = None
    cells: dict[Cell, None] = {}
    for values in slices:
        cells.update(dict.fromkeys((values, bucket) for bucket in buckets))
    for way in found.values():
        cells.update(dict.fromkeys(way.cells))
    return list(cells)

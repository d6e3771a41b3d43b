"""What one option of a KPI comes to in one role: an estimate per cell, from what was read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import attrs

from kpisdk.contracts.estimates import Estimate, Note
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import plain
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.calculating import Calculation, Frames
from kpisdk.engine.cell_values import Measured, follow_ups_of
from kpisdk.engine.evaluation import Evaluation
from kpisdk.engine.evaluation_time import COMPARED, MAIN
from kpisdk.engine.failures import failed
from kpisdk.engine.fallback import AnyOption, Found
from kpisdk.engine.fetching import Answers, Cell
from kpisdk.engine.frontiers import Frontiers
from kpisdk.engine.intervals.change_intervals import paired
from kpisdk.engine.judgement import FOLLOW_UP
from kpisdk.engine.measure_queries import OPEN
from kpisdk.engine.request_slicing import RequestSlicing
from kpisdk.engine.resolution import (
    Refused,
    ResolvedCalculator,
    ResolvedKpi,
    ResolvedMetric,
    ResolvedOption,
)
from kpisdk.engine.source_probes import SourceProbes
from kpisdk.engine.unnamed_reads import UnnamedReads
from kpisdk.errors import BadValueError, ConnectionLostError, KpisdkError, ReadError

_NOTHING_TO_COMPARE = Estimate.absent(Reason.NO_ROWS, "There is no window to compare with.")


@attrs.frozen
class OptionEvaluation:
    """What was read for all KPIs of an execution, and the estimates that follow from it.

    Attributes:
        request: what is asked.
        frames: where calculators' rows are read.
        probes: asked what zeros and absences mean.
        frontiers: where rows begin.
        slicing: how the request's slice applies.
        unnamed: where is noted what calculations read and do not name.
        measured: measure values by owner.
        answers: all that was read, and the errors of owners without any values.
    """

    request: Request
    frames: Frames
    probes: SourceProbes
    frontiers: Frontiers
    slicing: RequestSlicing
    unnamed: UnnamedReads
    measured: Measured
    answers: Answers

    def oldest(self, options: Iterable[AnyOption]) -> datetime | None:
        """The first row of the table whose time windows refer to; the first option's of several."""
        for option in options:
            if not isinstance(option, Refused) and option.time.window:
                try:
                    return None if option.timed is None else self.frontiers.oldest(option.timed)
                except ConnectionLostError:
                    raise
                except ReadError:
                    return None  # then nothing is known of where rows begin
        return None

    def found(self, kpi: ResolvedKpi, option: AnyOption, role: str) -> Found:
        """What an option came to; cells whose window ends before the rows begin have no value."""
        if isinstance(option, Refused):
            return Found.failed(option.estimate)
        found = self._computed(kpi, option, role)
        if found.whole is not None:
            return found
        before: dict[date | None, Estimate | None] = {}

        def settled(cell: Cell) -> Estimate:
            bucket = cell[1]
            if bucket not in before:
                before[bucket] = self._before_rows(option, role, bucket)
            return before[bucket] or self._followed(found.at(cell), kpi, option, role, cell)

        return Found({cell: settled(cell) for cell in found.cells}, settled)

    def _computed(self, kpi: ResolvedKpi, option: ResolvedOption, role: str) -> Found:
        try:
            if isinstance(option, ResolvedCalculator):
                return self._calculated(kpi, option, role)
            return self._evaluated(kpi, option, role)
        except ConnectionLostError:
            raise
        except ReadError as error:
            return Found.failed(failed(error))

    def _evaluated(self, kpi: ResolvedKpi, option: ResolvedMetric, role: str) -> Found:
        owner = (kpi.id, option.option.name, role)
        if owner in self.answers.errors:
            return Found.failed(failed(self.answers.errors[owner]))
        if owner not in self.measured:
            return Found.failed(_NOTHING_TO_COMPARE)
        measured = self.measured[owner]
        evaluation = Evaluation(measured.query, self.slicing, self.probes)
        known: dict[str, Estimate] = {}
        metric = option.metric.metric

        def empty(cell: Cell) -> Estimate:
            # Cells without rows hold the same numbers, but for those that follow no slice.
            values = measured.at(cell)
            key = repr(values)
            if key not in known:
                later = dict.fromkeys(follow_ups_of(measured.query, values))
                with self.unnamed.watched(kpi, metric):
                    made = evaluation.estimate({**values, **later})
                    nothing = measured.moments(cell)
                    known[key] = option.intervals.of_metric(made, {**values, **later}, nothing)
            return known[key]

        with self.unnamed.watched(kpi, metric):
            cells = {
                cell: option.intervals.of_metric(
                    evaluation.estimate(each), each, measured.moments(cell)
                )
                for cell, each in measured.cells.items()
            }
        return Found(cells, empty)

    def correlation(
        self, kpi: ResolvedKpi, option: AnyOption, cell: Cell, before: Cell | None = None
    ) -> float | None:
        """How a cell's value goes with what it is compared with; ``None``: not known.

        Args:
            kpi: the KPI.
            option: the way to its value that answered.
            cell: the cell.
            before: the calendar bucket that it is compared with; ``None``: the other window.
        """
        if not isinstance(option, ResolvedMetric) or option.intervals.figures is None:
            return None
        name = option.option.name
        now = self.measured.get((kpi.id, name, MAIN))
        then = self.measured.get((kpi.id, name, COMPARED), now if before is not None else None)
        if now is None or then is None or not now.units:
            return None
        figures = option.intervals.figures
        with self.unnamed.watched(kpi, option.metric.metric):
            return paired(
                now.joint(then, cell, before),
                figures.influence(now.at(cell)),
                figures.influence(then.at(cell if before is None else before)),
            )

    def _calculated(self, kpi: ResolvedKpi, option: ResolvedCalculator, role: str) -> Found:
        if role == COMPARED and option.time.compared is None:
            return Found.failed(_NOTHING_TO_COMPARE)
        window = option.time.rows(role)
        calculation = Calculation(kpi, option, window, self.request, self.frames, self.unnamed)
        try:
            found = calculation.found()
        except ReadError:
            raise
        except KpisdkError as error:
            return Found.failed(Estimate.absent(Reason.CALCULATOR_FAILED, error.message))
        return found

    def _followed(
        self, made: Estimate, kpi: ResolvedKpi, option: ResolvedOption, role: str, cell: Cell
    ) -> Estimate:
        """An estimate with how many of its rows are too new for what may follow them."""
        follow_up = kpi.kpi.follow_up
        if follow_up is None or option.timed is None:
            return made
        owner = (kpi.id, option.option.name, role + OPEN)
        if owner in self.answers.errors:
            return failed(self.answers.errors[owner])
        rows = 0
        if owner in self.measured:
            counted = self.measured[owner]
            at = (cell[0] if counted.query.by else (), cell[1])
            rows = int(counted.cells.get(at, {}).get("value") or 0)
        made = attrs.evolve(made, details={**made.details, FOLLOW_UP: rows})
        if not rows or made.value is None:
            return made
        days = follow_up.horizon(kpi.settings)
        message = (
            f"{rows} row(s) of {option.timed.name!r} are so new that the {days} days in which "
            "something can follow them are not over: the value can still change."
        )
        return made.with_notes(Note(FOLLOW_UP, message))

    def _before_rows(
        self, option: ResolvedOption, role: str, bucket: date | None
    ) -> Estimate | None:
        """Why a cell has no value where its window ends before the table's first row."""
        time, timed = option.time, option.timed
        window = time.compared if role == COMPARED else time.window
        if time.window is None or timed is None or window is None:
            return None
        if role == MAIN and bucket is None and time.data_through:
            return None  # a row before its end is known
        if bucket is not None and self.request.grain is not None:
            window = time.part(window, bucket, self.request.grain)
        try:
            oldest = self.frontiers.oldest(timed)
        except BadValueError:
            return None  # an instant before any that there is: no window ends before it
        except ConnectionLostError:
            raise
        except ReadError as error:
            return failed(error)
        end = time.as_of if window.end is None else min(window.end, time.as_of)
        if oldest is None or oldest < end or (time.through_as_of and oldest == time.as_of):
            return None
        message = (
            f"The rows of {timed.name!r} begin at {plain(oldest)}, and {window.label} ends before: "
            "nothing is known of it. Ask for a later window."
        )
        return Estimate.absent(Reason.NO_ROWS, message)

"""Answering: from what was read for a job to its results, option by option."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import attrs

from kpisdk.contracts.calculators import Calculator
from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.calculating import Frames, calculate
from kpisdk.engine.choosing import choose
from kpisdk.engine.comparing import with_comparisons
from kpisdk.engine.evaluating import estimate
from kpisdk.engine.failures import failed
from kpisdk.engine.jobs import Job, OptionJob
from kpisdk.engine.probes import Probes
from kpisdk.engine.reading import Answers, Cell
from kpisdk.engine.unnamed_reads import unnamed_reads
from kpisdk.engine.viewing import Measured
from kpisdk.errors import ConnectionLostError, KpisdkError, ReadError


@attrs.frozen
class Answering:
    """What was read for all jobs of a trip, and the results that it makes for each.

    ``cells`` holds measure values by owner, ``answers`` the errors of owners without any;
    calculators take ``frames``, and ``probes`` ask what zeros and absences mean.
    """

    request: Request
    now: datetime
    frames: Frames
    probes: Probes
    cells: Measured
    answers: Answers

    def results(self, job: Job) -> tuple[Result, ...]:
        """The results of a job, with what they are compared with where that is asked for."""
        if job.fixed is not None:
            return choose(job, {}, self.request, self.now)
        main = {option.option.name: self._option(job, option, "main") for option in job.options}
        results = choose(job, main, self.request, self.now)
        if self.request.compare is None:
            return results
        other: tuple[Result, ...] = ()
        apart = any(each.moment and each.moment.compared for each in job.options)
        if self.request.grain is None or apart:
            before = {
                option.option.name: self._option(job, option, "compared") for option in job.options
            }
            other = choose(job, before, self.request, self.now)
        return with_comparisons(job, results, other, self.request)

    def _option(
        self, job: Job, option: OptionJob, role: str
    ) -> Callable[[], dict[Cell, Estimate] | Estimate]:
        """How an option is evaluated, when its turn comes."""

        def evaluate() -> dict[Cell, Estimate] | Estimate:
            if option.failure is not None:
                return option.failure
            owner = (job.kpi.id, option.option.name, role)
            try:
                if isinstance(option.option.calculation, Calculator):
                    return self._calculate(job, option, role)
                if owner in self.answers.errors:
                    return failed(self.answers.errors[owner])
                if owner not in self.cells:
                    message = "There is no window to compare with."
                    return Estimate.absent(Reason.NO_ROWS, message)
                ask, values = self.cells[owner]
                way = option.option.calculation
                with unnamed_reads(job.unnamed, way, job.parameters, job.settings):
                    return {
                        cell: estimate(ask, measured, self.probes)
                        for cell, measured in values.items()
                    }
            except ConnectionLostError:
                raise
            except ReadError as error:
                return failed(error)

        return evaluate

    def _calculate(self, job: Job, option: OptionJob, role: str) -> dict[Cell, Estimate] | Estimate:
        calculation = option.option.calculation
        assert isinstance(calculation, Calculator)  # noqa: S101 - the caller has looked
        assert option.moment is not None  # noqa: S101 - settled without failure
        window = option.moment.rows()
        if role == "compared":
            if option.moment.compared is None:
                return Estimate.absent(Reason.NO_ROWS, "There is no window to compare with.")
            window = option.moment.cut(option.moment.compared)
        try:
            return calculate(job, option, calculation, self.frames, window, self.request)
        except ReadError:
            raise
        except KpisdkError as error:
            return Estimate.absent(Reason.CALCULATOR_FAILED, error.message)

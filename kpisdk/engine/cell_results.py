"""From what the ways of a KPI came to, to its results, one per cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import attrs

from kpisdk.contracts.calculators import Calculator, FirstOf
from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.relations import datasets_of
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.evaluation_time import EvaluationTime
from kpisdk.engine.fallback import Found, answer, holds_nothing
from kpisdk.engine.fetching import Cell
from kpisdk.engine.jobs import Job, OptionJob
from kpisdk.engine.judgement import judge
from kpisdk.engine.trends import trend_start
from kpisdk.errors import listed, quoted

Evaluations: TypeAlias = Mapping[str, Callable[[], Found]]
"""How each way is evaluated, by its name; one whose turn never comes is not."""


def fixed_result(job: Job, estimate: Estimate, request: Request, now: datetime) -> Result:
    """The result of an estimate that stands without computing.

    A value goes out with its window and its source; where the source lacks what the KPI reads, that
    is said instead.
    """
    if not job.options or estimate.value is None:
        return judge(job, estimate, (), None, None, request, now, None)
    first = next((option for option in job.options if option.failure is None), job.options[0])
    stands = first.failure or estimate
    return judge(job, stands, (), None, first.evaluation_time, request, now, sources_of(job, first))


def options_in_turn(job: Job) -> list[OptionJob]:
    """The ways that may answer, in order: all of them, or the one that the request forces."""
    calculation = job.kpi.calculation
    if isinstance(calculation, FirstOf):
        forced = job.parameters.get(calculation.parameter)
        if forced is not None:
            return [option for option in job.options if option.option.name == forced]
    return job.options


def unknown_option(job: Job) -> Estimate:
    """Why no way answers where the request forces one that there is not."""
    calculation = job.kpi.calculation
    assert isinstance(calculation, FirstOf)  # noqa: S101 - nothing else can be forced
    forced = job.parameters.get(calculation.parameter)
    ways = listed(option.option.name for option in job.options)
    message = f"{calculation.parameter} {quoted(forced)} is none of the ways to a value: {ways}."
    return Estimate.absent(Reason.MISSING_PARAMETER, message)


def evaluated(options: Sequence[OptionJob], evaluations: Evaluations) -> dict[str, Found]:
    """What each way came to; one outside of the source is not asked where the others settle it.

    Asking a tracking server costs time, so that it is the last resort.
    """
    found: dict[str, Found] = {}
    for option in options:
        name = option.option.name
        if not (_is_external(option) and found and _is_settled(tuple(found.values()))):
            found[name] = evaluations[name]()
    return found


def _is_external(option: OptionJob) -> bool:
    return isinstance(option.option.calculation, Calculator) and not option.frame_inputs


def _is_settled(found: Sequence[Found]) -> bool:
    """Whether every cell seen so far has a value from some way, or the failure of one."""
    cells = dict.fromkeys(cell for each in found for cell in each.cells)
    return all(any(_settles(each, cell) for each in found) for cell in cells or (None,))


def _settles(found: Found, cell: Cell | None) -> bool:
    made = found.at(cell)
    return made.value is not None or not holds_nothing(made)


def stands_for_all(options: Sequence[OptionJob], found: Mapping[str, Found]) -> bool:
    """Whether one result says it all: a way failed as a whole, or none of them has any cell."""
    for option in options:
        each = found.get(option.option.name)
        if each is None:
            continue
        if each.whole is None:
            return False
        if not holds_nothing(each.whole):
            return True
    return True


def choose(
    job: Job,
    options: Sequence[OptionJob],
    found: Mapping[str, Found],
    cells: Sequence[Cell],
    role: str,
    request: Request,
    now: datetime,
) -> tuple[Result, ...]:
    """The results of a job: one per cell, or a single absent one that says why there is none."""
    times = {option.option.name: _time_of_role(option, role) for option in options}
    if not cells or stands_for_all(options, found):
        # No group holds a row, or every way failed as a whole: one result says so.
        estimate, option = answer(job, options, found, None)
        evaluation_time = times[option.option.name]
        return (judge(job, estimate, (), None, evaluation_time, request, now, None),)
    sources = {option.option.name: sources_of(job, option) for option in options}
    results = []
    for cell in cells:
        estimate, option = answer(job, options, found, cell)
        if option.view_unused is not None:
            told = {**estimate.details, "view": option.view_unused}
            estimate = attrs.evolve(estimate, details=told)
        answered, evaluation_time = sources[option.option.name], times[option.option.name]
        values, bucket = cell
        results.append(
            judge(job, estimate, values, bucket, evaluation_time, request, now, answered)
        )
    return _ordered(results)


def _time_of_role(option: OptionJob, role: str) -> EvaluationTime | None:
    """The moment of an option in a role: what is compared with has that window for its own."""
    evaluation_time = option.evaluation_time
    if evaluation_time is None or role == "main" or evaluation_time.compared is None:
        return evaluation_time
    return attrs.evolve(evaluation_time, window=evaluation_time.compared, compared=None)


def sources_of(job: Job, option: OptionJob) -> str | None:
    """What answered: the option's name where there are several, else the tables that were read."""
    if option.view is not None:
        return f"view {option.view}"
    if option.option.name:
        return option.option.name
    names: dict[str, None] = {}
    calculation = option.option.calculation
    chooses = isinstance(calculation, Calculator) and callable(calculation.inputs)
    if not (chooses and option.frame_inputs):
        # A calculator that chooses its inputs may read other tables than the KPI's own.
        names.update(dict.fromkeys(dataset.name for dataset in job.kpi.datasets))
    for frame_input in option.frame_inputs:
        names.update(dict.fromkeys(dataset.name for dataset in datasets_of(frame_input.relation)))
    return ", ".join(names) or None


def _ordered(results: list[Result]) -> tuple[Result, ...]:
    """Results by period, then slice; rows without a slice value come last."""

    def key(result: Result) -> tuple[str, list[tuple[bool, str]]]:
        return (
            result.period or "",
            [(value is None, str(value)) for value in result.slice.values()],
        )

    return tuple(sorted(results, key=key))


def without_earlier(results: tuple[Result, ...], job: Job, request: Request) -> tuple[Result, ...]:
    """A trend's results without the buckets that were read for comparison only."""
    times = [option.evaluation_time for option in job.options if option.evaluation_time is not None]
    if not times:
        return results
    start = trend_start(request, job.kpi.window, times[0].as_of)
    return tuple(
        result
        for result in results
        if start is None
        or result.window is None
        or result.window.end is None
        or result.window.end > start
    )

"""Choosing: from the estimates of a KPI's options to its results, the first that answers first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import takewhile
from typing import TypeAlias

import attrs

from kpisdk.contracts.calculators import Calculator, FirstOf
from kpisdk.contracts.estimates import Estimate, Note
from kpisdk.contracts.relations import datasets_of
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.jobs import Job, OptionJob
from kpisdk.engine.judging import judge
from kpisdk.engine.reading import Cell
from kpisdk.engine.trends import trend_start
from kpisdk.errors import listed, quoted

Found: TypeAlias = dict[Cell, Estimate] | Estimate
"""Estimates by cell, or one that stands for all of them (a failure of the whole option)."""

Evaluations: TypeAlias = Mapping[str, Callable[[], Found]]
"""How each option is evaluated, by its name; an option whose turn never comes is not."""


def choose(
    job: Job, evaluations: Evaluations, request: Request, now: datetime
) -> tuple[Result, ...]:
    """The results of a job: one a cell, or a single absent one that says why there is none."""
    if job.fixed is not None:
        return (_fixed(job, job.fixed, request, now),)
    options = _forced(job)
    if not options:
        return (judge(job, _unknown_option(job), (), None, None, request, now, None),)
    found: dict[str, Found] = {}
    for option in options:
        if _is_external(option) and found and _complete(found):
            continue  # asking a tracking server costs time; it is the last resort
        found[option.option.name] = evaluations[option.option.name]()
    cells = dict.fromkeys(
        cell for each in found.values() if isinstance(each, dict) for cell in each
    )
    if not cells:
        # No group holds a row, or every option failed as a whole: one result says so.
        estimate, option = _first(job, options, found, None)
        return (judge(job, estimate, (), None, option.moment, request, now, None),)
    results = []
    for cell in cells:
        estimate, option = _first(job, options, found, cell)
        if option.view_unused is not None:
            told = {**estimate.details, "view": option.view_unused}
            estimate = attrs.evolve(estimate, details=told)
        answered = _sources(job, option)
        values, bucket = cell
        results.append(judge(job, estimate, values, bucket, option.moment, request, now, answered))
    return _ordered(results)


def _fixed(job: Job, estimate: Estimate, request: Request, now: datetime) -> Result:
    """The result of an estimate that stands without computing.

    A value goes out with its window and its source; where the source lacks what the KPI reads, that
    is said instead.
    """
    if not job.options or estimate.value is None:
        return judge(job, estimate, (), None, None, request, now, None)
    first = next((option for option in job.options if option.failure is None), job.options[0])
    stands = first.failure or estimate
    return judge(job, stands, (), None, first.moment, request, now, _sources(job, first))


def _forced(job: Job) -> list[OptionJob]:
    calculation = job.kpi.calculation
    if isinstance(calculation, FirstOf):
        forced = job.parameters.get(calculation.parameter)
        if forced is not None:
            return [option for option in job.options if option.option.name == forced]
    return job.options


def _unknown_option(job: Job) -> Estimate:
    calculation = job.kpi.calculation
    assert isinstance(calculation, FirstOf)  # noqa: S101 - nothing else can be forced
    forced = job.parameters.get(calculation.parameter)
    ways = listed(option.option.name for option in job.options)
    message = f"{calculation.parameter} {quoted(forced)} is none of the ways to a value: {ways}."
    return Estimate.absent(Reason.MISSING_PARAMETER, message)


def _is_external(option: OptionJob) -> bool:
    return isinstance(option.option.calculation, Calculator) and not option.asked


def _complete(found: Mapping[str, Found]) -> bool:
    """Whether every cell seen so far has a value from some option."""
    tables = [each for each in found.values() if isinstance(each, dict)]
    cells = {cell for each in tables for cell in each}
    return bool(cells) and all(
        any(cell in each and each[cell].value is not None for each in tables) for cell in cells
    )


def _first(
    job: Job, options: list[OptionJob], found: Mapping[str, Found], cell: Cell | None
) -> tuple[Estimate, OptionJob]:
    """The first option's estimate that has a value; else why none has one."""
    mine = [
        (option, _at(found[option.option.name], cell))
        for option in options
        if option.option.name in found
    ]
    answered = [(option, made) for option, made in mine if made.value is not None]
    if answered:
        option, made = answered[0]
        # What made an earlier option come out empty (junk in its column) is worth knowing.
        before = takewhile(lambda each: each[1].value is None, mine)
        told = [note for _, other in before for note in other.warnings]
        return _with_disagreement(job, made.with_notes(*told), answered), option
    if len(mine) == 1:
        return mine[0][1], mine[0][0]
    option, made = mine[0]
    message = " ".join(f"{each.option.name}: {other.message}" for each, other in mine)
    return attrs.evolve(made, message=message), option


def _at(found: Found, cell: Cell | None) -> Estimate:
    if isinstance(found, Estimate):
        return found
    if cell is not None and cell in found:
        return found[cell]
    return Estimate.absent(Reason.NO_ROWS, "No row lies in the window and slice.")


def _with_disagreement(
    job: Job, made: Estimate, answered: list[tuple[OptionJob, Estimate]]
) -> Estimate:
    tolerance = job.kpi.calculation.tolerance if isinstance(job.kpi.calculation, FirstOf) else None
    if tolerance is None or made.value is None:
        return made
    values = {option.option.name: other.value for option, other in answered}
    first = answered[0][0].option.name
    notes = [
        Note(
            "sources_disagree",
            f"{first} says {made.value:.6g} and {name} says {value:.6g}: "
            f"they differ by more than {tolerance:g}.",
        )
        for name, value in values.items()
        if value is not None and abs(value - made.value) > tolerance
    ]
    return made.with_notes(*notes)


def _sources(job: Job, option: OptionJob) -> str | None:
    """What answered: the option's name where there are several, else the tables that were read."""
    if option.view is not None:
        return f"view {option.view}"
    if option.option.name:
        return option.option.name
    names: dict[str, None] = {}
    calculation = option.option.calculation
    chooses = isinstance(calculation, Calculator) and callable(calculation.inputs)
    if not (chooses and option.asked):
        # A calculator that chooses its inputs may read other tables than the KPI's own.
        names.update(dict.fromkeys(dataset.name for dataset in job.kpi.datasets))
    for ask in option.asked:
        names.update(dict.fromkeys(dataset.name for dataset in datasets_of(ask.relation)))
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
    moments = [option.moment for option in job.options if option.moment is not None]
    if not moments:
        return results
    start = trend_start(request, job.kpi.window, moments[0].as_of)
    return tuple(
        result
        for result in results
        if start is None
        or result.window is None
        or result.window.end is None
        or result.window.end > start
    )

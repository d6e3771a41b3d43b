"""The KPIs of a request with their parameters, slices and options settled, or refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from kpisdk.contracts.calculators import (
    Calculator,
    Extensions,
    FrameInput,
    Option,
    no_extensions,
    options_of,
    relations_of,
)
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.kpis import Kpi, Parameter
from kpisdk.contracts.plans import Slicing
from kpisdk.contracts.relations import Relation, datasets_of
from kpisdk.contracts.requests import Filters, Request
from kpisdk.contracts.time_windows import Matured, Window, WindowRule
from kpisdk.contracts.vocabulary import LogicalType, Reason
from kpisdk.engine.catalog import Catalog, first_reason
from kpisdk.engine.context import CALCULATOR_TIMEOUT
from kpisdk.engine.evaluation_time import EvaluationTime
from kpisdk.engine.failures import CalculationError, failed
from kpisdk.engine.required_columns import required_columns
from kpisdk.engine.unnamed_reads import unnamed_reads
from kpisdk.errors import KpisdkError, Problem, ProblemsError, listed
from kpisdk.planner.planning import uses_as_of
from kpisdk.planner.slicing import (
    SliceValueError,
    UnsupportedSliceError,
    coerced,
    dimensions,
    slicing,
)
from kpisdk.quarantine import PluginFaultError, contained
from kpisdk.windows import Everything


@attrs.define
class OptionJob:
    """One way to a KPI's value, and what is known of its time: filled in as the execution goes on.

    ``tiles`` are the buckets of a trend, by the role that they are read in. ``view`` names the
    helper view that answered instead of the tables; ``view_unused`` says why one
    that is there did not.
    """

    option: Option
    rule: WindowRule | None
    time: Dataset | None
    failure: Estimate | None = None
    frame_inputs: tuple[FrameInput, ...] = ()
    evaluation_time: EvaluationTime | None = None
    tiles: dict[str, tuple[Window, ...]] = attrs.field(factory=dict)
    view: str | None = None
    view_unused: str | None = None


@attrs.define
class Job:
    """One KPI of a request.

    ``fixed`` is an estimate that stands without computing anything: a refusal, or the value that
    the KPI's own definition gives for a slice that was not named. ``identity`` says what its
    results depend on in the definition, and ``unnamed`` what its calculators read without naming
    it: results that depend on such things are not kept. ``unstated`` are the calculators which
    say that the state of what they read cannot be told.
    """

    kpi: Kpi
    version: str
    where: Filters
    by: tuple[str, ...]
    parameters: Mapping[str, Any]
    settings: Any = None
    fixed: Estimate | None = None
    timeout: float = CALCULATOR_TIMEOUT
    options: list[OptionJob] = attrs.field(factory=list)
    identity: str = ""
    extensions: Extensions = no_extensions
    unnamed: set[str] = attrs.field(factory=set)
    unstated: list[Calculator] = attrs.field(factory=list)

    def fail(self, reason: Reason, message: str) -> None:
        """Make the KPI absent as a whole."""
        self.fixed = Estimate.absent(reason, message)


def parameters_of(kpis: Sequence[Kpi], given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The parameter values of each KPI by id: given ones, parsed and checked, else defaults.

    Raises:
        ProblemsError: a parameter that none of the KPIs has, or a value that one refuses; all of
            them at once.
    """
    problems: list[Problem] = []
    known = sorted({parameter.name for kpi in kpis for parameter in kpi.parameters})
    problems += [
        Problem(name, f"is a parameter of none of the KPIs asked for; they have: {listed(known)}")
        if known
        else Problem(name, "the KPIs asked for take no parameters")
        for name in given
        if name not in known
    ]
    settled: dict[str, dict[str, Any]] = {}
    for kpi in kpis:
        values: dict[str, Any] = {}
        for parameter in kpi.parameters:
            value = parameter.default
            if parameter.name in given:
                value, fault = _parsed(parameter, given[parameter.name])
                if fault is not None:
                    problems.append(Problem(f"{kpi.id} {parameter.name}", fault))
            values[parameter.name] = value
        settled[kpi.id] = values
    if problems:
        raise ProblemsError("The parameters", problems)
    return settled


def _parsed(parameter: Parameter, value: Any) -> tuple[Any, str | None]:
    if isinstance(value, str) and parameter.type is not LogicalType.TEXT:
        try:
            value = coerced(parameter.name, value, parameter.type)
        except SliceValueError:
            return value, f"{value[:80]!r} is not {parameter.type.value}"
    if parameter.type is LogicalType.JSON:  # frames and mappings go to calculators as they are
        return value, None
    return value, parameter.fault(value)


def prepare(job: Job, catalog: Catalog, request: Request) -> None:
    """Settle a job's options against the source: refuse what it cannot answer, naming why."""
    kpi = job.kpi
    for column in (*job.where, *job.by):
        why = kpi.refusal(column)
        if why is not None:
            error = UnsupportedSliceError(kpi.id, column, supported(kpi, catalog), why)
            return job.fail(Reason.UNSUPPORTED_SLICE, error.message)
    if request.grain is not None and kpi.window is None:
        message = f"{kpi.id} has no time window, so it cannot be cut by {request.grain.value}."
        return job.fail(Reason.UNSUPPORTED_SLICE, message)
    required = kpi.requires
    if required is not None and required.column not in (*job.where, *job.by):
        if required.otherwise is None:
            message = f"{kpi.id} needs a {required.column}: filter or group by it."
            return job.fail(Reason.MISSING_PARAMETER, message)
        if job.by or request.grain is not None:
            message = f"{kpi.id} needs a {required.column} to be cut: filter or group by it."
            return job.fail(Reason.MISSING_PARAMETER, message)
        # The value is fixed, and still it goes out with its window and its source.
        notes = () if required.note is None else (required.note,)
        job.fixed = Estimate.of(required.otherwise, warnings=notes)
    for option in options_of(kpi.calculation):
        job.options.append(_option(job, option, catalog, request))
    return None


def _option(job: Job, option: Option, catalog: Catalog, request: Request) -> OptionJob:
    made = OptionJob(option, _rule(job, option), _time_of(job.kpi, option))
    if isinstance(option.calculation, Calculator):
        _ask(made, option.calculation, job, catalog, request)
    if made.failure is None:
        lacking = _lacking(job, made, catalog, request)
        made.failure = lacking or _unsliced(job, made, catalog, request)
    return made


def _rule(job: Job, option: Option) -> WindowRule | None:
    """The window of a way where the request gives none; moved back by what follows its rows."""
    rule, follow_up = option.window or job.kpi.window, job.kpi.follow_up
    wait = 0 if follow_up is None else follow_up.wait(job.settings)
    return Matured(rule, wait) if rule is not None and wait else rule


def _lacking(job: Job, made: OptionJob, catalog: Catalog, request: Request) -> Estimate | None:
    """What the source lacks of tables, columns and types, all of it in one absent estimate."""
    required = required_columns(
        made.option.calculation,
        made.frame_inputs,
        windowed=made.rule is not None,
        sliced=(*job.where, *job.by),
    )
    time = made.time
    if time is not None and (made.rule is not None or _asks_for_instant(job, made, request)):
        required.setdefault(time.name, {})[time.time or ""] = time.column(time.time or "").type
    needed, base = job.kpi.requires, job.kpi.own_base
    if needed is not None and base is not None and needed.column in (*job.where, *job.by):
        own = {column.name: column.type for column in base.columns}
        if needed.column in own:  # it is no slice that the KPI could do without
            required.setdefault(base.name, {})[needed.column] = own[needed.column]
    faults = catalog.faults(required)
    if not faults:
        return None
    message = "; ".join(fault.message for fault in faults)
    return Estimate.absent(first_reason(faults), f"{message}.")


def _asks_for_instant(job: Job, made: OptionJob, request: Request) -> bool:
    """Whether a measure names the instant, and that is the newest row's."""
    calculation = made.option.calculation
    if request.as_of is not None or job.kpi.clock or isinstance(calculation, Calculator):
        return False
    return any(map(uses_as_of, calculation.measures().values()))


def _unsliced(job: Job, made: OptionJob, catalog: Catalog, request: Request) -> Estimate | None:
    """Why the slice that is asked for cannot be honoured, if it cannot."""
    kpi, calculation = job.kpi, made.option.calculation
    column = next(iter((*job.where, *job.by)), None)
    is_calculator = isinstance(calculation, Calculator)
    is_cut = any(frame_input.sliced and frame_input.windowed for frame_input in made.frame_inputs)
    if request.grain is not None and is_calculator and not is_cut:
        where = f"The source {made.option.name!r} of {kpi.id}" if made.option.name else kpi.id
        message = f"{where} holds one figure for the whole, and none for a {request.grain.value}."
        return Estimate.absent(Reason.UNSUPPORTED_SLICE, message)
    if (
        column is not None
        and is_calculator
        and not any(frame_input.sliced for frame_input in made.frame_inputs)
    ):
        # Nothing that it reads could be cut to the slice: it would answer for the whole instead.
        why = f"the source {made.option.name!r} holds one figure for the whole"
        refused = UnsupportedSliceError(kpi.id, column, supported(kpi, catalog), why)
        return Estimate.absent(Reason.UNSUPPORTED_SLICE, refused.message)
    for relation, across in sliced_relations(calculation, made.frame_inputs):
        try:
            found = slice_of(job, relation, across, catalog, request)
        except SliceValueError as error:
            return Estimate.absent(Reason.UNSUPPORTED_SLICE, error.message)
        if isinstance(found, str):
            refused = UnsupportedSliceError(kpi.id, found, supported(kpi, catalog))
            return Estimate.absent(Reason.UNSUPPORTED_SLICE, refused.message)
    return None


def _ask(
    made: OptionJob, calculator: Calculator, job: Job, catalog: Catalog, request: Request
) -> None:
    """Let a calculator name its inputs; a plugin's function may refuse, or raise anything."""
    try:
        named = contained(lambda: _named(job, calculator), job.timeout)
        made.frame_inputs = tuple(
            _with_declared_time(frame_input, catalog) for frame_input in named
        )
    except PluginFaultError as error:
        subject = f"The inputs of {job.kpi.id} cannot be named"
        made.failure = failed(CalculationError.of(subject, error))
    except KpisdkError as error:
        made.failure = Estimate.absent(Reason.MISSING_PARAMETER, error.message)
    read = {
        each.name for frame_input in made.frame_inputs for each in datasets_of(frame_input.relation)
    }
    if callable(calculator.inputs) and made.time is not None and made.time.name not in read:
        _by_the_clock_of_the_rows(made, job, request)


def _with_declared_time(frame_input: FrameInput, catalog: Catalog) -> FrameInput:
    """An input of a table that its plugin does not declare, with the time column of who does."""
    relation = frame_input.relation
    if not isinstance(relation, Dataset) or relation.time is not None:
        return frame_input
    owner = catalog.contract.get(relation.name)
    if owner is None or owner.time is None:
        return frame_input
    others = tuple(column for column in relation.columns if column.name != owner.time)
    columns = (*others, owner.column(owner.time))
    return attrs.evolve(
        frame_input, relation=attrs.evolve(relation, columns=columns, time=owner.time)
    )


def _by_the_clock_of_the_rows(made: OptionJob, job: Job, request: Request) -> None:
    """Other rows than the KPI's own are read: its clock says nothing of them, theirs does.

    All of them count where no window is given. A window or an instant that is given is refused
    where rows that it should apply to have no time column: it would be ignored otherwise.
    """
    windowed = [
        frame_input.relation.base for frame_input in made.frame_inputs if frame_input.windowed
    ]
    made.time = next((base for base in windowed if base.time is not None), None)
    made.rule = None if made.time is None else Everything()
    given = request.window is not None or request.as_of is not None or request.grain is not None
    if windowed and made.time is None and given and made.failure is None:
        message = (
            f"{job.kpi.id} is to hold for a window or an instant, and the table "
            f"{windowed[0].name!r} has no time column that is known: declare it in the dataset"
        )
        if job.kpi.parameter("time") is not None:
            message += ", or name it with the parameter time"
        made.failure = Estimate.absent(Reason.MISSING_PARAMETER, f"{message}.")


def _named(job: Job, calculator: Calculator) -> tuple[FrameInput, ...]:
    """The inputs that a calculator names, as what they must be."""
    with unnamed_reads(job.unnamed, calculator, job.parameters, job.settings):
        asked: object = calculator.asks(job.parameters, job.settings)
        found = tuple(asked) if isinstance(asked, Iterable) else (asked,)
    for each in found:
        if not isinstance(each, FrameInput):
            raise TypeError(f"{type(each).__name__} is not a FrameInput")
    return found


def _time_of(kpi: Kpi, option: Option) -> Dataset | None:
    if kpi.time_of is not None:
        return kpi.time_of
    calculation = option.calculation
    if isinstance(calculation, Calculator) and not calculation.inputs and not calculation.relation:
        return None  # it reads nothing of the source, so no window applies to what it finds
    for relation in relations_of(option.calculation):
        if relation.base.time is not None:
            return relation.base
    return kpi.time_dataset


def sliced_relations(
    calculation: Any, asked: Iterable[FrameInput]
) -> list[tuple[Relation, tuple[str, ...]]]:
    """The relations that a slice applies to, and the slice columns that each does not follow."""
    if isinstance(calculation, Calculator):
        return [(frame_input.relation, ()) for frame_input in asked if frame_input.sliced]
    return [(each.relation, each.across) for each in calculation.measures().values()]


def slice_of(
    job: Job, relation: Relation, across: tuple[str, ...], catalog: Catalog, request: Request
) -> Slicing | str:
    """How a relation is sliced for a job; a column that it does not carry."""
    where = {column: values for column, values in job.where.items() if column not in across}
    by = [column for column in job.by if column not in across]
    return slicing(relation, where, by, request.grain, catalog.find)


def supported(kpi: Kpi, catalog: Catalog) -> tuple[str, ...]:
    """The columns that a KPI can be sliced by on this source."""
    common: set[str] | None = None
    for option in options_of(kpi.calculation):
        for relation, across in sliced_relations(option.calculation, ()):
            carried = {*dimensions(relation, catalog.find), *across}
            common = carried if common is None else common & carried
    if common is None and kpi.own_base is not None:
        common = set(dimensions(kpi.own_base, catalog.find))
    return tuple(sorted(name for name in common or () if kpi.refusal(name) is None))

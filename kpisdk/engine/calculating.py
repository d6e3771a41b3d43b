"""Calculating: give calculators their frames, slice by slice, and take their estimates."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import partial
from typing import Any

import attrs

from kpisdk.contracts.calculators import Calculator, Extension, FrameInput, Inputs
from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.plans import Shape, Slicing, StatementPlan
from kpisdk.contracts.requests import Request
from kpisdk.contracts.vocabulary import Reason
from kpisdk.contracts.windows import Window
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.failures import CalculationError, failed, settled_estimate, side_effect
from kpisdk.engine.jobs import Job, OptionJob, slice_of
from kpisdk.engine.reading import Cell, as_day
from kpisdk.engine.unnamed_reads import unnamed_reads
from kpisdk.errors import KpisdkError
from kpisdk.quarantine import PluginFaultError, contained
from kpisdk.sql import statements
from kpisdk.sql.scopes import BUCKET, dimension_label

FrameKey = tuple[Hashable, ...]


@attrs.define
class Frames:
    """Frames read for calculators, each once a trip however many KPIs ask for it."""

    catalog: Catalog
    _read: dict[FrameKey, Any] = attrs.field(factory=dict)

    def frame(
        self, job: Job, option: OptionJob, ask: FrameInput, window: Window | None, request: Request
    ) -> Any:
        """The rows of one input: slice columns, bucket and named columns."""
        moment = option.moment
        assert moment is not None  # noqa: S101 - set before anything is asked
        slicing = Slicing()
        if ask.sliced:
            found = slice_of(job, ask.relation, (), self.catalog, request)
            assert isinstance(found, Slicing)  # noqa: S101 - refused when the job was prepared
            slicing = found if ask.windowed else attrs.evolve(found, grain=None)
        plan = StatementPlan(
            relation=ask.relation,
            slicing=slicing,
            tasks=(),
            shape=Shape.FUSED,
            as_of=moment.as_of,
            window=window if ask.windowed else None,
            parameters=job.parameters,
        )
        table = self.catalog.table(ask.relation.base.name)
        present = tuple(name for name in ask.optional if name in table.columns)
        columns = (*ask.columns, *present)
        used = tuple(sorted((name, str(value)) for name, value in job.parameters.items()))
        key = (ask.relation, slicing, columns, ask.where, plan.window, plan.as_of, used)
        if key not in self._read:
            statement = statements.frame(
                plan, columns, ask.where, self.catalog.table, self.catalog.session.dialect
            )
            self._read[key] = self.catalog.session.frame(statement)
        return self._read[key]


def calculate(
    job: Job,
    option: OptionJob,
    calculator: Calculator,
    frames: Frames,
    window: Window | None,
    request: Request,
) -> dict[Cell, Estimate]:
    """The estimates of a calculator, one a slice (and bucket) that holds rows."""
    read = {ask.name: frames.frame(job, option, ask, window, request) for ask in option.asked}
    cells = _cells(job, option, read, request)
    return {
        cell: _call(job, option, calculator, _parts(option, read, cell, job), window, cell)
        for cell in cells
    }


def _cells(job: Job, option: OptionJob, read: Mapping[str, Any], request: Request) -> list[Cell]:
    if not job.by and request.grain is None:
        return [((), None)]
    found: dict[Cell, None] = {}
    for ask in option.asked:
        if not ask.sliced or (request.grain is not None and not ask.windowed):
            continue
        frame = read[ask.name]
        keys = [dimension_label(position) for position in range(len(job.by))]
        rows = frame[keys + ([BUCKET] if BUCKET in frame else [])].drop_duplicates()
        for row in rows.itertuples(index=False, name=None):
            values = tuple(_plain(value) for value in row[: len(job.by)])
            bucket = as_day(_plain(row[-1])) if BUCKET in frame else None
            found[values, bucket] = None
    return list(found)


def _plain(value: Any) -> Any:
    """A frame's cell as a Python value; every kind of missing becomes ``None``."""
    if value is None or value != value:  # noqa: PLR0124 - true for NaN and NaT alone
        return None
    return value.item() if hasattr(value, "item") else value


def _parts(option: OptionJob, read: Mapping[str, Any], cell: Cell, job: Job) -> dict[str, Any]:
    """The rows of one cell, as copies without the columns that only the engine knows."""
    values, bucket = cell
    parts = {}
    for ask in option.asked:
        part = read[ask.name]
        if ask.sliced:
            for position in range(len(job.by)):
                column, value = part[dimension_label(position)], values[position]
                part = part[column.isna() if value is None else column == value]
            if BUCKET in part and bucket is not None:
                part = part[part[BUCKET].map(lambda day: as_day(_plain(day))) == bucket]
        kept = [name for name in part.columns if not name.startswith("kpisdk_")]
        parts[ask.name] = part[kept].reset_index(drop=True).copy()
    return parts


def _run(job: Job, calculator: Calculator, inputs: Inputs) -> object:
    """What the function gives; what it reads beside its inputs and does not name is noted."""
    if not job.identity:
        return calculator.function(inputs)  # nothing is kept
    if any(calculator is each for each in job.unstated):
        job.unnamed.add("what has no state that can be told")
    with unnamed_reads(job.unnamed, calculator, job.parameters, job.settings):
        return calculator.function(inputs)


def _extensions(job: Job, calculator: Calculator, hook: str) -> tuple[Extension, ...]:
    """What extends the calculator's plugin; a hook that it does not name is noted."""
    if hook not in calculator.extensions:
        job.unnamed.add(f"what plugins bring through {hook}")
    return job.extensions(hook)


def _call(
    job: Job,
    option: OptionJob,
    calculator: Calculator,
    parts: Mapping[str, Any],
    window: Window | None,
    cell: Cell,
) -> Estimate:
    assert option.moment is not None  # noqa: S101 - set before anything is asked
    inputs = Inputs(
        frames=parts,
        parameters=dict(job.parameters),
        settings=job.settings,
        window=window,
        as_of=option.moment.as_of,
        slice=dict(zip(job.by, cell[0], strict=True)),
        extensions=partial(_extensions, job, calculator),
    )
    changed: list[str] = []
    try:
        made = contained(
            lambda: settled_estimate(_run(job, calculator, inputs)), job.timeout, changed.append
        )
    except PluginFaultError as error:
        return failed(CalculationError(f"The calculator of {job.kpi.id} failed", error))
    except KpisdkError as error:
        return Estimate.absent(Reason.CALCULATOR_FAILED, error.message)
    if not isinstance(made, Estimate):
        message = f"The calculator of {job.kpi.id} returned {made}, not an Estimate."
        return Estimate.absent(Reason.CALCULATOR_FAILED, message)
    return made.with_notes(*(side_effect(job.kpi.id, each) for each in changed))

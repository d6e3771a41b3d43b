"""The frames that calculators are given, slice by slice, and the estimates that they return."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import partial
from typing import Any

import attrs

from kpisdk.contracts.calculators import Calculator, Extension, FrameInput, Inputs
from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.plans import Shape, Slicing, StatementPlan
from kpisdk.contracts.requests import Request
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.failures import (
    CalculationError,
    TooManyGroupsError,
    failed,
    settled_estimate,
    side_effect,
)
from kpisdk.engine.fallback import Found
from kpisdk.engine.fetching import Cell, as_day
from kpisdk.engine.jobs import Job, OptionJob, slice_of
from kpisdk.engine.unnamed_reads import unnamed_reads
from kpisdk.errors import KpisdkError
from kpisdk.quarantine import PluginFaultError, contained
from kpisdk.sql import statements
from kpisdk.sql.scopes import BUCKET, dimension_label

FrameKey = tuple[Hashable, ...]


@attrs.define
class Frames:
    """Frames read for calculators, each once an execution however many KPIs ask for it."""

    catalog: Catalog
    _read: dict[FrameKey, Any] = attrs.field(factory=dict)

    def frame(
        self,
        job: Job,
        option: OptionJob,
        frame_input: FrameInput,
        window: Window | None,
        request: Request,
    ) -> Any:
        """The rows of one input: slice columns, bucket and named columns."""
        evaluation_time = option.evaluation_time
        assert evaluation_time is not None  # noqa: S101 - set before anything is asked
        slicing = Slicing()
        if frame_input.sliced:
            found = slice_of(job, frame_input.relation, (), self.catalog, request)
            assert isinstance(found, Slicing)  # noqa: S101 - refused when the job was prepared
            slicing = found if frame_input.windowed else attrs.evolve(found, grain=None)
        plan = StatementPlan(
            relation=frame_input.relation,
            slicing=slicing,
            tasks=(),
            shape=Shape.FUSED,
            as_of=evaluation_time.as_of,
            window=window if frame_input.windowed else None,
            parameters=job.parameters,
        )
        table = self.catalog.table(frame_input.relation.base.name)
        present = tuple(name for name in frame_input.optional if name in table.columns)
        columns = (*frame_input.columns, *present)
        used = tuple(sorted((name, str(value)) for name, value in job.parameters.items()))
        key = (
            frame_input.relation,
            slicing,
            columns,
            frame_input.where,
            plan.window,
            plan.as_of,
            used,
        )
        if key not in self._read:
            statement = statements.frame(
                plan, columns, frame_input.where, self.catalog.table, self.catalog.session.dialect
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
) -> Found:
    """What a calculator makes of each slice (and bucket): those with rows, and any other."""
    read = {
        frame_input.name: frames.frame(job, option, frame_input, window, request)
        for frame_input in option.frame_inputs
    }
    if request.grain is not None and not any(BUCKET in frame for frame in read.values()):
        message = f"{job.kpi.id} reads nothing that could be cut by {request.grain.value}."
        return Found.failed(Estimate.absent(Reason.UNSUPPORTED_SLICE, message))
    split = {
        frame_input.name: _SplitFrame.of(read[frame_input.name], len(job.by))
        for frame_input in option.frame_inputs
    }

    def made_of(cell: Cell) -> Estimate:
        parts = {
            frame_input.name: split[frame_input.name].part(cell, sliced=frame_input.sliced)
            for frame_input in option.frame_inputs
        }
        return _call(
            job, option, calculator, parts, _window_of(option, window, cell, request), cell
        )

    cells = _cells(job, option, split, request)
    if job.by and len(cells) > request.max_groups:
        return Found.failed(failed(TooManyGroupsError(job.by, request.max_groups)))
    return Found({cell: made_of(cell) for cell in cells}, made_of)


def _window_of(
    option: OptionJob, window: Window | None, cell: Cell, request: Request
) -> Window | None:
    """The window of a cell: that of the request, or its part in the cell's bucket."""
    bucket = cell[1]
    if bucket is None or window is None or request.grain is None or option.evaluation_time is None:
        return window
    return option.evaluation_time.part(window, bucket, request.grain)


def _cells(
    job: Job, option: OptionJob, split: Mapping[str, _SplitFrame], request: Request
) -> list[Cell]:
    if not job.by and request.grain is None:
        return [((), None)]
    found: dict[Cell, None] = {}
    for frame_input in option.frame_inputs:
        if frame_input.sliced and (request.grain is None or split[frame_input.name].is_bucketed):
            found.update(dict.fromkeys(split[frame_input.name].rows))
    return list(found)


@attrs.frozen
class _SplitFrame:
    """A frame whose rows are known by cell, so that each is looked at once however many cells."""

    frame: Any
    rows: Mapping[Cell, Any]
    """Positions of rows; a frame that is not cut into buckets has them under no bucket."""
    is_bucketed: bool

    @classmethod
    def of(cls, frame: Any, dimensions: int) -> _SplitFrame:
        """A frame with its slice columns, of which there are so many, and its bucket."""
        is_bucketed = BUCKET in frame
        keys = [dimension_label(position) for position in range(dimensions)]
        keys = [key for key in keys if key in frame] + [BUCKET] * is_bucketed
        kept = frame[[name for name in frame.columns if not name.startswith("kpisdk_")]]
        if not keys or frame.empty:
            return cls(kept, {}, is_bucketed)
        groups = frame.groupby(keys, dropna=False, sort=False, observed=True).ngroup().to_numpy()
        order = groups.argsort(kind="stable")
        ends = groups[order].searchsorted(range(groups.max() + 1), side="right").tolist()
        starts = [0, *ends[:-1]]
        rows: dict[Cell, Any] = {}
        named = frame[keys].iloc[order[starts]].itertuples(index=False, name=None)
        for key, start, end in zip(named, starts, ends, strict=True):
            values = tuple(_plain(value) for value in (key[:-1] if is_bucketed else key))
            bucket = as_day(_plain(key[-1])) if is_bucketed else None
            rows[values, bucket] = order[start:end]
        return cls(kept, rows, is_bucketed)

    def part(self, cell: Cell, *, sliced: bool) -> Any:
        """A copy of the rows of one cell; of a frame that no slice applies to, of all."""
        if not sliced or not (cell[0] or self.is_bucketed):
            return self.frame.reset_index(drop=True).copy()
        at = (cell[0], cell[1] if self.is_bucketed else None)
        return self.frame.iloc[self.rows.get(at, [])].reset_index(drop=True).copy()


def _plain(value: Any) -> Any:
    """A frame's cell as a Python value; every kind of missing becomes ``None``."""
    if value is None or value != value:  # noqa: PLR0124 - true for NaN and NaT alone
        return None
    return value.item() if hasattr(value, "item") else value


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
    assert option.evaluation_time is not None  # noqa: S101 - set before anything is asked
    inputs = Inputs(
        frames=parts,
        parameters=dict(job.parameters),
        settings=job.settings,
        window=window,
        as_of=option.evaluation_time.as_of,
        slice=dict(zip(job.by, cell[0], strict=True)),
        extensions=partial(_extensions, job, calculator),
    )
    changed: list[str] = []
    try:
        made = contained(
            lambda: settled_estimate(_run(job, calculator, inputs)), job.timeout, changed.append
        )
    except PluginFaultError as error:
        return failed(CalculationError.of(f"The calculator of {job.kpi.id} failed", error))
    except KpisdkError as error:
        return Estimate.absent(Reason.CALCULATOR_FAILED, error.message)
    if not isinstance(made, Estimate):
        message = f"The calculator of {job.kpi.id} returned {made}, not an Estimate."
        return Estimate.absent(Reason.CALCULATOR_FAILED, message)
    return made.with_notes(*(side_effect(job.kpi.id, each) for each in changed))

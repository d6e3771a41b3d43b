"""What calculators make of the frames of each slice and bucket."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import attrs

from kpisdk.contracts.calculators import Extension, FrameInput, Inputs
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
from kpisdk.engine.request_slicing import RequestSlicing
from kpisdk.engine.resolution import ResolvedCalculator, ResolvedKpi
from kpisdk.engine.unnamed_reads import UnnamedReads
from kpisdk.errors import KpisdkError
from kpisdk.quarantine import PluginFaultError, contained
from kpisdk.sql import statements
from kpisdk.sql.scopes import BUCKET, UNIT, dimension_label

FrameKey = tuple[Hashable, ...]


@attrs.define
class Frames:
    """Frames read for calculators, each once in an execution however many KPIs ask for it."""

    catalog: Catalog
    slicing: RequestSlicing
    _read: dict[FrameKey, Any] = attrs.field(factory=dict)

    def frame(
        self,
        kpi: ResolvedKpi,
        option: ResolvedCalculator,
        frame_input: FrameInput,
        window: Window | None,
    ) -> Any:
        """The rows of one input: slice columns, bucket and named columns."""
        slicing = Slicing()
        if frame_input.sliced:
            found = self.slicing.settled(kpi.kpi, frame_input.relation)
            slicing = found if frame_input.windowed else attrs.evolve(found, grain=None)
        unit = option.intervals.units.get(frame_input.relation)
        unit = unit if frame_input.name in option.calculator.units else None
        plan = StatementPlan(
            relation=frame_input.relation,
            slicing=slicing,
            tasks=(),
            shape=Shape.FUSED,
            as_of=option.time.as_of,
            window=window if frame_input.windowed else None,
            parameters=kpi.parameters,
            unit=unit,
        )
        table = self.catalog.table(frame_input.relation.base.name)
        present = tuple(name for name in frame_input.optional if name in table.columns)
        columns = (*frame_input.columns, *present)
        used = tuple(sorted((name, str(value)) for name, value in kpi.parameters.items()))
        where = frame_input.where
        key = (frame_input.relation, slicing, columns, where, plan.window, plan.as_of, used, unit)
        if key not in self._read:
            dialect = self.catalog.session.dialect
            statement = statements.frame(plan, columns, where, self.catalog.table, dialect)
            self._read[key] = self.catalog.session.frame(statement)
        return self._read[key]


@attrs.frozen
class Calculation:
    """A calculator of one KPI over the rows of one window.

    Attributes:
        kpi: the KPI.
        option: the calculator, its inputs and its time.
        window: the window as it applies to rows.
        request: what is asked.
        frames: where rows are read.
        unnamed: where is noted what it reads beside them and does not name.
    """

    kpi: ResolvedKpi
    option: ResolvedCalculator
    window: Window | None
    request: Request
    frames: Frames
    unnamed: UnnamedReads

    def found(self) -> Found:
        """What it makes of each slice (and bucket): those with rows, and any other."""
        kpi, option, grain = self.kpi, self.option, self.request.grain
        frames = {
            each.name: self.frames.frame(kpi, option, each, self.window)
            for each in option.frame_inputs
        }
        if grain is not None and not any(BUCKET in frame for frame in frames.values()):
            message = f"{kpi.id} reads nothing that could be cut by {grain.value}."
            return Found.failed(Estimate.absent(Reason.UNSUPPORTED_SLICE, message))
        split = {name: _SplitFrame.of(frame, len(kpi.by)) for name, frame in frames.items()}

        def made_of(cell: Cell) -> Estimate:
            parts = {
                each.name: split[each.name].part(cell, sliced=each.sliced)
                for each in option.frame_inputs
            }
            units = {
                each.name: split[each.name].units_in(cell, sliced=each.sliced)
                for each in option.frame_inputs
                if each.name in option.calculator.units
            }
            return option.intervals.of_calculator(self._called(parts, units, cell), units)

        cells = self._cells(split)
        if kpi.by and len(cells) > self.request.max_groups:
            return Found.failed(failed(TooManyGroupsError(kpi.by, self.request.max_groups)))
        return Found({cell: made_of(cell) for cell in cells}, made_of)

    def _window_of(self, cell: Cell) -> Window | None:
        """The window of a cell: that of the request, or its part in the cell's bucket."""
        bucket, grain = cell[1], self.request.grain
        if bucket is None or self.window is None or grain is None:
            return self.window
        return self.option.time.part(self.window, bucket, grain)

    def _cells(self, split: Mapping[str, _SplitFrame]) -> list[Cell]:
        grain = self.request.grain
        if not self.kpi.by and grain is None:
            return [((), None)]
        found: dict[Cell, None] = {}
        for each in self.option.frame_inputs:
            if each.sliced and (grain is None or split[each.name].is_bucketed):
                found.update(dict.fromkeys(split[each.name].rows))
        return list(found)

    def _called(self, parts: Mapping[str, Any], units: Mapping[str, Any], cell: Cell) -> Estimate:
        kpi, option = self.kpi, self.option
        inputs = Inputs(
            frames=parts,
            parameters=dict(kpi.parameters),
            settings=kpi.settings,
            window=self._window_of(cell),
            as_of=option.time.as_of,
            slice=dict(zip(kpi.by, cell[0], strict=True)),
            extensions=self._extensions,
            sampling=option.intervals.sampling,
            intervals=self.request.intervals,
            unit_values=units,
        )
        changed: list[str] = []
        try:
            made = contained(
                lambda: settled_estimate(self._run(inputs)), kpi.timeout, changed.append
            )
        except PluginFaultError as error:
            return failed(CalculationError.of(f"The calculator of {kpi.id} failed", error))
        except KpisdkError as error:
            return Estimate.absent(Reason.CALCULATOR_FAILED, error.message)
        if not isinstance(made, Estimate):
            message = f"The calculator of {kpi.id} returned {made}, not an Estimate."
            return Estimate.absent(Reason.CALCULATOR_FAILED, message)
        return made.with_notes(*(side_effect(kpi.id, each) for each in changed))

    def _run(self, inputs: Inputs) -> object:
        """What the function gives; what it reads beside its inputs and does not name is noted."""
        kpi, calculator = self.kpi, self.option.calculator
        if not self.unnamed.is_kept(kpi.id):
            return calculator.function(inputs)
        if self.unnamed.is_stateless(calculator):
            self.unnamed.note(kpi.id, "what has no state that can be told")
        with self.unnamed.watched(kpi, calculator):
            return calculator.function(inputs)

    def _extensions(self, hook: str) -> tuple[Extension, ...]:
        """What extends the calculator's plugin; a hook that it does not name is noted."""
        if hook not in self.option.calculator.extensions:
            self.unnamed.note(self.kpi.id, f"what plugins bring through {hook}")
        return self.kpi.extensions(hook)


@attrs.frozen
class _SplitFrame:
    """A frame whose rows are known by cell, so that each is looked at once however many cells."""

    frame: Any
    rows: Mapping[Cell, Any]
    """Positions of rows; a frame that is not cut into buckets has them under no bucket."""
    is_bucketed: bool
    units: Any = None
    """The unit of each row, where that was read."""

    @classmethod
    def of(cls, frame: Any, dimensions: int) -> _SplitFrame:
        """A frame with its slice columns, of which there are so many, and its bucket."""
        is_bucketed = BUCKET in frame
        keys = [dimension_label(position) for position in range(dimensions)]
        keys = [key for key in keys if key in frame] + [BUCKET] * is_bucketed
        kept = frame[[name for name in frame.columns if not name.startswith("kpisdk_")]]
        units = frame.get(UNIT)
        if not keys or frame.empty:
            return cls(kept, {}, is_bucketed, units)
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
        return cls(kept, rows, is_bucketed, units)

    def part(self, cell: Cell, *, sliced: bool) -> Any:
        """A copy of the rows of one cell; of a frame that no slice applies to, of all."""
        return self._in(cell, self.frame, sliced=sliced)

    def units_in(self, cell: Cell, *, sliced: bool) -> Any:
        """The units of the rows of :meth:`part`; ``None`` where each row is one."""
        return None if self.units is None else self._in(cell, self.units, sliced=sliced)

    def _in(self, cell: Cell, rows: Any, *, sliced: bool) -> Any:
        if not sliced or not (cell[0] or self.is_bucketed):
            return rows.reset_index(drop=True).copy()
        at = (cell[0], cell[1] if self.is_bucketed else None)
        return rows.iloc[self.rows.get(at, [])].reset_index(drop=True).copy()


def _plain(value: Any) -> Any:
    """A frame's cell as a Python value; every kind of missing becomes ``None``."""
    if value is None or value != value:  # noqa: PLR0124 - true for NaN and NaT alone
        return None
    return value.item() if hasattr(value, "item") else value

"""The measure values of every slice and bucket, those that depend on others included."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeAlias

import attrs

from kpisdk.contracts.engine_traits import FusionRule
from kpisdk.contracts.measures import Measure
from kpisdk.contracts.metric_protocol import Values
from kpisdk.contracts.vocabulary import Grain, IntervalReason
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.failures import FormulaError
from kpisdk.engine.fetching import Answer, Answers, Cell, UnitAnswer, fetch, projected
from kpisdk.engine.intervals.change_intervals import joint_moments, joint_reader, neighbour_reader
from kpisdk.engine.intervals.metric_intervals import MomentsRead
from kpisdk.engine.intervals.moment_parts import CellMoments, PartsReader
from kpisdk.engine.measure_queries import MetricQuery, Owner, measure_requests
from kpisdk.engine.request_slicing import RequestSlicing
from kpisdk.errors import KpisdkError
from kpisdk.planner.planning import MeasureRequest, RowCount
from kpisdk.quarantine import PluginFaultError, contained, described

WHOLE: Cell = ((), None)
"""The one cell that there is where nothing is cut."""

CellValues: TypeAlias = dict[str, float | None]
"""The measure values of one cell by name; ``None`` where no row held what a measure needs."""

MOST_RANKS = 200
"""More distinct ranks than this in one statement cost more than the intervals are worth."""


OMITTED = "interval_omitted"
"""Marks the values of a cell whose interval was left out for that reason."""


@attrs.frozen
class MeasuredQuery:
    """A query with the measure values of every cell in which its slice and window hold rows.

    Attributes:
        query: the query.
        cells: the values by cell.
        answers: what was read for each measure, where the source's tables were read.
        units: the moments over units that were read, one per statement.
    """

    query: MetricQuery
    cells: dict[Cell, CellValues]
    answers: tuple[tuple[str, bool, Answer | None], ...] = ()
    units: tuple[UnitAnswer, ...] = ()
    _readers: dict[Hashable, PartsReader] = attrs.field(factory=dict, init=False, eq=False)

    @classmethod
    def of(cls, query: MetricQuery, answers: Answers, grain: Grain | None) -> MeasuredQuery:
        """A query with what was read for it, by buckets of ``grain``."""
        own = tuple(
            (name, measure.aggregate.is_count, answers.found.get((query.owner, name)))
            for name, measure in query.metric.measures.items()
        )
        made = cls(query, {}, own, tuple(answers.moments.get(query.owner, ())))
        is_cut = bool(query.by) or grain is not None
        occurring = made.occurring() if is_cut else [WHOLE]
        made.cells.update((cell, made.at(cell)) for cell in occurring)
        return made

    def occurring(self) -> Iterable[Cell]:
        """The cells that hold rows."""
        cells: dict[Cell, None] = {}
        for name, _, answer in self.answers:
            if isinstance(name, RowCount) and answer is not None and answer.names == self.query.by:
                cells.update((cell, None) for cell, value in answer.values.items() if value)
        return cells

    def at(self, cell: Cell) -> CellValues:
        """The values of a cell, whether it holds rows or not."""
        values: CellValues = {}
        for name, is_count, answer in self.answers:
            value = None
            if answer is not None:
                value = answer.values.get(projected(cell, self.query.by, answer))
            # No row in the group: a count is then a true zero, anything else has no value.
            values[name] = 0.0 if value is None and is_count else value
        return values

    def moments(self, cell: Cell) -> MomentsRead:
        """The moments of a cell's units, by the metric's names; ``None``: each row is a unit."""
        if not self.query.units:
            return None
        labels, found = [], []
        for answer in self.units:
            at = projected(cell, self.query.by, answer)
            if at in answer.values:
                labels.append(answer.labels[self.query.owner])
                found.append(answer.values[at])
        if not found:
            return IntervalReason.TOO_FEW_UNITS
        return self._reader(labels).read(found)

    def _reader(self, labels: list[Mapping[str, str]]) -> PartsReader:
        """One reader for all cells whose measures have the same labels."""
        key = tuple(tuple(each.items()) for each in labels)
        if key not in self._readers:
            self._readers[key] = PartsReader(labels, self.query.metric.own)
        return self._readers[key]

    def joint(
        self, other: MeasuredQuery, cell: Cell, before: Cell | None = None
    ) -> CellMoments | IntervalReason:
        """The moments of a cell and of what it is compared with; ``undefined`` if read apart.

        Args:
            other: the query of what it is compared with, which may be this one.
            cell: the cell.
            before: the calendar bucket of the same slice that it is compared with; ``None``: the
                same cell of the other window.
        """
        needed = {name: self.query.metric.own[name] for name in self.query.interval_names}
        for answer in self.units:
            one, two = answer.labels.get(self.query.owner), answer.labels.get(other.query.owner)
            at = projected(cell, self.query.by, answer)
            if one is None or two is None or at not in answer.values:
                continue
            if not one.keys() == two.keys() == needed.keys():
                continue
            moments, made = answer.values[at], joint_reader
            if before is not None:
                then = answer.values.get(projected(before, self.query.by, answer))
                moments, made = (
                    joint_moments(moments, then, answer.shared.get(at)),
                    neighbour_reader,
                )
            key = (tuple(one.items()), tuple(two.items()), before is None)
            if key not in self._readers:
                self._readers[key] = made(one, two, needed)
            return self._readers[key].read([moments])
        return IntervalReason.UNDEFINED


Measured: TypeAlias = dict[Owner, MeasuredQuery]
"""What was read, for each owner."""


def follow_ups_of(query: MetricQuery, values: Values) -> Mapping[str, Measure]:
    """The measures that depend on the first ones' values."""
    metric = query.metric.metric
    if query.metric.is_ours:
        return metric.follow_ups(values)
    try:
        return contained(lambda: dict(metric.follow_ups(values)), query.kpi.timeout)
    except PluginFaultError as error:
        raise FormulaError(query.kpi.id, error.what) from error


def follow_up(
    measured: Measured, rule: FusionRule, catalog: Catalog, slicing: RequestSlicing
) -> Answers:
    """Read the measures that depend on the first ones, and put their values beside those.

    Cells of one query may want different ranks; all are computed for each, and each takes its own.
    """
    answers = _read_late(measured, _wanted, rule, catalog, slicing)
    sound = {owner: each for owner, each in measured.items() if owner not in answers.errors}
    answers.add(_read_late(sound, _nearest, rule, catalog, slicing))
    return answers


Wanted: TypeAlias = Callable[[MeasuredQuery, Cell, CellValues], Mapping[str, Measure]]
"""What a cell of a query wants to be read, by its values so far."""


def _read_late(
    measured: Measured,
    wanted_by: Wanted,
    rule: FusionRule,
    catalog: Catalog,
    slicing: RequestSlicing,
) -> Answers:
    """Read what the cells want now, and put the values beside those that they have."""
    requests: list[MeasureRequest] = []
    wanted: list[_Late] = []
    broken: dict[Hashable, KpisdkError] = {}
    for owner, each in measured.items():
        try:
            late = _Late.of(each, wanted_by)
            requests += measure_requests(each.query, late.measures, slicing)
            wanted.append(late)
        except KpisdkError as error:
            broken[owner] = error
        except Exception as error:  # noqa: BLE001 - a plugin's metric may raise anything
            broken[owner] = FormulaError(each.query.kpi.id, described(error))
    answers = Answers()
    if requests:
        answers = fetch(requests, rule, catalog, slicing.request.max_groups)
    for late in wanted:
        late.place(answers)
    answers.errors.update(broken)
    return answers


def _nearest(measured: MeasuredQuery, _cell: Cell, values: CellValues) -> Mapping[str, Measure]:
    """The values beside a quantile that many rows share."""
    query = measured.query
    return {} if query.is_open else query.option.intervals.nearest(values)


def _wanted(measured: MeasuredQuery, cell: Cell, values: CellValues) -> Mapping[str, Measure]:
    """What a cell asks for later: what its metric does, and the ranks of a quantile's interval."""
    query = measured.query
    if query.is_open:
        return follow_ups_of(query, values)
    ranks = query.option.intervals.ranks(values, measured.moments(cell))
    if query.metric.is_ours:
        return ranks  # nothing of ours depends on earlier values but these
    return {**follow_ups_of(query, values), **ranks}


@attrs.frozen
class _Late:
    """The measures of a query that depend on its first ones.

    Attributes:
        measured: the query, and the first ones' values.
        measures: the measures to be read, by the label that they are requested under.
        labels: for each cell, the label of each measure by its name.
    """

    measured: MeasuredQuery
    measures: Mapping[str, Measure]
    labels: Mapping[Cell, Mapping[str, str]]

    @classmethod
    def of(cls, measured: MeasuredQuery, wanted: Wanted) -> _Late:
        """What a query's cells ask for; nothing where that is too much, and each cell says so."""
        known: dict[Measure, str] = {}
        labels: dict[Cell, dict[str, str]] = {}
        for cell, values in measured.cells.items():
            named = wanted(measured, cell, values)
            if named:
                labels[cell] = {
                    name: known.setdefault(measure, f"follow:{len(known)}")
                    for name, measure in named.items()
                }
        if len(known) > MOST_RANKS:
            for values in measured.cells.values():
                values[OMITTED] = None
            return cls(measured, {}, {})
        return cls(measured, {label: measure for measure, label in known.items()}, labels)

    def place(self, answers: Answers) -> None:
        """Put the values that were read beside the first ones'."""
        query = self.measured.query
        for cell, names in self.labels.items():
            for name, label in names.items():
                answer = answers.found.get((query.owner, label))
                if answer is not None:
                    values, at = self.measured.cells[cell], projected(cell, query.by, answer)
                    found = answer.values.get(at)
                    # Beside a quantile there may be no value on one side: it is the limit itself.
                    values[name] = values.get(name) if found is None else found

"""Evaluating: from the numbers that were read to one estimate a cell."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import attrs

from kpisdk.contracts.datasets import Column, Dataset
from kpisdk.contracts.estimates import Estimate, Note
from kpisdk.contracts.measures import Aggregate, Measure
from kpisdk.contracts.metrics import Metric, Values
from kpisdk.contracts.plans import Slicing
from kpisdk.contracts.relations import Derived, Relation, WindowUse
from kpisdk.contracts.requests import Request
from kpisdk.contracts.vocabulary import Reason
from kpisdk.contracts.windows import Window
from kpisdk.engine.blanks import blank_column, blank_filters, blanks
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.jobs import Job, OptionJob, slice_of
from kpisdk.engine.reading import Answers, Cell, projected, read
from kpisdk.errors import BadValueError, KpisdkError, StatementTimeoutError, UsageError
from kpisdk.planner.planning import ROWS, Need
from kpisdk.planner.rules import FusionRule
from kpisdk.planner.slices import slicing
from kpisdk.sql import statements
from kpisdk.sql.expressions import Environment
from kpisdk.sql.tables import BoundTable
from kpisdk.windows import bucket_start, buckets

MOST_RANKS = 200
"""More distinct ranks than this in one statement cost more than the intervals are worth."""

OMITTED = "interval_omitted"
"""Marks the values of a cell whose interval was left out for that reason."""


@attrs.frozen
class Ask:
    """A metric of a job in one role: for itself, or for the window it is compared with."""

    job: Job
    option: OptionJob
    metric: Metric
    role: str

    @property
    def owner(self) -> Hashable:
        """What identifies it among all that is read."""
        return (self.job.kpi.id, self.option.option.name, self.role)

    @property
    def window(self) -> Window | None:
        """The window of this role, cut at as_of."""
        moment = self.option.moment
        assert moment is not None  # noqa: S101 - set before anything is asked
        if self.role == "compared":
            return None if moment.compared is None else moment.cut(moment.compared)
        return moment.rows()


def needs_of(
    ask: Ask, measures: Mapping[str, Measure], catalog: Catalog, request: Request
) -> list[Need]:
    """The needs of an ask's measures, one a bucket where its relation cannot be bucketed."""
    job, moment = ask.job, ask.option.moment
    assert moment is not None  # noqa: S101 - set before anything is asked
    found: list[Need] = []
    for name, measure in measures.items():
        slicing = slice_of(job, measure.relation, measure.across, catalog, request)
        assert isinstance(slicing, Slicing)  # noqa: S101 - refused when the job was prepared
        used = {each: job.parameters[each] for each in measure.parameters}
        for period, window in _windows(ask, measure.relation, request):
            whole = slicing if period is None else attrs.evolve(slicing, grain=None)
            found.append(Need(ask.owner, name, measure, whole, window, moment.as_of, used, period))
    return found


def _windows(
    ask: Ask, relation: Relation, request: Request
) -> list[tuple[date | None, Window | None]]:
    moment = ask.option.moment
    assert moment is not None  # noqa: S101 - set before anything is asked
    window = ask.window
    if request.grain is None or window is None:
        return [(None, window)]
    if moment.periods is not None:
        return [(day, moment.cut(each)) for day, each in moment.periods.items()]
    if isinstance(relation, Derived) and relation.window_use is WindowUse.OWN:
        return [
            (bucket_start(tile.start, request.grain).date(), tile)
            for tile in buckets(window, request.grain)
            if tile.start is not None
        ]
    return [(None, window)]


def with_rows(metric: Metric) -> dict[str, Measure]:
    """A metric's measures, and for each of its relations how many rows there are to measure."""
    measures = dict(metric.measures())
    relations = dict.fromkeys(
        measure.relation for measure in measures.values() if not measure.across
    )
    for position, relation in enumerate(relations):
        measures[f"{ROWS}:{position}"] = Measure(Aggregate.COUNT, relation)
    return measures


def estimates(ask: Ask, answers: Answers, request: Request) -> dict[Cell, dict[str, float | None]]:
    """The measure values of every cell in which the ask's slice and window hold rows."""
    owner, names = ask.owner, ask.job.by
    measures = with_rows(ask.metric)
    cells: dict[Cell, None] = {}
    if not names and request.grain is None:
        cells[(), None] = None
    else:
        for name in measures:
            answer = answers.found.get((owner, name))
            if not name.startswith(ROWS) or answer is None or answer.names != names:
                continue
            cells.update(dict.fromkeys(cell for cell, value in answer.values.items() if value))
    found = {}
    for cell in cells:
        values: dict[str, float | None] = {}
        for name, measure in measures.items():
            answer = answers.found.get((owner, name))
            value = None if answer is None else answer.values.get(projected(cell, names, answer))
            # No row in the group: a count is then a true zero, anything else has no value.
            values[name] = 0.0 if value is None and measure.aggregate.is_count else value
        found[cell] = values
    return found


def follow_up(
    asked: Mapping[Hashable, tuple[Ask, dict[Cell, dict[str, float | None]]]],
    rule: FusionRule,
    catalog: Catalog,
    request: Request,
) -> Answers:
    """Read the measures that depend on the first ones, and put their values beside those.

    Cells of one ask may want different ranks; all are computed for each, and each takes its own.
    """
    needs: list[Need] = []
    wanted: dict[tuple[Hashable, Cell], dict[str, str]] = {}
    broken: dict[Hashable, KpisdkError] = {}
    for owner, (ask, cells) in asked.items():
        labels: dict[Measure, str] = {}
        for cell, values in cells.items():
            try:
                follow_ups = ask.metric.follow_ups(values)
            except Exception as error:  # noqa: BLE001 - a plugin's metric may raise anything
                broken[owner] = FormulaError(ask.job.kpi.id, f"{type(error).__name__}: {error}")
                break
            wanted[owner, cell] = {
                name: labels.setdefault(measure, f"follow:{len(labels)}")
                for name, measure in follow_ups.items()
            }
        if len(labels) > MOST_RANKS:
            for values in cells.values():
                values[OMITTED] = None
        elif labels:
            measures = {label: measure for measure, label in labels.items()}
            needs += needs_of(ask, measures, catalog, request)
    answers = read(needs, rule, catalog) if needs else Answers()
    for (owner, cell), names in wanted.items():
        ask, cells = asked[owner]
        for name, label in names.items():
            answer = answers.found.get((owner, label))
            if answer is not None:
                cells[cell][name] = answer.values.get(projected(cell, ask.job.by, answer))
    answers.errors.update(broken)
    return answers


@attrs.define
class Probes:
    """Questions about whole tables, asked only when a zero or an absence makes them necessary."""

    catalog: Catalog
    _known: dict[Hashable, bool] = attrs.field(factory=dict)

    def any_row(self, measure: Measure, where: Any, ask: Ask) -> bool:
        """Whether any row of the measure's relation, whatever its slice, satisfies ``where``."""
        moment = ask.option.moment
        assert moment is not None  # noqa: S101 - set before anything is asked
        relation = measure.relation
        used = tuple((name, repr(value)) for name, value in sorted(ask.job.parameters.items()))
        key = (relation, where, moment.as_of, used)
        if key not in self._known:
            env = Environment(self.catalog.session.dialect, moment.as_of, ask.job.parameters)
            statement = statements.any_row(relation, where, self.catalog.table, env, None)
            self._known[key] = bool(self.catalog.session.rows(statement))
        return self._known[key]

    def require_unique(self, kpi_id: str, table: BoundTable) -> None:
        """Refuse to slice through a table whose key occurs twice.

        Raises:
            MultipliedRowsError: it does.
        """
        key = ("unique", table.name)
        if key not in self._known:
            found = self.catalog.session.rows(statements.duplicate_keys(table))
            self._known[key] = not found
        if not self._known[key]:
            raise MultipliedRowsError(kpi_id, table.physical, table.key or "")

    def table_holds_rows(self, dataset: Dataset) -> bool:
        """Whether a dataset has any row at all."""
        key = ("table", dataset.name)
        if key not in self._known:
            env = Environment(self.catalog.session.dialect, _EPOCH)
            statement = statements.any_row(
                attrs.evolve(dataset, time=None), None, self.catalog.table, env, None
            )
            self._known[key] = bool(self.catalog.session.rows(statement))
        return self._known[key]

    def column_holds_values(self, dataset: str, column: Column) -> bool:
        """Whether a column of a dataset has any value at all."""
        key = ("column", dataset, column.name)
        if key not in self._known:
            # Any name may be asked about: a column that slices need not be a declared one.
            statement = statements.any_value(self.catalog.table(dataset), column.name)
            self._known[key] = bool(self.catalog.session.rows(statement))
        return self._known[key]


@attrs.define(eq=False)
class MultipliedRowsError(UsageError):
    """A slice through a table in which a key occurs more than once: rows would count twice."""

    kpi_id: str
    table: str
    key: str

    @property
    def message(self) -> str:
        return (
            f"{self.kpi_id} cannot be sliced through table {self.table!r}: its key {self.key!r} "
            "occurs more than once, so that rows would be counted several times. Make it unique."
        )


@attrs.define(eq=False)
class FormulaError(KpisdkError):
    """A metric's own function failed: the fault of the plugin that brings it."""

    kpi_id: str
    detail: str

    @property
    def message(self) -> str:
        return f"The formula of {self.kpi_id} failed: {self.detail[:400]}"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands where an environment needs an instant that nothing refers to."""


def estimate(ask: Ask, values: dict[str, float | None], probes: Probes) -> Estimate:
    """The estimate of one cell, with the zeros that mislead named or refused.

    An empty table gives an absent value; so does a count of zero over a column that holds no value
    anywhere. A zero whose concept occurs nowhere in the whole table carries a warning.
    """
    metric = ask.metric
    empty = _empty_tables(metric, values, probes)
    if empty:
        message = f"Table {' and '.join(empty)} holds no rows."
        return Estimate.absent(Reason.NO_ROWS, message)
    made = _called(ask, metric.estimate, values)
    if OMITTED in values:
        made = made.with_notes(
            Note(
                "interval_omitted",
                f"More than {MOST_RANKS} slices of different sizes: the intervals of medians are "
                "left out. Ask for fewer slices to see them.",
            )
        )
    if made.value is None:
        return _explained(made, ask, probes)
    measures = metric.measures()
    for name in metric.concepts():
        if made.value is not None and not values.get(name):
            made = _zero(made, measures[name], ask, probes)
    return made


def _called(ask: Ask, function: Callable[..., object], values: Values) -> Estimate:
    """What a metric makes of its values; a plugin's metric may raise anything, or return it."""
    try:
        made = function(values)
    except KpisdkError as error:
        return Estimate.absent(Reason.CALCULATOR_FAILED, error.message)
    except Exception as error:  # noqa: BLE001 - a plugin's function may raise anything
        return failed(FormulaError(ask.job.kpi.id, f"{type(error).__name__}: {error}"))
    if not isinstance(made, Estimate):
        what = f"it returned {type(made).__name__}, not an Estimate"
        return failed(FormulaError(ask.job.kpi.id, what))
    return made


def _explained(made: Estimate, ask: Ask, probes: Probes) -> Estimate:
    """An absent estimate, with the columns named that explain it because they hold nothing."""
    if made.reason not in (Reason.NO_ROWS, Reason.ZERO_DENOMINATOR):
        return made
    why = (*_blank_time(ask, probes), *blanks(ask.metric.measures().values(), probes))
    return attrs.evolve(made, message=" ".join((made.message or "", *dict.fromkeys(why))).strip())


def _blank_time(ask: Ask, probes: Probes) -> tuple[str, ...]:
    """A sentence if a window applies to a time column that holds no value."""
    time, moment = ask.option.time, ask.option.moment
    column = None if time is None else time.time_column
    if time is None or column is None or moment is None or moment.window is None:
        return ()
    return () if moment.data_through is not None else blank_column(time.name, column, probes)


def _blank_filters(measure: Measure, ask: Ask, probes: Probes) -> tuple[str, ...]:
    """A sentence for each filtered column that holds no value, so that no row could pass."""
    relation = measure.relation
    where = {each: given for each, given in ask.job.where.items() if each not in measure.across}
    found = slicing(relation, where, (), None, probes.catalog.find)
    return blank_filters(relation.base, found, probes) if isinstance(found, Slicing) else ()


def _empty_tables(metric: Metric, values: dict[str, float | None], probes: Probes) -> list[str]:
    """The metric's tables that hold no row at all; only those without one here are asked about."""
    bases: dict[str, Dataset] = {}
    for name, measure in with_rows(metric).items():
        if name.startswith(ROWS) and not values.get(name):
            bases.setdefault(measure.relation.base.name, measure.relation.base)
    return [repr(name) for name, base in bases.items() if not probes.table_holds_rows(base)]


def _zero(made: Estimate, measure: Measure, ask: Ask, probes: Probes) -> Estimate:
    """A zero as it is, with a warning if its concept never occurs; absent if it is unknowable."""
    why = (*_blank_time(ask, probes), *_blank_filters(measure, ask, probes))
    counted = measure.where
    if measure.value is not None:
        known = measure.value.not_null()
        counted = known if counted is None else known & counted
    if not why and (counted is None or probes.any_row(measure, counted, ask)):
        return made
    why += blanks((measure,), probes)
    if why:
        return Estimate.absent(Reason.NO_ROWS, " ".join(dict.fromkeys(why)))
    note = Note(
        "never_occurs",
        f"Nothing in the whole of {measure.relation.name!r} matches what this zero counts; "
        "check that the source records it at all.",
    )
    return made.with_notes(note)


def failed(error: KpisdkError) -> Estimate:
    """The absent estimate of a KPI whose statements failed."""
    reason = Reason.QUERY_FAILED
    if isinstance(error, StatementTimeoutError):
        reason = Reason.TIMEOUT
    elif isinstance(error, BadValueError):
        reason = Reason.WRONG_TYPE
    elif isinstance(error, FormulaError):
        reason = Reason.CALCULATOR_FAILED
    return Estimate.absent(reason, error.message)

"""A metric in a role, and the measures that are requested of the planner for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeAlias

import attrs

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.measures import Measure, count
from kpisdk.contracts.plain_metrics import Simple
from kpisdk.contracts.plans import Slicing, UnitColumn
from kpisdk.contracts.relations import Derived, Relation, WindowUse
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Grain
from kpisdk.engine.evaluation_time import COMPARED, MAIN, EvaluationTime
from kpisdk.engine.frontiers import Frontiers
from kpisdk.engine.measure_sets import MeasureSet
from kpisdk.engine.request_slicing import RequestSlicing
from kpisdk.engine.resolution import ResolvedKpi, ResolvedMetric, ResolvedOption
from kpisdk.engine.trends import days_back, tiles
from kpisdk.planner.planning import MeasureRequest
from kpisdk.planner.slicing import SliceValueError
from kpisdk.windows import bucket_start, buckets

_ROWS_ARE_UNITS: Mapping[Relation, UnitColumn] = {}

OPEN = " open"
"""Ends the role of a query that counts rows whose follow-up is not over."""

Owner: TypeAlias = tuple[str, str, str]
"""What identifies a query among all that is read: a KPI's id, an option's name, a role."""


@attrs.frozen
class MetricQuery:
    """A metric of a KPI in one role: for itself, or for the window that it is compared with.

    Attributes:
        kpi: the KPI.
        option: the option that the metric belongs to.
        metric: its measures.
        role: the role, which ends in :data:`OPEN` where rows are counted whose follow-up is open.
        window: the window of this role as it applies to rows.
        is_sliced: whether the slice of the request applies.
    """

    kpi: ResolvedKpi
    option: ResolvedOption
    metric: MeasureSet
    role: str
    window: Window | None
    is_sliced: bool = True

    @property
    def owner(self) -> Owner:
        """What identifies it among all that is read."""
        return (self.kpi.id, self.option.option.name, self.role)

    @property
    def family(self) -> tuple[str, str]:
        """What it shares with the same metric in the other window: their units go together."""
        return (self.kpi.id, self.option.option.name)

    @property
    def units(self) -> Mapping[Relation, UnitColumn]:
        """The column of the units in each of its relations; none for counts beside the metric."""
        return _ROWS_ARE_UNITS if self.is_open else self.option.intervals.units

    @property
    def interval_names(self) -> tuple[str, ...]:
        """The measures whose moments its intervals are made of."""
        return tuple(name for name in self.metric.own if name in self.option.intervals.names)

    @property
    def by(self) -> tuple[str, ...]:
        """The columns that its answers are grouped by."""
        return self.kpi.by if self.is_sliced else ()

    @property
    def is_open(self) -> bool:
        """Whether it counts rows whose follow-up is not over."""
        return self.role.endswith(OPEN)


def metric_queries(
    kpis: Iterable[ResolvedKpi], slicing: RequestSlicing
) -> dict[Owner, MetricQuery]:
    """The metrics to evaluate, by owner; calculators ask for frames instead.

    With them goes how many rows of a window are too new for what may follow them.
    """
    found: dict[Owner, MetricQuery] = {}
    for kpi in kpis:
        for option in () if kpi.fixed is not None else kpi.ready:
            for role in option.time.roles:
                window = option.time.rows(role)
                queries = [_open_query(kpi, option, role, window, slicing)]
                if isinstance(option, ResolvedMetric):
                    queries.insert(0, MetricQuery(kpi, option, option.metric, role, window))
                found.update((each.owner, each) for each in queries if each is not None)
    return found


def _open_query(
    kpi: ResolvedKpi,
    option: ResolvedOption,
    role: str,
    window: Window | None,
    slicing: RequestSlicing,
) -> MetricQuery | None:
    """How many rows of a window are too new for what follows them; ``None``: none can be."""
    follow_up, dataset = kpi.kpi.follow_up, option.timed
    if follow_up is None or dataset is None or window is None:
        return None
    since = follow_up.open_from(option.time.as_of, kpi.settings)
    if window.end is not None and window.end <= since:
        return None
    start = since if window.start is None else max(window.start, since)
    part = Window(start, window.end, window.label)
    counted = MeasureSet.of(Simple(count(dataset, follow_up.where)))
    try:
        is_sliced = isinstance(slicing.of(dataset), Slicing)
    except SliceValueError:
        is_sliced = False  # then they are counted for all slices together
    return MetricQuery(kpi, option, counted, role + OPEN, part, is_sliced)


def measure_requests(
    query: MetricQuery,
    measures: Mapping[str, Measure],
    slicing: RequestSlicing,
    units: Mapping[Relation, UnitColumn] = _ROWS_ARE_UNITS,
) -> list[MeasureRequest]:
    """The requests of a query's measures, one per bucket where its relation cannot be bucketed.

    Args:
        query: the metric in its role.
        measures: those to request, by name.
        slicing: how the request's slice applies.
        units: by relation the column of the units whose moments are wanted beside the values.

    Raises:
        UnsupportedSliceError: a measure that depends on others runs over a relation that does not
            carry the slice.
    """
    kpi, time, grain = query.kpi, query.option.time, slicing.request.grain
    compare = slicing.request.compare
    back = None if grain is None or compare is None else days_back(grain, compare)
    found: list[MeasureRequest] = []
    for name, measure in measures.items():
        unit = units.get(measure.relation)
        is_needed = unit is not None and name in query.option.intervals.names
        family = query.family if is_needed else None
        sliced = Slicing(grain=grain)
        if query.is_sliced:
            sliced = slicing.settled(kpi.kpi, measure.relation, measure.across)
        used = {each: kpi.parameters[each] for each in measure.parameters}
        for period, window in _windows(query, measure.relation, grain):
            whole = sliced if period is None else attrs.evolve(sliced, grain=None)
            found.append(
                MeasureRequest(
                    query.owner,
                    name,
                    measure,
                    whole,
                    window,
                    time.as_of,
                    used,
                    period,
                    unit,
                    family,
                    None if period is not None or unit is None or unit.by_day else back,
                )
            )
    return found


def _windows(
    query: MetricQuery, relation: Relation, grain: Grain | None
) -> list[tuple[date | None, Window | None]]:
    time, window = query.option.time, query.window
    if grain is None or window is None:
        return [(None, window)]
    if time.periods is not None:
        return [(day, time.cut(each)) for day, each in time.periods.items()]
    if _is_asked_by_bucket(relation):
        return [
            (bucket_start(tile.start, grain).date(), tile)
            for tile in buckets(window, grain)
            if tile.start is not None
        ]
    return [(None, window)]


def tiles_of(
    time: EvaluationTime,
    timed: Dataset,
    relations: Iterable[Relation],
    frontiers: Frontiers,
    grain: Grain,
) -> dict[str, tuple[Window, ...]]:
    """The buckets of a trend that begin before as_of, by the role that they are read in.

    Args:
        time: the windows.
        timed: the dataset whose time column they refer to.
        relations: what the measures of a metric run over.
        frontiers: where rows begin.
        grain: the buckets.

    Raises:
        UnboundedWindowError: a relation that is asked bucket by bucket has an open window.
        TooManyBucketsError: a window has more buckets than a report can hold.
    """
    if time.window is None:
        return {}
    if time.periods is None and any(map(_is_asked_by_bucket, relations)):
        for window in (time.rows(MAIN), time.rows(COMPARED)):
            if window is not None:
                buckets(window, grain)  # refused now, while it is this KPI's fault alone
    found = {}
    for role, window in {MAIN: time.window, COMPARED: time.compared}.items():
        if window is not None:
            oldest = frontiers.oldest(timed) if window.start is None else None
            cut = tiles(time.cut(window), oldest, grain)
            found[role] = tuple(each for each in cut if each.start and each.start < time.as_of)
    return found


def _is_asked_by_bucket(relation: Relation) -> bool:
    return isinstance(relation, Derived) and relation.window_use is WindowUse.OWN

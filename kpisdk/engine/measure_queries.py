"""A metric in a role, and the measures that are requested of the planner for it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date, datetime

import attrs

from kpisdk.contracts.calculators import Calculator
from kpisdk.contracts.measures import Aggregate, Measure, count
from kpisdk.contracts.metric_protocol import Metric
from kpisdk.contracts.plain_metrics import Simple
from kpisdk.contracts.plans import Slicing
from kpisdk.contracts.relations import Derived, Relation, WindowUse
from kpisdk.contracts.requests import Request
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Grain
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.evaluation_time import EvaluationTime
from kpisdk.engine.frontiers import Frontiers
from kpisdk.engine.jobs import Job, OptionJob, slice_of
from kpisdk.engine.trends import tiles
from kpisdk.planner.planning import MeasureRequest, RowCount
from kpisdk.windows import bucket_start, buckets

OPEN = " open"
"""Ends the role of a query that counts rows whose follow-up is not over."""


@attrs.frozen
class MetricQuery:
    """A metric of a job in one role: for itself, or for the window it is compared with.

    With ``since`` it is about the part of that window from there on.
    """

    job: Job
    option: OptionJob
    metric: Metric
    role: str
    since: datetime | None = None

    @property
    def owner(self) -> Hashable:
        """What identifies it among all that is read."""
        part = "" if self.since is None else OPEN
        return (self.job.kpi.id, self.option.option.name, self.role + part)

    @property
    def window(self) -> Window | None:
        """The window of this role, cut at as_of."""
        whole = _window_in(self.option, self.role)
        if self.since is None or whole is None:
            return whole
        start = self.since if whole.start is None else max(whole.start, self.since)
        return Window(start, whole.end, whole.label)


def _window_in(option: OptionJob, role: str) -> Window | None:
    evaluation_time = option.evaluation_time
    assert evaluation_time is not None  # noqa: S101 - set before anything is asked
    if role == "compared":
        return (
            None
            if evaluation_time.compared is None
            else evaluation_time.cut(evaluation_time.compared)
        )
    return evaluation_time.rows()


def open_query(
    job: Job, option: OptionJob, role: str, catalog: Catalog, request: Request
) -> MetricQuery | None:
    """How many rows of a window are too new for what follows them; ``None``: none can be."""
    follow_up, dataset, evaluation_time = job.kpi.follow_up, option.time, option.evaluation_time
    if follow_up is None or dataset is None or evaluation_time is None:
        return None
    window = _window_in(option, role)
    since = follow_up.open_from(evaluation_time.as_of, job.settings)
    if window is None or (window.end is not None and window.end <= since):
        return None
    if not isinstance(slice_of(job, dataset, (), catalog, request), Slicing):
        job = attrs.evolve(job, where={}, by=())  # counted for all slices together
    return MetricQuery(job, option, Simple(count(dataset, follow_up.where)), role, since)


def measure_requests(
    query: MetricQuery, measures: Mapping[str, Measure], catalog: Catalog, request: Request
) -> list[MeasureRequest]:
    """The requests of a query's measures, one per bucket where its relation cannot be bucketed."""
    job, evaluation_time = query.job, query.option.evaluation_time
    assert evaluation_time is not None  # noqa: S101 - set before anything is asked
    found: list[MeasureRequest] = []
    for name, measure in measures.items():
        slicing = slice_of(job, measure.relation, measure.across, catalog, request)
        assert isinstance(slicing, Slicing)  # noqa: S101 - refused when the job was prepared
        used = {each: job.parameters[each] for each in measure.parameters}
        for period, window in _windows(query, measure.relation, request):
            whole = slicing if period is None else attrs.evolve(slicing, grain=None)
            found.append(
                MeasureRequest(
                    query.owner, name, measure, whole, window, evaluation_time.as_of, used, period
                )
            )
    return found


def _windows(
    query: MetricQuery, relation: Relation, request: Request
) -> list[tuple[date | None, Window | None]]:
    evaluation_time = query.option.evaluation_time
    assert evaluation_time is not None  # noqa: S101 - set before anything is asked
    window = query.window
    if request.grain is None or window is None:
        return [(None, window)]
    if evaluation_time.periods is not None:
        return [(day, evaluation_time.cut(each)) for day, each in evaluation_time.periods.items()]
    if _is_asked_by_bucket(relation):
        return [
            (bucket_start(tile.start, request.grain).date(), tile)
            for tile in buckets(window, request.grain)
            if tile.start is not None
        ]
    return [(None, window)]


def tiles_of(
    option: OptionJob, frontiers: Frontiers, grain: Grain
) -> dict[str, tuple[Window, ...]]:
    """The buckets of a trend that begin before as_of, by the role that they are read in.

    Raises:
        UnboundedWindowError: a relation that is asked bucket by bucket has an open window.
        TooManyBucketsError: a window has more buckets than a report can hold.
    """
    evaluation_time, time = option.evaluation_time, option.time
    if evaluation_time is None or evaluation_time.window is None or time is None:
        return {}
    calculation = option.option.calculation
    if not isinstance(calculation, Calculator):
        check_buckets(calculation, evaluation_time, grain)
    found = {}
    for role, window in {
        "main": evaluation_time.window,
        "compared": evaluation_time.compared,
    }.items():
        if window is not None:
            oldest = frontiers.oldest(time) if window.start is None else None
            cut = tiles(evaluation_time.cut(window), oldest, grain)
            found[role] = tuple(
                each for each in cut if each.start and each.start < evaluation_time.as_of
            )
    return found


def check_buckets(metric: Metric, evaluation_time: EvaluationTime, grain: Grain) -> None:
    """Refuse what :func:`measure_requests` cannot cut into buckets, while it is one KPI's fault.

    Raises:
        UnboundedWindowError: a relation that is asked bucket by bucket has an open window.
        TooManyBucketsError: its window has too many.
    """
    relations = {measure.relation for measure in metric.measures().values()}
    if evaluation_time.periods is not None or not any(map(_is_asked_by_bucket, relations)):
        return
    for window in (evaluation_time.rows(), evaluation_time.compared):
        if window is not None:
            buckets(evaluation_time.cut(window), grain)


def _is_asked_by_bucket(relation: Relation) -> bool:
    return isinstance(relation, Derived) and relation.window_use is WindowUse.OWN


def with_rows(metric: Metric) -> dict[str, Measure]:
    """A metric's measures, and for each of its relations how many rows there are to measure."""
    measures = dict(metric.measures())
    relations = dict.fromkeys(
        measure.relation for measure in measures.values() if not measure.across
    )
    for position, relation in enumerate(relations):
        measures[RowCount.beside(measures, position)] = Measure(Aggregate.COUNT, relation)
    return measures

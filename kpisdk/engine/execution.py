"""From a request to a report: every step of an execution, once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime
from time import perf_counter
from typing import Any

import attrs

from kpisdk.contracts.calculators import Calculator
from kpisdk.contracts.estimates import Estimate, Note
from kpisdk.contracts.plans import Slicing
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Report, Result, SourceIdentity
from kpisdk.contracts.source_kinds import Session
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.calculating import Frames
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.cell_values import estimates, follow_up
from kpisdk.engine.context import ExecutionContext
from kpisdk.engine.evaluation_time import evaluation_time
from kpisdk.engine.failures import failed
from kpisdk.engine.fetching import fetch
from kpisdk.engine.frontiers import Frontiers
from kpisdk.engine.helper_views.answering import Views
from kpisdk.engine.jobs import Job, OptionJob, parameters_of, prepare, slice_of, sliced_relations
from kpisdk.engine.judgement import judge
from kpisdk.engine.kept_results import EntryName
from kpisdk.engine.manifests import Manifests
from kpisdk.engine.measure_queries import (
    MetricQuery,
    measure_requests,
    open_query,
    tiles_of,
    with_rows,
)
from kpisdk.engine.option_evaluation import OptionEvaluation
from kpisdk.engine.result_cache import Identities, ResultCache
from kpisdk.engine.retrying import in_a_session
from kpisdk.engine.source_probes import (
    MultipliedRowsError,
    SourceProbes,
    UnlikeKeysError,
    require_alike,
)
from kpisdk.errors import (
    ConnectionLostError,
    KpisdkError,
    ReadError,
    SourceUnavailableError,
    UsageError,
)
from kpisdk.planner.fusion import rule_for
from kpisdk.quarantine import PluginFaultError, described
from kpisdk.sql.meta import META_TABLE, is_synthetic, synthetic_marks
from kpisdk.windows import OutOfCalendarError

UNAVAILABLE = "unavailable"
"""The kind of a source that could not be opened."""


def compute(request: Request, context: ExecutionContext) -> Report:
    """Compute a request on a source: one result at least for every KPI asked for.

    A lost connection starts the whole execution again, as often as the source allows: half a
    snapshot is no snapshot. A source that cannot be opened makes every result absent, with the
    reason.

    Raises:
        ProblemsError: parameters that the KPIs do not take.
    """
    now = context.clock()

    def report(session: Session, identity: SourceIdentity) -> Report:
        return Execution.start(request, context, session, identity).report()

    try:
        return in_a_session(context.source, report)
    except (ConnectionLostError, SourceUnavailableError) as error:
        return _unavailable(request, context, now, error)


def _unavailable(
    request: Request, context: ExecutionContext, now: datetime, error: ReadError
) -> Report:
    estimate = failed(error)
    results = []
    for kpi_id in request.kpi_ids:
        kpi = context.definitions.kpis[kpi_id]
        version = context.definitions.definition_version(kpi_id)
        own = {each.name for each in kpi.parameters}
        given = {name: value for name, value in request.parameters.items() if name in own}
        job = Job(kpi, version, request.where, (), given)
        results.append(judge(job, estimate, (), None, None, request, now, None))
    identity = SourceIdentity(error.source, UNAVAILABLE, "")
    return Report(tuple(results), identity, request.as_of)


class Execution:
    """One question on its way through one session."""

    @classmethod
    def start(
        cls,
        request: Request,
        context: ExecutionContext,
        session: Session,
        identity: SourceIdentity | None = None,
    ) -> Execution:
        """An execution with its parameters checked.

        Raises:
            ProblemsError: parameters that the KPIs do not take.
        """
        kpis = [context.definitions.kpis[kpi_id] for kpi_id in request.kpi_ids]
        parameters = parameters_of(kpis, request.parameters)
        known = identity or context.source.identity
        return cls(request, context, session, known, context.clock(), parameters)

    def __init__(
        self,
        request: Request,
        context: ExecutionContext,
        session: Session,
        identity: SourceIdentity,
        now: datetime,
        parameters: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.request = request
        self.context = context
        self.now = now
        self.parameters = parameters
        self.catalog = Catalog(
            session, identity.name, context.definitions.datasets, context.mappings
        )
        self.identity = attrs.evolve(identity, synthetic=_is_synthetic(self.catalog))
        self.manifests = Manifests(self.catalog, identity.fingerprint, context.definitions)
        self.frontiers = Frontiers(self.catalog)
        self.frames = Frames(self.catalog)
        self.probes = SourceProbes(self.catalog)
        self.views = Views(self.catalog, self.frontiers, request, context.definitions.kpis, now)
        self.rule = rule_for(session.dialect, fuse=request.fuse)
        self.cache = ResultCache(context.cache if request.use_cache else None, now)

    def settled(self) -> list[Job]:
        """The jobs of the request, each with its windows fixed or refused with a reason."""
        jobs = [self._job(kpi_id) for kpi_id in self.request.kpi_ids]
        for job in jobs:
            try:
                self._settle(job)
            except KpisdkError:
                raise  # the source's, and the whole execution's
            except (Exception, SystemExit, GeneratorExit) as error:  # noqa: BLE001 - strangers' metrics and window rules
                job.options.clear()
                what = f"The definition of {job.kpi.id} cannot be used: {described(error)}."
                whose = "This is a fault of the plugin that brings it."
                job.fail(Reason.CALCULATOR_FAILED, f"{what} {whose}")
        return jobs

    def report(self) -> Report:
        """Look in the cache, compute the rest, keep it, and tell the observers."""
        started = perf_counter()
        self._tell("preparing", 0)
        jobs = self.settled()
        keys = self._keys(jobs)
        owners = {keys[job.kpi.id]: job for job in jobs if job.kpi.id in keys}
        stored = self.cache.get(owners, self.request)
        fresh = [job for job in jobs if keys.get(job.kpi.id) not in stored]
        computed = self._compute(fresh)
        spent = (perf_counter() - started) * 1000
        results: list[Result] = []
        kept: dict[EntryName, tuple[Job, tuple[Result, ...]]] = {}
        notes: list[Note] = []
        for job in jobs:
            key = keys.get(job.kpi.id)
            mine = stored.get(key) if key is not None else None
            if mine is None:
                mine = tuple(
                    attrs.evolve(result, duration_ms=round(spent, 3))
                    for result in self.manifests.attached(computed[job.kpi.id])
                )
                if key is not None:
                    kept[key] = (job, mine)
            results += mine
        self.cache.put(kept)
        for result in results:
            notes += self.context.definitions.announce(result)
        return Report(
            tuple(results),
            self.identity,
            self.request.as_of,
            (*self.cache.notes, *dict.fromkeys(notes)),
        )

    def _tell(self, what: str, done: int) -> None:
        if self.context.progress is not None:
            self.context.progress(what, done, len(self.request.kpi_ids))

    def _job(self, kpi_id: str) -> Job:
        definitions = self.context.definitions
        job = Job(
            definitions.kpis[kpi_id],
            definitions.definition_version(kpi_id),
            self.request.where,
            self.request.by,
            self.parameters[kpi_id],
            extensions=definitions.extensions,
            timeout=self.context.calculator_timeout,
        )
        conflict = definitions.conflict(kpi_id)
        if conflict is not None:
            job.fail(Reason.CONFLICTING_DEFINITIONS, conflict)
            return job
        try:
            job.settings = definitions.settings_for(kpi_id)
        except PluginFaultError as error:
            message = f"The settings of the plugin that brings {kpi_id} failed: {error.message}"
            job.fail(Reason.CALCULATOR_FAILED, message)
        except UsageError as error:
            job.fail(Reason.MISSING_PARAMETER, error.message)
        except KpisdkError as error:
            job.fail(Reason.CALCULATOR_FAILED, error.message)
        return job

    def _settle(self, job: Job) -> None:
        """Prepare a job and fix its moments; what cannot be is refused, with the reason."""
        if job.fixed is None:
            prepare(job, self.catalog, self.request)
        for option in job.options:
            if option.failure is not None:
                continue
            try:
                self._fix_time(job, option)
                self._check_joins(job, option)
                option.failure = self._disputed(job, option)
            except ConnectionLostError:
                raise
            except ReadError as error:
                option.failure = failed(error)
            except (MultipliedRowsError, UnlikeKeysError) as error:
                option.failure = Estimate.absent(Reason.UNSUPPORTED_SLICE, error.message)
            except KpisdkError as error:
                option.failure = Estimate.absent(Reason.NO_ROWS, error.message)
            except OverflowError:
                message = "The window would leave the calendar (years 1 to 9999)."
                option.failure = Estimate.absent(Reason.NO_ROWS, message)

    def _fix_time(self, job: Job, option: OptionJob) -> None:
        """Fix the instant and windows of an option, and the buckets of a trend."""
        option.evaluation_time = evaluation_time(
            job.kpi, option.rule, option.time, self.request, self.frontiers, self.now
        )
        option.evaluation_time.rows()
        if self.request.grain is not None:
            option.tiles = tiles_of(option, self.frontiers, self.request.grain)

    def _check_joins(self, job: Job, option: OptionJob) -> None:
        """Refuse a slice through a table whose key is not unique, or is of another type."""
        for base, via, name in self._joined(job, option):
            table = self.catalog.table(name)
            require_alike(job.kpi.id, self.catalog.table(base), via, table)
            self.probes.require_unique(job.kpi.id, table)

    def _disputed(self, job: Job, option: OptionJob) -> Estimate | None:
        """Why the slice cannot be told: plugins declare its column, or its key, differently."""
        for relation, across in sliced_relations(option.option.calculation, option.frame_inputs):
            found = slice_of(job, relation, across, self.catalog, self.request)
            sliced = (
                (*found.by, *(each for each, _ in found.filters))
                if isinstance(found, Slicing)
                else ()
            )
            for each in sliced:
                dataset, by_key = each.table or relation.base.name, each.table is not None
                why = self.context.definitions.disputed(dataset, each.name, by_key=by_key)
                if why is not None:
                    message = f"{job.kpi.id} cannot be sliced by {each.name!r}: {why}"
                    return Estimate.absent(Reason.CONFLICTING_DEFINITIONS, message)
        return None

    def _joined(self, job: Job, option: OptionJob) -> set[tuple[str, str, str]]:
        """The joins that the slice needs: a table, its column, the table that this refers to."""
        joins: set[tuple[str, str, str]] = set()
        for relation, across in sliced_relations(option.option.calculation, option.frame_inputs):
            found = slice_of(job, relation, across, self.catalog, self.request)
            if isinstance(found, Slicing):
                sliced = (*found.by, *(dimension for dimension, _ in found.filters))
                joins |= {
                    (relation.base.name, each.via, each.table)
                    for each in sliced
                    if each.table is not None and each.via is not None
                }
        return joins

    def _keys(self, jobs: list[Job]) -> dict[str, EntryName]:
        """The names of the KPIs whose results can be kept, by id."""
        if self.cache.cache is None:
            return {}
        source = self.identity.fingerprint
        asked = Identities(source, self.catalog, self.frontiers, self.request, self.now)
        return asked.keys(jobs, self._joined, self.context.definitions.identity)

    def _compute(self, jobs: list[Job]) -> dict[str, tuple[Result, ...]]:
        queries = self.queries(jobs)
        with self.catalog.log.of(each.kpi.id for each in jobs):
            viewed = self.views.measured(queries)
        requests = [
            each
            for owner, query in queries.items()
            for each in measure_requests(query, with_rows(query.metric), self.catalog, self.request)
            if owner not in viewed
        ]
        answers = fetch(requests, self.rule, self.catalog, self.request.max_groups)
        self._tell("reading", len(jobs) // 2)
        cells = viewed | {
            owner: (query, estimates(query, answers, self.request))
            for owner, query in queries.items()
            if owner not in viewed and owner not in answers.errors
        }
        late = follow_up(cells, self.rule, self.catalog, self.request)
        for owner, error in late.errors.items():
            answers.errors[owner] = error
            cells.pop(owner)
        evaluation = OptionEvaluation(
            self.request, self.now, self.frames, self.probes, self.frontiers, cells, answers
        )
        found: dict[str, tuple[Result, ...]] = {}
        for done, job in enumerate(jobs):
            self._tell(job.kpi.id, done)
            try:
                with self.catalog.log.of((job.kpi.id,)):
                    found[job.kpi.id] = evaluation.results(job)
            except OutOfCalendarError as error:  # the bucket after the last year, before the first
                absent = Estimate.absent(Reason.NO_ROWS, error.message)
                result = judge(job, absent, (), None, None, self.request, self.now, None)
                found[job.kpi.id] = (result,)
        self._tell("done", len(jobs))
        return found

    def queries(self, jobs: list[Job]) -> dict[Hashable, MetricQuery]:
        """The metrics to evaluate, by owner; calculators ask for frames instead.

        With them goes how many rows of a window are too new for what may follow them.
        """
        found: list[MetricQuery] = []
        for job in jobs:
            for option in job.options:
                if option.failure is not None or job.fixed is not None:
                    continue
                assert option.evaluation_time is not None  # noqa: S101 - settled without failure
                roles = ["main"] + ["compared"] * (option.evaluation_time.compared is not None)
                for role in roles:
                    calculation = option.option.calculation
                    if not isinstance(calculation, Calculator):
                        found.append(MetricQuery(job, option, calculation, role))
                    opened = open_query(job, option, role, self.catalog, self.request)
                    found += [opened] if opened is not None else []
        return {query.owner: query for query in found}


def _is_synthetic(catalog: Catalog) -> bool | None:
    """Whether the source says of itself that its rows were generated; ``None`` is not known."""
    try:
        if catalog.session.columns(META_TABLE) is None:
            return False
        return is_synthetic(catalog.session.rows(synthetic_marks()))
    except ConnectionLostError:
        raise
    except KpisdkError:
        return None  # a table that cannot be read may say either

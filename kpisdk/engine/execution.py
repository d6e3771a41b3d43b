"""From a request to a report: every step of an execution, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from time import perf_counter
from typing import Any

import attrs

from kpisdk.contracts.estimates import Note
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Report, Result, SourceIdentity
from kpisdk.contracts.source_kinds import Session
from kpisdk.engine.calculating import Frames
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.cell_results import CellResults
from kpisdk.engine.cell_values import MeasuredQuery, follow_up
from kpisdk.engine.context import ExecutionContext
from kpisdk.engine.decided_together import with_families
from kpisdk.engine.failures import failed
from kpisdk.engine.fetching import fetch
from kpisdk.engine.frontiers import Frontiers
from kpisdk.engine.helper_views.answering import ViewAnswers, Views
from kpisdk.engine.judgement import Judge
from kpisdk.engine.kept_results import EntryName
from kpisdk.engine.kpi_resolution import KpiResolver
from kpisdk.engine.manifests import Manifests
from kpisdk.engine.measure_queries import MetricQuery, Owner, measure_requests, metric_queries
from kpisdk.engine.option_evaluation import OptionEvaluation
from kpisdk.engine.option_resolution import OptionResolver
from kpisdk.engine.parameter_values import parameters_of
from kpisdk.engine.placement import Part, parts
from kpisdk.engine.request_slicing import RequestSlicing
from kpisdk.engine.resolution import ResolvedKpi
from kpisdk.engine.result_cache import ResultCache
from kpisdk.engine.result_identity import Identities
from kpisdk.engine.retrying import in_a_session
from kpisdk.engine.source_probes import SourceProbes
from kpisdk.engine.unnamed_reads import UnnamedReads
from kpisdk.errors import ConnectionLostError, KpisdkError, ReadError, SourceUnavailableError
from kpisdk.planner.fusion import rule_for
from kpisdk.planner.planning import MeasureRequest
from kpisdk.sql.meta import META_TABLE, is_synthetic, synthetic_marks

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
    if context.elsewhere is not None:
        # Each part is given what its KPIs take; what none of all takes is told here.
        kpis = context.definitions.registry.kpis
        parameters_of([kpis[kpi_id] for kpi_id in request.kpi_ids], request.parameters)
    answers = [_answer(part, context, now) for part in parts(request, context)]
    open_ = [each.source for each in answers if each.source.kind != UNAVAILABLE]
    if not open_:
        return Report(_ordered(answers, request), answers[0].source, request.as_of)
    results = with_families(_ordered(answers, request), request)
    results, unsaid = context.definitions.remarked(results, request)
    told = [note for each in results for note in context.definitions.announce(each)]
    found = [note for each in answers for note in each.notes]
    notes = (*found, *unsaid, *dict.fromkeys(told))
    return Report(results, _source_of(open_, context), request.as_of, notes)


def _source_of(sources: Sequence[SourceIdentity], context: ExecutionContext) -> SourceIdentity:
    """The source that a report names: the workspace's own, synthetic where any of its parts is.

    Whoever computes the report again begins there: its settings say what lies elsewhere.
    """
    first, *others = sources
    if context.elsewhere is None:
        return first
    marks = {first.synthetic, *(each.synthetic for each in others)}
    synthetic = True if True in marks else None if None in marks else False
    return attrs.evolve(first, name=context.elsewhere.own, synthetic=synthetic)


@attrs.frozen
class Answer:
    """What the KPIs of one place came to, before they are looked at together."""

    results: tuple[Result, ...]
    source: SourceIdentity
    notes: tuple[Note, ...] = ()


def _answer(part: Part, context: ExecutionContext, now: datetime) -> Answer:
    def computed(session: Session, identity: SourceIdentity) -> Answer:
        return Execution.start(part.request, there, session, identity).answer()

    try:
        there = part.context(context)
        found = in_a_session(there.source, computed)
    except (ConnectionLostError, SourceUnavailableError) as error:
        return _unavailable(part.request, context, now, error)
    return attrs.evolve(found, results=tuple(map(part.told, found.results)))


def _ordered(answers: Sequence[Answer], request: Request) -> tuple[Result, ...]:
    """All results in the order in which their KPIs were asked for."""
    if len(answers) == 1:
        return answers[0].results
    places = {kpi_id: place for place, kpi_id in enumerate(request.kpi_ids)}
    found = [result for each in answers for result in each.results]
    return tuple(sorted(found, key=lambda result: places[result.kpi_id]))


def _unavailable(
    request: Request, context: ExecutionContext, now: datetime, error: ReadError
) -> Answer:
    estimate = failed(error)
    results = []
    for kpi_id in request.kpi_ids:
        kpi = context.definitions.registry.kpis[kpi_id]
        version = context.definitions.registry.definition_version(kpi_id)
        own = {each.name for each in kpi.parameters}
        given = {name: value for name, value in request.parameters.items() if name in own}
        known = ResolvedKpi(kpi=kpi, version=version, where=request.where, by=(), parameters=given)
        results.append(Judge(known, None, request, now).result(estimate))
    identity = SourceIdentity(error.source, UNAVAILABLE, "")
    return Answer(tuple(results), identity)


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
        kpis = [context.definitions.registry.kpis[kpi_id] for kpi_id in request.kpi_ids]
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
        definitions = context.definitions
        self.catalog = Catalog(
            session, identity.name, definitions.registry.contract, context.mappings
        )
        self.identity = attrs.evolve(identity, synthetic=_is_synthetic(self.catalog))
        self.manifests = Manifests(self.catalog, identity.fingerprint, definitions)
        self.frontiers = Frontiers(self.catalog)
        self.probes = SourceProbes(self.catalog)
        self.slicing = RequestSlicing(request, self.catalog)
        self.unnamed = UnnamedReads()
        self.views = Views(self.catalog, self.frontiers, request, definitions.registry.kpis, now)
        self.rule = rule_for(session.dialect, fuse=request.fuse)
        self.cache = ResultCache(context.cache if request.use_cache else None, now)
        options = OptionResolver(
            request,
            now,
            self.catalog,
            self.frontiers,
            self.probes,
            self.slicing,
            definitions.disputed,
            definitions.sampling_of,
            self.unnamed,
        )
        self.resolver = KpiResolver(request, context, parameters, options)

    def answer(self) -> Answer:
        """Look in the cache, compute the rest, and keep it."""
        started = perf_counter()
        self._tell("preparing", 0)
        kpis = self.resolver.resolved()
        names = self._names(kpis)
        owners = {names[kpi.id]: kpi for kpi in kpis if kpi.id in names}
        stored = self.cache.get(owners, self.request)
        fresh = [kpi for kpi in kpis if names.get(kpi.id) not in stored]
        computed = self._computed(fresh)
        spent = round((perf_counter() - started) * 1000, 3)
        results: list[Result] = []
        kept: dict[EntryName, tuple[ResolvedKpi, tuple[Result, ...]]] = {}
        for kpi in kpis:
            name = names.get(kpi.id)
            mine = stored.get(name) if name is not None else None
            if mine is None:
                made = self.manifests.attached(computed[kpi.id])
                mine = tuple(attrs.evolve(each, duration_ms=spent) for each in made)
                if name is not None:
                    kept[name] = (kpi, mine)
            results += mine
        self.cache.put(kept, self.unnamed)
        return Answer(tuple(results), self.identity, tuple(self.cache.notes))

    def _tell(self, what: str, done: int) -> None:
        if self.context.progress is not None:
            self.context.progress(what, done, len(self.request.kpi_ids))

    def _names(self, kpis: Sequence[ResolvedKpi]) -> dict[str, EntryName]:
        """The names of the KPIs whose results can be kept, by id."""
        if self.cache.cache is None:
            return {}
        asked = Identities(
            self.identity.fingerprint,
            self.catalog,
            self.frontiers,
            self.request,
            self.now,
            self.unnamed,
        )
        return asked.names(kpis, self.context.definitions.registry.identity)

    def _computed(self, kpis: Sequence[ResolvedKpi]) -> dict[str, tuple[Result, ...]]:
        queries = metric_queries(kpis, self.slicing)
        with self.catalog.log.of(kpi.id for kpi in kpis):
            viewed = self.views.answers(queries)
        requests = self.requests(queries, viewed)
        answers = fetch(requests, self.rule, self.catalog, self.request.max_groups)
        self._tell("reading", len(kpis) // 2)
        measured = viewed.measured | {
            owner: MeasuredQuery.of(query, answers, self.request.grain)
            for owner, query in queries.items()
            if owner not in viewed.measured and owner not in answers.errors
        }
        late = follow_up(measured, self.rule, self.catalog, self.slicing)
        measured = {each: found for each, found in measured.items() if each not in late.errors}
        answers.errors.update(late.errors)
        evaluation = OptionEvaluation(
            self.request,
            Frames(self.catalog, self.slicing),
            self.probes,
            self.frontiers,
            self.slicing,
            self.unnamed,
            measured,
            answers,
        )
        made = CellResults(self.request, self.now, evaluation, viewed)
        found: dict[str, tuple[Result, ...]] = {}
        for done, kpi in enumerate(kpis):
            self._tell(kpi.id, done)
            with self.catalog.log.of((kpi.id,)):
                found[kpi.id] = made.of(kpi)
        self._tell("done", len(kpis))
        return found

    def requests(
        self, queries: Mapping[Owner, MetricQuery], viewed: ViewAnswers
    ) -> list[MeasureRequest]:
        """What has to be read of the source's tables: all that no view answers."""
        return [
            request
            for owner, query in queries.items()
            if owner not in viewed.measured
            for request in measure_requests(query, query.metric.measures, self.slicing, query.units)
        ]


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

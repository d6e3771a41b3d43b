"""What a result depends on, and results that are kept under a name for all of it.

Source, definition and calculators are each asked for their identity, and nothing else makes keys.
What cannot be named (a view over a server elsewhere, a file that a calculator reads and does not
name) is not kept: a miss costs time, a stale number a decision.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

import attrs

from kpisdk.contracts.cache_backends import Cache, CacheEntry
from kpisdk.contracts.calculators import Calculator
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.estimates import Note
from kpisdk.contracts.file_identity import file_identity
from kpisdk.contracts.relations import datasets_of
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result, plain
from kpisdk.contracts.source_kinds import IdentifiedSession
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.evaluation_time import is_stale
from kpisdk.engine.frontiers import Frontiers
from kpisdk.engine.jobs import Job, OptionJob
from kpisdk.engine.kept_results import EntryName, kept_results, kept_text
from kpisdk.engine.outside_reads import unwatched
from kpisdk.engine.unnamed_reads import builds_from_outside
from kpisdk.errors import ConnectionLostError, KpisdkError
from kpisdk.plugins import core_version
from kpisdk.quarantine import contained
from kpisdk.registry.fingerprint import fingerprint, fingerprint_and_packages, source_files
from kpisdk.sql.bound_tables import BoundTable

_NAMED = (str, int, float, date, type(None))
"""Parameters that a key can hold: no frame is written out whole in one."""


class UnnamedError(Exception):
    """Something that a result depends on cannot be named, so the result cannot be kept."""


@attrs.define
class Identities:
    """What the results of one execution depend on, asked of those who know.

    ``source`` is the fingerprint that the source gave before the session was opened: what was
    written between the two then belongs to an identity that never comes again.
    """

    source: str
    catalog: Catalog
    frontiers: Frontiers
    request: Request
    now: datetime

    def keys(
        self,
        jobs: Iterable[Job],
        joined: Callable[[Job, OptionJob], set[tuple[str, str, str]]],
        definition: Callable[[str], str],
    ) -> dict[str, EntryName]:
        """The names of those KPIs whose results can be kept, by id.

        Args:
            jobs: the KPIs, settled.
            joined: the joins of an option's slice; the third of each is the joined table.
            definition: the identity of a KPI's definition, by its id.
        """
        found: dict[str, EntryName] = {}
        for job in jobs:
            ready = [option for option in job.options if option.failure is None]
            ways = (option.option.calculation for option in ready)
            if job.fixed is not None or any(map(builds_from_outside, ways)):
                continue
            tables = {name for option in ready for _, _, name in joined(job, option)}
            job.identity = definition(job.kpi.id)
            key = self.key(job, tables)
            if key is not None:
                found[job.kpi.id] = key
        return found

    def key(self, job: Job, joined: Iterable[str]) -> EntryName | None:
        """The name of a job's results; ``None`` where something that they depend on has none.

        ``joined`` are the tables that its slice takes columns from.
        """
        if not all(isinstance(value, _NAMED) for value in job.parameters.values()):
            return None
        try:
            facts = {
                "core": core_version(),
                "definition": [job.kpi.id, job.identity or job.version],
                "settings": fingerprint(_whole(job.settings)),
                "request": self._request(job),
                "source": [self.source, self._rows(job, joined)],
                "calculators": [
                    calculator_identity(option.option.calculation, job)
                    for option in job.options
                    if option.failure is None and isinstance(option.option.calculation, Calculator)
                ],
            }
        except UnnamedError:
            return None
        text = json.dumps(plain(facts), sort_keys=True, ensure_ascii=True)
        return EntryName.of(text)

    def _request(self, job: Job) -> dict[str, Any]:
        request = self.request
        return {
            # Whoever makes a rule may call two windows alike, and give it no words of its own.
            "window": fingerprint(request.window),
            "as_of": request.as_of,
            # Periods begin with a day: an answer of yesterday's month outlives no midnight.
            "days": [
                each.evaluation_time.as_of.date()
                for each in job.options
                if each.evaluation_time is not None
            ],
            "where": {name: list(map(repr, values)) for name, values in sorted(job.where.items())},
            "by": list(job.by),
            "grain": request.grain,
            "compare": request.compare,
            "views": request.use_views,
            "parameters": {name: repr(value) for name, value in sorted(job.parameters.items())},
        }

    def _rows(self, job: Job, joined: Iterable[str]) -> dict[str, Any]:
        """What of the data a result depends on: its tables as they are, and their newest rows."""
        ready = [option for option in job.options if option.failure is None]
        asked = [frame_input.relation for option in ready for frame_input in option.frame_inputs]
        found: dict[str, Any] = {}
        for dataset in (
            *job.kpi.datasets,
            *(each for frame_input in asked for each in datasets_of(frame_input)),
        ):
            table = self.catalog.find(dataset.name)
            if table is not None:
                found[f"{dataset.name}.{dataset.time}"] = self._newest(dataset)
                found[dataset.name] = self._table(table, job)
        for name in sorted(set(joined)):
            found[f"{name}.#"] = self.frontiers.count(Dataset(name, ()))
            found[name] = self._table(self.catalog.table(name), job)
        view = job.kpi.view
        if view is not None and self.request.use_views:
            found[f"view {view.view}"] = self._contents(view.view)
        return found

    def _newest(self, dataset: Dataset) -> Any:
        """The newest instant before now (a row's time comes though nobody writes), or the count."""
        try:
            if self.frontiers.is_timed(dataset):
                return self.frontiers.newest(dataset, self.now)
            return self.frontiers.count(dataset)
        except ConnectionLostError:
            raise
        except KpisdkError as error:
            raise UnnamedError from error

    def _table(self, table: BoundTable, job: Job) -> list[Any]:
        """How a dataset is read, slice columns by another plugin's word too, and its contents."""
        return [*table.binding((*job.where, *job.by)), self._contents(table.physical)]

    def _contents(self, physical: str) -> str:
        session = self.catalog.session
        if not isinstance(session, IdentifiedSession):
            return ""  # the source's own fingerprint is all that it says
        try:
            identity = session.identity(physical)
        except ConnectionLostError:
            raise
        except KpisdkError as error:
            raise UnnamedError from error
        if identity is None:
            raise UnnamedError
        return identity


def calculator_identity(calculator: Calculator, job: Job) -> list[Any]:
    """What a calculator reads beside rows and parameters, in the version that is there now.

    Raises:
        UnnamedError: the plugin cannot say.
    """

    def named() -> tuple[list[str], str | None]:
        paths = [str(path) for path in calculator.outside(job.parameters, job.settings)]
        if calculator.state is None:
            return paths, None
        state = calculator.state(job.parameters, job.settings)
        return paths, None if state is None else str(state)

    try:
        with unwatched():
            paths, state = contained(named, job.timeout)
            files = {path: file_identity(path) for path in paths}
        brought = [job.extensions(hook) for hook in calculator.extensions]
    except Exception as error:  # a plugin's function may raise anything; then nothing is reused
        raise UnnamedError from error
    if calculator.state is not None and state is None:
        job.unstated.append(calculator)  # what is answered before it is asked can be kept
    mark, packages = fingerprint_and_packages(*brought)
    return [files, state, mark, source_files(packages)]


_EMPTY = (Reason.NO_ROWS, Reason.ZERO_DENOMINATOR)
"""Reasons of a bucket that holds nothing, which is no failure beside the others' values."""


def _is_worth_keeping(results: Iterable[Result]) -> bool:
    """Whether there are values, and beside them nothing but a trend's buckets without rows."""
    known = [each for each in results if each.value is not None]
    absent = [each for each in results if each.value is None]
    return bool(known) and all(each.period and each.reason in _EMPTY for each in absent)


@attrs.define
class ResultCache:
    """A cache as the engine uses it: its faults cost a warning, never a result."""

    cache: Cache | None
    now: datetime
    notes: list[Note] = attrs.field(factory=list)

    def get(
        self, names: dict[EntryName, Job], request: Request
    ) -> dict[EntryName, tuple[Result, ...]]:
        """The results stored under those names; whatever is not one of ours is a miss.

        An entry that was computed later than now, by a clock that was ahead, is not used either:
        rows that come until then would be missing in it, and nothing would tell.
        """
        if self.cache is None or not names:
            return {}
        try:
            texts = dict(self.cache.get(tuple(name.key for name in names), self.now))
        except Exception as error:  # noqa: BLE001 - a plugin's cache may raise anything
            self._warn(error)
            return {}
        found = {}
        for name, job in names.items():
            lifetime = job.kpi.frequency.lifetime
            results = kept_results(texts.get(name.key), name, self.now, lifetime)
            if results and all(_is_of(job, result) for result in results):
                found[name] = tuple(self._aged(job, result, request) for result in results)
        return found

    def put(self, fresh: dict[EntryName, tuple[Job, tuple[Result, ...]]]) -> None:
        """Store what is worth keeping; results without a value may heal, and are not.

        Those of calculators that read what they do not name are not either.
        """
        if self.cache is None:
            return
        entries = []
        for name, (job, results) in fresh.items():
            if job.unnamed or not _is_worth_keeping(results):
                continue
            lifetime: timedelta = job.kpi.frequency.lifetime
            text = kept_text(results, name, self.now)
            entries.append(CacheEntry(name.key, job.kpi.id, text, self.now + lifetime))
        if entries:
            try:
                self.cache.put(tuple(entries), self.now)
            except Exception as error:  # noqa: BLE001 - a plugin's cache may raise anything
                self._warn(error)
            else:
                remarks: tuple[str, ...] = getattr(self.cache, "remarks", ())
                self.notes += [Note("cache_exposed", each) for each in remarks]

    def _aged(self, job: Job, result: Result, request: Request) -> Result:
        """A result as it stands now: rows grow old while it is kept."""
        bucket = None if result.period is None else result.window
        stale = is_stale(job.kpi, result.data_through, request, self.now, bucket, job.settings)
        return attrs.evolve(result, cached=True, stale=stale)

    def _warn(self, error: Exception) -> None:
        told = f"The cache failed: {type(error).__name__}: {error}"
        if isinstance(error, KpisdkError):
            told = error.message
        self.notes.append(Note("cache_failed", told))
        self.cache = None  # one warning an execution is enough


def _is_of(job: Job, result: Result) -> bool:
    """Whether a stored result is one of this KPI, as it is defined now."""
    kpi = job.kpi
    ours = (kpi.id, kpi.name, kpi.workstream, kpi.unit, job.version)
    return ours == (
        result.kpi_id,
        result.name,
        result.workstream,
        result.unit,
        result.definition_version,
    )


def _whole(settings: Any) -> Any:
    """A plugin's settings in full: those that a ``repr`` leaves out, as it does secrets, too."""
    return attrs.asdict(settings) if attrs.has(type(settings)) else settings

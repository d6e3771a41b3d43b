"""Caching: keys that name everything a result depends on, and results as stored text."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, timedelta
from typing import Any

import attrs

from kpisdk.contracts.caches import Cache, CacheEntry
from kpisdk.contracts.estimates import Note
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result, plain
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.jobs import Job
from kpisdk.errors import KpisdkError
from kpisdk.plugins import core_version

_ANSWERS = (None, Reason.NO_TARGET, Reason.THRESHOLDS_DO_NOT_APPLY)
"""Reasons of results that are worth keeping: everything else is a failure or may heal."""


@attrs.define
class Shelf:
    """A cache as the engine uses it: its faults cost a warning, never a result."""

    cache: Cache | None
    now: datetime
    notes: list[Note] = attrs.field(factory=list)

    def keeps(self, job: Job) -> bool:
        """Whether a job's results can be named by a key: no frame is written out whole in one."""
        plain_values = (str, int, float, date, type(None))
        named = all(isinstance(value, plain_values) for value in job.parameters.values())
        return self.cache is not None and named

    def key(self, job: Job, source: str, request: Request, frontier: dict[str, Any]) -> str:
        """The key of a job's results: definition, source, window, slice, parameters, frontier."""
        facts = {
            "kpi": job.kpi.id,
            "version": job.version,
            "core": core_version(),
            "source": source,
            # Whoever makes a rule may call two windows alike.
            "window": None if request.window is None else repr(request.window),
            "as_of": request.as_of,
            "where": {name: list(map(repr, values)) for name, values in sorted(job.where.items())},
            "by": list(job.by),
            "grain": request.grain,
            "compare": request.compare,
            "views": request.use_views,
            "parameters": {name: repr(value) for name, value in sorted(job.parameters.items())},
            "settings": _facts(job.settings),
            "frontier": frontier,
        }
        text = json.dumps(plain(facts), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def get(self, keys: tuple[str, ...]) -> dict[str, tuple[Result, ...]]:
        """The results stored under those keys."""
        if self.cache is None or not keys:
            return {}
        try:
            texts = self.cache.get(keys, self.now)
        except KpisdkError as error:
            self._warn(error)
            return {}
        found = {}
        for key, text in texts.items():
            try:
                stored = [Result.from_dict(raw) for raw in json.loads(text)]
            except (ValueError, KeyError, TypeError, AttributeError, KpisdkError):
                continue  # another version wrote it: a miss, and overwritten below
            if not stored:
                continue  # there is no request without a result
            found[key] = tuple(attrs.evolve(result, cached=True) for result in stored)
        return found

    def put(self, fresh: dict[str, tuple[Job, tuple[Result, ...]]]) -> None:
        """Store what is worth keeping; results with a failure among them are not."""
        if self.cache is None:
            return
        entries = []
        for key, (job, results) in fresh.items():
            if any(result.reason not in _ANSWERS for result in results):
                continue
            text = json.dumps([result.to_dict() for result in results], allow_nan=False)
            lifetime: timedelta = job.kpi.frequency.lifetime
            entries.append(CacheEntry(key, job.kpi.id, text, self.now + lifetime))
        if entries:
            try:
                self.cache.put(tuple(entries), self.now)
            except KpisdkError as error:
                self._warn(error)

    def _warn(self, error: KpisdkError) -> None:
        self.notes.append(Note("cache_failed", error.message))
        self.cache = None  # one warning a trip is enough


def _facts(settings: Any) -> str:
    """A plugin's settings in full: those that a ``repr`` leaves out, as it does secrets, too."""
    return repr(attrs.asdict(settings) if attrs.has(type(settings)) else settings)

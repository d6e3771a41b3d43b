"""Results that are kept under a name for all that they depend on, and taken while it holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs

from kpisdk.contracts.cache_backends import Cache, CacheEntry
from kpisdk.contracts.estimates import Note
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.evaluation_time import is_stale
from kpisdk.engine.kept_results import EntryName, kept_results, kept_text
from kpisdk.engine.resolution import ResolvedKpi
from kpisdk.engine.unnamed_reads import UnnamedReads
from kpisdk.errors import KpisdkError

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
        self, names: dict[EntryName, ResolvedKpi], request: Request
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
        for name, kpi in names.items():
            lifetime = kpi.kpi.frequency.lifetime
            results = kept_results(texts.get(name.key), name, self.now, lifetime)
            if results and all(_is_of(kpi, result) for result in results):
                found[name] = tuple(self._aged(kpi, result, request) for result in results)
        return found

    def put(
        self,
        fresh: dict[EntryName, tuple[ResolvedKpi, tuple[Result, ...]]],
        unnamed: UnnamedReads,
    ) -> None:
        """Store what is worth keeping; results without a value may heal, and are not.

        Those of calculators that read what they do not name are not either.
        """
        if self.cache is None:
            return
        entries = []
        for name, (kpi, results) in fresh.items():
            if unnamed.of(kpi.id) or not _is_worth_keeping(results):
                continue
            lifetime: timedelta = kpi.kpi.frequency.lifetime
            text = kept_text(results, name, self.now)
            entries.append(CacheEntry(name.key, kpi.id, text, self.now + lifetime))
        if entries:
            try:
                self.cache.put(tuple(entries), self.now)
            except Exception as error:  # noqa: BLE001 - a plugin's cache may raise anything
                self._warn(error)
            else:
                remarks: tuple[str, ...] = getattr(self.cache, "remarks", ())
                self.notes += [Note("cache_exposed", each) for each in remarks]

    def _aged(self, kpi: ResolvedKpi, result: Result, request: Request) -> Result:
        """A result as it stands now: rows grow old while it is kept."""
        bucket = None if result.period is None else result.window
        stale = is_stale(kpi.kpi, result.data_through, request, self.now, bucket, kpi.settings)
        return attrs.evolve(result, cached=True, stale=stale)

    def _warn(self, error: Exception) -> None:
        told = f"The cache failed: {type(error).__name__}: {error}"
        if isinstance(error, KpisdkError):
            told = error.message
        self.notes.append(Note("cache_failed", told))
        self.cache = None  # one warning an execution is enough


def _is_of(known: ResolvedKpi, result: Result) -> bool:
    """Whether a stored result is one of this KPI, as it is defined now."""
    kpi = known.kpi
    ours = (kpi.id, kpi.name, kpi.workstream, kpi.unit, known.version)
    return ours == (
        result.kpi_id,
        result.name,
        result.workstream,
        result.unit,
        result.definition_version,
    )

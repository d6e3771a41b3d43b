"""Sources and caches that plugins bring, so that whatever they raise is an error of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from typing import Any, TypeVar, cast

import attrs

from kpisdk.contracts.cache_backends import Cache, CacheEntry
from kpisdk.contracts.results import SourceIdentity
from kpisdk.contracts.source_kinds import Session, Source, WritableSource, Writer
from kpisdk.errors import CacheError, KpisdkError, SourceUnavailableError
from kpisdk.quarantine import PluginFaultError, contained
from kpisdk.workspace.contained_sessions import contained_session, has, is_ours

T = TypeVar("T")


@attrs.frozen
class ContainedCache:
    """A cache of a plugin, which raises ``CacheError`` and nothing else."""

    name: str
    cache: Cache

    def get(self, keys: tuple[str, ...], now: datetime) -> Mapping[str, str]:
        return self._call("read", lambda: _texts(self.cache.get(keys, now)))

    def put(self, entries: tuple[CacheEntry, ...], now: datetime) -> None:
        self._call("write", lambda: self.cache.put(entries, now))

    def clear(self, kpi_id: str | None = None) -> int:
        return self._call("clear", lambda: int(self.cache.clear(kpi_id)))

    def info(self, now: datetime) -> Mapping[str, Any]:
        return self._call("read", lambda: dict(self.cache.info(now)))

    def _call(self, action: str, call: Callable[[], T]) -> T:
        try:
            # In this thread: what a cache keeps open often belongs to the thread that opened it.
            return contained(call, None)
        except PluginFaultError as error:
            advice = "This is a fault of the plugin that brings the cache."
            raise CacheError(self.name, action, error.what, advice) from error


def _texts(found: Mapping[str, str]) -> dict[str, str]:
    return {str(key): str(text) for key, text in found.items()}


@attrs.frozen
class ContainedSource:
    """A source of a plugin; what its sessions raise is an error of the source."""

    name: str
    source: Source

    @property
    def identity(self) -> SourceIdentity:
        return _opening(self.name, lambda: self.source.identity)

    @property
    def retries(self) -> int:
        return _opening(self.name, lambda: int(self.source.retries))

    @contextmanager
    def session(self) -> Iterator[Session]:
        manager = _opening(self.name, self.source.session)
        opened = _opening(self.name, manager.__enter__)
        try:
            yield contained_session(self.name, opened)
        except BaseException as error:
            given = type(error), error, error.__traceback__
            with suppress(SourceUnavailableError):  # what went wrong before matters more
                _opening(self.name, lambda: manager.__exit__(*given))
            raise
        else:
            _opening(self.name, lambda: manager.__exit__(None, None, None))


@attrs.frozen
class ContainedWritableSource(ContainedSource):
    """One in which views can be made."""

    source: WritableSource

    def writing(self) -> AbstractContextManager[Writer]:
        return _opening(self.name, self.source.writing)


def contained_source(name: str, source: Source) -> Source:
    """A source as it is where it is the core's, else one that raises nothing but errors of ours."""
    if is_ours(source):
        return source
    if has(source, "writing"):
        return ContainedWritableSource(name, cast(WritableSource, source))
    return ContainedSource(name, source)


def _opening(name: str, call: Callable[[], T]) -> T:
    try:
        return contained(call, None)
    except PluginFaultError as error:
        raise SourceUnavailableError(name, error.what) from error


def opened_by_plugin(subject: str, call: Callable[[], T]) -> T:
    """What a plugin's function opens.

    Raises:
        KpisdkError: what it raised, as it is, or as a fault of the plugin.
    """
    try:
        return contained(call, None)
    except PluginFaultError as error:
        raise OpeningError(subject, error.what) from error


@attrs.define(eq=False)
class OpeningError(KpisdkError):
    """A function of a plugin that was to open something, or to look at it, and failed."""

    subject: str
    what: str

    template = "{subject} failed: {what}. This is a fault of the plugin that brings it."

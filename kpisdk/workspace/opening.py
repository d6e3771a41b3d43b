"""From what a user names (settings, a source, a cache) to the thing itself."""

from __future__ import annotations

import os
import types
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from kpisdk.contracts.cache_backends import Cache
from kpisdk.contracts.estimates import Note
from kpisdk.contracts.source_kinds import Source, SourceKind, SourceOptions
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import UnknownNameError, UsageError, listed, quoted
from kpisdk.registry import Registry
from kpisdk.settings import Origin, Settings, SourceSettings, TableMapping, load_settings, redact
from kpisdk.settings.paths import joined
from kpisdk.working_folder import working_folder
from kpisdk.workspace.contained_plugins import (
    ContainedCache,
    contained_source,
    opened_by_plugin,
)
from kpisdk.workspace.contained_sessions import is_ours


@attrs.define(eq=False)
class NoSourceError(UsageError):
    """A computation was requested, and no source was named."""

    known: tuple[str, ...]

    @property
    def message(self) -> str:
        named = f" The settings name: {listed(self.known)}." if self.known else ""
        return (
            "No source is named. Give --source (a SQLAlchemy URL, a folder or glob of CSV or "
            f"Parquet files) or set default_source in kpisdk.toml.{named} "
            "To look around without data of your own: kpisdk demo."
        )


@attrs.define(eq=False)
class UnreadableSourceError(UsageError):
    """A location that no installed kind of source recognises."""

    location: str
    kinds: tuple[str, ...]
    advice: str = ""

    @property
    def message(self) -> str:
        if self.advice:
            return f"{self.location} is no source: {self.advice}."
        return (
            f"{quoted(redact(self.location))} is no source that an installed plugin can open. "
            f"Kinds: {'; '.join(self.kinds)}."
        )


def settings_from(given: Settings | str | Path | None) -> Settings:
    """Settings as they are, from a file, or from where the user works."""
    if isinstance(given, Settings):
        return given
    explicit = None if given is None else Path(given)
    return load_settings(working_folder(), explicit, os.environ)


_UNREAD = "unread_mapping"


@attrs.frozen
class OpenSource:
    """An opened source, its name, the settings that opened it, and what of these nothing reads."""

    name: str
    source: Source
    settings: SourceSettings
    notes: tuple[Note, ...] = ()


def open_source(
    location: Any,
    settings: Settings,
    registry: Registry,
    tables: Mapping[str, str] | None = None,
) -> OpenSource:
    """Open a source by name, location or object; ``tables`` names the tables of datasets.

    A relative path in a settings file is relative to that file's folder, any other one to the
    working folder.

    Raises:
        UnknownNameError: ``tables`` names a dataset that no installed plugin reads.
        NoSourceError: none is named, and the settings have no default.
        UnreadableSourceError: no kind of source recognises it.
        SourceUnavailableError: it does not exist or cannot be opened.
    """
    for dataset in tables or {}:
        if dataset not in registry.contract:
            raise UnknownNameError("dataset", dataset, tuple(registry.contract))
    origin, base = settings.origin or Origin(), None
    if location is None:
        location, base = settings.default_source, origin.base("default_source")
    if location is None or (isinstance(location, str) and not location.strip()):
        raise NoSourceError(tuple(settings.sources))
    if isinstance(location, str | Path) and str(location) in settings.sources:
        base = origin.folder
    name, how = _named(location, settings, base)
    for dataset, table in (tables or {}).items():
        # Whoever names a table for this computation means one of the source that it is for.
        mapping = attrs.evolve(how.tables.get(dataset, TableMapping()), table=table, source=None)
        how = attrs.evolve(how, tables={**how.tables, dataset: mapping})
    target: Any = how.url if isinstance(location, str | Path) else location
    source = opened(target, options_of(name, how, registry, base), registry)
    return OpenSource(name, source, how, tuple(_unread(name, how, registry)))


def options_of(
    name: str, how: SourceSettings, registry: Registry, base: Path | None
) -> SourceOptions:
    """What a source is opened with.

    Args:
        name: what it is called.
        how: its settings.
        registry: whose data contract says what its columns are read as.
        base: the folder that its path is relative to; ``None`` is the working folder.
    """
    return SourceOptions(
        name=name,
        statement_timeout=float(how.statement_timeout),
        retries=how.retries,
        types=_physical_types(how, registry),
        options=how.options,
        base=base,
        csv=how.csv,
    )


def opened(target: Any, options: SourceOptions, registry: Registry) -> Source:
    """The source at a location, opened by the kind that recognises it.

    Raises:
        UnreadableSourceError: none does.
        SourceUnavailableError: it does not exist or cannot be opened.
    """
    _ = registry.engines  # a source of an engine that is not known yet would be refused
    kind = _kind(target, registry)
    source = opened_by_plugin(
        f"The kind of source {kind.name!r}", lambda: kind.open(target, options)
    )
    return contained_source(options.name, source)


def _unread(source: str, how: SourceSettings, registry: Registry) -> Iterator[Note]:
    """Mappings that no KPI reads by: a misspelt one would let the default name be read instead.

    They are no errors, since the plugin that they are for may not be installed here.
    """
    for name, mapping in how.tables.items():
        where = joined(f"{joined('sources', source)}.tables", name)
        dataset = registry.contract.get(name)
        if dataset is None:
            unknown = UnknownNameError("dataset", name, tuple(registry.contract))
            yield Note(_UNREAD, f"{where} is not used. {unknown.message}")
            continue
        columns = {column.name for column in dataset.columns}
        for column in sorted(mapping.columns.keys() - columns):
            unknown = UnknownNameError(f"{name} column", column, tuple(columns))
            setting = joined(f"{where}.columns", column)
            yield Note(_UNREAD, f"{setting} is for slices alone. {unknown.message}")


def _named(location: Any, settings: Settings, base: Path | None) -> tuple[str, SourceSettings]:
    """The source's name and settings; frames find theirs under ``sources.frames``."""
    if not isinstance(location, str | Path):
        name = "frames" if isinstance(location, Mapping) else "source"
        return name, settings.sources.get(name) or SourceSettings(url="-")
    text = str(location)
    if text in settings.sources:
        return text, settings.sources[text]
    looks_like_a_name = text.isidentifier() and not ((base or Path()) / text).exists()
    if looks_like_a_name and settings.sources:
        raise UnknownNameError("source", text, tuple(settings.sources))
    return redact(text, settings.secrets), SourceSettings(url=text)


def _kind(target: Any, registry: Registry) -> SourceKind:
    found = registry.kind_of(target)
    if found is not None:
        return found
    kinds = list(registry.sources.values())
    described = tuple(kind.description or kind.name for kind in kinds)
    advice = _instead_of(target)
    if advice:
        library = type(target).__module__.partition(".")[0].lstrip("_")
        prefix = "" if library == "builtins" else f"{library} "
        called = f"A {prefix}{type(target).__name__}"
        raise UnreadableSourceError(called, described, advice)
    raise UnreadableSourceError(str(target)[:200], described)


def _instead_of(target: Any) -> str:
    """What to pass in place of an object that programs have at hand; empty: nothing is known."""
    if isinstance(target, types.ModuleType):
        return f"pass a connection of it, such as {target.__name__}.connect(file)"
    if isinstance(target, list | tuple | set):
        return "pass a mapping of table names to frames, or one path or URL"
    return next((advice for can, advice in _ADVICE if all(map(partial(hasattr, target), can))), "")


_FRAME = "pass a mapping of table names to frames, such as {'triggers': frame}"
_ADVICE = (
    (("columns",), _FRAME),
    (("__arrow_c_stream__",), _FRAME),
    (("sync_engine",), "pass an engine of sqlalchemy.create_engine, or the URL"),
    (("get_bind",), "pass its engine"),
    (("engine",), "pass its engine"),
    (("cursor", "commit"), "pass the URL of its database, or a SQLAlchemy engine"),
)
"""What objects can do, which tells them apart without importing their libraries, and advice."""


def _physical_types(how: SourceSettings, registry: Registry) -> dict[str, dict[str, LogicalType]]:
    """The declared column types under the names that this source uses."""
    types: dict[str, dict[str, LogicalType]] = {}
    for name, dataset in registry.contract.items():
        mapping = how.tables.get(name)
        table = name if mapping is None or mapping.table is None else mapping.table
        names = {} if mapping is None else mapping.columns
        types[table] = {names.get(each.name, each.name): each.type for each in dataset.columns}
    return types


def open_cache(given: Cache | str | None, settings: Settings, registry: Registry) -> Cache | None:
    """The cache in force: the one given, the one the settings name, else memory.

    Raises:
        UnknownNameError: no plugin brings a backend of that name.
    """
    if given is not None and not isinstance(given, str):
        return given
    if given == "off" or (given is None and settings.cache.is_off):
        return None
    name = given or settings.cache.backend or "memory"
    backend = registry.caches.get(name)
    if backend is None:
        raise UnknownNameError("cache backend", name, tuple(registry.caches))
    cache = opened_by_plugin(
        f"The cache backend {name!r}", lambda: backend.open(attrs.asdict(settings.cache))
    )
    return cache if is_ours(cache) else ContainedCache(name, cache)

"""Settings as the rest of the SDK sees them: typed, checked, and knowing where they came from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import attrs

from kpisdk.contracts.datasets import NAME_PATTERN
from kpisdk.contracts.requests import MOST_GROUPS
from kpisdk.contracts.text_formats import FileFormat
from kpisdk.errors import DefinitionError, Problem, UnknownNameError, quoted
from kpisdk.settings.durations import Seconds
from kpisdk.settings.filling import fill
from kpisdk.settings.paths import joined
from kpisdk.settings.provenance import Origin, Provenance, traced
from kpisdk.settings.secrets import redact

T = TypeVar("T")

_PATIENCE = Seconds(60.0)
FOR_HOOKS = Seconds(30.0)
"""How long the import of a plugin and each of its hooks may take, unless the settings say so."""

FOR_CALCULATORS = Seconds(600.0)
"""How long one call of a plugin's calculation may take, unless the settings say otherwise."""


def _keys_only(table: Mapping[str, Any]) -> str:
    """How a table that may hold secrets is shown in a ``repr``."""
    return f"<{', '.join(table)}>"


def _url_text(url: str | None) -> str:
    return repr(None if url is None else redact(url))


def _not_blank(record: Any, field: attrs.Attribute[Any], text: str | None) -> None:
    if text is not None and not text.strip():
        raise _refusal(record, field.name, "must not be empty")


def _none_blank(record: Any, field: attrs.Attribute[Any], names: Mapping[str, str]) -> None:
    for key, name in names.items():
        if not name.strip():
            raise _refusal(record, joined(field.name, key), "must not be empty")


def positive(record: Any, field: attrs.Attribute[Any], seconds: float) -> None:
    """Refuse a duration of nothing."""
    if not seconds > 0:
        raise _refusal(record, field.name, f"must be more than 0 seconds; it is {seconds:g}")


def _not_negative(record: Any, field: attrs.Attribute[Any], count: int) -> None:
    if count < 0:
        raise _refusal(record, field.name, f"must be 0 or more; it is {count}")


def at_least_one(record: Any, field: attrs.Attribute[Any], count: int) -> None:
    """Refuse a number below 1."""
    if count < 1:
        raise _refusal(record, field.name, f"must be 1 or more; it is {count}")


def _column_name(record: Any, field: attrs.Attribute[Any], name: str | None) -> None:
    if name is not None and not NAME_PATTERN.fullmatch(name):
        what = f"must be row or a column in snake case; it is {quoted(name)}"
        raise _refusal(record, field.name, what)


def _refusal(record: Any, where: str, what: str) -> DefinitionError:
    return DefinitionError(type(record).__name__, [Problem(where, what)])


@attrs.frozen
class TableMapping:
    """What a dataset is called in one source; what is not mapped goes by its own name.

    ``table`` is the physical table or view (``schema.table`` allowed); ``columns`` maps columns of
    the dataset to physical ones. ``source`` names another source of the settings that the table
    lies in; what is not said here of its names is then what that source's own settings say.
    """

    table: str | None = attrs.field(default=None, validator=_not_blank)
    columns: Mapping[str, str] = attrs.field(factory=dict, validator=_none_blank)
    source: str | None = attrs.field(default=None, validator=_not_blank)


@attrs.frozen
class SourceSettings:
    """One ``[sources.<name>]``: where it is, how its tables are called, and how patient to be.

    ``url`` is a SQLAlchemy URL, a folder or a glob, as it was written. ``tables`` are the mappings
    of datasets whose tables go by other names. ``statement_timeout`` is in seconds; ``retries``
    counts the further attempts after a lost connection. ``csv`` is how files are written, where
    they are no plain CSV. ``options`` are the source kind's own.
    """

    url: str = attrs.field(repr=_url_text, validator=_not_blank)
    tables: Mapping[str, TableMapping] = attrs.field(factory=dict)
    statement_timeout: Seconds = attrs.field(default=_PATIENCE, validator=positive)
    retries: int = attrs.field(default=2, validator=_not_negative)
    csv: FileFormat = attrs.field(factory=FileFormat)
    options: Mapping[str, Any] = attrs.field(factory=dict, repr=_keys_only)


@attrs.frozen
class CacheSettings:
    """``[cache]``: which backend keeps results, and where.

    ``backend`` is ``memory``, ``sqlite``, ``redis``, ``off`` or a name that a plugin brings;
    ``None`` leaves the choice to the caller (the command line keeps a SQLite file, the Python API
    memory). ``path`` is for backends with a file, ``url`` for those with a server, ``options``
    for what a plugin's backend needs beyond these. ``enabled`` set to false keeps nothing, as the
    backend ``off`` does.
    """

    backend: str | None = attrs.field(default=None, validator=_not_blank)
    path: Path | None = None
    url: str | None = attrs.field(default=None, repr=_url_text, validator=_not_blank)
    enabled: bool = True
    options: Mapping[str, Any] = attrs.field(factory=dict, repr=_keys_only)

    @property
    def is_off(self) -> bool:
        """Whether nothing is to be kept: not enabled, or the backend ``off``."""
        return not self.enabled or self.backend == "off"


@attrs.frozen
class KpiSettings:
    """One ``[kpis.<id>]``: what of a KPI's record an installation may set.

    ``unit`` is the column within whose values rows depend on one another in your data, in place of
    the one that the KPI names; ``row`` makes every row a unit of its own.
    """

    unit: str | None = attrs.field(default=None, validator=_column_name)


@attrs.frozen
class Settings:
    """All settings: sources by name, the cache, definition files, and the raw tables of plugins.

    ``definitions`` are files that define KPIs without Python. ``kpis`` are settings of single KPIs
    by id. ``default_source`` is the name of a
    source, or a location as ``--source`` takes it. ``plugin_timeout`` is how many seconds the
    import of a plugin and each of its hooks may take, ``calculator_timeout`` each call of a
    calculation that a plugin brings; ``max_groups`` is how many groups a KPI is cut into at most.
    ``secrets`` are the values that must not appear
    in anything a user reads; :meth:`redact` takes them out. ``origin`` is ``None`` for settings
    made in Python.
    """

    default_source: str | None = attrs.field(default=None, repr=_url_text)
    sources: Mapping[str, SourceSettings] = attrs.field(factory=dict)
    cache: CacheSettings = attrs.field(factory=CacheSettings)
    plugins: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict, repr=_keys_only)
    definitions: tuple[Path, ...] = ()
    kpis: Mapping[str, KpiSettings] = attrs.field(factory=dict)
    plugin_timeout: Seconds = attrs.field(default=FOR_HOOKS, validator=positive)
    calculator_timeout: Seconds = attrs.field(default=FOR_CALCULATORS, validator=positive)
    max_groups: int = attrs.field(default=MOST_GROUPS, validator=at_least_one)
    secrets: frozenset[str] = attrs.field(default=frozenset(), repr=False)
    origin: Origin | None = attrs.field(default=None, repr=False)

    def source(self, name: str) -> SourceSettings:
        """The source of that name.

        Raises:
            UnknownNameError: the settings know none; the nearest names are proposed.
        """
        if name not in self.sources:
            raise UnknownNameError("source", name, tuple(self.sources))
        return self.sources[name]

    @property
    def units(self) -> Mapping[str, str]:
        """The units that are set, by the ids of their KPIs."""
        return {kpi_id: each.unit for kpi_id, each in self.kpis.items() if each.unit is not None}

    def unit(self, kpi_id: str) -> str | None:
        """The unit that is set for a KPI, or ``None``."""
        return None if kpi_id not in self.kpis else self.kpis[kpi_id].unit

    def plugin(self, name: str, cls: type[T]) -> T:
        """``[plugins.<name>]`` as the attrs class that the plugin gave; its defaults without one.

        Raises:
            SettingsError: the table does not fit, with all its faults.
            DefinitionError: the class cannot be filled from settings.
        """
        return fill(
            cls,
            self.plugins.get(name, {}),
            joined("plugins", name),
            base=None if self.origin is None else self.origin.folder,
            secrets=self.secrets,
            subject="The settings" if self.origin is None else self.origin.title,
        )

    def redact(self, text: str) -> str:
        """``text`` without the secrets of these settings, and without passwords of URLs."""
        return redact(text, self.secrets)

    def provenance(self) -> tuple[Provenance, ...]:
        """Every setting with its value, secrets masked, and where that came from."""
        tables = {
            "default_source": self.default_source,
            "sources": self.sources,
            "cache": self.cache,
            "plugins": self.plugins,
            "definitions": ", ".join(map(str, self.definitions)) or None,
            "kpis": self.kpis,
            "plugin_timeout": self.plugin_timeout,
            "calculator_timeout": self.calculator_timeout,
            "max_groups": self.max_groups,
        }
        return tuple(traced(tables, self.origin, self.secrets))

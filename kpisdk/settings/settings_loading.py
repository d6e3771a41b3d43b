"""Settings from a file and the environment's overrides and variables, all faults at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from kpisdk.contracts.requests import MOST_GROUPS
from kpisdk.errors import Problem, SettingsError
from kpisdk.settings.definition_paths import definition_files
from kpisdk.settings.durations import Seconds
from kpisdk.settings.filling import fill
from kpisdk.settings.interpolation import interpolate
from kpisdk.settings.misplaced_tables import misplaced
from kpisdk.settings.provenance import Origin, Written, written
from kpisdk.settings.secrets import redact, secrets_of
from kpisdk.settings.settings_files import SettingsFile, explicit_file, nearest_file
from kpisdk.settings.settings_records import (
    FOR_CALCULATORS,
    FOR_HOOKS,
    CacheSettings,
    KpiSettings,
    Settings,
    SourceSettings,
    at_least_one,
    positive,
)

CONFIG_VARIABLE = "KPISDK_CONFIG"
"""The environment variable that names the settings file."""

OVERRIDES: Mapping[str, tuple[str, ...]] = {
    "KPISDK_SOURCE": ("default_source",),
    "KPISDK_CACHE": ("cache", "backend"),
    "KPISDK_CACHE_PATH": ("cache", "path"),
    "KPISDK_CACHE_URL": ("cache", "url"),
}
"""Environment variables that win over the file, and the settings that they set."""


@attrs.frozen
class _Document:
    """The shape of a settings file; the keys of :class:`Settings` that a user writes."""

    default_source: str | None = None
    sources: Mapping[str, SourceSettings] = attrs.field(factory=dict)
    cache: CacheSettings = attrs.field(factory=CacheSettings)
    plugins: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    definitions: tuple[Path, ...] = ()
    kpis: Mapping[str, KpiSettings] = attrs.field(factory=dict)
    plugin_timeout: Seconds = attrs.field(default=FOR_HOOKS, validator=positive)
    calculator_timeout: Seconds = attrs.field(default=FOR_CALCULATORS, validator=positive)
    max_groups: int = attrs.field(default=MOST_GROUPS, validator=at_least_one)


def load_settings(start: Path, explicit: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings in force for someone who works in the folder ``start``.

    The file is ``explicit``, else the one that ``KPISDK_CONFIG`` names, else the nearest
    ``kpisdk.toml`` or ``pyproject.toml`` with ``[tool.kpisdk]`` from ``start`` upwards, else none.
    The variables of :data:`OVERRIDES` win over it; an empty one counts as not set. ``${NAME}`` in
    a text of the file is taken from ``environ``. Relative paths are relative to the file's folder
    (those of sources stay as written: ``Origin.base`` tells that folder to who opens them), in
    variables to ``start``. ``definitions`` of the result are the definition files that exist:
    those that the file names, and those of the known names (see
    :func:`kpisdk.settings.definition_paths.definition_files`).

    Raises:
        SettingsError: the file cannot be read or is not TOML (with line and column); or all of its
            unknown keys, wrong types, wrong values and undefined variables, each with its path.
    """
    folder = start.absolute()
    file = _file(folder, explicit, environ)
    filled = interpolate({} if file is None else file.table, environ)
    document, overrides = _overridden(filled.document, folder, environ)
    secrets = filled.secrets | secrets_of(document)
    title = "The settings" if file is None else file.title
    base = folder if file is None else file.path.parent
    problems = list(filled.problems)
    try:
        known = fill(_Document, document, "", base=base, secrets=secrets, subject=title)
    except SettingsError as error:
        problems += error.problems
        known = _Document()
    problems += misplaced(known.sources)
    found = definition_files(folder, None if file is None else base, known.definitions)
    problems += found.problems
    if problems:
        shown = [Problem(fault.where, redact(fault.what, secrets)) for fault in problems]
        raise SettingsError(title, shown)
    origin = Origin(
        file=None if file is None else file.path,
        title=title,
        written=(({} if file is None else written(file.table, file.title)) | overrides),
        remarks=() if file is None else file.remarks,
    )
    return Settings(
        default_source=known.default_source,
        sources=known.sources,
        cache=known.cache,
        plugins=known.plugins,
        definitions=found.files,
        kpis=known.kpis,
        plugin_timeout=known.plugin_timeout,
        calculator_timeout=known.calculator_timeout,
        max_groups=known.max_groups,
        secrets=secrets,
        origin=origin,
    )


def _file(folder: Path, explicit: Path | None, environ: Mapping[str, str]) -> SettingsFile | None:
    if explicit is not None:
        return explicit_file(folder / explicit)
    named = environ.get(CONFIG_VARIABLE, "")
    if named:
        return explicit_file(folder / named)
    return nearest_file(folder)


def _overridden(
    document: dict[str, Any], folder: Path, environ: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Written]]:
    overrides: dict[str, Written] = {}
    for variable, keys in OVERRIDES.items():
        value = environ.get(variable, "")
        if not value:
            continue
        overrides[".".join(keys)] = Written(value, f"environment variable {variable}")
        if keys[-1] == "path" and not value.startswith("~"):
            value = str(folder / value)
        document = _with(document, keys, value)
    return document, overrides


def _with(document: Mapping[str, Any], keys: tuple[str, ...], value: str) -> dict[str, Any]:
    """A copy of ``document`` with one setting replaced; a table of a wrong type stays a fault."""
    first, *rest = keys
    if not rest:
        return {**document, first: value}
    table = document.get(first, {})
    if not isinstance(table, Mapping):
        return dict(document)
    return {**document, first: _with(table, tuple(rest), value)}

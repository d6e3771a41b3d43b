"""Writes the reference of settings from the attrs classes that the settings file fills."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

import attrs
from wording import markdown, table

from kpisdk.contracts.text_formats import ColumnFormat, FileFormat, TableFormat
from kpisdk.registry import Registry
from kpisdk.settings.fillable import Field, fields_of
from kpisdk.settings.settings_loading import OVERRIDES
from kpisdk.settings.settings_records import (
    CacheSettings,
    KpiSettings,
    SourceSettings,
    TableMapping,
)

CORE: Mapping[str, type] = {
    "sources.<name>": SourceSettings,
    "sources.<name>.tables.<dataset>": TableMapping,
    "sources.<name>.csv": FileFormat,
    "sources.<name>.csv.tables.<table>": TableFormat,
    "sources.<name>.csv.columns.<column>": ColumnFormat,
    "cache": CacheSettings,
    "kpis.<id>": KpiSettings,
}
"""The core's tables of the settings file, and the classes that they fill."""


def classes(registry: Registry) -> dict[str, type]:
    """All tables of the settings file with their classes, those of installed plugins last."""
    plugins = {f"plugins.{name}": cls for name, cls in registry.settings_types.items()}
    within = {path: cls for name, of in plugins.items() for path, cls in _tables(name, of)}
    return {**CORE, **plugins, **within}


def _tables(path: str, cls: type) -> Iterator[tuple[str, type]]:
    """The tables by name that a class holds, with the classes that they fill."""
    for key, field in fields_of(cls).items():
        inner = get_args(field.hint)[-1:]
        if get_origin(field.hint) is Mapping and attrs.has(inner[0]):
            yield f"{path}.{key}.<name>", inner[0]


def page(registry: Registry) -> str:
    """A section for each table: what it is for, and its keys."""
    return "\n".join(_section(path, cls) for path, cls in classes(registry).items())


def _section(path: str, cls: type) -> str:
    rows = [_row(path, key, field) for key, field in fields_of(cls).items()]
    head = ("key", "type", "default", "environment")
    return f"## `[{path}]`\n\n{markdown(cls.__doc__)}\n\n{table(head, rows)}\n"


def _row(path: str, key: str, field: Field) -> tuple[str, ...]:
    kind = getattr(field.hint, "__name__", None) or str(field.hint)
    if not isinstance(field.hint, type) and not kind.startswith("Seconds"):
        kind = str(field.hint)
    plain = kind.replace("typing.", "").replace("collections.abc.", "").replace("pathlib.", "")
    plain = plain.replace("kpisdk.settings.settings_records.", "")
    plain = plain.replace("kpisdk.contracts.text_formats.", "")
    variables = [name for name, keys in OVERRIDES.items() if ".".join(keys) == f"{path}.{key}"]
    return (
        f"`{key}`",
        f"`{plain}`",
        _default(field.attribute.default),
        ", ".join(f"`{name}`" for name in variables),
    )


def _default(value: Any) -> str:
    if value is attrs.NOTHING:
        return "required"
    if isinstance(value, attrs.Factory):  # type: ignore[arg-type]
        value = value.factory()
    if value is None or value in ({}, ()):
        return "not set" if value is None else "empty"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def documented(cls: type) -> Iterator[str]:
    """The keys of a class that its docstring speaks of."""
    said = markdown(cls.__doc__)
    yield from (key for key in fields_of(cls) if f"`{key}`" in said)

"""For every setting its value, secrets masked, and who set it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from kpisdk.settings.paths import joined
from kpisdk.settings.secrets import MAPPINGS, MASK, is_secret_name, redact


@attrs.frozen
class Provenance:
    """One setting: its path, its value as it may be shown, and where it came from."""

    key: str
    value: str
    origin: str


@attrs.frozen
class Written:
    """A setting as it was written, before variables were filled in, and by whom."""

    text: str = attrs.field(repr=False)
    by: str


@attrs.frozen
class Origin:
    """Where loaded settings came from: the file (if any), what was written, what is to be said."""

    file: Path | None = None
    title: str = "The settings"
    written: Mapping[str, Written] = attrs.field(factory=dict, repr=False)
    remarks: tuple[str, ...] = attrs.field(default=())

    @property
    def folder(self) -> Path | None:
        """The folder that relative paths in the settings are relative to."""
        return None if self.file is None else self.file.parent

    def base(self, key: str) -> Path | None:
        """The folder that a path in this setting is relative to; ``None``: the working folder."""
        own = self.written.get(key)
        return self.folder if own is not None and own.by == _by(self.title, key) else None


def written(table: Mapping[str, Any], by: str) -> dict[str, Written]:
    """Every setting of a raw table, by path."""
    return {path: Written(_text(value), _by(by, path)) for path, value in leaves(table)}


def _by(title: str, key: str) -> str:
    return f"{title}:{key}"


def traced(
    table: Mapping[str, Any], origin: Origin | None, secrets: Iterable[str]
) -> Iterator[Provenance]:
    """The settings in force, with what ``origin`` knows of each; the rest are defaults."""
    hidden = frozenset(secrets)
    for path, value in leaves(table):
        by, text = "default", _text(value)
        if origin is None:
            by = "Python"
        elif path in origin.written:
            by = origin.written[path].by
            # What a variable brought stays hidden; the reference to it tells a reader more.
            if "${" in origin.written[path].text:
                text = origin.written[path].text
        yield Provenance(path, _shown(path, text, hidden), by)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The values of nested tables and records, with their paths; a list is one value."""
    if attrs.has(type(value)):
        value = {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}
    if not isinstance(value, Mapping):
        yield path, value
        return
    for key, item in value.items():
        yield from leaves(item, joined(path, key))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "not set" if value is None else str(value)


def _shown(path: str, text: str, secrets: frozenset[str]) -> str:
    is_mapping = path.startswith("sources.") and f".{MAPPINGS}." in path
    if text != "not set" and not is_mapping and is_secret_name(path):
        return MASK
    return redact(text, secrets)

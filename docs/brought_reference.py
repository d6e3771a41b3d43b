"""Writes what the installed plugins bring beside KPIs: kinds of source, caches, report formats."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wording import table

from kpisdk.plugins import LoadedPlugins


def _records(loaded: LoadedPlugins, hook: str) -> Iterator[tuple[str, Any]]:
    for plugin in loaded:
        for record in plugin.ask(hook) or ():
            yield plugin.distribution, record


def sources(loaded: LoadedPlugins) -> str:
    """Kinds of source: what a location looks like."""
    rows = [
        (f"`{kind.name}`", kind.description, f"`{distribution}`")
        for distribution, kind in _records(loaded, "kpisdk_sources")
    ]
    return table(("kind", "location", "brought by"), rows) + "\n"


def caches(loaded: LoadedPlugins) -> str:
    """Cache backends by name."""
    rows = [
        (f"`{backend.name}`", f"`{distribution}`")
        for distribution, backend in _records(loaded, "kpisdk_caches")
    ]
    return table(("backend", "brought by"), rows) + "\n"


def reports(loaded: LoadedPlugins) -> str:
    """Report formats: whether they are for programs, and their files."""
    rows = [
        (
            f"`{form.name}`",
            "programs: full precision" if form.machine else "people: rounded",
            f"`{form.suffix}`",
            f"`{distribution}`",
        )
        for distribution, form in _records(loaded, "kpisdk_reports")
    ]
    return table(("format", "for", "suffix", "brought by"), rows) + "\n"

"""``kpisdk doctor``: versions, plugins, settings and where each value came from."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import click

from kpisdk.cli.installation import Installation
from kpisdk.cli.options import output_option, table_format
from kpisdk.cli.table_output import show
from kpisdk.hookspecs import API_VERSION
from kpisdk.plugins import core_version

LIBRARIES = (
    "attrs",
    "click",
    "pluggy",
    "rich",
    "sqlalchemy",
    "duckdb",
    "duckdb-sqlalchemy",
    "pandas",
    "numpy",
    "pyarrow",
    "psycopg",
    "redis",
    "pyyaml",
    "sqlglot",
    "tree-sitter-toml",
)
"""The libraries that the core uses; those after sqlalchemy are optional."""

COLUMNS = ("section", "item", "value", "origin")


@click.command("doctor")
@table_format()
@output_option
@click.pass_obj
def command(here: Installation, form: str, output: Path | None) -> None:
    """Versions, plugins, settings and their origins.

    This is what to send with a report; secrets are masked.
    """
    here.registry.complete()
    here.warn()
    found = [*_versions(), *_plugins(here), *_brought(here), *_settings(here)]
    rows = [dict(zip(COLUMNS, each, strict=True)) for each in found]
    show(here, rows, COLUMNS, form, output)


def _versions() -> Iterator[tuple[Any, ...]]:
    yield "version", "kpisdk", core_version(), f"plugin API {API_VERSION}"
    yield "version", "python", platform.python_version(), platform.platform()
    for name in LIBRARIES:
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "not installed"
        yield "version", name, found, ""


def _plugins(here: Installation) -> Iterator[tuple[Any, ...]]:
    for each in here.registry.plugins:
        yield "plugin", each.name, str(each.state), each.label


def _brought(here: Installation) -> Iterator[tuple[Any, ...]]:
    registry = here.registry
    yield "brought", "KPIs", len(registry.kpis), ", ".join(registry.workstreams)
    yield "brought", "datasets", len(registry.contract), ", ".join(registry.contract)
    for engine in registry.engines.values():
        yield (
            "engine",
            engine.traits.title,
            "; ".join(engine.proven_on) or "not proven",
            "contract held on",
        )
    for what, names in (
        ("kinds of source", registry.sources),
        ("caches", registry.caches),
        ("report formats", registry.reports),
        ("commands", registry.commands),
    ):
        yield "brought", what, len(names), ", ".join(names)


def _settings(here: Installation) -> Iterator[tuple[Any, ...]]:
    origin = here.settings.origin
    file = None if origin is None else origin.file
    yield "settings", "file", "none found" if file is None else str(file), str(here.folder)
    for remark in () if origin is None else origin.remarks:
        yield "settings", "remark", remark, ""
    for each in here.settings.provenance():
        yield "setting", each.key, each.value, each.origin

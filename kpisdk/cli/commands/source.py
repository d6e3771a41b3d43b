"""``kpisdk source``: the sources of the settings, and whether one answers."""

from __future__ import annotations

from pathlib import Path

import click

from kpisdk.cli.dataset_findings import findings, mapping_of
from kpisdk.cli.installation import Installation
from kpisdk.cli.options import output_option, table_format
from kpisdk.cli.table_output import show
from kpisdk.registry import Registry

NOTHING = (
    "The settings name no source. Add one ([sources.main] url = ...), or give --source a "
    "SQLAlchemy URL, a folder or a file. Kinds of source: {}."
)


@click.group("source")
def group() -> None:
    """Sources: where rows come from."""


@group.command("list")
@table_format()
@output_option
@click.pass_obj
def sources(here: Installation, form: str, output: Path | None) -> None:
    """The sources of the settings, with secrets masked."""
    settings, registry = here.settings, here.registry
    kinds = registry.sources
    here.warn()
    rows = [
        {
            "name": name,
            "kind": _kind(source.url, registry),
            "location": here.redact(source.url),
            "default": name == settings.default_source,
            "mapped_tables": len(source.tables),
        }
        for name, source in settings.sources.items()
    ]
    if not rows:
        here.note(NOTHING.format(", ".join(kinds) or "none"))
    show(here, rows, ("name", "kind", "location", "default", "mapped_tables"), form, output)


def _kind(url: str, registry: Registry) -> str:
    kind = registry.kind_of(url)
    return "unknown" if kind is None else kind.name


@group.command("test")
@click.argument("source", required=False, metavar="[URL|PATH|NAME]")
@table_format()
@output_option
@click.pass_obj
def test(here: Installation, source: str | None, form: str, output: Path | None) -> None:
    """Open a source, and tell which of the declared tables and columns it has.

    Exits with 1 when the source cannot be opened; a table that is missing is an answer.
    """
    with here.workspace(source) as workspace:
        here.warn(workspace.registry)
        opened = workspace.open_source()
        mapping = mapping_of(here.settings, source)
        with opened.session() as session:
            name, contract = opened.identity.name, workspace.registry.contract
            found = list(findings(session, name, contract, mapping))
            dialect = session.dialect
    rows = [
        {
            "dataset": each.dataset,
            "table": each.table,
            "declared_columns": each.declared,
            "faults": [here.redact(fault) for fault in each.faults],
        }
        for each in found
    ]
    identity = opened.identity
    here.note(f"The source {identity.name!r} ({identity.kind}, {dialect}) answers.")
    show(here, rows, ("dataset", "table", "declared_columns", "faults"), form, output)

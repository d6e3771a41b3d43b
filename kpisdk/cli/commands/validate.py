"""``kpisdk validate``: definitions, settings and (``--live``) a source, all faults at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import click

from kpisdk.cli.dataset_findings import findings, mapping_of
from kpisdk.cli.installation import Installation
from kpisdk.cli.options import output_option, source_option, table_format
from kpisdk.cli.output import deliver
from kpisdk.cli.table_output import show
from kpisdk.contracts.json_records import written
from kpisdk.errors import (
    FAILURE,
    USAGE,
    KpisdkError,
    Problem,
    ProblemsError,
    UnknownNameError,
)
from kpisdk.registry.kpi_dictionary import DictionaryError, dictionary_of


@attrs.frozen
class Fault:
    """One fault: of the definitions, the settings or the source."""

    area: str
    where: str
    what: str


@click.command("validate")
@click.option("--live", is_flag=True, help="Also look into the source: tables and columns.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of definition files instead.")
@source_option
@table_format()
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    live: bool,
    schema: bool,
    source: str | None,
    form: str,
    output: Path | None,
) -> None:
    """Check definitions and settings, and with --live the source.

    Faults of definition files (kpis.yaml …) are reported with file, line and column. Exits with 0
    when all is well, 2 for faults of the settings, 1 for any other.
    """
    if schema:
        from kpisdk.plugins.definition_files import schema_text

        deliver(schema_text(), output)
        return
    here = ctx.ensure_object(Installation)
    found = [*_settings(here), *_definitions(here)]
    if live:
        # With wrong settings there is no telling which source is meant.
        found += [] if any(each.area == "settings" for each in found) else _live(here, source)
    rows = written([attrs.evolve(each, what=here.redact(each.what)) for each in found])
    if rows or form != "table":
        show(here, rows, ("area", "where", "what"), form, output)
    kpis, datasets = len(here.registry.kpis), len(here.registry.contract)
    verdict = f"{len(found)} fault{'s' * (len(found) > 1)}" if found else "No faults"
    here.note(f"{verdict} in {kpis} KPIs over {datasets} datasets of {_plugins(here)} plugins.")
    if found:
        ctx.exit(USAGE if any(each.area == "settings" for each in found) else FAILURE)


def _plugins(here: Installation) -> int:
    return len(here.registry.plugins)


def _faults(area: str, error: KpisdkError) -> Iterator[Fault]:
    problems = (
        error.problems
        if isinstance(error, ProblemsError)
        else [Problem(type(error).__name__, error.message)]
    )
    for problem in problems:
        yield Fault(area, problem.where, problem.what)


def _settings(here: Installation) -> Iterator[Fault]:
    try:
        settings = here.settings
    except KpisdkError as error:
        yield from _faults("settings", error)
        return
    registry = here.registry
    kinds = registry.settings_types
    for name in settings.plugins:
        if name not in kinds:
            unknown = UnknownNameError("plugin with settings", name, tuple(kinds))
            yield Fault("settings", f"plugins.{name}", unknown.message)
            continue
        try:
            settings.plugin(name, kinds[name])
        except ProblemsError as error:
            yield from _faults("settings", error)
    backend = settings.cache.backend
    if backend not in (None, "off", *registry.caches):
        unknown = UnknownNameError("cache backend", str(backend), ("off", *registry.caches))
        yield Fault("settings", "cache.backend", unknown.message)
    for name, source in settings.sources.items():
        if registry.kind_of(source.url) is None:
            what = f"no kind of source ({', '.join(registry.sources)}) knows this location"
            yield Fault("settings", f"sources.{name}.url", what)
        for dataset in sorted(source.tables.keys() - registry.contract.keys()):
            unknown = UnknownNameError("dataset", dataset, tuple(registry.contract))
            yield Fault("settings", f"sources.{name}.tables.{dataset}", unknown.message)


def _definitions(here: Installation) -> Iterator[Fault]:
    registry = here.registry
    registry.complete()
    for problem in registry.problems:
        yield Fault("definitions", problem.where, problem.what)
    kpis = tuple(registry.kpis.values())
    try:
        dictionary_of(kpis, kpis)
    except DictionaryError as error:
        yield from _faults("definitions", error)


def _live(here: Installation, source: str | None) -> Iterator[Fault]:
    try:
        with here.workspace(source) as workspace:
            opened, contract = workspace.open_source(), workspace.registry.contract
            mapping = mapping_of(here.settings, source)
            with opened.session() as session:
                for each in findings(session, opened.identity.name, contract, mapping):
                    for fault in each.faults:
                        yield Fault("source", each.dataset, fault)
    except KpisdkError as error:
        yield from _faults("source", error)

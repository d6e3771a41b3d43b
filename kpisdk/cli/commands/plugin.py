"""``kpisdk plugin list|new|test``: the plugins that were found, a new one, and their contracts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from kpisdk.cli.installation import Installation
from kpisdk.cli.options import output_option, table_format
from kpisdk.cli.table_output import show
from kpisdk.errors import FAILURE

COLUMNS = ("name", "distribution", "version", "state", "kpis", "error")


@click.group("plugin")
def group() -> None:
    """Plugins: how they stand, a new one, a test."""


@group.command("list")
@table_format()
@output_option
@click.pass_obj
def plugins(here: Installation, form: str, output: Path | None) -> None:
    """All plugins, also those that failed, with their errors."""
    registry = here.registry
    registry.complete()
    here.warn()
    counts = Counter(registry.owner(kpi_id).name for kpi_id in registry.kpis)
    rows = [
        {
            "name": each.name,
            "distribution": each.distribution,
            "version": each.version,
            "state": str(each.state),
            "kpis": counts[each.name],
            "error": None if each.error is None else here.redact(each.error),
        }
        for each in registry.plugins
    ]
    show(here, rows, COLUMNS, form, output)


@group.command("new")
@click.argument("name")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The folder to make it in, instead of this one.",
)
@click.pass_obj
def new(here: Installation, name: str, out: Path) -> None:
    """Write a plugin with one KPI, its tests and its CI into a new folder.

    NAME is what the plugin is to be called, such as "hello"; the distribution is then
    kpisdk-hello. Its own tests, ruff and mypy --strict pass as it is written.
    """
    from kpisdk.cli.scaffold import Names, PluginNameError, scaffold

    names = Names.of(name)
    for each in here.registry.plugins:
        if names.name == each.name:
            raise PluginNameError(name, f"{each.label} brings a plugin of that name")
    folder, written = scaffold(names, out)
    for path in written:
        click.echo(folder / path)
    here.note(f"Next: cd {folder}; pip install -e '.[test]'; pytest; kpisdk plugin test .")


@group.command("test")
@click.argument("target", metavar="[NAME|PATH]", default=".")
@table_format()
@output_option
@click.pass_context
def test(ctx: click.Context, target: str, form: str, output: Path | None) -> None:
    """Run the contract on a plugin: what held, what did not, what does not apply and why.

    NAME is an installed plugin; PATH is a plugin's project (by default this folder) or a module
    with hooks. A project's own contract tests are run, with what they say of rows, parameters and
    exemptions; without any, the contract is run on rows made from the KPIs' declarations.

    Exits with 0 when all of it held, 1 when something did not.
    """
    from kpisdk.cli.plugin_tests.contract_reports import (
        COLUMNS as SHOWN,
        broken,
        document,
        summary,
        table,
    )
    from kpisdk.cli.plugin_tests.contract_targets import run_target

    here = ctx.ensure_object(Installation)
    outcomes = run_target(target, here)
    show(here, table(outcomes), SHOWN, form, output, document(outcomes))
    for told in broken(outcomes):
        here.note(f"\n{told}")
    here.note(summary(outcomes))
    if any(each.outcome == "failed" for each in outcomes):
        ctx.exit(FAILURE)

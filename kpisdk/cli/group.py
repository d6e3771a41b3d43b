"""The groups of commands: a table of names, of which only the one that is called is imported."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from kpisdk.cli.installation import Installation
from kpisdk.plugins import core_version
from kpisdk.registry.offers import unknown_command

PIPE_CLOSED = 141
"""128 + SIGPIPE, as shells report a command whose reader went away."""

COMMANDS: Mapping[str, str] = {
    "list": "kpisdk.cli.commands.list:command",
    "show": "kpisdk.cli.commands.show:command",
    "compute": "kpisdk.cli.commands.compute:command",
    "plot": "kpisdk.cli.commands.plot:command",
    "explain": "kpisdk.cli.commands.explain:command",
    "verify": "kpisdk.cli.commands.verify:command",
    "gate": "kpisdk.cli.commands.gate:command",
    "init": "kpisdk.cli.commands.init:command",
    "check": "kpisdk.cli.commands.check:command",
    "validate": "kpisdk.cli.commands.validate:command",
    "test": "kpisdk.cli.commands.test:command",
    "guardrails": "kpisdk.cli.commands.guardrails:command",
    "dictionary": "kpisdk.cli.commands.dictionary:group",
    "views": "kpisdk.cli.commands.views:group",
    "cache": "kpisdk.cli.commands.cache:group",
    "plugin": "kpisdk.cli.commands.plugin:group",
    "source": "kpisdk.cli.commands.source:group",
    "doctor": "kpisdk.cli.commands.doctor:command",
}
"""The core's commands, in the order of ``--help``: name to ``module:attribute``."""


class LazyGroup(click.Group):
    """The core's commands from a table; those of plugins for help, or for a name not in it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        brought = _here(ctx).registry.commands
        return [*COMMANDS, *sorted(brought.keys() - COMMANDS.keys())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            command: click.Command | None = _here(ctx).registry.commands.get(cmd_name)
            return command
        module, _, attribute = place.partition(":")
        loaded: click.Command = getattr(importlib.import_module(module), attribute)
        return loaded

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        is_unknown = not name.startswith("-") and self.get_command(ctx, name) is None
        if is_unknown and not ctx.resilient_parsing:
            _here(ctx).warn()  # it may be the command of a plugin that failed
            raise unknown_command(name, self.list_commands(ctx))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> None:
        """Run the command; what it returns is no exit code (``ctx.exit`` gives one)."""
        try:
            super().invoke(ctx)
        except BrokenPipeError:
            # Click would exit with 1, which says that the operation failed.
            ctx.exit(PIPE_CLOSED)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_commands(ctx, formatter)
        _here(ctx).warn()


def _here(ctx: click.Context) -> Installation:
    return ctx.ensure_object(Installation)


def _print_version(ctx: click.Context, _option: click.Parameter, value: Any) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"kpisdk {core_version()}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Settings file, instead of the nearest kpisdk.toml or [tool.kpisdk].",
)
@click.option("--debug", is_flag=True, help="Show tracebacks (also: KPISDK_DEBUG=1).")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
@click.pass_context
def root(ctx: click.Context, config: Path | None, debug: bool) -> None:
    """KPIs that are never silently wrong: data on stdout, everything else on stderr."""
    here = _here(ctx)
    here.config = config
    here.debug = here.debug or debug

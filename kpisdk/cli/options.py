"""Options that commands share: the source, the workstream, the format, the output file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from kpisdk.cli.installation import Installation
from kpisdk.cli.record_tables import FORMATS

F = TypeVar("F", bound=Callable[..., Any])


def source_option(command: F) -> F:
    """``--source``."""
    text = "SQLAlchemy URL, folder, file or glob of CSV/Parquet, or a name from the settings."
    return click.option("--source", metavar="URL|PATH|NAME", help=text)(command)


def workstream_option(command: F) -> F:
    """``--workstream``."""
    text = "Only this workstream; the start of its name is enough (ws1)."
    return click.option("--workstream", metavar="NAME", help=text)(command)


def output_option(command: F) -> F:
    """``--output``."""
    text = "Write to this file, completely or not at all."
    kind = click.Path(path_type=Path, dir_okay=False)
    return click.option("--output", "-o", type=kind, metavar="FILE", help=text)(command)


def language_option(command: F) -> F:
    """``--lang``: the language that the command answers people in, chosen before it runs."""

    def choose(ctx: click.Context, _option: click.Parameter, code: str | None) -> None:
        if ctx.resilient_parsing:
            return
        here = ctx.find_object(Installation)
        if here is None:  # a plugin's command, run by itself
            here = ctx.find_root().obj = Installation.here()
        here.answer_in(code)

    text = "Language of what people read, such as fr; by default LANG's. Never of JSON or CSV."
    option = click.option("--lang", metavar="L", expose_value=False, callback=choose, help=text)
    return option(command)


def wide_option(command: F) -> F:
    """``--wide``."""
    text = "All columns and rows of a table, however wide the terminal is."
    return click.option("--wide", is_flag=True, help=text)(command)


def table_format(*formats: str) -> Callable[[F], F]:
    """``--format`` of a table of records: all of them, or those named."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(formats or FORMATS),
        default="table",
        show_default=True,
        help="How to show it.",
    )

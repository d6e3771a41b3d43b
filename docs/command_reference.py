"""Writes the command reference from the commands themselves: what ``--help`` prints, for each."""

from __future__ import annotations

from pathlib import Path

import click

from kpisdk.cli.group import root
from kpisdk.cli.installation import Installation


def write(path: Path) -> None:
    """Write one page with the help of every command, those of plugins included."""
    installation = Installation(Path.cwd(), {})
    top = click.Context(root, info_name="kpisdk", obj=installation, terminal_width=100)
    lines = [
        "# Command line",
        "",
        "Data go to standard output, everything else to standard error. `--format table` is the",
        "default; machine formats hold full precision, and JSON never holds NaN or infinity.",
        "",
        "How sure a status has to be is said by `--intervals`, `--family`, `--decided`,",
        "`--repeated` and `--require-decided`: [When a status can be",
        "trusted](../explanation/trust.md) says what they rest on. [Reports in JSON](json.md)",
        "lists all keys.",
        "",
        *_page(top, 2),
    ]
    text = "\n".join(lines) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _page(context: click.Context, depth: int) -> list[str]:
    lines = [f"{'#' * min(depth, 4)} {context.command_path}", "", "```text"]
    lines += [*context.get_help().splitlines(), "```", ""]
    command = context.command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                inner = click.Context(child, context, name, terminal_width=100)
                lines += _page(inner, depth + 1)
    return lines

"""``kpisdk dkt template``: a small CSV that keeps every rule of the contract."""

from __future__ import annotations

from pathlib import Path

import click

from kpisdk_edu_dkt.dkt.commands.shared import deliver, examples, output_option


@click.command(epilog=examples("kpisdk dkt template --output interactions.csv"))
@output_option
def template(output: Path | None) -> None:
    """Print a CSV that shows which columns to deliver."""
    from kpisdk_edu_dkt.dkt.data.writing import template as template_text

    deliver(template_text(), output)

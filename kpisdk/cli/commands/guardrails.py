"""``kpisdk guardrails``: whether KPIs improved at the cost of those that watch over them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kpisdk.cli.installation import Installation
from kpisdk.cli.options import output_option, source_option, table_format
from kpisdk.cli.request_options import pairs
from kpisdk.cli.table_output import show
from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.interval_text import ends_apart
from kpisdk.errors import FAILURE
from kpisdk.guardrails import Change, Contrast

COLUMNS = (
    "principal",
    "guardrail",
    "from",
    "to",
    "principal_change",
    "guardrail_change",
    "guardrail_relative",
    "verdict",
    "why",
)

READ_COLUMNS = ("compared", "principal", "guardrail", "verdict", "why")
"""Fewer and longer columns, which a terminal of 80 characters wraps between words."""


@click.command("guardrails")
@click.argument("ids", nargs=-1, metavar="[KPI]...")
@source_option
@click.option("--by", metavar="COLUMN", help="Compare the groups of this column.")
@click.option("--window", metavar="W", help="Compare this window with --baseline.")
@click.option("--baseline", metavar="W2", help="The earlier window.")
@click.option(
    "--against",
    type=click.Choice(["previous", "rest"]),
    help="What a group is compared with; by default the one before it where names follow an order.",
)
@click.option(
    "--segment",
    "segments",
    multiple=True,
    metavar="COLUMN",
    help="Look again within the groups of this column; by default those that the KPIs name.",
)
@click.option(
    "--where",
    multiple=True,
    callback=pairs,
    metavar="COLUMN=VALUE",
    help="Only rows with that value; repeat a column for an OR.",
)
@click.option("--as-of", metavar="T", help="The instant to compute for: 2026-03-01[T12:00Z].")
@click.option("--no-cache", is_flag=True, help="Neither read nor keep results.")
@table_format()
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    ids: tuple[str, ...],
    source: str | None,
    no_cache: bool,
    form: str,
    output: Path | None,
    **asked: Any,
) -> None:
    """Did a KPI improve, and is its guardrail shown to be unharmed?

    A guardrail is safe where the interval of its relative change lies inside the margin of its
    pair: a tenth worse, unless the KPI says otherwise.

    Groups whose names follow an order, as those of cohorts do, are compared with the group before;
    other groups with all others together. Exits with 1 when no change has a value, 2 for a usage
    error; a verdict is an answer whatever it says.
    """
    here = ctx.ensure_object(Installation)
    asked["segments"] = asked["segments"] or None
    with here.workspace(source) as workspace:
        here.warn(workspace.registry)
        report = workspace.guardrails(*ids, use_cache=not no_cache, **asked)
    for note in report.notes:
        here.note(f"Warning: {note.message}")
    is_read = form == "table"
    rows = [(line if is_read else row)(each) for each in report.contrasts]
    document = report.to_dict() if form == "json" else None
    show(here, rows, READ_COLUMNS if is_read else COLUMNS, form, output, document)
    for contrast in report.contrasts:
        for reversal in contrast.reversals:
            here.note(f"{contrast.baseline} to {contrast.current}: {reversal.message}")
    if all(each.principal.value is None for each in report.contrasts):
        ctx.exit(FAILURE)


def line(contrast: Contrast) -> dict[str, str]:
    """A contrast as a line of a table that people read: each KPI with its changes."""
    cells = row(contrast)
    return {
        "compared": f"{cells['from']} to {cells['to']}",
        "principal": f"{cells['principal']} {cells['principal_change']}",
        "guardrail": (
            f"{cells['guardrail']} {cells['guardrail_change']}, "
            f"relative {cells['guardrail_relative']}"
        ),
        "verdict": cells["verdict"],
        "why": cells["why"],
    }


def row(contrast: Contrast) -> dict[str, str]:
    """A contrast as a record, field by field."""
    return {
        "principal": contrast.pair.principal.id,
        "guardrail": contrast.pair.guardrail.id,
        "from": contrast.baseline,
        "to": contrast.current,
        "principal_change": change_words(contrast.principal),
        "guardrail_change": change_words(contrast.guardrail),
        "guardrail_relative": relative_words(contrast.guardrail),
        "verdict": contrast.verdict.words,
        "why": contrast.why,
    }


def change_words(change: Change) -> str:
    """``+0.12 [+0.03, +0.2]``: a change and its interval, to three figures; ``+12 (exact)``."""
    if change.value is None:
        return "no value"
    return _with_limits(change.value, change.interval, is_exact=change.is_exact)


def relative_words(change: Change) -> str:
    """The same of the relative change; ``not known`` where the baseline is 0, or has no value."""
    if change.relative is None:
        return "not known"
    return _with_limits(change.relative, change.relative_interval, is_exact=change.is_exact)


def _with_limits(value: float, interval: Interval | None, *, is_exact: bool) -> str:
    said = f"{value:+.3g}"
    if interval is None:
        return f"{said} (exact)" if is_exact else said
    low, high = ends_apart(interval, lambda end, more: f"{end:+.{3 + more}g}")
    return f"{said} [{low}, {high}]"

"""``kpisdk demo``: a synthetic data set, and the scorecard of everything installed on it."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from kpisdk import Workspace
from kpisdk_demo.progress import line_on, watched

NOTHING_COMPUTED = 1
"""Exit code when not one KPI has a value."""


@click.command("demo")
@click.option("--scale", type=float, default=1.0, show_default=True, help="1 is 10,000 patients.")
@click.option("--seed", type=int, default=7, show_default=True, help="Equal seeds, equal rows.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo.duckdb"),
    show_default=True,
    help="The DuckDB file to write; it appears whole or not at all.",
)
@click.option("--no-compute", is_flag=True, help="Write the file and compute nothing.")
@click.option("--end", metavar="DATE", help="Where the data end (UTC); the last midnight.")
@click.option("--force", is_flag=True, help="Replace a file that is not a demo data set.")
@click.pass_context
def command(
    ctx: click.Context,
    scale: float,
    seed: int,
    out: Path,
    no_compute: bool,
    end: str | None,
    force: bool,
) -> None:
    """Make a synthetic data set and compute every installed KPI on it."""
    from kpisdk_demo.marks import NotADemoError, is_demo_file
    from kpisdk_demo.plan import plan
    from kpisdk_demo.writing import write_duckdb

    agreed = plan(scale, seed, _end(end))
    if out.exists() and not force and not is_demo_file(out):
        raise NotADemoError(str(out))
    with line_on(sys.stderr) as progress:
        write_duckdb(
            out,
            agreed.scale,
            agreed.seed,
            agreed.end,
            progress and (lambda done: progress("Making patients", done)),
        )
    click.echo(
        f"{out}: {agreed.patients:,} synthetic patients (scale {agreed.scale:g}, seed {seed}), "
        f"data until {agreed.end:%Y-%m-%d %H:%M} UTC.",
        err=True,
    )
    if not no_compute:
        _scorecard(ctx, out, agreed.end)


def _end(text: str | None) -> datetime:
    from kpisdk_demo.plan import instant, midnight

    if text is None:
        return midnight(datetime.now(UTC))
    try:
        return instant(text)
    except ValueError:
        raise click.BadParameter(
            f"{text[:80]!r} is no date or instant. Write 2026-03-01 or 2026-03-01T12:00Z.",
            param_hint="--end",
        ) from None


def _scorecard(ctx: click.Context, path: Path, end: datetime) -> None:
    """Print the table of all installed KPIs as of the end of the data."""
    settings = ctx.find_root().params.get("config")
    with Workspace(f"duckdb:///{path}", settings=settings, cache="off") as workspace:
        registry = workspace.registry
        for problem in registry.problems:
            click.echo(f"Warning: {problem}", err=True)
        if not registry.kpis:
            click.echo("No KPI is installed. Try: pip install kpisdk-ws2-triggers", err=True)
            return
        with line_on(sys.stderr) as progress:
            report = workspace.compute(
                as_of=end,
                progress=progress
                and (lambda what, done, total: progress(what, done / total if total else 0.0)),
            )
        text = registry.reports["table"].render(report, _has_colour())
    for note in report.warnings:
        click.echo(f"Warning: {note.message}", err=True)
    click.echo(text)
    if not any(result.ok for result in report.results):
        ctx.exit(NOTHING_COMPUTED)


def _has_colour() -> bool:
    return watched(sys.stdout, os.environ) and not os.environ.get("NO_COLOR")

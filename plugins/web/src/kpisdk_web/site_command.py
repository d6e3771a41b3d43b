"""``kpisdk site``: the scorecard as a folder to publish."""

from __future__ import annotations

from pathlib import Path

import click

from kpisdk import command_workspace


@click.command("site")
@click.argument("ids", nargs=-1, metavar="[KPI]...")
@click.option("--source", metavar="URL|PATH|NAME", help="Where the rows are.")
@click.option("--as-of", metavar="T", help="The instant to compute for.")
@click.option(
    "--grain",
    type=click.Choice(["day", "week", "month", "quarter", "year"]),
    default="month",
    show_default=True,
    help="The periods of trends.",
)
@click.option("--by", multiple=True, metavar="COLUMN", help="Also cut every KPI by this column.")
@click.option(
    "--store",
    metavar="URL|FILE",
    help="Where kpisdk-history keeps its runs; by default the settings'.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("site"),
    show_default=True,
    help="The folder to write.",
)
def site(
    ids: tuple[str, ...],
    source: str | None,
    as_of: str | None,
    grain: str,
    by: tuple[str, ...],
    store: str | None,
    out: Path,
) -> None:
    """Write a scorecard, and a page for each KPI, as files that any web server can publish."""
    from kpisdk_web.remembered import Memory, checked
    from kpisdk_web.site_folder import write_site
    from kpisdk_web.snapshot import snapshot

    with command_workspace(source) as workspace:
        checked(workspace, Memory(grain, store))
        shown = snapshot(workspace, ids, grain=grain, by=by, store=store, as_of=as_of)
        csv = workspace.registry.reports["csv"]
    write_site(out, shown, lambda report: csv.render(report, False))
    click.echo(f"{out}: open {out / 'index.html'}.", err=True)

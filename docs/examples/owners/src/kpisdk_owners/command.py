"""``kpisdk owners``: for everybody who answers for KPIs, those that want looking at."""

from collections import defaultdict

import click

from kpisdk import Result, Status, command_workspace

LOOK_AT = (Status.CRITICAL, Status.WARNING)


@click.command()
@click.option("--source", metavar="URL|PATH|NAME", help="Where the rows are.")
@click.option("--workstream", metavar="NAME", help="Only this workstream.")
@click.pass_context
def owners(ctx: click.Context, source: str | None, workstream: str | None) -> None:
    """Who has to look at which KPI.

    Exits with 1 when a KPI is critical, else with 0.
    """
    with command_workspace(source) as workspace:
        report = workspace.compute(workstream=workstream)
        kpis = workspace.registry.kpis
    found: dict[str, list[Result]] = defaultdict(list)
    for result in report:
        if result.status in LOOK_AT:
            found[kpis[result.kpi_id].governance.owner or "nobody"].append(result)
    for owner, results in sorted(found.items()):
        click.echo(owner)
        for result in sorted(results, key=lambda each: LOOK_AT.index(each.status)):
            click.echo(f"  {result.status.value:<8}  {result.kpi_id}  {result.name}")
    if not found:
        click.echo("Nothing to look at.", err=True)
    ctx.exit(int(any(result.status is Status.CRITICAL for result in report)))

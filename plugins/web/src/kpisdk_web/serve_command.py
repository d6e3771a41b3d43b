"""``kpisdk serve``: the live page, its JSON and its metrics."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import click

from kpisdk import KpisdkError, command_workspace

TOKEN_VARIABLE = "KPISDK_SERVE_TOKEN"  # noqa: S105 - the name of a variable


@click.command("serve")
@click.argument("ids", nargs=-1, metavar="[KPI]...")
@click.option("--source", metavar="URL|PATH|NAME", help="Where the rows are.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8050,
    show_default=True,
    help="0: any free one.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=f"Want the token in this file of every request (or that in {TOKEN_VARIABLE}).",
)
@click.option(
    "--behind-proxy",
    is_flag=True,
    help="A proxy in front decides who is let in: any address, no token needed.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 32),
    default=2,
    show_default=True,
    help="Questions that are computed at a time.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, 3600, min_open=True),
    default=30.0,
    show_default=True,
    help="Seconds that a request waits for its answer.",
)
@click.option(
    "--store",
    metavar="URL|FILE",
    help="Where kpisdk-history keeps its runs; by default the settings'.",
)
def serve(
    ids: tuple[str, ...],
    source: str | None,
    host: str,
    port: int,
    token_file: Path | None,
    behind_proxy: bool,
    workers: int,
    timeout: float,
    store: str | None,
) -> None:
    """Serve the scorecard, a page for each KPI, JSON under /api, /metrics and /healthz.

    Scorecard and metrics are of the KPIs that are named, by default of all.

    Read-only, and for this machine alone: any other address needs a token or --behind-proxy. Ctrl-C
    ends it.
    """
    from kpisdk_web.remembered import Memory, checked
    from kpisdk_web.server.computations import Computations
    from kpisdk_web.server.running import Exposure, serve as run, token_from

    token = token_from(token_file, os.environ.get(TOKEN_VARIABLE))
    exposure = Exposure(host, token, behind_proxy)
    with command_workspace(source) as workspace:
        chosen = workspace.registry.resolve(ids) if ids else ()
        memory = checked(workspace, Memory(store=store))
        # Opened before there are threads. One that does not answer now may answer later.
        with suppress(KpisdkError):
            workspace.open_source()
        _ = workspace.cache
        run(
            workspace,
            exposure,
            port,
            Computations(workers, timeout),
            chosen,
            memory,
            lambda url: click.echo(f"Serving {url} (Ctrl-C ends it).", err=True),
        )

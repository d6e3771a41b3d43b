"""``kpisdk prune``: old runs are taken out of the store, and a summary of them is kept."""

from __future__ import annotations

from datetime import timedelta

import click

from kpisdk import parse_seconds
from kpisdk.command_line import Installation


@click.command("prune")
@click.option("--keep", required=True, metavar="TIME", help="How far back runs are kept: 400d.")
@click.option("--store", metavar="URL|FILE", help="Where runs are kept; by default the settings'.")
@click.pass_context
def command(ctx: click.Context, keep: str, store: str | None) -> None:
    """Take runs out of the store that were recorded longer ago than --keep.

    A summary of each series stays (results, least, greatest and mean value, statuses,
    definitions), and always the last run.
    """
    from kpisdk_history.errors import BadInstantError, NoStoreError
    from kpisdk_history.recording import store_of
    from kpisdk_history.store.pruning import prune

    here = ctx.ensure_object(Installation)
    try:
        span = timedelta(seconds=parse_seconds(keep))
    except (ValueError, OverflowError) as error:
        raise BadInstantError("--keep", keep, "a span of time such as 400d") from error
    with here.workspace() as workspace:
        now = workspace.now()
        place = store_of(workspace.settings, store)
    if not place.is_there():
        raise NoStoreError(place.shown)
    with place.writing() as writing:
        done = prune(writing, now - span, now)
    here.note(
        f"Took {done.results} results of {done.runs} runs out of {place.shown}, with "
        f"{done.restatements} restatements; kept {done.summaries} summaries."
    )

"""``kpisdk views``: the helper views of a source, made from the metrics that compute the KPIs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from kpisdk.cli.installation import Installation
from kpisdk.cli.options import source_option, table_format
from kpisdk.cli.table_output import show
from kpisdk.errors import FAILURE

if TYPE_CHECKING:
    from kpisdk.workspace.helper_views import ViewReport

COLUMNS = ("view", "kpis", "state", "kind", "left_out", "message")
FAILED = ("failed", "foreign")
"""States that make a command fail: what it was to do could not be done."""


@click.group("views")
def group() -> None:
    """Helper views: values of KPIs ready to read.

    Each holds the value of a KPI as of now beside its breakdowns. Only these commands write to a
    source, and they write views. One that somebody else made is left alone.
    """


@group.command("create")
@source_option
@click.option("--materialized", is_flag=True, help="Keep the rows until refreshed (PostgreSQL).")
@table_format()
@click.pass_context
def create(ctx: click.Context, source: str | None, materialized: bool, form: str) -> None:
    """Make the views of all installed KPIs, in place of those made before.

    Exits with 1 when one could not be made although the source has its tables, or none was.
    """
    here = ctx.ensure_object(Installation)
    with here.workspace(source) as workspace:
        here.warn(workspace.registry)
        reports = workspace.views.create(materialized=materialized)
    _tell(ctx, here, reports, form)
    if not any(report.state.value == "created" for report in reports):
        ctx.exit(FAILURE)


@group.command("drop")
@source_option
@table_format()
@click.pass_context
def drop(ctx: click.Context, source: str | None, form: str) -> None:
    """Drop the views that ``create`` made."""
    here = ctx.ensure_object(Installation)
    with here.workspace(source) as workspace:
        here.warn(workspace.registry)
        reports = workspace.views.drop()
    _tell(ctx, here, reports, form)


@group.command("refresh")
@source_option
@table_format()
@click.pass_context
def refresh(ctx: click.Context, source: str | None, form: str) -> None:
    """Compute materialized views anew."""
    here = ctx.ensure_object(Installation)
    with here.workspace(source) as workspace:
        here.warn(workspace.registry)
        reports = workspace.views.refresh()
    _tell(ctx, here, reports, form)


@group.command("show")
@source_option
@table_format()
@click.pass_context
def shown(ctx: click.Context, source: str | None, form: str) -> None:
    """Show which views the source has, and (in JSON) the SQL of each; nothing is written."""
    here = ctx.ensure_object(Installation)
    with here.workspace(source) as workspace:
        here.warn(workspace.registry)
        reports = workspace.views.show()
    show(here, [_row(here, report) for report in reports], COLUMNS, form)


def _tell(ctx: click.Context, here: Installation, reports: Sequence[ViewReport], form: str) -> None:
    show(here, [_row(here, report) for report in reports], COLUMNS, form)
    if any(report.state.value in FAILED for report in reports):
        ctx.exit(FAILURE)


def _row(here: Installation, report: ViewReport) -> dict[str, Any]:
    from kpisdk.contracts.json_records import written

    row = written(report)
    message = None if report.message is None else here.redact(report.message)
    return {"view": row.pop("name"), **row, "message": message}

"""``kpisdk check``: which KPIs a source can answer, and why not; every one of them is run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpisdk.cli.installation import Installation
from kpisdk.cli.options import output_option, source_option, table_format
from kpisdk.cli.table_output import show
from kpisdk.errors import FAILURE

if TYPE_CHECKING:
    from kpisdk.engine.availability import Checked

COLUMNS = ("kpi", "finding", "kind", "value", "filled_in", "never_occurs", "message")


@click.command("check")
@source_option
@table_format()
@output_option
@click.pass_context
def command(ctx: click.Context, source: str | None, form: str, output: Path | None) -> None:
    """Which KPIs a source can answer, and why not.

    Every installed KPI is run. This checks data, not thresholds: a gap is an answer, and the exit
    code is 1 only when the source cannot be opened.
    """
    here = ctx.ensure_object(Installation)
    with here.workspace(source) as workspace:
        here.warn(workspace.registry)
        report = workspace.check()
    rows = [_row(here, each) for each in report.kpis]
    document = {
        "source": here.redact(report.source),
        "checked": len(rows),
        "calculable": report.calculable,
        "gaps": report.gaps,
        "summary": report.summary,
        "workstreams": {name: part.summary for name, part in report.workstreams.items()},
        "kpis": rows,
    }
    show(here, _said_once(rows) if form == "table" else rows, COLUMNS, form, output, document)
    if len(report.workstreams) > 1:
        for name, part in report.workstreams.items():
            here.note(f"{name}: {part.summary}")
    here.note(report.summary)
    if rows and all(row["kind"] == "source" for row in rows):
        ctx.exit(FAILURE)


def _said_once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows for people: a source that cannot be opened says so once, and not for every KPI."""
    told = [None, *(row["message"] for row in rows)]
    return [
        {**row, "message": "as above"} if row["message"] and row["message"] == before else row
        for row, before in zip(rows, told, strict=False)
    ]


def _row(here: Installation, each: Checked) -> dict[str, Any]:
    filled = [f"{name}={value}" for name, value in each.parameters.items()]
    return {
        "kpi": each.kpi_id,
        "name": each.name,
        "workstream": each.workstream,
        "finding": each.finding.value,
        "kind": each.kind,
        "reason": None if each.reason is None else each.reason.value,
        "message": None if each.message is None else here.redact(each.message),
        "value": each.value,
        "answered_by": each.answered_by,
        "filled_in": [*filled, *(f"by {column}" for column in each.by)],
        "never_occurs": list(each.never),
        "warnings": [here.redact(text) for text in each.warnings],
    }

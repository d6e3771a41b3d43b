"""``kpisdk verify``: a report in JSON, computed again and held against its signature."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpisdk.cli.installation import Installation
from kpisdk.cli.options import output_option, source_option, table_format
from kpisdk.cli.table_output import show

if TYPE_CHECKING:
    from kpisdk.verification.report_files import ReportFile
    from kpisdk.verification.side_by_side import Comparison, Difference

COLUMNS = ("kpi_id", "slice", "period", "what", "reported", "computed")


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@source_option
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PEM",
    help="The public key that the report must be signed with.",
)
@table_format("table", "json")
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    file: Path,
    source: str | None,
    key: Path | None,
    form: str,
    output: Path | None,
) -> None:
    """Compute again what a report says, and show what differs.

    The source is the one that the report names, or that of --source. Exits with 0 when everything
    is the same, 1 when a number is another or the signature does not hold, 2 for a file that is no
    report, 3 when the two cannot be compared: data, definition or engine changed, or the report
    does not say what it rests on.
    """
    from kpisdk.verification.report_files import read_report
    from kpisdk.verification.side_by_side import Verdict
    from kpisdk.verification.signatures import SIGNATURE, require_signature

    here = ctx.ensure_object(Installation)
    report = read_report(file)
    if key is not None:
        require_signature(file, report.document, key)
        here.note("The signature holds.")
    elif SIGNATURE in report.document:
        here.note("The report is signed; give --key to have its signature checked.")
    if not report.can_be_asked_again:
        here.note(
            "Not comparable: the report does not say how it was asked and what its results rest "
            "on, as those of older versions do not."
        )
        ctx.exit(Verdict.NOT_COMPARABLE)
    found: Comparison = _compared(here, report, source)
    rows = [_row(each) for each in found.differences]
    if rows or form == "json" or output is not None:
        show(here, rows, COLUMNS, form, output, _document(found))
    for change in found.changes:
        here.note(f"Changed: {change}.")
    here.note(_summary(found))
    ctx.exit(found.verdict)


def _compared(here: Installation, report: ReportFile, source: str | None) -> Comparison:
    from kpisdk.errors import KpisdkError, SourceUnavailableError
    from kpisdk.verification.replay import replayed
    from kpisdk.verification.side_by_side import DATA, DEFINITION, Change, Comparison, side_by_side
    from kpisdk.workspace import Workspace
    from kpisdk.workspace.opening import UnreadableSourceError

    try:
        with Workspace(
            source or report.source,
            settings=here.settings,
            plugins=here.plugins,
            cache="off",
            clock=lambda: report.computed_at,
        ) as workspace:
            here.warn(workspace.registry)
            again = replayed(report, workspace)
            return side_by_side(report.results, again, workspace.registry.kpis)
    except (SourceUnavailableError, UnreadableSourceError) as error:
        change = Change(DATA, f"the source could not be read. {error.message}".rstrip("."))
    except KpisdkError as error:
        change = Change(DEFINITION, f"it cannot be asked again. {error.message}".rstrip("."))
    return Comparison.refused(len(report.results), change)


def _row(difference: Difference) -> dict[str, Any]:
    """A line of the table, in full precision: rounded, two numbers may look alike."""
    from kpisdk.contracts.json_records import written

    row: dict[str, Any] = written(difference)
    for name in ("reported", "computed"):
        row[name] = repr(row[name]) if isinstance(row[name], float) else row[name]
    return row


def _document(found: Comparison) -> dict[str, Any]:
    from kpisdk.contracts.json_records import written

    return {
        "verdict": found.verdict.name.lower(),
        "results": found.results,
        "differences": written(found.differences),
        "changes": written(found.changes),
    }


def _summary(found: Comparison) -> str:
    from kpisdk.verification.side_by_side import Verdict

    what = f"{found.results} result{'' if found.results == 1 else 's'}"
    if found.verdict is Verdict.SAME:
        return f"{what} computed again: everything is the same."
    if not found.is_complete:
        return f"Not comparable: {what}, of which none could be computed again."
    differing = len({(each.kpi_id, each.slice, each.period) for each in found.differences})
    if found.verdict is Verdict.DIFFERENT:
        known = "nothing it rests on changed"
        if not found.is_data_known:
            known = "the source does not tell whether its rows changed, and nothing else did"
        return f"{what} computed again, {differing} of them another: {known}."
    return f"Not comparable: what it rests on has changed. {differing} of {what} are another now."

"""``kpisdk record``: compute, keep, tell what changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpisdk import KpisdkError, Result, Status
from kpisdk.command_line import (
    GateExit,
    GateRule,
    Installation,
    OutputError,
    Question,
    computed,
    deliver,
    format_named,
    gate_exit,
    question_options,
    rendered,
    report_options,
)

if TYPE_CHECKING:
    from kpisdk_history.recording import Recording

MOST_TOLD = 20
"""Restatements, and alerts, that a run tells one by one."""


@click.command("record")
@question_options
@click.option("--store", metavar="URL|FILE", help="Where runs are kept; by default the settings'.")
@click.option(
    "--run-key", metavar="KEY", help="Recording it again is a no-op; by default the minute."
)
@click.option(
    "--settle-after",
    metavar="TIME",
    help="How long after its end a period may move without being restated, such as 7d.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["critical", "warning", "never"]),
    default="critical",
    show_default=True,
    help="The mildest status that exits with 1.",
)
@click.option(
    "--unknown",
    type=click.Choice(["fail", "ok"]),
    default="fail",
    show_default=True,
    help="What to do about KPIs that could not be judged.",
)
@report_options
@click.pass_context
def command(
    ctx: click.Context,
    question: Question,
    store: str | None,
    run_key: str | None,
    settle_after: str | None,
    fail_on: str,
    unknown: str,
    form: str,
    wide: bool,
    output: Path | None,
) -> None:
    """Compute KPIs, append the results to the store, and tell what was restated.

    The one command to schedule. Exits as gate does: 0 when all pass, 1 when a KPI is at or beyond
    --fail-on, 3 when a KPI could not be judged (unless --unknown ok) or nothing could be recorded,
    2 for a usage or settings error. A run that was recorded under its key before is a no-op, and
    exits as it did then.
    """
    from kpisdk_history.recording import record, recorded_results, store_of

    here = ctx.ensure_object(Installation)
    try:
        with here.workspace(question.source) as workspace:
            here.warn(workspace.registry)
            chosen_format = format_named(form, workspace.registry)
            chosen = question.chosen(workspace.registry)
            unheard = question.unheard(workspace.registry)
            place = store_of(workspace.settings, store)
            made = record(
                workspace,
                *chosen,
                store=place,
                run_key=run_key,
                settle_after=settle_after,
                compute=lambda: computed(here, workspace, question)[1],
                **question.asked,
            )
        report = made.report
        results = recorded_results(place, made.run) if report is None else report.results
        text = None if report is None else rendered(here, report, chosen_format, output, wide)
    except KpisdkError as error:
        if error.exit_code != GateExit.FAILED:
            raise
        # 1 would say that a KPI is critical, and nobody knows that.
        here.note(f"Error: {error.message}")
        ctx.exit(GateExit.NOT_JUDGED)
    for note in made.notes:
        here.note(note.message)
    code = _exit(results, (*chosen, *unheard), fail_on, unknown == "ok")
    if text is not None:
        try:
            deliver(text, output)
        except OutputError as error:
            # Nobody can see what passed; but that a KPI failed stays what is to be said.
            here.note(f"Error: {error.message}")
            code = code or GateExit.NOT_JUDGED
        for line in _told(made, place.shown):
            here.note(line)
    ctx.exit(code)


def _exit(results: Sequence[Result], chosen: Sequence[str], fail_on: str, unknown_ok: bool) -> int:
    """What gate would exit with; with ``never`` no status fails, and the rest is as it is."""
    if fail_on != "never":
        return int(gate_exit(results, chosen, GateRule(Status(fail_on), unknown_ok)))
    rule = GateRule(Status.WARNING, unknown_ok)
    passed = {each.kpi_id for each in results}
    rest = [each for each in results if not rule.fails(each)]
    return int(gate_exit(rest, [each for each in chosen if each not in passed], rule))


def _told(made: Recording, store: str) -> list[str]:
    """What was recorded where, and each restatement in a line."""
    run, away = (
        made.run,
        "" if made.run.available else "; the source was away, and that is recorded",
    )
    from kpisdk_history.recording import restatement_text

    lines = [f"Recorded {len(made.numbers)} results in {store} as run {run.key}{away}."]
    lines += [f"Restated: {restatement_text(each)}" for each in made.restatements[:MOST_TOLD]]
    if len(made.restatements) > MOST_TOLD:
        more = len(made.restatements) - MOST_TOLD
        lines.append(f"Restated: {more} more; kpisdk history KPI --restated tells all of a KPI.")
    lines += [f"Alert: {each.text}" for each in made.alerts[:MOST_TOLD]]
    if len(made.alerts) > MOST_TOLD:
        more = len(made.alerts) - MOST_TOLD
        lines.append(f"Alert: {more} more; kpisdk alerts list tells all of them.")
    if made.delivery is not None and made.delivery.sent:
        lines.append(f"Messages of alerts delivered: {made.delivery.sent}.")
    return lines

"""``kpisdk plot``: KPIs as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from kpisdk.cli.installation import Installation
from kpisdk.cli.output import deliver_bytes
from kpisdk.cli.report_output import computed
from kpisdk.cli.request_options import Question, question_options


@click.command("plot")
@question_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    required=True,
    help="The picture to write: its name ends in .png or .svg.",
)
@click.pass_obj
def command(here: Installation, question: Question, out: Path) -> None:
    """Draw KPIs for papers and slides, as PNG or SVG.

    With --grain: the trend with the band of its intervals, over the zones of the thresholds; a
    line for each slice of --by. Without: bars by slice, the largest on top, with their intervals.
    Needs matplotlib: pip install 'kpisdk[plot]'.
    """
    from kpisdk.builtin.plots.report_figure import (
        ending_of,
        figure_of,
        picture,
        require_matplotlib,
    )

    # Both are looked at before anything is computed.
    ending = ending_of(out)
    require_matplotlib("kpisdk plot")
    with here.workspace(question.source) as workspace:
        here.warn(workspace.registry)
        _, report = computed(here, workspace, question)
    deliver_bytes(picture(figure_of(report, "kpisdk plot"), ending), out)
    here.note(f"{out}: {len(report.results)} result{'' if len(report.results) == 1 else 's'}.")

"""``kpisdk koryxa``: the school's evidence files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kpisdk import MissingDependencyError
from kpisdk.command_line import Installation, language_option

DICTIONARY = "theme3_kpi_dictionary.csv"
VALUES = "theme3_kpi_values.json"
ANALYSIS = "theme3_guardrail_analysis.md"
FIGURE = "theme3_guardrail_by_cohort"


@click.group("koryxa")
def koryxa() -> None:
    """The KORYXA school's module 1: dictionary, values and guardrail evidence."""


@koryxa.command("export")
@click.option(
    "--events",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The events log: CSV (comma, semicolon or tab) or Parquet.",
)
@click.option("--source", metavar="URL|PATH|NAME", help="A database, instead of a file.")
@click.option("--table", metavar="NAME", help="The events' table there, if not school_events.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder to write to; it is made if need be.",
)
@click.option("--force", is_flag=True, help="Replace evidence that is there already.")
@language_option
@click.pass_context
def export(
    ctx: click.Context,
    events: Path | None,
    source: str | None,
    table: str | None,
    out: Path,
    force: bool,
) -> None:
    """Write the dictionary (CSV), the values (JSON) and the guardrail analysis (Markdown).

    Prints the paths of the files; whatever was left out or changed on the way goes to stderr, and
    into the analysis. The files are in French, whatever --lang or LANG say: those choose the
    language of the warnings.
    """
    from kpisdk_edu_dkt.koryxa.evidence import from_events, from_source
    from kpisdk_edu_dkt.koryxa.files import refuse_existing, write_all

    if (events is None) == (source is None):
        raise click.UsageError("Give --events FILE or --source URL, one of the two.")
    if table is not None and source is None:
        raise click.UsageError("--table names a table of --source; a file has only one.")
    if not force:
        refuse_existing(out, (DICTIONARY, VALUES, ANALYSIS))
    if events is not None:
        evidence = from_events(events)
    else:
        settings = ctx.find_root().params.get("config")
        evidence = from_source(source, table, settings=settings)
    here = ctx.find_object(Installation) or Installation.here()
    contents, remark = _contents(evidence)
    for path in write_all(out, contents, force=force):
        click.echo(str(path))
    for note in evidence.notes:
        here.note(f"Warning: {note.message}")
    if remark is not None:
        here.note(f"Note: {remark}")


def _contents(evidence: Any) -> tuple[dict[str, bytes], str | None]:
    """The files by name, and why there is no figure if there is none."""
    from kpisdk_edu_dkt.koryxa.analysis import analysis
    from kpisdk_edu_dkt.koryxa.figure import drawn
    from kpisdk_edu_dkt.koryxa.tables import dictionary_csv, values_json

    figures: dict[str, bytes] = {}
    remark = None
    try:
        figures = {f"{FIGURE}.{form}": image for form, image in drawn(evidence.groups[0]).items()}
    except MissingDependencyError as error:
        remark = error.message
    contents = {
        DICTIONARY: dictionary_csv(),
        VALUES: values_json(evidence),
        ANALYSIS: analysis(evidence, tuple(figures)),
    }
    return {**contents, **figures}, remark

"""``kpisdk dictionary export``: a row of fifteen fields and two facts for every KPI."""

from __future__ import annotations

from pathlib import Path

import click

from kpisdk.cli.installation import Installation
from kpisdk.cli.options import output_option, workstream_option
from kpisdk.cli.record_tables import FOR_PEOPLE
from kpisdk.cli.table_output import show
from kpisdk.registry.kpi_dictionary import FACTS, FIELDS, dictionary_of, facts_row, is_written_in


@click.group("dictionary")
def group() -> None:
    """The KPI dictionary."""


@group.command("export")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json", "md", "html"]),
    default="csv",
    show_default=True,
    help="How to write it.",
)
@click.option(
    "--lang",
    metavar="L",
    help="Language of the texts, such as fr; by default LANG's in md and html, else as written.",
)
@workstream_option
@output_option
@click.pass_obj
def export(
    here: Installation, form: str, lang: str | None, workstream: str | None, output: Path | None
) -> None:
    """Export the dictionary: checked as a whole, with all faults at once."""
    registry = here.registry
    here.answer_in(lang)
    here.warn()
    # The environment chooses for people alone: what a script reads is in a language if it asks.
    code = here.language.code if lang is not None or form in FOR_PEOPLE else None
    wanted = None if workstream is None else registry.workstream(workstream)
    installed = tuple(registry.kpis.values())
    kpis = [kpi for kpi in installed if wanted in (None, kpi.workstream)]
    texts = dictionary_of(kpis, installed, code)
    rows = [{**row, **facts_row(kpi)} for row, kpi in zip(texts, kpis, strict=True)]
    untold = [kpi.id for kpi in kpis if code is not None and not is_written_in(kpi, code)]
    if untold:
        here.note(f"Note: {len(untold)} of {len(kpis)} KPIs have no texts in {code!r}; as written.")
    show(here, rows, (*FIELDS, *FACTS), form, output, language=here.language)

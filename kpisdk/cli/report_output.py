"""From the options of a command to a computed report, and from the report to its text."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from kpisdk.cli.installation import Installation
from kpisdk.cli.progress import progress_on
from kpisdk.cli.request_options import Question
from kpisdk.cli.terminal import has_colour
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.report_formats import ReportFormat
from kpisdk.contracts.results import Report, Result
from kpisdk.errors import KpisdkError, UnknownNameError
from kpisdk.quarantine import PluginFaultError, contained
from kpisdk.registry import Registry

if TYPE_CHECKING:
    from kpisdk.workspace import Workspace


def computed(
    here: Installation, workspace: Workspace, question: Question
) -> tuple[tuple[str, ...], Report]:
    """The ids that a question names, and the report on them; its warnings go to stderr.

    Raises:
        KpisdkError: the question cannot be put, or the operation failed as a whole.
    """
    chosen = question.chosen(workspace.registry)
    with progress_on(sys.stderr, here.environ) as progress:
        report = workspace.compute(*chosen, progress=progress, **question.asked)
    for note in report.warnings:
        here.note(f"Warning: {note.message}")
    return chosen, report


def format_named(name: str, registry: Registry) -> ReportFormat:
    """The report format of that name; looked up before anything is computed.

    Raises:
        UnknownNameError: no plugin brings it.
    """
    if name not in registry.reports:
        raise UnknownNameError("report format", name, tuple(registry.reports))
    return registry.reports[name]


def rendered(
    here: Installation,
    report: Report,
    form: ReportFormat,
    output: Path | None,
    wide: bool = False,
    kpis: Mapping[str, Kpi] | None = None,
) -> str:
    """A report as text, coloured only for somebody who looks at it; ``wide`` leaves nothing out.

    A file has no width to fit, and gets all there is. ``kpis`` are the KPIs' records by id, for
    formats that show what results do not tell.
    """
    colour = output is None and not form.machine and has_colour(sys.stdout, here.environ)
    all_of_it = wide or output is not None
    render = form.wide if all_of_it and form.wide is not None else form.render
    told, records, spoken = form.with_kpis, kpis, form.in_language
    try:
        if spoken is not None and not here.language.is_own:
            ours = _named(report, kpis or {}, here.language.code)
            return contained(lambda: _text(spoken(ours, here.language, colour, all_of_it)), None)
        if told is not None and records is not None:
            return contained(lambda: _text(told(report, records)), None)
        return contained(lambda: _text(render(report, colour)), None)
    except PluginFaultError as error:
        raise FormatError(form.name, error.what) from error


def _named(report: Report, kpis: Mapping[str, Kpi], code: str) -> Report:
    """The report with the names that the records have in a language."""

    def name(result: Result) -> str:
        kpi = kpis.get(result.kpi_id)
        return result.name if kpi is None else kpi.translations.get(code, {}).get("name", kpi.name)

    results = tuple(attrs.evolve(each, name=name(each)) for each in report.results)
    return attrs.evolve(report, results=results)


def _text(made: object) -> str:
    if not isinstance(made, str):
        raise TypeError(f"{type(made).__name__} is not a text")
    return made


@attrs.define(eq=False)
class FormatError(KpisdkError):
    """A report format of a plugin that could not show the report."""

    name: str
    what: str

    template = (
        "The report format {name:quoted} failed: {what}. This is a fault of what brings it; "
        "another --format shows the same results."
    )

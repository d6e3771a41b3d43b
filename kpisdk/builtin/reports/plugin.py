"""The plugin of the built-in report formats: the hook and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module

from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.report_formats import ReportFormat
from kpisdk.contracts.results import Report
from kpisdk.contracts.translations import Language
from kpisdk.hookspecs import hookimpl


@hookimpl
def kpisdk_reports() -> Iterator[ReportFormat]:
    """Table, JSON, JSON lines, CSV, Markdown, OpenMetrics, HTML."""
    wide = _later("table", "render_wide")
    yield ReportFormat("table", _later("table"), wide=wide, in_language=_table_in)
    yield ReportFormat("json", _later("json_texts"), machine=True, suffix=".json")
    yield ReportFormat("jsonl", _later("json_texts", "render_lines"), machine=True, suffix=".jsonl")
    yield ReportFormat("csv", _later("csv_rows"), machine=True, suffix=".csv")
    yield ReportFormat("md", _later("markdown"), suffix=".md", in_language=_markdown_in)
    yield ReportFormat("openmetrics", _later("openmetrics"), machine=True, suffix=".prom")
    page = _later("scorecard_file", room="pages")
    yield ReportFormat("html", page, suffix=".html", with_kpis=_page_with_kpis)


def _table_in(report: Report, language: Language, colour: bool, wide: bool) -> str:
    from kpisdk.builtin.reports.table import render, render_wide

    if wide:
        return render_wide(report, colour, language)
    return render(report, colour, language=language)


def _markdown_in(report: Report, language: Language, colour: bool, _wide: bool) -> str:
    from kpisdk.builtin.reports.markdown import render

    return render(report, colour, language)


def _page_with_kpis(report: Report, kpis: Mapping[str, Kpi]) -> str:
    from kpisdk.builtin.pages.scorecard_file import render_with

    return render_with(report, kpis)


def _later(
    module: str, function: str = "render", room: str = "reports"
) -> Callable[[Report, bool], str]:
    """The function of a module of this room or another, imported when it is called.

    A listing of formats, and a report in one of them, then load none of the others.
    """

    def render(report: Report, colour: bool) -> str:
        chosen = getattr(import_module(f"kpisdk.builtin.{room}.{module}"), function)
        return str(chosen(report, colour))

    return render

"""What a report format needs: texts made safe to show, figures, columns, CSV, JSON, pages.

The built-in formats are written with these functions, and so is whatever a plugin writes: a text of
the user's data is a formula for no spreadsheet, a sequence for no terminal, and markup on no page.
"""

from kpisdk.builtin.pages.cards import Card, cards
from kpisdk.builtin.pages.kpi_view import Event, KpiView, Statement, kpi_view
from kpisdk.builtin.pages.page_templates import asset as page_asset, page
from kpisdk.builtin.pages.publishing import published, source_name
from kpisdk.builtin.pages.scorecard_view import AbsentGroup, ScorecardView, Section, scorecard_view
from kpisdk.builtin.pages.workstream_words import workstream_words
from kpisdk.builtin.reports.absences import Absence, absences
from kpisdk.builtin.reports.csv_rows import csv_text, field as csv_field
from kpisdk.builtin.reports.escaping import encodable, slice_value, visible, visible_lines
from kpisdk.builtin.reports.explanations import Explanation, explanations, summary
from kpisdk.builtin.reports.figure_text import (
    bounds_of,
    change,
    ends,
    figure,
    instant,
    percent,
    span,
    target,
)
from kpisdk.builtin.reports.json_texts import json_text
from kpisdk.builtin.reports.markdown import escaped as markdown_text, render as markdown_report
from kpisdk.builtin.reports.scorecard import Column, columns, slice_names, subject
from kpisdk.builtin.reports.trend_series import Series, series_of, sparkline

__all__ = [
    "Absence",
    "AbsentGroup",
    "Card",
    "Column",
    "Event",
    "Explanation",
    "KpiView",
    "ScorecardView",
    "Section",
    "Series",
    "Statement",
    "absences",
    "bounds_of",
    "cards",
    "change",
    "columns",
    "csv_field",
    "csv_text",
    "encodable",
    "ends",
    "explanations",
    "figure",
    "instant",
    "json_text",
    "kpi_view",
    "markdown_report",
    "markdown_text",
    "page",
    "page_asset",
    "percent",
    "published",
    "scorecard_view",
    "series_of",
    "slice_names",
    "slice_value",
    "source_name",
    "span",
    "sparkline",
    "subject",
    "summary",
    "target",
    "visible",
    "visible_lines",
    "workstream_words",
]

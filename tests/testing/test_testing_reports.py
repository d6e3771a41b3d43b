"""The built-in report formats keep the contract that plugins' formats are asked to keep."""

from __future__ import annotations

import itertools
import json

import pytest

from kpisdk.builtin.reports.plugin import kpisdk_reports
from kpisdk.contracts.report_formats import ReportFormat
from kpisdk.testing import ReportContract

COUNTED = itertools.count()
FORMATS = {each.name: each for each in kpisdk_reports()}


class TestTable(ReportContract):
    """For a terminal."""

    format = FORMATS["table"]


class TestJson(ReportContract):
    """One object."""

    format = FORMATS["json"]


class TestJsonLines(ReportContract):
    """One object a result."""

    format = FORMATS["jsonl"]


class TestCsv(ReportContract):
    """One row a result."""

    format = FORMATS["csv"]


class TestMarkdown(ReportContract):
    """For a page."""

    format = FORMATS["md"]


class TestOpenmetrics(ReportContract):
    """For a monitoring system."""

    format = FORMATS["openmetrics"]


class TestHtml(ReportContract):
    """A page that stands by itself."""

    format = FORMATS["html"]


def only_values(report, colour):
    """A format that leaves out what has no value, and colours always."""
    lines = [f"{each.kpi_id} {each.value:.2f}" for each in report.results if each.value]
    return "\x1b[1m" + "\n".join(lines)


def meddling(report, colour):
    """A format that keeps its notes in the report."""
    for result in report.results:
        result.details["rendered"] = True
    return "text"


def bare(report, colour):
    """A format that leaves NaN to Python."""
    return json.dumps([dict(each.details) for each in report.results])


@pytest.mark.parametrize(
    ("render", "check", "said"),
    [
        (only_values, "shows_every_result", "KPIs that are left out"),
        (only_values, "says_why_there_is_no_value", "whether the reason is told"),
        (only_values, "is_plain_without_colour", "whether there is one"),
        (only_values, "keeps_precision", "every digit"),
        (meddling, "changes_nothing", "whether the report is the same"),
        (lambda report, colour: report, "shows_nothing_of_nothing", "type of what render returns"),
        (lambda report, colour: str(next(COUNTED)), "repeats_itself", "two ways"),
        (bare, "holds_no_nan", "bare words"),
    ],
)
def test_a_format_that_breaks_its_promises_is_caught(render, check, said):
    """A check that nothing fails proves nothing."""

    class Contract(ReportContract):
        format = ReportFormat("mine", render, machine=True)

    with pytest.raises(pytest.fail.Exception, match=said):
        getattr(Contract(), f"test_{check}")()

"""What is said of the KPIs of a report that have no value at all: a line for each reason."""

from __future__ import annotations

from kpisdk.builtin.reports.absences import absences
from kpisdk.builtin.reports.escaping import visible
from kpisdk.builtin.reports.scorecard import subject
from kpisdk.contracts.results import Report
from kpisdk.contracts.translations import ENGLISH, Language


def absent_kpis(report: Report) -> frozenset[str]:
    """The ids of the KPIs of which no result has a value.

    One without a value in some slices or periods alone is not among them: its gaps are part of it.
    """
    there = {result.kpi_id for result in report.results if result.ok}
    return frozenset(result.kpi_id for result in report.results) - there


def absent_lines(report: Report, language: Language = ENGLISH) -> tuple[str, ...]:
    """The wholly absent KPIs by reason and sentence, what concerns most of them first.

    Slices and periods stand beside the id of a KPI that is absent for other reasons in others.
    """
    absent = absent_kpis(report)
    found = absences(result for result in report.results if result.kpi_id in absent)
    ids = [kpi_id for each in found for kpi_id in each.kpi_ids]
    lines = []
    for each in found:
        names = dict.fromkeys(
            visible(result.kpi_id) if ids.count(result.kpi_id) == 1 else subject(result)
            for result in each.results
        )
        why = f"{language.after(visible(each.code))}{language.text(visible(each.message))}"
        count = language.word(f"{len(each.kpi_ids)} KPI{'' if len(each.kpi_ids) == 1 else 's'}")
        only = next(iter(names))
        lines.append(
            f"{language.after(only)}{why}"
            if len(names) == 1
            else f"{language.after(count)}{why} ({'; '.join(names)})"
        )
    return tuple(lines)

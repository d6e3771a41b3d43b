"""The KPIs of a report that have no value at all, by the reason that they share."""

from __future__ import annotations

import attrs

from kpisdk.builtin.reports.escaping import visible
from kpisdk.builtin.reports.scorecard import subject
from kpisdk.contracts.results import Report, Result


@attrs.frozen
class AbsentGroup:
    """KPIs that are absent for one reason.

    Attributes:
        reason: the code.
        text: the sentence that they share, safe to show.
        kpi_ids: their ids, in the order of the report.
        subjects: the same; slices and periods stand beside the id of a KPI that is absent for
            other reasons in others.
    """

    reason: str
    text: str
    kpi_ids: tuple[str, ...]
    subjects: tuple[str, ...]

    def __str__(self) -> str:
        if len(self.subjects) == 1:
            return f"{self.subjects[0]}: {self.reason}: {self.text}"
        count = f"{len(self.kpi_ids)} KPI{'' if len(self.kpi_ids) == 1 else 's'}"
        return f"{count}: {self.reason}: {self.text} ({'; '.join(self.subjects)})"


def absent_kpis(report: Report) -> frozenset[str]:
    """The ids of the KPIs of which no result has a value.

    One without a value in some slices or periods alone is not among them: its gaps are part of it.
    """
    there = {result.kpi_id for result in report.results if result.ok}
    return frozenset(result.kpi_id for result in report.results) - there


def absent_groups(report: Report) -> tuple[AbsentGroup, ...]:
    """The wholly absent KPIs by reason and sentence, the largest group first.

    A KPI whose slices are absent for different reasons is in the group of each.
    """
    absent = absent_kpis(report)
    whys: dict[str, set[tuple[str, str]]] = {}
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in report.results:
        if result.kpi_id in absent:
            why = _why(result)
            whys.setdefault(result.kpi_id, set()).add(why)
            groups.setdefault(why, []).append(result)
    found = [
        AbsentGroup(
            *why,
            tuple(dict.fromkeys(visible(each.kpi_id) for each in results)),
            tuple(
                dict.fromkeys(
                    visible(each.kpi_id) if len(whys[each.kpi_id]) == 1 else subject(each)
                    for each in results
                )
            ),
        )
        for why, results in groups.items()
    ]
    return tuple(sorted(found, key=lambda group: -len(group.kpi_ids)))


def _why(result: Result) -> tuple[str, str]:
    reason = "absent" if result.reason is None else result.reason.value
    return reason, visible(result.message or "No more is known.")

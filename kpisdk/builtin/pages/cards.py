"""What a scorecard shows of one KPI in one slice, as texts and drawings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import attrs

from kpisdk.builtin.pages.change_drawing import change_of
from kpisdk.builtin.pages.scale_drawing import ScaleDrawing, scale_of
from kpisdk.builtin.pages.trend_drawing import SPARK, TrendDrawing, drawing_of
from kpisdk.builtin.pages.trend_points import Trend, trimmed
from kpisdk.builtin.reports import figure_text as figures
from kpisdk.builtin.reports.escaping import slice_value
from kpisdk.builtin.reports.explanations import told_of_each
from kpisdk.contracts.certainty import FamilyMethod
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.results import Report, Result, filters_of, parameters_of
from kpisdk.contracts.vocabulary import Reason, Status, Unit

LAST = 12
"""Periods that a sparkline shows."""

_ABSENCES = frozenset(reason.value for reason in Reason)
_WORDED = (Unit.DAYS, Unit.HOURS, Unit.POINTS, Unit.MULTIPLIER)  # a figure says them itself

Key = tuple[str, ...]
"""What tells cards apart: the KPI, its slice, and what it was narrowed to."""

Notes = tuple[tuple[str, str], ...]
"""Codes and their sentences."""


@attrs.frozen
class Card:
    """One KPI in one slice: what stands on its row.

    Texts are raw: the templates escape them. ``anchor`` is a name for links that holds letters,
    digits and hyphens alone. ``newer`` tells of periods after the one that is shown.
    """

    result: Result
    anchor: str
    slice: str
    owner: str
    value: str
    unit: str
    interval: str
    target: str
    window: str
    window_ends: str
    data_through: str
    family: str
    change: str
    newer: str
    scale: ScaleDrawing | None
    trend: TrendDrawing | None
    notes: Notes

    @property
    def status(self) -> str:
        """The status as a word."""
        return self.result.status.value

    @property
    def is_undecided(self) -> bool:
        """Whether the interval reaches into another status."""
        return self.result.decided is False

    @property
    def is_restated(self) -> bool:
        """Whether the value was told otherwise before."""
        return any(note.code == "restated" for note in self.result.warnings)

    @property
    def comes_first(self) -> bool:
        """Whether somebody has to look at it: critical, or undecided."""
        return self.result.status is Status.CRITICAL or self.is_undecided


def key_of(result: Result) -> Key:
    """The KPI of a result, its slice, filters and parameters."""
    pairs = (f"{name}={slice_value(value)}" for name, value in result.slice.items())
    return (result.kpi_id, *pairs, "", *filters_of(result), "", *parameters_of(result))


def cards(
    report: Report, trends: Report | None = None, kpis: Mapping[str, Kpi] | None = None
) -> tuple[Card, ...]:
    """The cards of a report, in its order; results by period are one card with their trend.

    Args:
        report: what is shown.
        trends: the same KPIs by period, for the drawings; by default the report's own periods.
        kpis: the KPIs by id, for what a result does not tell (its owner).
    """
    histories = by_key(trends) if trends is not None else {}
    told = {
        id(result): notes
        for result, notes in zip(report.results, told_of_each(report), strict=True)
    }
    groups = by_key(report)
    counts = Counter(key[0] for key in groups)
    found = []
    for place, (key, results) in enumerate(groups.items(), start=1):
        notes = [told[id(result)] for result in results]
        periods = histories.get(key) or results
        kpi = (kpis or {}).get(key[0])
        many = counts[key[0]] > 1
        found.append(_card(results, periods, notes, place, kpi, is_one_of_many=many))
    return tuple(found)


def by_key(report: Report) -> dict[Key, list[Result]]:
    """The results of each KPI and slice, in order of appearance; periods of one are together.

    Results that differ in nothing and have no period stay apart: none hides another.
    """
    found: dict[Key, list[Result]] = {}
    for place, result in enumerate(report.results):
        key = key_of(result)
        if key in found and result.period is None:
            key = (*key, "", str(place))
        found.setdefault(key, []).append(result)
    return found


def _card(
    results: Sequence[Result],
    periods: Sequence[Result],
    told: Sequence[Notes],
    place: int,
    kpi: Kpi | None,
    *,
    is_one_of_many: bool,
) -> Card:
    known = trimmed(results)
    shown = len(known) - 1 if known else len(results) - 1
    result = results[shown]
    bounds = figures.bounds_of(result.thresholds)
    value, unit = result.value, result.unit
    trend = Trend.of(periods, last=LAST)
    return Card(
        result=result,
        anchor=anchor(result.kpi_id, place if is_one_of_many else None),
        slice=", ".join(f"{name} = {slice_value(each)}" for name, each in result.slice.items()),
        owner="" if kpi is None else kpi.governance.owner,
        value="absent" if value is None else figures.figure(value, unit, bounds),
        unit="" if unit in _WORDED else unit.value,
        interval=_interval(result),
        target="" if result.thresholds is None else figures.target(result.thresholds, unit),
        window=_window(result),
        window_ends=figures.window_ends(result.window),
        data_through="" if result.data_through is None else figures.instant(result.data_through),
        family=_family(result),
        change=_change(result),
        newer=_newer(results, known),
        scale=scale_of(result),
        trend=None if trend is None else drawing_of(trend, SPARK),
        notes=(*told[shown], *_elsewhere(told, shown)),
    )


def anchor(kpi_id: str, place: int | None = None) -> str:
    """A name for links: the id with all but letters, digits and hyphens left out."""
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in kpi_id)
    return plain if place is None else f"{plain}-{place}"


def _elsewhere(told: Sequence[Notes], shown: int) -> Notes:
    """One note that says which notes other periods have; the table tells their absences."""
    others = [notes for place, notes in enumerate(told) if place != shown]
    counts = Counter(code for notes in others for code, _ in notes if code not in _ABSENCES)
    if not counts:
        return ()
    listed = ", ".join(f"{code} ({count})" for code, count in counts.items())
    return (("other_periods", f"Other periods have notes of their own: {listed}."),)


def _interval(result: Result) -> str:
    if result.interval is None:
        why = result.interval_reason
        return "" if why is None else f"no interval: {why.value.replace('_', ' ')}"
    return figures.span(result.interval, result.unit, figures.bounds_of(result.thresholds))


def _window(result: Result) -> str:
    if result.period is not None:
        return result.period
    return "no time filter" if result.window is None else result.window.label


_FAMILIES = {
    FamilyMethod.HOLM: "at most 5 % of such families hold one that is wrongly decided",
    FamilyMethod.BH: "at most 5 % of the decided ones are wrong on average",
}


def _family(result: Result) -> str:
    family = result.family
    if family is None or family.size < 2 or family.method not in _FAMILIES:
        return ""
    others = family.size - 1
    return (
        f"decided together with {others} other{'s' * (others > 1)} "
        f"({family.method.value}: {_FAMILIES[family.method]})"
    )


def _change(result: Result) -> str:
    told = change_of(result)
    if told is None:
        return ""
    undecided = result.comparison is not None and result.comparison.decided is False
    return f"{told.words}{' (undecided)' if undecided else ''}, before: {told.since}"


def _newer(results: Sequence[Result], known: Sequence[Result]) -> str:
    """What is said of the periods after the one that is shown, which have no value."""
    count = len(results) - len(known)
    if not known or not count:
        return ""
    why = results[-1].reason
    reason = "" if why is None else f" ({why.value.replace('_', ' ')})"
    return f"{count} newer period{'s have' if count > 1 else ' has'} no value{reason}"

"""The reasons, messages and warnings of a report, each with the results that it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import attrs

from kpisdk.builtin.reports import figure_text as figures
from kpisdk.builtin.reports.escaping import visible
from kpisdk.builtin.reports.scorecard import subject
from kpisdk.contracts.certainty import FamilyMethod
from kpisdk.contracts.results import Report, Result, filters_of, parameters_of
from kpisdk.contracts.sampling import ROW
from kpisdk.contracts.translations import ENGLISH, Language
from kpisdk.contracts.vocabulary import Reason, Status

_SYNTHETIC = {
    True: ", synthetic data",
    False: "",
    None: ", perhaps synthetic data (its mark in kpisdk_meta cannot be read)",
}
_NO_TARGET = "There are no thresholds to judge the value by."
_STALE = "The newest data are older than two periods of the KPI's frequency."
_UNDECIDED = "The interval reaches into another status."
_UNDECIDED_TOGETHER = (
    "The interval reaches into another status, or would among so many that are decided together."
)


@attrs.frozen
class Explanation:
    """A code, its sentence, and the results it is about; none: the report as a whole."""

    code: str
    text: str
    subjects: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.line()

    def line(self, language: Language = ENGLISH) -> str:
        """What it is about, the code (the same in every language) and the sentence."""
        subjects = ", ".join(self.subjects)
        about = language.after(subjects) if subjects else ""
        return f"{about}{language.after(self.code)}{language.text(self.text)}"


def explanations(report: Report) -> tuple[Explanation, ...]:
    """All there is to explain, in order of appearance; what is equal is reported once."""
    about: dict[tuple[str, str], list[str]] = {}
    for note in report.warnings:
        about[visible(note.code), visible(note.message)] = []
    for result, told in zip(report.results, told_of_each(report), strict=True):
        for code, text in told:
            about.setdefault((code, text), []).append(subject(result))
    return tuple(
        Explanation(code, text, tuple(dict.fromkeys(subjects)))
        for (code, text), subjects in about.items()
    )


def told_of_each(report: Report) -> tuple[tuple[tuple[str, str], ...], ...]:
    """For each result in turn what there is to explain about it: codes and their sentences."""
    mixed = _answered_from_several(report)
    found = []
    for result in report.results:
        told = [*_of(result), *(_answered(result) if result.kpi_id in mixed else ())]
        found.append(tuple((visible(code), visible(text)) for code, text in told))
    return tuple(found)


def summary(report: Report, language: Language = ENGLISH) -> tuple[str, ...]:
    """What stands at the end of a report: counts by status, the source, whether it is synthetic."""
    counts = Counter(result.status for result in report.results)
    parts = ", ".join(
        f"{counts[each]} {language.word(each.value)}" for each in Status if counts[each]
    )
    total = len(report.results)
    lines = [f"{total} result{'' if total == 1 else 's'}{': ' if parts else ''}{parts}."]
    units = dict.fromkeys(each.interval.unit for each in report.results if each.interval)
    if units:
        lines.append("Intervals are at 95 % unless they say otherwise.")
    if units.keys() - {ROW}:
        lines.append(f"Independent are the units, not their rows: {visible(', '.join(units))}.")
    lines += _families(report)
    for word, told in (("Only", filters_of), ("With", parameters_of)):
        words = dict.fromkeys(each for result in report.results for each in told(result))
        lines += [f"{word} {visible(', '.join(words))}."] if words else []
    if report.as_of is not None:
        lines.append(f"As of {figures.instant(report.as_of)} UTC.")
    if report.source is not None:
        kind = f"{visible(report.source.name)} ({visible(report.source.kind)})"
        lines.append(f"Source: {kind}{_SYNTHETIC[report.source.synthetic]}.")
    return tuple(map(language.text, lines))


_FAMILIES = {
    FamilyMethod.HOLM: "at most 5 % of such families have one that is wrongly decided (holm)",
    FamilyMethod.BH: "at most 5 % of the decided ones are wrong on average (bh)",
}


def _families(report: Report) -> list[str]:
    """A line for each way in which statuses were decided together."""
    sizes: dict[FamilyMethod, int] = {}
    for result in report.results:
        if result.family is not None:
            method = result.family.method
            sizes[method] = max(sizes.get(method, 0), result.family.size)
    return [
        f"Statuses are decided together, up to {size} at once: {_FAMILIES[method]}."
        for method, size in sizes.items()
        if method in _FAMILIES
    ]


def _answered_from_several(report: Report) -> frozenset[str]:
    """The KPIs whose values do not all come from the same place."""
    places: dict[str, set[str | None]] = {}
    for result in report.results:
        if result.ok:
            places.setdefault(result.kpi_id, set()).add(result.answered_by)
    return frozenset(kpi_id for kpi_id, found in places.items() if len(found) > 1)


def _answered(result: Result) -> Iterator[tuple[str, str]]:
    if result.ok and result.answered_by is not None:
        text = f"Answered by {result.answered_by}; other values of this KPI come from elsewhere."
        yield "answered_by", text


def _of(result: Result) -> Iterator[tuple[str, str]]:
    if result.reason is not None:
        spare = _NO_TARGET if result.reason is Reason.NO_TARGET else "No more is known."
        yield result.reason.value, result.message or spare
    elif result.message:
        yield "note", result.message
    for note in result.warnings:
        yield note.code, note.message
    if result.stale:
        yield "stale", _STALE
    if result.decided is False and result.interval is not None:
        yield "undecided", _UNDECIDED if result.family is None else _UNDECIDED_TOGETHER

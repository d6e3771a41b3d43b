"""The scorecard as a page shows it: counts, what needs a look, workstreams, what is absent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import attrs

from kpisdk.builtin.pages.cards import Card, cards
from kpisdk.builtin.pages.publishing import published
from kpisdk.builtin.pages.workstream_words import workstream_words
from kpisdk.builtin.reports.absences import Absence, absences
from kpisdk.builtin.reports.explanations import Explanation, explanations, summary
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.results import Report
from kpisdk.contracts.vocabulary import Status

_MARKS = {
    True: "These results were computed on synthetic data.",
    None: "These results were perhaps computed on synthetic data: the mark cannot be read.",
}

_ORDER = (Status.CRITICAL, Status.WARNING, Status.GOOD, Status.UNKNOWN)


@attrs.frozen
class Section:
    """Cards under a heading."""

    title: str
    cards: tuple[Card, ...]


@attrs.frozen
class AbsentGroup:
    """Cards without a value, under what kept their values away."""

    absence: Absence
    cards: tuple[Card, ...]

    @property
    def title(self) -> str:
        """How many there are, and why."""
        count = len(self.cards)
        kind = "KPI" if not any(card.slice for card in self.cards) else "result"
        return f"{count} {kind}{'s' * (count != 1)}: {self.absence.message}"


@attrs.frozen
class ScorecardView:
    """Everything that the template of the scorecard shows.

    ``counts`` are the cards by status, critical first, absent ones apart; ``notes`` are about the
    report as a whole.
    """

    sections: tuple[Section, ...]
    absent: tuple[AbsentGroup, ...]
    counts: tuple[tuple[str, int], ...]
    undecided: int
    workstreams: tuple[str, ...]
    owners: tuple[str, ...]
    notes: tuple[Explanation, ...]
    summary: tuple[str, ...]
    synthetic: str
    as_of: str

    @property
    def total(self) -> int:
        """How many cards there are, absent ones included."""
        shown = sum(len(section.cards) for section in self.sections)
        return shown + sum(len(group.cards) for group in self.absent)


def scorecard_view(
    report: Report, trends: Report | None = None, kpis: Mapping[str, Kpi] | None = None
) -> ScorecardView:
    """The view of a report.

    Args:
        report: what is shown; results by period are one card a KPI and slice.
        trends: the same KPIs by period, for the drawings.
        kpis: the KPIs by id, for their owners.
    """
    report = published(report)
    found = cards(report, trends, kpis)
    present = [card for card in found if card.result.value is not None]
    absent = [card for card in found if card.result.value is None]
    first = sorted(
        (card for card in present if card.comes_first),
        key=lambda card: (_ORDER.index(card.result.status), card.is_undecided),
    )
    sections = [Section("Critical or undecided", tuple(first))] if first else []
    rest = [card for card in present if not card.comes_first]
    sections += [
        Section(
            workstream_words(name), tuple(card for card in rest if card.result.workstream == name)
        )
        for name in dict.fromkeys(card.result.workstream for card in rest)
    ]
    counts = Counter(card.result.status for card in present)
    by_status = [(status.value, counts[status]) for status in _ORDER if counts[status]]
    marked = False if report.source is None else report.source.synthetic
    as_of = "" if report.as_of is None else f"{report.as_of:%Y-%m-%d %H:%M} UTC"
    return ScorecardView(
        sections=tuple(sections),
        absent=tuple(_groups(absent)),
        counts=(*by_status, *([("absent", len(absent))] if absent else [])),
        undecided=sum(card.is_undecided for card in present),
        workstreams=tuple(dict.fromkeys(card.result.workstream for card in found)),
        owners=tuple(sorted({card.owner for card in found if card.owner})),
        notes=tuple(note for note in explanations(Report((), warnings=report.warnings))),
        summary=summary(report),
        synthetic=_MARKS.get(marked, ""),
        as_of=as_of,
    )


def _groups(absent: list[Card]) -> list[AbsentGroup]:
    by_result = {id(card.result): card for card in absent}
    return [
        AbsentGroup(each, tuple(by_result[id(result)] for result in each.results))
        for each in absences(card.result for card in absent)
    ]

"""Notes of trends on a terminal: what is said of many periods is said once, with the periods."""

from __future__ import annotations

import re

import attrs

from kpisdk.builtin.reports.escaping import visible
from kpisdk.builtin.reports.explanations import Explanation, told_of_each
from kpisdk.builtin.reports.scorecard import subject
from kpisdk.contracts.results import Report

_LISTED = 3
"""So many periods are named one by one; of more, the first and the last."""


@attrs.define
class _Note:
    """A sentence with the trends that it is about: the periods of each, and each as it was said."""

    texts: dict[str, None] = attrs.field(factory=dict)
    periods: dict[str, list[str]] = attrs.field(factory=dict)

    def subjects(self) -> tuple[str, ...]:
        """The trends, each with its periods."""
        return tuple(_subject(name, found) for name, found in self.periods.items())


def period_notes(report: Report) -> tuple[Explanation, ...]:
    """All there is to explain, in order of appearance, once for all periods that differ in nothing.

    Sentences that name their own period are equal where the rest is; they then say "each period".

    Args:
        report: what is explained, results by period and others.
    """
    whole = [Explanation(visible(note.code), visible(note.message)) for note in report.warnings]
    found: dict[tuple[str, str], _Note] = {}
    for result, told in zip(report.results, told_of_each(report), strict=True):
        name = subject(attrs.evolve(result, period=None))
        for code, text in told:
            note = found.setdefault((code, _without(text, result.period)), _Note())
            note.texts[text] = None
            periods = note.periods.setdefault(name, [])
            if result.period is not None and result.period not in periods:
                periods.append(result.period)
    notes = [
        Explanation(code, next(iter(note.texts)) if len(note.texts) == 1 else text, note.subjects())
        for (code, text), note in found.items()
    ]
    return (*whole, *notes)


def _without(text: str, period: str | None) -> str:
    if period is None:
        return text
    # An instant inside of the period (2024-11-30T23:55Z) is not its label.
    return re.sub(rf"(?<![\w-]){re.escape(visible(period))}(?![\w-])", "each period", text)


def _subject(name: str, periods: list[str]) -> str:
    labels = [visible(each) for each in periods]
    if len(labels) > _LISTED:
        return f"{name} ({len(labels)} periods from {labels[0]} to {labels[-1]})"
    return ", ".join(f"{name} {each}" for each in labels) or name

"""The pairs that are compared, and the requests that give the results of both KPIs of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs

from kpisdk.contracts.estimates import Note
from kpisdk.contracts.results import Report, Result
from kpisdk.errors import KpisdkError, UsageError
from kpisdk.guardrails.pairs import Pair


@attrs.define(eq=False)
class ComparisonError(UsageError):
    """A question about guardrails that does not say what to compare with what."""

    fault: str

    template = (
        "{fault} Compare groups (by=COLUMN) or two windows (window=W and baseline=W2), one of the "
        "two."
    )


@attrs.define(eq=False)
class NothingToCompareError(KpisdkError):
    """No KPI under question has a single group by the column."""

    column: str
    reasons: Sequence[str]

    template = "There are no groups by {column:quoted} to compare. {_why}"

    @property
    def _why(self) -> str:
        return " ".join(dict.fromkeys(self.reasons)) or "The source holds no row that counts."


Key = tuple[str, tuple[Any, ...]]
"""The id of a KPI, and the values of the columns that its results are grouped by."""


@attrs.define
class Guard:
    """The pairs that are compared, and the requests about them.

    Attributes:
        compute: computes KPIs: their ids, and further arguments as a workspace takes them.
        pairs: the KPIs, each with its guardrail.
        arguments: what every request holds besides its groups: ``as_of``, ``where`` …
        notes: remarks so far, each of them once.
        last: the report on the latest request.
    """

    compute: Callable[..., Report]
    pairs: tuple[Pair, ...]
    arguments: Mapping[str, Any]
    notes: list[Note] = attrs.field(factory=list)
    last: Report | None = None

    def results(self, by: Sequence[str], **more: Any) -> dict[Key, Result]:
        """Results of all KPIs of the pairs by id and slice values."""
        ids = dict.fromkeys(
            kpi_id for pair in self.pairs for kpi_id in (pair.principal.id, pair.guardrail.id)
        )
        return self.results_of(tuple(ids), by, **more)

    def results_of(
        self, kpi_ids: Sequence[str], by: Sequence[str], **more: Any
    ) -> dict[Key, Result]:
        """Results of some KPIs by id and slice values."""
        where = {**self.arguments.get("where", {}), **more.pop("where", {})}
        arguments = {**self.arguments, **more, "where": where}
        report = self.compute(*kpi_ids, by=tuple(by), **arguments)
        self.last = report
        for note in report.warnings:
            self.note(note)
        return {
            (result.kpi_id, tuple(result.slice.get(column) for column in by)): result
            for result in report
            # A KPI that failed as a whole has one result, which is no group's.
            if set(by) <= result.slice.keys() or not by
        }

    def note(self, note: Note) -> None:
        """Keep a remark, once."""
        if note not in self.notes:
            self.notes.append(note)

    def segmented(self, columns: Iterable[str], by: Sequence[str], **more: Any) -> Segmented:
        """Results by each segment column beside ``by``; a column that is refused is reported."""
        found: Segmented = {}
        for column in columns:
            results = self.results((*by, column), **more)
            if results:
                found[column] = results
            else:
                why = next((each.message for each in self.last or ()), None)
                self.note(Note("segment_refused", f"Not looked at by {column}: {why}"))
        return found


Segmented = dict[str, dict[Key, Result]]


def segments_of(
    pairs: Sequence[Pair], requested: Sequence[str] | None, column: str | None
) -> tuple[str, ...]:
    """The segment columns: those requested, else those that the records name."""
    declared = [name for pair in pairs for name in pair.segments]
    named = declared if requested is None else requested
    return tuple(name for name in dict.fromkeys(named) if name != column)

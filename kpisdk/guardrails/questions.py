"""The pairs that are compared, and the requests that give the results of both KPIs of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from kpisdk.contracts.estimates import Note
from kpisdk.contracts.results import Report, Result
from kpisdk.errors import KpisdkError, UsageError, quoted
from kpisdk.guardrails import Pair

if TYPE_CHECKING:
    from kpisdk.workspace.workspace import Workspace


@attrs.define(eq=False)
class ComparisonError(UsageError):
    """A question about guardrails that does not say what to compare with what."""

    said: str

    template = (
        "{said} Compare groups (by=COLUMN) or two windows (window=W and baseline=W2), one of the "
        "two."
    )


@attrs.define(eq=False)
class NothingToCompareError(KpisdkError):
    """No KPI under question has a single group by the column."""

    column: str
    reasons: Sequence[str]

    @property
    def message(self) -> str:
        said = " ".join(dict.fromkeys(self.reasons)) or "The source holds no row that counts."
        return f"There are no groups by {quoted(self.column)} to compare. {said}"


Key = tuple[str, tuple[Any, ...]]


@attrs.define
class Guard:
    """The pairs under question, and the questions about them that are put to a workspace."""

    workspace: Workspace
    pairs: tuple[Pair, ...]
    asked: Mapping[str, Any]
    notes: list[Note] = attrs.field(factory=list)
    last: Report | None = None

    def results(self, by: Sequence[str], **more: Any) -> dict[Key, Result]:
        """Results of all KPIs of the pairs by id and slice values."""
        ids = dict.fromkeys(
            kpi_id for pair in self.pairs for kpi_id in (pair.principal.id, pair.guardrail.id)
        )
        where = {**self.asked.get("where", {}), **more.pop("where", {})}
        asked = {**self.asked, **more, "where": where}
        report = self.workspace.compute(*ids, by=tuple(by), **asked)
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
        """Results by each segment column beside ``by``; a column that is refused is told of."""
        found: Segmented = {}
        for column in columns:
            results = self.results((*by, column), **more)
            if results:
                found[column] = results
            else:
                said = next((each.message for each in self.last or ()), None)
                self.note(Note("segment_refused", f"Not looked at by {column}: {said}"))
        return found


Segmented = dict[str, dict[Key, Result]]


def segments_of(pairs: Sequence[Pair], asked: Sequence[str] | None, column: str | None) -> Any:
    """The segment columns: those asked for, else those that the records name."""
    named = asked if asked is not None else [name for pair in pairs for name in pair.segments]
    return tuple(name for name in dict.fromkeys(named) if name != column)

"""One pair of KPIs between two groups or windows, with its segments and its verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from kpisdk.contracts.estimates import Note
from kpisdk.contracts.results import SCHEMA_VERSION, Result, SourceIdentity
from kpisdk.contracts.vocabulary import Direction
from kpisdk.guardrails.compared_sides import ComparedSide
from kpisdk.guardrails.pairs import Pair
from kpisdk.guardrails.questions import Guard
from kpisdk.guardrails.result_changes import Change, change
from kpisdk.guardrails.reversals import Reversal, worse_segments
from kpisdk.guardrails.segment_counts import NotCountedError, decomposition
from kpisdk.guardrails.verdicts import Verdict, judged

Refusal = Callable[[Result, Result], str | None]
"""Why no change is given between a baseline and a current result, if none is."""


def _never(_baseline: Result, _current: Result) -> str | None:
    return None


@attrs.frozen
class Contrast:
    """A principal KPI and its guardrail, from a baseline to a current group or window.

    ``opposed`` is whether the principal's value improved while the guardrail's got worse, whatever
    the intervals say. ``margin`` is how much worse the guardrail may become, relative to its
    baseline. ``reversals`` are those of both KPIs.
    """

    pair: Pair
    column: str | None
    baseline: str
    current: str
    principal: Change
    guardrail: Change
    verdict: Verdict
    why: str
    reversals: tuple[Reversal, ...] = ()

    @property
    def margin(self) -> float:
        """How much worse the guardrail may become, relative to its baseline."""
        return self.pair.margin

    @property
    def opposed(self) -> bool | None:
        """Whether the values moved against one another; ``None`` where one is missing."""
        gained, guarded = self.principal.gain, self.guardrail.gain
        return None if gained is None or guarded is None else gained > 0 > guarded

    def to_dict(self) -> dict[str, Any]:
        """The contrast as plain JSON values."""
        from kpisdk.contracts.json_records import written

        return {
            "principal": self.pair.principal.id,
            "guardrail": self.pair.guardrail.id,
            "column": self.column,
            "baseline": self.baseline,
            "current": self.current,
            "principal_change": self.principal.to_dict(),
            "guardrail_change": self.guardrail.to_dict(),
            "margin": self.margin,
            "opposed": self.opposed,
            "verdict": written(self.verdict),
            "why": self.why,
            "reversals": [each.to_dict() for each in self.reversals],
        }


def contrast(
    guard: Guard,
    pair: Pair,
    column: str | None,
    sides: tuple[ComparedSide, ComparedSide],
    refusal: Refusal = _never,
) -> Contrast:
    """Judge a pair between two sides, and look whether its segments say the opposite.

    Safe is only what is shown to be: a whole that improves while most of its segments get worse is
    not, unless an improvement within the segments is shown all the same.

    Args:
        guard: what computes further results, and keeps the remarks.
        pair: the KPIs.
        column: what the sides are groups of; ``None`` for windows.
        sides: the baseline and the current one.
        refusal: says between which results no change is given.
    """
    before, now = sides
    principal, guardrail = (
        _between(before.whole(kpi_id), now.whole(kpi_id), direction, refusal)
        for kpi_id, direction in _directions(pair)
    )
    found = [
        turned
        for whole in ((pair.principal.id, principal), (pair.guardrail.id, guardrail))
        for name in now.parts
        for turned in _reversals(guard, whole, name, sides, refusal)
    ]
    verdict, why = judged(principal, guardrail, pair.margin)
    if verdict is Verdict.SAFE and not all(each.is_better_within for each in found):
        verdict = Verdict.HARM_NOT_RULED_OUT
        why = "most segments got worse while the whole improved"
    return Contrast(
        pair, column, before.label, now.label, principal, guardrail, verdict, why, tuple(found)
    )


def _directions(pair: Pair) -> tuple[tuple[str, Direction], tuple[str, Direction]]:
    """Both KPIs of a pair by id, each with the way in which it gets better."""
    return (
        (pair.principal.id, pair.principal.direction),
        (pair.guardrail.id, pair.direction),
    )


def _between(
    before: Result | None, now: Result | None, direction: Direction, refusal: Refusal
) -> Change:
    why = None if before is None or now is None else refusal(before, now)
    return change(before, now, direction, why)


def _reversals(
    guard: Guard,
    whole: tuple[str, Change],
    column: str,
    sides: tuple[ComparedSide, ComparedSide],
    refusal: Refusal,
) -> Iterator[Reversal]:
    """The reversal of a change by the segments of a column; none is reported without its parts."""
    kpi_id, moved = whole
    before, now = sides
    inside = {
        value: _between(
            before.segment(kpi_id, column, value),
            now.segment(kpi_id, column, value),
            moved.direction,
            refusal,
        )
        for value in now.values(kpi_id, column)
    }
    worse = worse_segments(moved, inside)
    if not worse:
        return
    try:
        parts = decomposition(guard, kpi_id, column, before, now)
    except NotCountedError as error:
        what = (
            f"{kpi_id} improves and gets worse in {len(worse)} of its segments by {column}; how "
            f"much of that is their mix cannot be told, because {error}."
        )
        guard.note(Note("mix_unknown", what))
        return
    known = sum(each.value is not None for each in inside.values())
    yield Reversal(kpi_id, column, worse, known, moved.direction, parts)


@attrs.frozen
class GuardrailReport:
    """All contrasts of one question, and what could not be looked at."""

    contrasts: tuple[Contrast, ...]
    source: SourceIdentity | None = None
    notes: tuple[Note, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON object that ``kpisdk guardrails --format json`` prints."""
        from kpisdk.contracts.json_records import written

        return {
            "schema_version": SCHEMA_VERSION,
            "source": written(self.source),
            "contrasts": [each.to_dict() for each in self.contrasts],
            "warnings": written(self.notes),
        }

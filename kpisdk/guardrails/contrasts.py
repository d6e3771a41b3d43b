"""One pair of KPIs between two groups or windows, with its segments and its verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from kpisdk.contracts.estimates import Note
from kpisdk.contracts.results import SCHEMA_VERSION, Result, SourceIdentity, plain
from kpisdk.guardrails.pairs import Pair
from kpisdk.guardrails.result_changes import Change, change
from kpisdk.guardrails.reversals import Reversal, reversal
from kpisdk.guardrails.verdicts import Verdict, judged

Side = Callable[[str], Result | None]
"""One side of a comparison: from the id of a KPI to its result there."""

Sides = tuple[Side, Side]
"""Baseline and current."""


@attrs.frozen
class Contrast:
    """A principal KPI and its guardrail, from a baseline to a current group or window.

    ``opposed`` is whether the principal's value improved while the guardrail's got worse, whatever
    the intervals say. ``reversals`` are those of both KPIs.
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
    def opposed(self) -> bool | None:
        """Whether the values moved against one another; ``None`` where one is missing."""
        gained, guarded = self.principal.gain, self.guardrail.gain
        return None if gained is None or guarded is None else gained > 0 > guarded

    def to_dict(self) -> dict[str, Any]:
        """The contrast as plain JSON values."""
        return {
            "principal": self.pair.principal.id,
            "guardrail": self.pair.guardrail.id,
            "column": self.column,
            "baseline": self.baseline,
            "current": self.current,
            "principal_change": _change(self.principal),
            "guardrail_change": _change(self.guardrail),
            "opposed": self.opposed,
            "verdict": self.verdict.value,
            "why": self.why,
            "reversals": [
                {
                    "kpi_id": each.kpi_id,
                    "column": each.column,
                    "worse": plain(each.worse),
                    "segments": each.segments,
                    "message": each.message,
                }
                for each in self.reversals
            ],
        }


def contrast(
    pair: Pair,
    column: str | None,
    names: tuple[str, str],
    sides: Sides,
    segments: Mapping[str, Mapping[Any, Sides]],
) -> Contrast:
    """Judge a pair between two sides, and look whether its segments say the opposite.

    Args:
        pair: the KPIs.
        column: what the sides are groups of; ``None`` for windows.
        names: of the baseline and the current side.
        sides: results by KPI id on both.
        segments: by segment column and value, the same two sides within that segment.
    """
    principal = _between(sides, pair.principal.id, pair)
    guardrail = _between(sides, pair.guardrail.id, pair)
    found = []
    for kpi_id, whole in ((pair.principal.id, principal), (pair.guardrail.id, guardrail)):
        for name, values in segments.items():
            inside = {value: _between(each, kpi_id, pair) for value, each in values.items()}
            turned = reversal(kpi_id, whole, name, inside)
            found += [] if turned is None else [turned]
    verdict, why = judged(principal, guardrail)
    if verdict is Verdict.SAFE and found:
        verdict, why = Verdict.SUSPICIOUS, "most segments got worse while the whole improved"
    return Contrast(pair, column, *names, principal, guardrail, verdict, why, tuple(found))


def _between(sides: Sides, kpi_id: str, pair: Pair) -> Change:
    direction = pair.principal.direction if kpi_id == pair.principal.id else pair.direction
    before, after = sides
    return change(before(kpi_id), after(kpi_id), direction)


def _change(made: Change) -> dict[str, Any]:
    return {
        "baseline": None if made.baseline is None else made.baseline.value,
        "baseline_n": None if made.baseline is None else made.baseline.n,
        "current": None if made.current is None else made.current.value,
        "current_n": None if made.current is None else made.current.n,
        "change": made.value,
        "interval": None if made.interval is None else attrs.asdict(made.interval),
        "direction": made.direction.value,
        "movement": made.movement.value,
        "why": made.why,
    }


@attrs.frozen
class GuardrailReport:
    """All contrasts of one question, and what could not be looked at."""

    contrasts: tuple[Contrast, ...]
    source: SourceIdentity | None = None
    notes: tuple[Note, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON object that ``kpisdk guardrails --format json`` prints."""
        source = self.source
        return {
            "schema_version": SCHEMA_VERSION,
            "source": None
            if source is None
            else {"name": source.name, "kind": source.kind, "synthetic": source.synthetic},
            "contrasts": [each.to_dict() for each in self.contrasts],
            "warnings": [attrs.asdict(note) for note in self.notes],
        }

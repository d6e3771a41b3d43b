"""From the changes of a principal KPI and its guardrail to one of four verdicts."""

from __future__ import annotations

from enum import StrEnum

from kpisdk.contracts.estimates import SMALL
from kpisdk.contracts.vocabulary import Direction
from kpisdk.guardrails.result_changes import Change, Movement


class Verdict(StrEnum):
    """What became of a principal KPI under its guardrail."""

    SAFE = "improved_safe"
    SUSPICIOUS = "improved_suspicious"
    NOT_IMPROVED = "not_improved"
    UNDECIDED = "undecided"

    @property
    def words(self) -> str:
        """The verdict as people read it."""
        return _WORDS[self]


_WORDS = {
    Verdict.SAFE: "improved and safe",
    Verdict.SUSPICIOUS: "improved but suspicious",
    Verdict.NOT_IMPROVED: "not improved",
    Verdict.UNDECIDED: "undecided: too few",
}


def judged(principal: Change, guardrail: Change) -> tuple[Verdict, str]:
    """The verdict and its reason.

    An interval that lies wholly on one side of no change decides. One that holds no change decides
    only with 30 units or more on both sides: then the principal has shown no improvement, and the
    guardrail no harm. With fewer the question stays open, whatever the numbers look like.
    """
    moved = principal.movement
    if moved is Movement.WORSE:
        return Verdict.NOT_IMPROVED, "the principal got worse"
    if moved is Movement.UNKNOWN:
        return Verdict.UNDECIDED, _unknown("principal", principal)
    if moved is Movement.OPEN:
        if principal.is_few:
            return Verdict.UNDECIDED, _open("principal")
        return Verdict.NOT_IMPROVED, "the principal's interval holds no change as well"
    return _guarded(guardrail)


def _guarded(guardrail: Change) -> tuple[Verdict, str]:
    moved = guardrail.movement
    if moved is Movement.WORSE:
        return Verdict.SUSPICIOUS, "the guardrail got worse while the principal improved"
    if moved is Movement.BETTER:
        return Verdict.SAFE, "both improved"
    if moved is Movement.UNKNOWN:
        return Verdict.UNDECIDED, _unknown("guardrail", guardrail)
    if guardrail.is_few:
        return Verdict.UNDECIDED, _open("guardrail")
    return Verdict.SAFE, "the guardrail shows no change for the worse"


def _unknown(what: str, change: Change) -> str:
    if change.direction is Direction.CONTEXT:
        return f"the {what} has no direction to improve in"
    return f"{what}: {change.why}"


def _open(what: str) -> str:
    return f"fewer than {SMALL} units on one side, and the {what}'s interval holds no change"

"""Whether a KPI improved, and whether its guardrail is shown to be unharmed."""

from __future__ import annotations

from enum import StrEnum

from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.vocabulary import Direction
from kpisdk.statistics.bounds import Bounds

MARGIN = 0.1
"""How much worse a guardrail may become, relative to itself, unless its pair says otherwise."""


class GuardedVerdict(StrEnum):
    """What became of a principal KPI under its guardrail."""

    SAFE = "improved_safe"
    """The principal improved, and the guardrail's change lies within the margin."""
    HARM_NOT_RULED_OUT = "improved_harm_not_ruled_out"
    """The principal improved; whether the guardrail got worse by more than the margin is open."""
    HARMFUL = "improved_harmful"
    """The principal improved, and the guardrail got worse, perhaps by more than the margin."""
    NOT_IMPROVED = "not_improved"
    """All of the interval of the principal's change is for the worse."""
    UNDECIDED = "undecided"
    """Whether the principal improved is open."""

    @property
    def words(self) -> str:
        """The verdict as people read it."""
        return _WORDS[self]


_WORDS = {
    GuardedVerdict.SAFE: "improved and safe",
    GuardedVerdict.HARM_NOT_RULED_OUT: "improved, harm not ruled out",
    GuardedVerdict.HARMFUL: "improved but harmful",
    GuardedVerdict.NOT_IMPROVED: "not improved",
    GuardedVerdict.UNDECIDED: "undecided",
}


def guarded_verdict(
    principal: Bounds,
    guardrail: Bounds,
    principal_direction: Direction,
    guardrail_direction: Direction,
    margin: float = MARGIN,
) -> GuardedVerdict:
    """The verdict of two changes: a guardrail is safe only if it is shown to be.

    Args:
        principal: the interval of the principal's change, absolute or relative.
        guardrail: the interval of the guardrail's relative change
            (:func:`~kpisdk.statistics.relative_change`).
        principal_direction: which way the principal improves.
        guardrail_direction: which way the guardrail improves.
        margin: how much worse the guardrail may become, relative: 0.1 for a tenth.
    """
    gain = _for_the_better(principal, principal_direction)
    if gain is None or gain[0] <= 0 < gain[1]:
        return GuardedVerdict.UNDECIDED
    if gain[1] <= 0:
        return GuardedVerdict.NOT_IMPROVED
    guarded = _for_the_better(guardrail, guardrail_direction)
    if guarded is None:
        return GuardedVerdict.HARM_NOT_RULED_OUT
    if guarded[0] >= -margin:
        return GuardedVerdict.SAFE
    return GuardedVerdict.HARMFUL if guarded[1] < 0 else GuardedVerdict.HARM_NOT_RULED_OUT


def _for_the_better(change: Bounds, direction: Direction) -> tuple[float, float] | None:
    """The interval of a change with improvements above zero; ``None`` where neither is one."""
    if not isinstance(change, Interval) or direction is Direction.CONTEXT:
        return None
    if direction is Direction.LOWER:
        return -change.high, -change.low
    return change.low, change.high

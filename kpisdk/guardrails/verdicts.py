"""From the changes of a principal KPI and its guardrail to one of five verdicts, and why."""

from __future__ import annotations

from kpisdk.contracts.vocabulary import Direction, IntervalReason
from kpisdk.guardrails.result_changes import Change, Movement, gains_of
from kpisdk.statistics import Bounds, GuardedVerdict, guarded_verdict

Verdict = GuardedVerdict
"""What became of a principal KPI under its guardrail."""


def judged(principal: Change, guardrail: Change, margin: float) -> tuple[Verdict, str]:
    """The verdict (:func:`kpisdk.statistics.guarded_verdict`) and its reason.

    A guardrail whose baseline may be 0 has no relative change that a margin could be held against.
    There its absolute change is judged, and no harm at all is tolerated.

    Args:
        principal: the change of the KPI that should improve.
        guardrail: the change of the one that must not get worse.
        margin: how much worse the guardrail may become, relative: 0.1 for a tenth.
    """
    held, allowed = guardrail.relative_limits, margin
    if held is None:
        held, allowed = guardrail.limits, 0.0
    verdict = guarded_verdict(
        _bounds(principal.limits),
        _bounds(held),
        principal.direction,
        guardrail.direction,
        allowed,
    )
    return verdict, _reason(verdict, principal, guardrail, margin)


def _bounds(interval: Bounds | None) -> Bounds:
    return IntervalReason.UNDEFINED if interval is None else interval


def _reason(verdict: Verdict, principal: Change, guardrail: Change, margin: float) -> str:
    if verdict is Verdict.UNDECIDED:
        return _unknown("principal", principal) or "whether the principal improved is open"
    if verdict is Verdict.NOT_IMPROVED:
        is_worse = principal.movement is Movement.WORSE
        return "the principal got worse" if is_worse else "the principal did not change"
    if verdict is Verdict.HARMFUL:
        return "the guardrail got worse while the principal improved"
    return _of_the_guardrail(guardrail, margin, is_safe=verdict is Verdict.SAFE)


def _of_the_guardrail(guardrail: Change, margin: float, *, is_safe: bool) -> str:
    """Why a guardrail beside an improvement is safe, or is not shown to be."""
    if is_safe and guardrail.movement is Movement.BETTER:
        return "both improved"
    least = gains_of(guardrail.relative_limits, guardrail.direction)
    if least is not None:
        said = "is at most" if is_safe else "may be"
        worst = max(0.0, -least[0])
        return f"the guardrail {said} {worst:.1%} worse (margin {margin:.0%})"
    if is_safe:
        return "the guardrail did not get worse"
    return _unknown("guardrail", guardrail) or f"guardrail: {guardrail.relative_why}"


def _unknown(what: str, change: Change) -> str | None:
    if change.direction is Direction.CONTEXT:
        return f"the {what} has no direction to improve in"
    return None if change.limits is not None else f"{what}: {change.why}"

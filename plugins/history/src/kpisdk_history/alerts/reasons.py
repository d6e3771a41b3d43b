"""Why an alert is told: the bound, the missing judgement, the rows that end early."""

from __future__ import annotations

from collections.abc import Iterator

from kpisdk import Result, Unit
from kpisdk.reporting import figure, instant


def why_held(kinds: frozenset[str], result: Result) -> str:
    """Why conditions hold for a result.

    Args:
        kinds: the conditions.
        result: the newest of a KPI in its slice.
    """
    return " ".join(_reasons(kinds, result))


def why_cleared(runs: int) -> str:
    """Why an alert is over.

    Args:
        runs: how many runs in a row nothing of it held.
    """
    return (
        "it was so in the last run no more." if runs == 1 else f"it was so in none of {runs} runs."
    )


def why_gone() -> str:
    """Why there is nothing to judge any more, although the KPI was computed."""
    return "it is not among the results any more: no row of it is left."


def _reasons(kinds: frozenset[str], result: Result) -> Iterator[str]:
    thresholds = result.thresholds
    if kinds & {"critical", "warning"} and thresholds is not None:
        unit = Unit(result.unit)
        bound = thresholds.critical if result.status == "critical" else thresholds.target
        name = "critical bound" if result.status == "critical" else "target"
        yield f"the {name} is {figure(bound, unit)}."
    if "unknown" in kinds:
        words = "" if result.reason is None else result.reason.value.replace("_", " ")
        yield result.message or f"it could not be judged: {words or 'no reason is known'}."
    if "stale" in kinds:
        through = result.data_through
        newest = "" if through is None else f": the newest row is of {instant(through)} UTC"
        yield f"its rows end too early{newest}."

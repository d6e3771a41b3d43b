"""How the outcomes of a contract are reported: a line per check, the broken ones in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from kpisdk.cli.plugin_tests.contract_runs import Outcome
from kpisdk.errors import listed

COLUMNS = ("check", "outcome", "of", "why")

HELD, BROKEN, UNPROVED = "held", "broken", "not proved"
_PREFIXES = {"does not apply: ": "does not apply", "exempt: ": "exempt", "not proved: ": UNPROVED}


def word(outcome: Outcome) -> str:
    """``held``, ``broken``, ``does not apply``, ``exempt`` or ``not proved``."""
    if outcome.outcome != "skipped":
        return HELD if outcome.outcome == "passed" else BROKEN
    for prefix, meaning in _PREFIXES.items():
        if outcome.message.startswith(prefix):
            return meaning
    return UNPROVED


def reason(outcome: Outcome) -> str:
    """Why a check was left out, or what it found; nothing for one that held."""
    for prefix in _PREFIXES:
        if outcome.message.startswith(prefix):
            return outcome.message.removeprefix(prefix)
    return outcome.message


def table(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """A row for each check and way in which it ended, with the KPIs that it ended so for."""
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for each in outcomes:
        groups.setdefault((each.check, word(each)), []).append(each)
    return [
        {
            "check": check,
            "outcome": meaning,
            "of": listed([each.subject or "the plugin" for each in group], 3),
            "why": _first_line(group[0]) if meaning != HELD else "",
        }
        for (check, meaning), group in groups.items()
    ]


def _first_line(outcome: Outcome) -> str:
    lines = reason(outcome).splitlines() or [""]
    # The first line of a fault names the check and the KPI, which the table does already.
    return lines[1 if len(lines) > 1 and word(outcome) == BROKEN else 0].strip(" -")


def document(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Every outcome by itself, for machines."""
    return [
        {
            "contract": each.contract,
            "check": each.check,
            "of": each.subject or None,
            "outcome": word(each),
            "why": reason(each) or None,
        }
        for each in outcomes
    ]


def broken(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What the broken checks say, in full."""
    yield from (each.message for each in outcomes if word(each) == BROKEN)


def summary(outcomes: Sequence[Outcome]) -> str:
    """How many checks held, and how many did not."""
    counts = Counter(map(word, outcomes))
    parts = [f"{counts[HELD]} held", f"{counts[BROKEN]} broken"]
    parts += [
        f"{counts[meaning]} {said}"
        for meaning, said in (
            ("does not apply", "not applicable"),
            ("exempt", "exempt"),
            (UNPROVED, UNPROVED),
        )
        if counts[meaning]
    ]
    return f"{len(outcomes)} checks: {', '.join(parts)}."

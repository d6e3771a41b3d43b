"""Which KPIs a rule watches, and which names in it nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kpisdk import Kpi, listed, nearest, quoted
from kpisdk_history.alerts.rules import AlertRule


def watched(rule: AlertRule, kpis: Mapping[str, Kpi]) -> frozenset[str]:
    """The ids of the KPIs that fit all that a rule names; names match whatever their case.

    Args:
        rule: the rule.
        kpis: the KPIs that are installed, by id.
    """
    ids = {each.casefold() for each in rule.kpis}
    return frozenset(
        kpi_id
        for kpi_id, kpi in kpis.items()
        if (not ids or kpi_id.casefold() in ids)
        and (rule.workstream is None or _same(rule.workstream, kpi.workstream))
        and (rule.owner is None or _same(rule.owner, owner_of(kpi)))
    )


def owner_of(kpi: Kpi) -> str:
    """Who answers for a KPI; empty where nobody is named."""
    return "" if kpi.governance is None else kpi.governance.owner


def faults(rules: Mapping[str, AlertRule], kpis: Mapping[str, Kpi]) -> Iterator[str]:
    """A sentence for each name in the rules that nothing installed goes by, and for what is left.

    A KPI that was removed makes no run fail: what is recorded is recorded, and this is told.

    Args:
        rules: the rules by name.
        kpis: the KPIs that are installed, by id.
    """
    workstreams = {kpi.workstream for kpi in kpis.values()}
    owners = {owner_of(kpi) for kpi in kpis.values()} - {""}
    for name, rule in rules.items():
        unknown = [
            *_unknown("KPI", rule.kpis, kpis),
            *_unknown("workstream", [rule.workstream], workstreams),
            *_unknown("owner", [rule.owner], owners),
        ]
        rest = watched(rule, kpis)
        if unknown:
            left = "the others are watched" if rest else "it watches nothing"
            yield f"Alert {name!r} names {listed(unknown)}; {left}."
        elif not rest:
            yield f"Alert {name!r} watches nothing: no KPI fits all that it names."


def _unknown(what: str, names: Iterable[str | None], known: Iterable[str]) -> Iterator[str]:
    folded = {each.casefold() for each in known}
    for name in names:
        if name is not None and name.casefold() not in folded:
            close = nearest(name, known, 1)
            hint = f" (did you mean {quoted(close[0])}?)" if close else ""
            yield f"the {what} {quoted(name)}, which is not installed{hint}"


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()

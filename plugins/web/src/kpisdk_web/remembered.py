"""What is remembered of a KPI: restated values, changed definitions, what plugins tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from kpisdk import KpisdkError, Workspace
from kpisdk.reporting import Event
from kpisdk_web.hookspecs import EVENTS

EventTeller: TypeAlias = Callable[[Workspace, str], Iterable[Event]]
"""From a workspace and the id of a KPI to its events."""


def events_of(workspace: Workspace, kpi_id: str) -> tuple[Event, ...]:
    """The events of a KPI, newest first; none where no plugin remembers anything.

    Restatements and changes of definition are those of ``workspace.history``, which kpisdk-history
    brings, where the store of the settings has any; others come by the hook ``kpisdk_web_events``.

    Args:
        workspace: where the KPI, its store and the plugins are.
        kpi_id: the KPI.
    """
    found = [*_recorded(workspace, kpi_id)]
    for extension in workspace.extensions(EVENTS):
        for told in extension.records:
            try:
                found += told(workspace, kpi_id)
            except KpisdkError as error:
                found.append(Event(f"{extension.plugin} failed", "", str(error)))
    return tuple(sorted(found, key=lambda event: event.at, reverse=True))


def _recorded(workspace: Workspace, kpi_id: str) -> Iterator[Event]:
    history = getattr(workspace, "history", None)
    if history is None:
        return
    try:
        document = history(kpi_id).to_dict()
    except KpisdkError:
        return  # there is no store, or nothing of this KPI in it: there is nothing to tell
    for each in document["restatements"]:
        change = f"{_number(each['old'])} became {_number(each['new'])}"
        why = ", ".join(reason.replace("_", " ") for reason in each["reasons"])
        text = f"{change} ({why})" if why else change
        yield Event("restated", _day(each["recorded_at"]), text, _shown(each["period"]))
    whole = (each for each in document["series"] if not each["slice"])
    for point in (point for series in whole for point in series["points"]):
        yield from _definitions(point)


def _definitions(point: Mapping[str, Any]) -> Iterator[Event]:
    if point["definition_changed"]:
        text = f"computed by another definition from here on ({point['definition_version']})"
        yield Event("definition", _day(point["recorded_at"]), text, _shown(point["period"]))


def _shown(period: str | None) -> str:
    return period or ""


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"


def _day(instant: Any) -> str:
    return "" if instant is None else f"{instant:%Y-%m-%d %H:%M}"

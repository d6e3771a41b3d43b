"""What is remembered of a KPI: restated values, changed definitions, what plugins tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import attrs

from kpisdk import KpisdkError, UsageError, Workspace
from kpisdk.reporting import Event
from kpisdk_web.errors import HistoryMissingError
from kpisdk_web.hookspecs import EVENTS

EventTeller: TypeAlias = Callable[[Workspace, str], Iterable[Event]]
"""From a workspace and the id of a KPI to its events."""


@attrs.frozen
class Memory:
    """Where pages look for what is remembered.

    Attributes:
        grain: the periods of the trends, whose records are looked for first.
        store: what ``workspace.history`` reads; ``None``: that of the settings.
    """

    grain: str = "month"
    store: str | None = None


def checked(workspace: Workspace, memory: Memory) -> Memory:
    """The memory, if what it names can be asked; nothing is checked where it names no store.

    Args:
        workspace: where the KPIs and the plugins are.
        memory: where pages shall look.

    Raises:
        HistoryMissingError: a store is named, and nothing is installed that reads it.
        KpisdkError: there is no such store, or it cannot be read.
    """
    if memory.store is None:
        return memory
    history = getattr(workspace, "history", None)
    if history is None:
        raise HistoryMissingError(memory.store)
    for kpi_id in workspace.registry.kpis:
        try:
            history(kpi_id, store=memory.store)
        except UsageError as error:
            # What names no KPI is about the store. Of this KPI perhaps nothing was recorded.
            if kpi_id not in error.message:
                raise
        break
    return memory


def events_of(workspace: Workspace, kpi_id: str, memory: Memory | None = None) -> tuple[Event, ...]:
    """The events of a KPI, newest first; none where no plugin remembers anything.

    Restatements and changes of definition are those of ``workspace.history``, which kpisdk-history
    brings, where its store has any; others come by the hook ``kpisdk_web_events``. A store or a
    plugin that fails is an event that says so: without one, a page would claim that there is none.

    Args:
        workspace: where the KPI, its store and the plugins are.
        kpi_id: the KPI.
        memory: where to look; by default in the store of the settings, for months first.
    """
    found = [*_recorded(workspace, kpi_id, memory or Memory())]
    for extension in workspace.extensions(EVENTS):
        for told in extension.records:
            try:
                found += told(workspace, kpi_id)
            except KpisdkError as error:
                found.append(Event(f"{extension.plugin} failed", "", str(error)))
    return tuple(sorted(found, key=lambda event: event.at, reverse=True))


def _recorded(workspace: Workspace, kpi_id: str, memory: Memory) -> Iterator[Event]:
    history = getattr(workspace, "history", None)
    if history is None:
        return
    store = {} if memory.store is None else {"store": memory.store}
    try:
        document = _document(history, kpi_id, memory.grain, store)
    except UsageError:
        return  # there is no store, or nothing of this KPI in it: there is nothing to tell
    except KpisdkError as error:
        yield Event("history failed", "", error.message)
        return
    for each in document["restatements"]:
        change = f"{_number(each['old'])} became {_number(each['new'])}"
        why = ", ".join(reason.replace("_", " ") for reason in each["reasons"])
        text = f"{change} ({why})" if why else change
        yield Event("restated", _day(each["recorded_at"]), text, _shown(each["period"]))
    whole = (each for each in document["series"] if not each["slice"])
    for point in (point for series in whole for point in series["points"]):
        yield from _definitions(point)


def _document(
    history: Callable[..., Any], kpi_id: str, grain: str, store: Mapping[str, str]
) -> Mapping[str, Any]:
    try:
        found = history(kpi_id, grain=grain, **store)
    except UsageError:
        found = history(kpi_id, **store)  # recorded by other periods, or as a whole
    document: Mapping[str, Any] = found.to_dict()
    return document


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

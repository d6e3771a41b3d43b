"""The alerts of a KPI, as its page lists them."""

from __future__ import annotations

from collections.abc import Iterator

from kpisdk import Workspace
from kpisdk.reporting import Event, instant
from kpisdk_history.alerts.listing import listed_alerts
from kpisdk_history.alerts.states import ACKNOWLEDGED, CLEARED
from kpisdk_history.recording import store_of


def alert_events(workspace: Workspace, kpi_id: str) -> Iterator[Event]:
    """An event for each alert on a KPI that is open, acknowledged or was cleared.

    What was restated or defined otherwise is told by the KPI's history. A store that is not there
    yet has nothing to tell.

    Args:
        workspace: whose settings name the store.
        kpi_id: the KPI.

    Raises:
        StoreError: the store cannot be read.
    """
    store = store_of(workspace.settings)
    if not store.is_there():
        return
    with store.reading() as reading:
        found = listed_alerts(reading, workspace.now())
    for each in found.alerts:
        change = each.change
        if change.kpi_id != kpi_id or not change.kinds or each.state not in _SHOWN:
            continue
        cells = each.cells()
        until = f" until {cells['until']}" if each.state == ACKNOWLEDGED else ""
        where = f", {cells['slice']}" if cells["slice"] else ""
        text = f"{each.state}{until}: {cells['about']}, {change.shown_value}{where}; {cells['why']}"
        at = "" if each.at is None else instant(each.at)
        yield Event("alert", at, f"{text} [{change.alert}]", change.window or "")


_SHOWN = ("open", ACKNOWLEDGED, CLEARED)

"""An alert of kpisdk-history stands on the KPI's page that kpisdk-web makes."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from kpisdk import Column, Dataset, Kpi, Ratio, Settings, Trailing, Workspace, count, hookimpl
from kpisdk.reporting import Event
from kpisdk_web.remembered import events_of

ORDERS = Dataset(
    "orders", (Column("placed_at", "timestamp"), Column("on_time", "bool")), time="placed_at"
)


class Shop:
    """A plugin of one KPI, of which one order of four was on time."""

    @hookimpl
    def kpisdk_kpis(self):
        return [
            Kpi(
                id="SHOP-901",
                name="On-time Rate",
                workstream="shop",
                definition="Share of orders that were ready in time.",
                formula="orders in time / orders",
                calculation=Ratio(count(ORDERS, ORDERS["on_time"].is_true()), count(ORDERS)),
                unit="ratio",
                target=0.9,
                warning=0.8,
                critical=0.5,
                window=Trailing(7),
            )
        ]


def test_an_open_alert_is_an_event_of_the_page(tmp_path):
    """With its state, its kind, the value and why; the record's own hook brings it."""
    frame = pd.DataFrame(
        {
            "placed_at": pd.to_datetime(["2026-03-01 12:00"] * 4),
            "on_time": [True, False, False, False],
        }
    )
    rules = {"late": {"kpis": ["SHOP-901"], "after": 1}}
    own = {"store": str(tmp_path / "h.sqlite"), "alerts": rules}
    workspace = Workspace(
        {"orders": frame},
        settings=Settings(plugins={"history": own}),
        plugins=[Shop()],
        clock=lambda: datetime(2026, 3, 2, 6, tzinfo=UTC),
    )
    assert events_of(workspace, "SHOP-901") == ()

    workspace.record("SHOP-901", as_of="2026-03-02")

    assert events_of(workspace, "SHOP-901") == (
        Event(
            "alert",
            "2026-03-02 06:00",
            "open: critical, 0.250; the critical bound is 0.500. [late]",
            "last 7 days",
        ),
    )

"""Helper views of KPIs whose default window leaves time for what follows."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kpisdk import Column, Dataset, Ratio, ViewColumn, count

FOLLOWED = Dataset("core_followed", (Column("at", "timestamp"), Column("done", "bool")), time="at")


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_a_view_holds_the_window_that_is_computed(source_on, opened, make, engine):
    """Moved back in the view as in the tables; without a view the number is the same."""
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)  # a view goes by the engine's clock
    rows = [
        {"at": now - dt.timedelta(days=days), "done": done}
        for days, done in ((1, True), (20, True), (20, False), (39, True), (60, False))
    ]
    kpi = make(
        Ratio(count(FOLLOWED, FOLLOWED["done"].is_true()), count(FOLLOWED)),
        unit="ratio",
        follow_up=10,
        clock=True,
        view=ViewColumn("v_core_followed", "followed"),
    )
    source = source_on(engine, {"core_followed": pd.DataFrame(rows)}, [FOLLOWED])
    workspace = opened(source, kpi, clock=lambda: dt.datetime.now(dt.UTC))

    workspace.views.create()
    (read,), (computed,) = (workspace.compute(kpi.id, use_views=each) for each in (True, False))

    # Rows of 20 and 39 days lie within 11 to 41 days.
    assert (computed.numerator, computed.denominator) == (2, 3)
    assert (read.value, read.answered_by) == (computed.value, "view v_core_followed")

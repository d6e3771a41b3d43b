"""The on-time rate: worked out by hand, on every engine."""

import datetime as dt

import pandas as pd
import pytest

from kpisdk import Workspace
from kpisdk.testing import ENGINES, close
from kpisdk_bakery import plugin
from kpisdk_bakery.datasets import ORDERS

ROWS = (
    (1, "market", False),  # more than seven days before the newest row: outside
    (9, "market", True),
    (10, "market", True),
    (11, "market", False),
    (12, "station", True),
    (13, "station", None),  # not known: counts neither above nor below the line
)
"""Orders: day of March, branch, whether on time."""


@pytest.fixture
def compute(source_on):
    """``compute(engine, rows, **question)``: what the KPI says of these orders."""

    def ask(engine, rows, **question):
        days, branches, known = zip(*rows, strict=True)
        orders = pd.DataFrame(
            {
                "placed_at": [dt.datetime(2026, 3, day, 12) for day in days],
                "branch": branches,
                "on_time": pd.array(known, dtype="boolean"),
            }
        )
        source = source_on(engine, {"bakery_orders": orders}, [ORDERS])
        # Handed over as an object, the plugin need not be installed to be tested.
        workspace = Workspace(source, plugins=[plugin], cache="off")
        return workspace.compute("BAKERY-001", **question)

    return ask


@pytest.mark.parametrize("engine", ENGINES)
def test_late_orders_of_the_last_seven_days_lower_the_rate(compute, engine):
    """3 of the 4 known orders were on time: 0.75, between critical (0.7) and target (0.9)."""
    (result,) = compute(engine, ROWS)

    assert close(result.value, 0.75)
    assert (result.numerator, result.denominator) == (3, 4)
    assert result.status.value == "warning"


@pytest.mark.parametrize("engine", ENGINES)
def test_every_branch_is_judged_by_itself(compute, engine):
    """Market has 2 of 3, station 1 of 1."""
    found = {result.slice["branch"]: result for result in compute(engine, ROWS, by=["branch"])}

    assert close(found["market"].value, 2 / 3)
    assert found["market"].status.value == "critical"
    assert found["station"].status.value == "good"


def test_without_a_known_order_there_is_no_rate(compute):
    """Nothing below the line gives no number, and never a zero."""
    (result,) = compute("frames", [(13, "station", None)])

    assert result.value is None
    assert result.reason.value == "zero_denominator"

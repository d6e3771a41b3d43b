"""One set of KPIs on all six engines: the numbers agree with plain Python to 1e-9."""

from __future__ import annotations

import datetime as dt
import math
import random
import statistics

import pytest

from kpisdk import (
    Column,
    Derived,
    Lift,
    LogicalType,
    Mean,
    Median,
    Ratio,
    Simple,
    WindowUse,
    count,
    count_distinct,
    quantile,
)
from kpisdk.testing import ENGINES

START = dt.datetime(2025, 5, 31, 12)
END = dt.datetime(2025, 6, 30, 12)
TICK = dt.timedelta(microseconds=1)
EDGES = (START, START - TICK, END, END - TICK, dt.datetime(2031, 1, 1))
SITES = ("a", "A", "x'; DROP TABLE core_visits; --", "日本 ñ", None)


def visits_of(seed: int, size: int = 150) -> list[dict]:
    """Random visits with holes, duplicates, edges and a future."""
    pick = random.Random(seed)
    rows = []
    for i in range(size):
        at = EDGES[i] if i < len(EDGES) else END - dt.timedelta(seconds=pick.randrange(60 * 86_400))
        rows.append(
            {
                "visit_id": f"0{i}",
                "at": None if i % 31 == 30 else at,
                "day": pick.choice([None, at.date()]),
                "site": pick.choice(SITES),
                "person": pick.choice([None, "p", "q", "r", "s"]),
                "amount": pick.choice([None, 0.0, 0.1, -2.5, 1e6, 3.75]),
                "units": pick.choice([None, 0, 3, -7, 12]),
                "done": pick.choice([None, True, False]),
                "doc": pick.choice([None, "junk", '{"k": 1.5}', '{"k": "1.5"}', "[]"]),
            }
        )
    return rows + rows[10:20]


def latest(scope):
    """Each person's visits, the newest in slice and window marked."""
    import sqlalchemy as sa

    rows = scope.rows()
    order = (rows.c["at"].desc(), scope.byte_order(rows.c.visit_id).desc())
    place = sa.func.row_number().over(
        partition_by=[rows.c.person, *scope.partition(rows)], order_by=order
    )
    return sa.select(*rows.c, place.label("place"))


@pytest.fixture(scope="module")
def kpis(visits, make):
    """A KPI for each kind of calculation."""
    amount, units, done = visits["amount"], visits["units"], visits["done"]
    newest = Derived(
        "core_latest", visits, latest, (Column("place", LogicalType.INT),), (), WindowUse.ROWS
    )
    calculations = (
        Simple(count(visits, visits["site"].same_text("A"))),
        Ratio(count(visits, done.is_true()), count(visits, done.not_null())),
        Simple(count_distinct(visits, visits["person"], units > 0)),
        Mean(visits, amount * units),
        Median(visits, amount),
        Simple(quantile(visits, visits["at"].hours_since(visits["day"]), 0.95)),
        Lift(visits, units > 0, done.is_true(), done.is_false()),
        Simple(count(newest, newest["place"].equals(1) & newest["person"].not_null())),
        Mean(visits, visits["doc"].json_number("k").or_else(amount / units)),
    )
    return tuple(make(each, f"CORE-T-{i:03d}") for i, each in enumerate(calculations))


def plain(rows: list[dict]) -> list[float | None]:
    """The same, in plain Python, over the rows of one slice and window."""

    def known(function):
        found = []
        for row in rows:
            try:
                value = function(row)
            except (TypeError, ZeroDivisionError):
                continue
            if value is not None:
                found.append(value)
        return found

    def hours(row):
        midnight = dt.datetime.combine(row["day"], dt.time())
        return (row["at"] - midnight) / dt.timedelta(hours=1)

    def number(row):
        if row["doc"] == '{"k": 1.5}':
            return 1.5
        return row["amount"] / row["units"] if row["units"] else None

    def rate(flag):
        group = [row for row in rows if row["done"] is flag]
        return sum((row["units"] or 0) > 0 for row in group) / len(group) if group else None

    times = sorted(known(hours))
    place = 0.95 * (len(times) - 1)
    low = math.floor(place)
    flags = [row["done"] for row in rows if row["done"] is not None]
    amounts = known(lambda row: row["amount"])
    control = rate(False)
    return [
        sum((row["site"] or "") in ("a", "A") for row in rows),
        sum(flags) / len(flags) if flags else None,
        len({row["person"] for row in rows if (row["units"] or 0) > 0} - {None}),
        statistics.fmean(products)
        if (products := known(lambda r: r["amount"] * r["units"]))
        else None,
        statistics.median(amounts) if amounts else None,
        times[low] + (times[min(low + 1, len(times) - 1)] - times[low]) * (place - low)
        if times
        else None,
        rate(True) / control - 1 if control and rate(True) is not None else None,
        len({row["person"] for row in rows} - {None}),
        statistics.fmean(numbers) if (numbers := known(number)) else None,
    ]


@pytest.fixture(scope="module")
def rows():
    """The visits of this module."""
    return visits_of(7)


def inside(rows, start=START, end=END):
    """The visits of a window."""
    return [row for row in rows if row["at"] is not None and start <= row["at"] < end]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_agrees_with_plain_python(
    engine, source_on, opened, table, visits, kpis, rows
):
    """Headline, filter, slices and weeks; rows on the edges, holes, duplicates and the future."""
    workspace = opened(source_on(engine, {"core_visits": table(*rows)}, [visits]), *kpis)
    ids = [kpi.id for kpi in kpis]

    def agrees(report, expected):
        found = {(r.kpi_id, r.slice.get("site"), r.period): r.value for r in report}
        for (site, period), values in expected.items():
            for kpi_id, value in zip(ids, values, strict=True):
                got = found.get((kpi_id, site, period))
                if value is None:
                    assert got is None, (kpi_id, site, period)
                else:
                    assert got == pytest.approx(value, rel=1e-9, abs=1e-9), (kpi_id, site, period)

    as_of = END.replace(tzinfo=dt.UTC)
    now = inside(rows)
    weeks = {
        f"2025-W{week}": inside(rows, start, start + dt.timedelta(days=7))
        for week in (24, 25)
        for start in [dt.datetime.fromisocalendar(2025, week, 1)]
    }

    agrees(workspace.compute(*ids, as_of=as_of), {(None, None): plain(now)})
    agrees(
        workspace.compute(*ids, as_of=as_of, where={"site": SITES[2:4]}),
        {(None, None): plain([row for row in now if row["site"] in SITES[2:4]])},
    )
    agrees(
        workspace.compute(*ids, as_of=as_of, by=["site"]),
        {(site, None): plain([row for row in now if row["site"] == site]) for site in SITES},
    )
    agrees(
        workspace.compute(*ids, as_of=as_of, grain="week"),
        {(None, period): plain(part) for period, part in weeks.items()},
    )

"""What the tests of helper views share: a plugin whose KPIs have views of every kind, and rows."""

import datetime as dt
import random

import pandas as pd
import pytest
from sqlalchemy import create_engine, pool, text

from kpisdk import (
    AsOf,
    Breakdown,
    Column,
    Dataset,
    Derived,
    Kpi,
    Mean,
    Median,
    NewestDay,
    Ratio,
    Simple,
    Trailing,
    ViewColumn,
    ViewFigure,
    Workspace,
    count,
    count_distinct,
    hookimpl,
    maximum,
    total,
)
from kpisdk.plugins import loading

HOSTILE = "100%s'; DROP TABLE visits; --"

VISITS = Dataset(
    "visits",
    (
        Column("visit_id", "text", key=True),
        Column("user_id", "text"),
        Column("site", "text"),
        Column("at", "timestamp"),
        Column("day", "date"),
        Column("ok", "bool"),
        Column("minutes", "float"),
        Column("weight", "int"),
    ),
    time="at",
)
BY_DAY = VISITS.timed_by("day")
TIMELESS = VISITS.only("visit_id", "user_id", "site", "minutes")


def _users(scope):
    from sqlalchemy import func, select

    rows = scope.rows()
    slices = scope.partition(rows)
    spent = func.sum(rows.c.minutes).label("spent")
    return select(*slices, rows.c.user_id, spent).group_by(*slices, rows.c.user_id)


USERS = Derived(
    "users", TIMELESS, _users, (Column("user_id", "text"), Column("spent", "float")), grouped=True
)


def _aged(scope):
    from sqlalchemy import select

    rows = scope.rows()
    is_old = scope.before(rows.c.at, scope.as_of - dt.timedelta(days=3))
    return select(*rows.c, is_old.label("is_old"))


AGED = Derived("aged", VISITS, _aged, (Column("is_old", "bool"),))

_ok = VISITS["ok"]
_site = Breakdown(("site",))


def a_kpi(number, calculation, window, view, **facts):
    return Kpi(
        id=f"FK-{number:03}",
        name=f"Fake {number}",
        workstream="fake",
        definition="A fake.",
        formula="fake",
        calculation=calculation,
        unit="ratio",
        window=window,
        view=view,
        slug=f"fake_{number}",
        **facts,
    )


def the_kpis():
    """A share, users, a median, newest days, no window, a date, a constant, and the instant."""
    _distinct = Simple(count_distinct(VISITS, VISITS["user_id"]))
    known = VISITS["minutes"].not_null() & VISITS["weight"].not_null()
    daily = Ratio(
        total(BY_DAY, BY_DAY["minutes"] * BY_DAY["weight"]),
        total(BY_DAY, BY_DAY["weight"], known),
        count(BY_DAY, known),
    )
    month = Breakdown(("site",), month="month", whole=True)
    return (
        a_kpi(
            1,
            Ratio(count(VISITS, _ok.is_true()), count(VISITS, _ok.not_null())),
            Trailing(30),
            ViewColumn("v_kpi_share", "share", breakdowns=(_site,)),
        ),
        a_kpi(
            2,
            _distinct,
            Trailing(30),
            ViewColumn(
                "v_kpi_users",
                "mau",
                beside=(ViewFigure("dau", ("value",), window=Trailing(1)),),
            ),
            clock=True,
        ),
        a_kpi(3, _distinct, Trailing(7), ViewColumn("v_kpi_users", "wau"), clock=True),
        a_kpi(
            4,
            Median(VISITS, VISITS["minutes"]),
            Trailing(30),
            ViewColumn("v_kpi_median", "median_hours", factor=60.0, breakdowns=(_site,)),
        ),
        a_kpi(5, daily, NewestDay(), ViewColumn("v_kpi_newest", "weighted", breakdowns=(_site,))),
        a_kpi(
            6,
            Simple(maximum(VISITS, VISITS["minutes"])),
            NewestDay(),
            ViewColumn("v_kpi_newest_instant", "longest"),
        ),
        a_kpi(7, Mean(USERS, USERS["spent"]), None, ViewColumn("v_kpi_spent", "avg_spent")),
        a_kpi(
            8,
            Simple(count(BY_DAY, BY_DAY["ok"].is_true())),
            Trailing(90),
            ViewColumn("v_kpi_months", "good", breakdowns=(_site, month)),
        ),
        a_kpi(
            9,
            Simple(count(VISITS, VISITS["site"].equals(HOSTILE))),
            Trailing(30),
            ViewColumn("v_kpi_hostile", "hostile"),
        ),
        a_kpi(
            10,
            Simple(count(AGED, AGED["is_old"].is_true())),
            Trailing(30),
            ViewColumn("v_kpi_as_of", "older"),
        ),
        a_kpi(
            11,
            Simple(count(VISITS, AsOf().days_since(VISITS["at"]) > 3.0)),
            Trailing(30),
            ViewColumn("v_kpi_ages", "older"),
        ),
    )


class Fake:
    name = "fake"
    __version__ = "1"

    def __init__(self, kpis=None):
        self.kpis = kpis

    @hookimpl
    def kpisdk_kpis(self):
        return the_kpis() if self.kpis is None else self.kpis


def the_rows(now, seed=1, rows=400):
    """Visits of the last 120 days with holes; one an hour from now on, and none close to an edge.

    The windows of a moment later then hold the same rows.
    """
    pick = random.Random(seed)
    made = []
    for number in range(rows):
        # 17 minutes past an hour before now: at least that far from every window's edge.
        at = now - dt.timedelta(hours=pick.randrange(120 * 24), minutes=17)
        if number == 0:
            at = now + dt.timedelta(hours=5)
        made.append(
            {
                "visit_id": f"V{number}",
                "user_id": pick.choice([*(f"U{k}" for k in range(40)), None]),
                "site": pick.choice(["north", "south", HOSTILE, None]),
                "at": None if number % 71 == 70 else at.replace(tzinfo=None),
                "day": None if number % 67 == 66 else at.date(),
                "ok": pick.choice([True, False, None]),
                "minutes": pick.choice([None, 1.5, 20.0, 45.25, 90.0]),
                "weight": pick.choice([None, 1, 2, 5]),
            }
        )
    return made


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """No installed plugin takes part: the tests bring their own."""
    monkeypatch.setattr(loading, "installed_points", tuple)


@pytest.fixture
def now():
    return dt.datetime.now(dt.UTC)


@pytest.fixture
def visits(now):
    """Rows of the table, as records."""
    return the_rows(now)


@pytest.fixture
def made(source_on, visits):
    """``made(engine)``: a workspace on the rows, and the location of its source."""

    def make(engine, kpis=None, rows=None):
        frame = pd.DataFrame(visits if rows is None else rows)
        location = source_on(engine, {"visits": frame}, [VISITS])
        return Workspace(location, plugins=[Fake(kpis)], cache="off"), location

    return make


@pytest.fixture
def fake():
    """``fake(kpis)``: a plugin of those KPIs, by default all of them."""
    return Fake


@pytest.fixture
def run_sql():
    """``run_sql(location, sql)``: what another tool would read or do, in a session of its own."""

    def run(location, sql):
        engine = create_engine(location, poolclass=pool.NullPool)
        with engine.begin() as connection:
            result = connection.execute(text(sql))
            rows = [dict(row) for row in result.mappings()] if result.returns_rows else []
        engine.dispose()
        return rows

    return run

"""Forty days of the demo's data, recorded day by day on SQLite and PostgreSQL.

Rows come in late on day 12, a definition changes on day 20, the source is away on day 25. What is
expected is counted in the tables by statements of their own.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from kpisdk import Column, Dataset, Kpi, Ratio, Settings, Trailing, Workspace, count, hookimpl
from kpisdk.testing.databases import temporary_database
from kpisdk_demo import write_duckdb
from kpisdk_history import Store, history, record
from kpisdk_ws2_triggers.datasets import TRIGGERS

BEGINS = date(2026, 1, 1)
DAYS = 40
LATE, CHANGED, AWAY = 12, 20, 25

ACCEPTED = TRIGGERS["acceptance_status"]
SWITCHES = Dataset(
    "story_switches", (Column("set_at", "timestamp"), Column("good", "bool")), time="set_at"
)


def acceptance(*, strict: bool) -> Kpi:
    """The share of triggers that were accepted: of those decided, or strictly of all."""
    whole = count(TRIGGERS) if strict else count(TRIGGERS, ACCEPTED.not_null())
    return Kpi(
        id="STORY-001",
        name="Acceptance",
        workstream="story",
        definition="Share of triggers that were accepted.",
        formula="accepted triggers / triggers",
        calculation=Ratio(count(TRIGGERS, ACCEPTED.equals("accepted")), whole),
        unit="ratio",
        target=0.5,
        warning=0.3,
        critical=0.01,
        window=Trailing(7),
    )


FLAPPING = Kpi(
    id="STORY-002",
    name="Flapping",
    workstream="story",
    definition="Whether the switch of the day is good.",
    formula="good switches / switches",
    calculation=Ratio(count(SWITCHES, SWITCHES["good"].is_true()), count(SWITCHES)),
    unit="ratio",
    target=0.9,
    warning=0.8,
    critical=0.5,
    window=Trailing(1),
)


class Story:
    """The plugin of the story: its KPIs, of which one is defined otherwise from a day on."""

    strict = False

    @hookimpl
    def kpisdk_kpis(self):
        return [acceptance(strict=self.strict), FLAPPING]


class Life:
    """The demo's data, of which each day sees what lies before its end."""

    def __init__(self, folder, store, settings=None):
        self.file, self.store, self.plugin = folder / "demo.duckdb", store, Story()
        self.settings = settings or Settings()
        end = datetime.combine(BEGINS + timedelta(days=DAYS), datetime.min.time())
        write_duckdb(self.file, scale=0.05, seed=7, end=end)
        self.run_sql("CREATE TABLE story_switches (set_at TIMESTAMP, good BOOLEAN)")
        self.made = []
        self.day = 0

    def run_sql(self, statement):
        """Run a statement on the data, and give its rows."""
        with duckdb.connect(str(self.file)) as connection:
            return connection.execute(statement).fetchall()

    @property
    def midnight(self):
        """The end of the day that is lived."""
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=self.day)

    def live(self):
        """Live all days, and record the last ten of each in the night after it."""
        for self.day in range(1, DAYS + 1):
            self.happen()
            workspace = Workspace(
                str(self.file),
                settings=self.settings,
                plugins=[self.plugin],
                clock=lambda: self.midnight + timedelta(hours=3),
                cache="off",
            )
            asked = {"as_of": self.midnight, "store": self.store, "run_key": f"day {self.day}"}
            trend = record(workspace, "STORY-001", grain="day", window="last 7 days", **asked)
            flap = record(workspace, "STORY-002", **asked)
            self.made.append((trend, flap))
            self.recorded(workspace)
        return self

    def happen(self):
        """What the story tells of the day before it is recorded."""
        noon = self.midnight - timedelta(hours=12)
        if self.day == AWAY:
            self.file.rename(self.file.with_suffix(".away"))
            return
        if self.day == AWAY + 1:
            self.file.with_suffix(".away").rename(self.file)
        good = self.day < 28 or self.day % 2 == 0
        self.run_sql(
            f"INSERT INTO story_switches VALUES (TIMESTAMP '{noon:%Y-%m-%d %H:%M}', {good})"
        )
        if self.day == LATE:
            day = f"{noon - timedelta(days=4):%Y-%m-%d %H:%M}"
            self.run_sql(
                "INSERT INTO triggers (trigger_id, trigger_timestamp, acceptance_status) "
                f"SELECT 'late ' || i, TIMESTAMP '{day}', 'accepted' FROM range(3) t(i)"
            )
        if self.day == CHANGED:
            self.plugin.strict = True

    def recorded(self, workspace):
        """What is done after a day was recorded; alerts are delivered here."""

    def shares(self, first, last):
        """Accepted triggers of the decided ones, and of all, day by day, counted by hand."""
        rows = self.run_sql(
            "SELECT trigger_timestamp::DATE, count(*) FILTER (acceptance_status = 'accepted'), "
            "count(acceptance_status), count(*) FROM triggers WHERE trigger_timestamp::DATE "
            f"BETWEEN DATE '{first}' AND DATE '{last}' GROUP BY 1 ORDER BY 1"
        )
        return {f"{day}": (accepted, decided, every) for day, accepted, decided, every in rows}


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def life(request, tmp_path_factory):
    """The story, lived once on each kind of store."""
    folder = tmp_path_factory.mktemp(request.param)
    with ExitStack() as stack:
        place = folder / "history.sqlite"
        if request.param == "postgresql":
            server = request.getfixturevalue("postgresql_server")
            place = stack.enter_context(temporary_database(server))
        yield Life(folder, Store.at(place)).live()


def test_forty_days_are_recorded_and_every_restatement_is_the_one_that_happened(life):
    """Late rows move one day, a definition moves the days it moves, an outage moves none."""
    late = BEGINS + timedelta(days=LATE - 5)
    (accepted, decided, _) = life.shares(late, late)[f"{late}"]
    moved = life.shares(BEGINS + timedelta(days=CHANGED - 7), BEGINS + timedelta(days=CHANGED - 2))
    expected = [
        (f"{late}", (accepted - 3) / (decided - 3), accepted / decided, ("late_rows",)),
        *(
            (day, one / some, one / every, ("definition", "late_rows"))
            for day, (one, some, every) in moved.items()
            if abs(one / some - one / every) > 1e-9
        ),
    ]

    workspace = Workspace(str(life.file), settings=Settings(), plugins=[life.plugin])
    found = history(workspace, "STORY-001", store=life.store)

    told = [
        (each.period, each.restatement.old, each.restatement.new, each.restatement.reasons)
        for each in found.restatements
    ]
    assert [each[0] for each in told] == [each[0] for each in expected]
    for seen, wanted in zip(told, expected, strict=True):
        assert seen[1:3] == pytest.approx(wanted[1:3])
        assert seen[3] == wanted[3]
    assert len(expected) > 3
    assert all(made.is_new for pair in life.made for made in pair)


def test_the_history_tells_the_outage_the_definition_and_what_was_known(life):
    """A day without a record is missing, and what was known on day 10 is what was told then."""
    workspace = Workspace(str(life.file), settings=Settings(), plugins=[life.plugin])

    trend = history(workspace, "STORY-001", store=life.store, since="2026-01-02")
    flapping = history(workspace, "STORY-002", store=life.store)
    then = history(workspace, "STORY-001", store=life.store, known_at="2026-01-11T04:00Z")

    night = datetime(2026, 1, 1, 3, tzinfo=UTC) + timedelta(days=AWAY)
    assert trend.outages == flapping.outages == (night,)
    missing = [point.period for point in flapping.series[0].points if point.is_missing]
    assert missing == [f"{BEGINS + timedelta(days=AWAY - 1)}"]
    changes = [point.period for point in trend.series[0].points if point.definition_changed]
    assert changes == [f"{BEGINS + timedelta(days=CHANGED - 7)}"]
    late = f"{BEGINS + timedelta(days=LATE - 5)}"
    known = {point.period: point for point in then.series[0].points}
    now = {point.period: point for point in trend.series[0].points}
    assert known[late].value == now[late].first
    assert known[late].value != now[late].value
    assert (known[late].restated, now[late].restated) == (0, 1)

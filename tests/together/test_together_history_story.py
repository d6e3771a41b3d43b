"""Forty days of the demo's data, recorded day by day on SQLite and PostgreSQL.

Rows come in late on day 12, a definition changes on day 20, the source is away on day 25, and
from day 28 on a KPI flaps. A webhook is told of all that, and fails twice. What is expected is
counted in the tables by statements of their own.
"""

from __future__ import annotations

import json
import re
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

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


RULES = {
    "moved": {"kpis": ["STORY-001"], "on": ["restated"]},
    "redefined": {"kpis": ["STORY-001", "STORY-002"], "on": ["changed"]},
    "away": {"workstream": "story", "on": ["unknown"], "after": 1, "clear_after": 1},
    "flaps": {"kpis": ["STORY-002"], "after": 1, "clear_after": 2},
    "lasts": {"kpis": ["STORY-002"], "after": 2},
}
"""What is alerted; every rule tells the same webhook."""

LINE = re.compile(
    r"(?P<event>[A-Z][a-z]+) \((?P<kinds>[a-z ]+)\): (?P<kpi>STORY-\d+).* \[(?P<rule>\w+)\]"
)
"""A line of a message."""


@contextmanager
def webhook(refusals):
    """A real HTTP server on loopback that refuses the first posts: its address, and the posts."""
    left, accepted = [refusals], []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            post = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if left[0]:
                left[0] -= 1
                self.send_error(500)
                return
            accepted.append(post)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Say nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
    try:
        yield f"json://127.0.0.1:{server.server_port}/s3cret", accepted
    finally:
        server.shutdown()
        server.server_close()


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
        self.made, self.known = [], []
        self.posts = []
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
            self.known.append(self.decided())
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

    def decided(self):
        """Whether the day that is over has a trigger to judge it by; nobody knows on an outage."""
        if self.day == AWAY:
            return None
        day = self.midnight - timedelta(days=1)
        counted = "count(*)" if self.plugin.strict else "count(acceptance_status)"
        ((many,),) = self.run_sql(
            f"SELECT {counted} FROM triggers WHERE trigger_timestamp::DATE = DATE '{day:%Y-%m-%d}'"
        )
        return many > 0

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
        address, accepted = stack.enter_context(webhook(refusals=2))
        rules = {name: {**rule, "notify": [address]} for name, rule in RULES.items()}
        settings = Settings(plugins={"history": {"alerts": rules}})
        lived = Life(folder, Store.at(place), settings)
        lived.posts = accepted
        yield lived.live()


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


def away(known, kpi):
    """What the rule on unknown ones tells of a KPI: the outage, and days that nobody can judge.

    The switch is set every day; a day without triggers has no share of accepted ones.
    """
    told, is_open = [], False
    for day, decided in enumerate(known, 1):
        is_unknown = decided is None or (kpi == "STORY-001" and not decided)
        if is_unknown != is_open:
            told.append(
                (f"day {day}", "Opened" if is_unknown else "Cleared", "unknown", kpi, "away")
            )
            is_open = is_unknown
    return told


def test_the_webhook_is_told_exactly_what_happened_and_each_of_it_once(life):
    """Late rows, a definition, an outage and a flapping KPI; the first two posts were refused.

    The flapping KPI is bad on every odd day from 29 on: never twice in a row, so that the rule with
    two runs tells nothing, and never good twice, so that the other one opens once and stays open.
    """
    expected = [
        (f"day {LATE}", "Told", "restated", "STORY-001", "moved"),
        (f"day {CHANGED}", "Told", "restated", "STORY-001", "moved"),
        (f"day {CHANGED}", "Told", "changed", "STORY-001", "redefined"),
        ("day 29", "Opened", "critical", "STORY-002", "flaps"),
        *away(life.known, "STORY-001"),
        *away(life.known, "STORY-002"),
    ]

    told = []
    for post in life.posts:
        head, _, *lines = post["message"].splitlines()
        (key,) = re.findall(r"^Run (day \d+) of ", head)
        told += [
            (key, *LINE.fullmatch(line).group("event", "kinds", "kpi", "rule")) for line in lines
        ]
    assert sorted(told) == sorted(expected)
    assert ("day 25", "Opened", "unknown", "STORY-002", "away") in expected
    days = [int(key.removeprefix("day ")) for key, *_ in told]
    assert days == sorted(days)


def test_what_the_webhook_refused_was_sent_in_the_nights_after(life):
    """Every run says what became of its messages, and is recorded whatever that is."""
    failed = [
        (made.run.key, len(made.delivery.failures))
        for pair in life.made
        for made in pair
        if made.delivery.failures
    ]
    sent = sum(made.delivery.sent for pair in life.made for made in pair)

    assert [many for _, many in failed] == [1, 1]
    assert sent == len(life.posts)
    assert life.made[-1][-1].delivery.waiting == 0
    assert all("s3cret" not in note.message for pair in life.made for m in pair for note in m.notes)

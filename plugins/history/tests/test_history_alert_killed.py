"""A process that is killed while it judges or delivers: nothing is lost, and nothing is doubled.

But for the one gap that cannot be closed from here: a receiver took the message, and the process
died before that was noted. Then it goes once more, and says so.
"""

import os
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kpisdk import hookimpl
from kpisdk_history import AlertChannel
from kpisdk_history.alerts.channels import Channels
from kpisdk_history.alerts.delivering import Courier
from kpisdk_history.recording import record
from kpisdk_history.settings import history_settings
from kpisdk_history.store.tables import ALERT_STATES, ALERTS, OUTBOX

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here")


class Ledger:
    """A plugin whose receiver writes down what it accepts, so that a killed process shows it."""

    def __init__(self, file):
        self.file = file

    @hookimpl
    def kpisdk_alerts(self):
        return [AlertChannel("ledger", self.accept)]

    def accept(self, _address, digest):
        """Write a line, and whether it says that it may be there already."""
        with self.file.open("a") as file:
            file.write(f"{digest.run_key} {digest.repeated}\n")

    @property
    def lines(self):
        """What was accepted."""
        return self.file.read_text().splitlines() if self.file.exists() else []


@pytest.fixture
def watched(bakery):
    """The bakery with late orders, and a rule that tells the ledger of every change at once."""
    bakery.run_sql("UPDATE orders SET on_time = NOT on_time")
    bakery.alerts = {
        "late": {
            "kpis": ["BAKERY-001"],
            "after": 1,
            "clear_after": 1,
            "notify": ["ledger://x"],
        }
    }
    bakery.ledger = Ledger(bakery.folder / "ledger.txt")
    bakery.plugins = (bakery.ledger,)
    return bakery


def recorded(bakery, report, key):
    """Record a report that was computed before: no source is read in the forked process."""
    workspace = bakery.workspace()
    return record(workspace, "BAKERY-001", store=bakery.store, run_key=key, compute=lambda: report)


def delivered(bakery):
    """Deliver what waits."""
    workspace = bakery.workspace()
    rules = history_settings(workspace.settings).alerts
    channels = Channels.of(workspace)
    return Courier(bakery.store, rules, channels, workspace.settings, workspace.now).deliver(
        early=True
    )


def kept(bakery):
    """Runs by key, what happened to alerts in each, states, and the runs of messages."""
    with bakery.store.writing() as writing:
        runs = {run.id: run.key for run in writing.runs()}
        ask = writing.connection.execute
        events = [
            (runs.get(run_id), event)
            for run_id, event in ask(
                sa.select(ALERTS.c.run_id, ALERTS.c.event).order_by(ALERTS.c.id)
            )
        ]
        states = ask(sa.select(ALERT_STATES.c.firing, ALERT_STATES.c.is_open)).all()
        posts = ask(sa.select(OUTBOX.c.run_id).order_by(OUTBOX.c.id)).scalars()
        return events, [tuple(each) for each in states], [runs.get(each) for each in posts]


def test_alerts_are_judged_with_their_run_or_not_at_all(watched, killing):
    """Killed before each statement of record in turn, then recorded: each alert is there once.

    The KPI is critical and good by turns, so that every run opens or clears the alert.
    """
    bad = watched.workspace().compute("BAKERY-001")
    watched.run_sql("UPDATE orders SET on_time = NOT on_time")
    good = watched.workspace().compute("BAKERY-001")
    reports, names = (bad, good), ("opened", "cleared")
    recorded(watched, bad, "0")
    with killing.Statements() as dry:
        recorded(watched, good, "1")
    expected = [("0", "opened"), ("1", "cleared")]
    assert dry.seen > 15

    for fatal in range(dry.seen):
        key, turn = str(fatal + 2), fatal % 2
        watched.wait(hours=1)
        before = kept(watched)
        assert killing.before(fatal, recorded, watched, reports[turn], key)
        if any(post == key for post in kept(watched)[2]):
            # It died behind the transaction of the run: all of it is there.
            assert not recorded(watched, reports[turn], key).is_new
        else:
            assert kept(watched) == before
            assert recorded(watched, reports[turn], key).is_new
        expected.append((key, names[turn]))
        events, states, posts = kept(watched)
        assert events == expected
        assert states == [(1 - turn, not turn)]
        assert posts == [each for each, _ in expected]

    watched.wait(hours=1)
    delivered(watched)
    seen = [line.split()[0] for line in watched.ledger.lines]
    assert set(seen) == {key for key, _ in expected}
    twice = {key for key in seen if seen.count(key) > 1}
    assert {f"{key} True" for key in twice} <= set(watched.ledger.lines)


def test_a_killed_delivery_loses_nothing_and_repeats_only_what_it_could_not_note(watched, killing):
    """Killed before each statement of a delivery in turn; the next one is an hour later.

    The statements before the message is sent lose nothing. Those after it, up to the commit that
    ticks it off, leave a message that goes once more and says so.
    """
    report = watched.workspace().compute("BAKERY-001")
    seen = {}
    for fatal in range(100):
        watched.wait(hours=1)
        with watched.store.writing() as writing:
            writing.connection.execute(sa.delete(OUTBOX))
            writing.connection.execute(sa.delete(ALERT_STATES))
        refused(watched, report, str(fatal))
        watched.ledger.file.unlink(missing_ok=True)
        is_dead = killing.before(fatal, delivered, watched)
        sent_before = len(watched.ledger.lines)
        watched.wait(hours=1)
        delivered(watched)
        seen[fatal] = (sent_before, watched.ledger.lines)
        if not is_dead:
            break

    assert len(seen) > 8
    for key, (sent_before, lines) in seen.items():
        one, again = [f"{key} False"], [f"{key} False", f"{key} True"]
        assert lines in (one, again, [f"{key} True"])
        assert len(lines) == 1 or sent_before == 1
    assert seen[max(seen)] == (1, [f"{max(seen)} False"])
    repeated = [key for key, (_, lines) in seen.items() if len(lines) == 2]
    assert repeated
    assert len(repeated) < len(seen) / 2


def refused(bakery, report, key):
    """Record a run whose message waits: its receiver refuses it at first."""
    file, bakery.ledger.file = bakery.ledger.file, bakery.folder / "nowhere" / "ledger.txt"
    try:
        made = recorded(bakery, report, key)
    finally:
        bakery.ledger.file = file
    assert made.delivery.waiting == 1


def test_a_message_that_somebody_died_over_waits_until_its_claim_ran_out(watched):
    """Five minutes: whoever claimed it may be alive."""

    class Killed(BaseException):
        pass

    def die(*_arguments):
        raise Killed

    report = watched.workspace().compute("BAKERY-001")
    watched.ledger.accept, plain = die, watched.ledger.accept
    with pytest.raises(Killed):
        recorded(watched, report, "a")
    watched.ledger.accept = plain

    watched.now += timedelta(minutes=4, seconds=59)
    assert delivered(watched).sent == 0
    watched.now += timedelta(seconds=1)
    assert delivered(watched).sent == 1
    assert watched.ledger.lines == ["a True"]

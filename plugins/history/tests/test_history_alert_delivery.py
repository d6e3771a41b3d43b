"""Messages go out once: dead receivers, retries, claims, other plugins' channels, no secrets."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from kpisdk import KpisdkError, Settings, hookimpl
from kpisdk_history import AlertChannel, Digest
from kpisdk_history.alerts import delivering
from kpisdk_history.alerts.channels import Channels
from kpisdk_history.alerts.outbox import claim, due, pause
from kpisdk_history.alerts.sending import send
from kpisdk_history.errors import StoreFullError
from kpisdk_history.store import Store
from kpisdk_history.store.tables import OUTBOX

NOBODY = "json://127.0.0.1:1/s3cret-hook"


def spoiled(bakery, *targets, **rule):
    """The bakery with one order of ten on time, and a rule that alerts at once."""
    bakery.run_sql("UPDATE orders SET on_time = NOT on_time")
    bakery.alerts = {
        "late": {"kpis": ["BAKERY-001"], "after": 1, "notify": list(targets), **rule},
    }
    return bakery


def again(bakery, **time):
    """Record once more, later."""
    bakery.wait(**time or {"hours": 1})
    return bakery.record(as_of="2026-03-10")


def rows(bakery, *columns):
    """Columns of the outbox."""
    with bakery.store.reading() as reading:
        statement = sa.select(*(OUTBOX.c[name] for name in columns)).order_by(OUTBOX.c.id)
        return [tuple(row) for row in reading.connection.execute(statement)]


def test_a_message_is_delivered_after_the_run_and_once(bakery, webhook):
    """By Apprise, as plain text."""
    spoiled(bakery, webhook.address)
    first, second = again(bakery), again(bakery)

    assert (first.delivery.sent, second.delivery.sent) == (1, 0)
    (post,) = webhook.posts
    assert post["title"] == "KPI alerts: 1 opened"
    assert "Opened (critical): BAKERY-001 On-time Rate: 0.100" in post["message"]
    assert rows(bakery, "attempts", "failure") == [(1, None)]


def test_a_webhook_that_fails_twice_gets_it_once(bakery, webhook):
    """Each run tries again, and the run itself is recorded whatever happens."""
    spoiled(bakery, webhook.address)
    webhook.refusals = 2
    made = [again(bakery) for _ in range(4)]

    assert [each.delivery.sent for each in made] == [0, 0, 1, 0]
    assert [note.code for note in made[0].notes] == ["alerts_not_sent"]
    assert made[0].notes[0].message == (
        "An alert was not delivered and is kept: late, receiver 1 (json): json did not accept it "
        "(it answered 500)."
    )
    assert (webhook.refused, len(webhook.posts)) == (2, 1)
    assert all(each.is_new for each in made)


def test_a_dead_webhook_makes_no_run_fail_and_loses_nothing(bakery, webhook):
    """Messages wait in their order, and one try a round is enough for a dead receiver."""
    spoiled(bakery, NOBODY, clear_after=1)
    first = again(bakery)
    bakery.run_sql("UPDATE orders SET on_time = NOT on_time")
    second = again(bakery)

    assert (first.is_new, second.is_new) == (True, True)
    assert (len(second.delivery.failures), second.delivery.waiting) == (1, 2)
    assert rows(bakery, "attempts", "title") == [
        (2, "KPI alerts: 1 opened"),
        (0, "KPI alerts: 1 cleared"),
    ]
    bakery.alerts["late"]["notify"] = [webhook.address]
    assert again(bakery).delivery.sent == 2
    assert [post["title"] for post in webhook.posts] == [
        "KPI alerts: 1 opened",
        "KPI alerts: 1 cleared",
    ]


def test_a_dead_receiver_holds_up_nobody_else(bakery, webhook):
    """Each has a message of its own."""
    spoiled(bakery, NOBODY, webhook.address)
    made = again(bakery)

    assert (made.delivery.sent, len(made.delivery.failures)) == (1, 1)
    assert len(webhook.posts) == 1


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, 1), (2, 2), (3, 4), (8, 128), (9, 256), (10, 360), (5000, 360)]
)
def test_each_failure_doubles_the_pause_up_to_six_hours(failures, minutes):
    """A dead webhook is asked four times a day."""
    assert pause(failures) == timedelta(minutes=minutes)


def test_a_message_waits_for_its_pause_unless_the_clock_went_back(bakery):
    """A minute after the first failure; an attempt that lies years ahead is due."""
    spoiled(bakery, NOBODY)
    again(bakery)
    failed = bakery.now

    def many(moment, **how):
        with bakery.store.reading() as reading:
            return len(due(reading, moment, **how))

    assert many(failed + timedelta(seconds=59)) == 0
    assert many(failed + timedelta(seconds=59), early=True) == 1
    assert many(failed + timedelta(seconds=60)) == 1
    assert many(failed - timedelta(days=365)) == 1


def test_two_who_deliver_at_once_send_a_message_once(bakery, webhook, monkeypatch):
    """The later one finds it claimed."""
    spoiled(bakery, webhook.address)
    plain, nested = delivering.send, []

    def meanwhile(*arguments):
        nested.append(courier_of(bakery).deliver())
        return plain(*arguments)

    monkeypatch.setattr(delivering, "send", meanwhile)
    again(bakery)

    assert nested == [delivering.Delivery(sent=0, waiting=1)]
    assert len(webhook.posts) == 1
    with bakery.store.writing() as writing:
        writing.connection.execute(sa.update(OUTBOX).values(delivered_at=None))
    with bakery.store.reading() as reading:
        (message,) = due(reading, bakery.now + timedelta(days=1))
    with bakery.store.writing() as writing:
        assert claim(writing, message, bakery.now)
        assert not claim(writing, message, bakery.now)


def courier_of(bakery):
    """Who delivers the bakery's messages."""
    from kpisdk_history.settings import history_settings

    workspace = bakery.workspace()
    rules = history_settings(workspace.settings).alerts
    return delivering.Courier(
        bakery.store, rules, Channels.of(workspace), workspace.settings, workspace.now
    )


def test_a_receiver_that_the_settings_have_no_more_keeps_its_messages(bakery, webhook):
    """Put back, it gets them; an address that moved in its list is found by its service."""
    spoiled(bakery, NOBODY)
    again(bakery)
    bakery.alerts["late"]["notify"] = []
    bakery.wait(hours=1)
    (failure,) = courier_of(bakery).deliver().failures
    bakery.alerts["late"]["notify"] = ["carrier://nobody", webhook.address]
    bakery.wait(hours=1)

    assert failure == (
        "late, receiver 1 (json): the settings have this receiver no more; put it back, and the "
        "message goes"
    )
    assert courier_of(bakery).deliver().sent == 1
    bakery.alerts = {"other": {"kpis": ["BAKERY-001"]}}
    assert courier_of(bakery).deliver() == delivering.Delivery()


def test_a_full_disk_behind_the_run_is_a_note_of_it(bakery, monkeypatch):
    """The run is there; so is the message."""
    spoiled(bakery, NOBODY)

    def full(*_arguments):
        raise StoreFullError("the store", "no page is left")

    monkeypatch.setattr(delivering, "claim", full)
    made = again(bakery)

    assert made.is_new
    assert made.notes[0].message.startswith(
        "The run is recorded; its alerts are kept and were not sent. The disk of the store"
    )
    assert rows(bakery, "attempts") == [(0,)]


def test_no_address_is_stored_logged_or_told(bakery, caplog, capfd):
    """Neither in the store's rows, nor in notes, nor on standard error."""
    spoiled(bakery, NOBODY, "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ?bad=s3cret")
    with caplog.at_level(logging.DEBUG):
        made = again(bakery)

    told = " ".join([*(note.message for note in made.notes), caplog.text, *capfd.readouterr()])
    kept = " ".join(str(row) for row in rows(bakery, *(each.name for each in OUTBOX.c)))
    for secret in ("s3cret", "TIiajk", "A1BRTD4JD"):
        assert secret not in told + kept
    assert logging.getLogger("apprise").propagate


class Pigeons:
    """A plugin whose channel keeps what it is given, or fails."""

    def __init__(self, *schemes, error=None):
        self.schemes, self.error, self.carried = schemes, error, []

    @hookimpl
    def kpisdk_alerts(self):
        return [AlertChannel(each, self.carry) for each in self.schemes]

    def carry(self, target, digest):
        """Take a digest."""
        if self.error is not None:
            raise self.error
        self.carried.append((target, digest))


def test_another_plugin_sends_elsewhere(bakery):
    """With the address and the digest, whose changes are records."""
    pigeons = Pigeons("pigeon", "json")
    bakery.plugins = (pigeons,)
    spoiled(bakery, "pigeon://loft/7", NOBODY)
    made = again(bakery)

    assert made.delivery.sent == 2
    assert [target for target, _ in pigeons.carried] == ["pigeon://loft/7", NOBODY]
    (_, digest), _ = pigeons.carried
    assert isinstance(digest, Digest)
    (change,) = digest.changes
    assert (change.kpi_id, change.value, change.kinds) == ("BAKERY-001", 0.1, ("critical",))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("s3cret"), "the channel pigeon failed (RuntimeError)"),
        (KpisdkError(), "the channel pigeon refused it: Root of all errors"),
    ],
)
def test_a_channel_that_fails_keeps_the_message(bakery, error, said):
    """Whatever it raises, of which no secret is told."""
    bakery.plugins = (Pigeons("pigeon", error=error),)
    spoiled(bakery, "pigeon://loft/7")
    made = again(bakery)

    assert said in made.delivery.failures[0]
    assert "s3cret" not in made.delivery.failures[0]
    assert made.delivery.waiting == 1


def test_channels_that_cannot_be_used_are_told(bakery):
    """The others are used; of two for one scheme the first."""

    class Wrong:
        @hookimpl
        def kpisdk_alerts(self):
            return ["pigeon"]

    class Broken:
        @hookimpl
        def kpisdk_alerts(self):
            raise RuntimeError("no loft")

    class Doves(Pigeons):
        pass

    one, other = Pigeons("pigeon"), Doves("pigeon")
    bakery.plugins = (one, other, Wrong(), Broken())
    channels = Channels.of(bakery.workspace())

    assert channels.known["pigeon"].send == one.carry
    twice, wrong, broken = channels.faults
    assert "both bring pigeon://" in twice
    assert "brings a str as a channel of alerts" in wrong
    assert "cannot be used" in broken
    with pytest.raises(ValueError, match="lower-case letters"):
        AlertChannel("Pigeon!", one.carry)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nosuchservice://x/y", "no service of Apprise takes this address of nosuchservice"),
        ("slack://too-short", "no service of Apprise takes this address of slack"),
        (NOBODY, "json did not accept it"),
    ],
)
def test_what_apprise_does_not_take_is_a_sentence(target, said):
    """Without a word of the address beyond its service."""
    at = datetime(2026, 3, 10, tzinfo=UTC)
    digest = Digest(run_key="r", at=at, source="s", changes=())

    assert send(target, digest, Channels(), Settings()) == said


def test_a_service_that_raises_keeps_the_message(monkeypatch):
    """A hundred services have a thousand libraries."""
    import apprise

    def broken(*_arguments, **_named):
        raise TypeError("s3cret")

    monkeypatch.setattr(apprise.Apprise, "notify", broken)
    digest = Digest(run_key="r", at=datetime(2026, 3, 10, tzinfo=UTC), source="s", changes=())

    assert send(NOBODY, digest, Channels(), Settings()) == "json failed (TypeError)"


def test_a_store_that_is_not_there_has_nothing_to_deliver(tmp_path):
    """Asking makes none."""
    courier = delivering.Courier(
        Store.at(tmp_path / "none.sqlite"), {}, Channels(), Settings(), datetime.now
    )

    with pytest.raises(KpisdkError, match="There is no store"):
        courier.deliver()

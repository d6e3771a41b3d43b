"""A process that is killed between any two statements has written all of a run, or nothing."""

from __future__ import annotations

import os

import pytest
import sqlalchemy as sa

from kpisdk_history.recording import record
from kpisdk_history.store.tables import ALERT_STATES, OUTBOX, RESTATEMENTS, RESULTS, RUNS

DAYS = {"grain": "day", "window": "last 9 days"}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here")


def alerting(writing, recording):
    """What alerts write with a run: a state that changes, and a message."""
    subject = {"alert": "a", "subject": recording.run.key}
    state = {"kpi_id": "k", "slice": "{}", "last_run_id": recording.run.id, "memory": "{}"}
    counts = {"firing": 1, "quiet": 0, "is_open": True}
    writing.connection.execute(sa.insert(ALERT_STATES).values(subject | state | counts))
    message = {"alert": "a", "channel": "c", "title": "t", "body": "b", "payload": "{}"}
    message |= {"key": recording.run.key, "created_at": recording.run.recorded_at, "attempts": 0}
    writing.connection.execute(sa.insert(OUTBOX).values(message))


def attempt(bakery, report, key):
    """Record a report that was computed before: no source is read in the forked process."""
    return record(
        bakery.workspace(),
        "BAKERY-001",
        store=bakery.store,
        run_key=key,
        within=[alerting],
        compute=lambda: report,
        **DAYS,
    )


def counts(bakery):
    """How many rows of each table every run has, by its key."""
    with bakery.store.writing() as writing:
        runs = {run.id: run.key for run in writing.runs()}
        found = {key: [] for key in runs.values()}
        for table in (RESULTS, RESTATEMENTS):
            many = sa.select(table.c.run_id, sa.func.count()).group_by(table.c.run_id)
            rows = dict(writing.connection.execute(many).all())
            for number, key in runs.items():
                found[key].append(rows.get(number, 0))
        for table, column in ((OUTBOX, OUTBOX.c.key), (ALERT_STATES, ALERT_STATES.c.subject)):
            keys = writing.connection.execute(sa.select(column)).scalars().all()
            assert set(keys) <= set(found), table.name
            for key, each in found.items():
                each.append(keys.count(key))
        total = writing.connection.execute(sa.select(sa.func.count()).select_from(RUNS)).scalar()
        assert total == len(found)
    return found


def test_nothing_of_a_killed_run_is_there_and_nothing_is_doubled(bakery, killing):
    """Killed before each statement in turn, then recorded: each run is whole, and there once."""
    first = bakery.workspace().compute("BAKERY-001", **DAYS)
    bakery.sell("2026-03-05", late=5)
    second = bakery.workspace().compute("BAKERY-001", **DAYS)
    expected = {"0": [10, 0, 1, 1]}
    attempt(bakery, first, "0")
    with killing.Statements() as dry:
        attempt(bakery, second, "1")
    expected["1"] = [10, 1, 1, 1]
    assert dry.seen >= 10

    reports = (first, second)
    for fatal in range(dry.seen):
        key = str(fatal + 2)
        assert killing.before(fatal, attempt, bakery, reports[fatal % 2], key)
        assert counts(bakery) == expected, fatal
        assert attempt(bakery, reports[fatal % 2], key).is_new
        expected[key] = [10, 1, 1, 1]
    assert counts(bakery) == expected


def test_a_store_whose_making_was_killed_is_made_by_the_next_run(bakery, killing):
    """Killed before each statement of the migrations in turn: there is no store by halves."""
    report = bakery.workspace().compute("BAKERY-001", **DAYS)

    fatal, deaths = 0, 0
    while killing.before(fatal, attempt, bakery, report, "first"):
        fatal, deaths = fatal + 3, deaths + 1

    assert deaths >= 10
    assert counts(bakery) == {"first": [10, 0, 1, 1]}

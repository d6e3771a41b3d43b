"""Old runs are taken out, and what they said is kept as a summary."""

from datetime import timedelta

import sqlalchemy as sa

from kpisdk_history.store.pruning import prune
from kpisdk_history.store.tables import SUMMARIES

DAYS = {"grain": "day", "window": "2026-03-01..2026-03-08"}


def test_what_is_older_goes_and_its_summary_stays(bakery):
    """Three runs, of which the first two are too old: 16 results of one series, one restated."""
    bakery.record(**DAYS)
    bakery.sell("2026-03-05", late=5)
    bakery.wait(days=1)
    bakery.record(**DAYS)
    bakery.wait(days=10)
    bakery.record(**DAYS)

    with bakery.store.writing() as writing:
        done = prune(writing, bakery.now - timedelta(days=5), bakery.now)

    assert (done.runs, done.results, done.restatements, done.summaries) == (2, 16, 1, 1)
    with bakery.store.reading() as reading:
        assert len(reading.runs()) == 1
        assert len(reading.results()) == 8
        assert reading.restatements() == ()
        (kept,) = reading.connection.execute(sa.select(SUMMARIES)).mappings().all()
    assert (kept["results"], kept["valued"], kept["restated"]) == (16, 16, 1)
    assert (kept["least"], kept["greatest"], round(kept["mean"], 6)) == (0.6, 0.9, 0.88125)
    assert kept["statuses"] == '{"good": 15, "warning": 1}'


def test_the_last_run_always_stays(bakery):
    """A store that nobody wrote to for years is not emptied."""
    bakery.record()
    bakery.wait(days=1000)

    with bakery.store.writing() as writing:
        done = prune(writing, bakery.now, bakery.now)

    assert (done.runs, done.results, done.summaries) == (0, 0, 0)
    with bakery.store.reading() as reading:
        assert len(reading.runs()) == 1


def test_what_comes_later_is_recorded_as_before(bakery):
    """Numbers go on, and a figure that is kept is still compared."""
    bakery.record(**DAYS)
    bakery.wait(days=10)
    bakery.record(**DAYS)
    with bakery.store.writing() as writing:
        prune(writing, bakery.now - timedelta(days=5), bakery.now)
    bakery.sell("2026-03-05", late=5)
    bakery.wait(days=1)

    made = bakery.record(**DAYS)

    assert [(each.old, each.new) for each in made.restatements] == [(0.9, 0.6)]

"""A run is recorded whole, once for its key, whoever else writes, and if the source is away."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from kpisdk import UsageError


def test_a_recorded_run_holds_every_result_whole(bakery):
    """What was computed is read again as it was, and its columns say the same."""
    made = bakery.record()

    with bakery.store.reading() as reading:
        (run,), (row,) = reading.runs(), reading.results(kpi_id="BAKERY-001")
        kept = reading.result(row.id)
    assert made.is_new
    assert run == made.run
    assert kept == made.report.results[0]
    assert (row.value, row.status, row.n) == (0.9, "good", 63 if row.n == 63 else 70)
    assert row.window_end == kept.window.end


def test_the_same_key_again_is_a_no_op_that_says_so(bakery):
    """Without a key it is the minute, so that a double start of a scheduler adds nothing."""
    first = bakery.record()
    bakery.wait(seconds=20)
    again = bakery.record()
    bakery.wait(minutes=1)
    later = bakery.record()

    assert (first.is_new, again.is_new, later.is_new) == (True, False, True)
    assert first.run.key == "2026-03-10T06:00Z"
    assert again.run == first.run
    assert again.report is None
    assert (
        "was recorded at 2026-03-10T06:00:00Z already: nothing was added" in again.notes[0].message
    )
    with bakery.store.reading() as reading:
        assert len(reading.runs()) == 2


def test_another_question_under_one_key_is_another_run(bakery):
    """Two commands of one minute do not shadow one another."""
    bakery.record(run_key="monday")
    other = bakery.record(run_key="monday", by="branch")

    assert other.is_new


@pytest.mark.parametrize("key", ["", "  ", "a\nb", "x" * 201])
def test_a_run_key_that_is_none_is_refused_in_a_sentence(small_bakery, key):
    """Nothing is computed or written for it."""
    with pytest.raises(UsageError, match=r"The run key .* is none: give 1 to 200 characters"):
        small_bakery.record(run_key=key)
    assert not small_bakery.store.is_there()


def test_writers_at_once_lose_nothing(bakery):
    """Eight at a time, on an empty store: each run is there, and the tables were made once."""
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: bakery.record(run_key=f"run {n}"), range(8)))

    assert all(each.is_new for each in made)
    with bakery.store.reading() as reading:
        assert sorted(run.key for run in reading.runs()) == [f"run {n}" for n in range(8)]
        assert len(reading.results()) == 8


def test_of_writers_with_one_key_one_writes(bakery):
    """The others are told that it was recorded."""
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: bakery.record(run_key="one"), range(4)))

    assert sorted(each.is_new for each in made) == [False, False, False, True]


def test_a_source_that_is_away_is_recorded_as_such_and_again_when_it_is_back(bakery):
    """An outage is something that was known on that day; a retry under the key fills it."""
    hidden = bakery.file.with_suffix(".away")
    bakery.file.rename(hidden)
    away = bakery.record(run_key="tuesday")
    still = bakery.record(run_key="tuesday")
    hidden.rename(bakery.file)
    back = bakery.record(run_key="tuesday")
    done = bakery.record(run_key="tuesday")

    assert (away.is_new, still.is_new, back.is_new, done.is_new) == (True, False, True, False)
    assert "its source was away, and is so still" in still.notes[0].message
    with bakery.store.reading() as reading:
        first, second = reading.runs(key="tuesday")
        rows = reading.results(kpi_id="BAKERY-001")
    assert (first.available, first.source_kind, first.attempt) == (False, "unavailable", 1)
    assert (second.available, second.source_kind, second.attempt) == (True, "duckdb", 2)
    assert [(row.value, row.reason) for row in rows] == [
        (None, "source_unavailable"),
        (0.9, None),
    ]


def test_what_belongs_to_a_run_is_written_with_it_or_not_at_all(bakery):
    """Whoever fails in the run's transaction takes the run with it."""

    def failing(writing, recording):
        assert len(writing.results(run_id=recording.run.id)) == 1
        raise RuntimeError("a fault")

    with pytest.raises(RuntimeError, match="a fault"):
        bakery.record(within=[failing])

    made = bakery.record()
    assert made.is_new
    with bakery.store.reading() as reading:
        assert len(reading.runs()) == len(reading.results()) == 1


def test_a_clock_that_goes_back_is_told_and_nothing_is_lost(bakery):
    """Runs keep the order in which they were written."""
    bakery.record()
    bakery.wait(hours=-2)
    back = bakery.record()

    assert back.is_new
    assert "the clock went back" in back.notes[0].message
    with bakery.store.reading() as reading:
        assert [run.key for run in reading.runs()] == ["2026-03-10T06:00Z", "2026-03-10T04:00Z"]

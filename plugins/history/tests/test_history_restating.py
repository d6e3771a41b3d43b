"""A figure of a closed period that comes out differently is a restatement, with its reason."""

import attrs
import pytest

from kpisdk_history.recording.restating import reasons

DAYS = {"grain": "day", "window": "last 9 days"}

BASE = {
    "plugin": "kpisdk-bakery 1.0",
    "core": "0.1.0",
    "engine": "duckdb 1.4",
    "driver": "duckdb-sqlalchemy 1.5",
    "definition_version": "1+aaaaaaaa",
    "n": 10,
    "value": 0.5,
}


def restated(made):
    """Old, new and reasons of each restatement of a run."""
    return [(each.old, each.new, each.reasons) for each in made.restatements]


def test_late_rows_restate_a_closed_day(bakery):
    """Five late orders of 5 March come in on the tenth: 9 of 10 becomes 9 of 15."""
    bakery.record(**DAYS)
    bakery.sell("2026-03-05", late=5)
    bakery.wait(days=1)

    made = bakery.record(**DAYS)

    assert restated(made) == [(0.9, 0.6, ("late_rows",))]
    with bakery.store.reading() as reading:
        assert reading.restatements() == made.restatements
        old = reading.result(made.restatements[0].earlier_id)
        new = reading.result(made.restatements[0].result_id)
    assert (old.period, old.value, new.period, new.value) == ("2026-03-05", 0.9, "2026-03-05", 0.6)


def test_changed_rows_restate_and_equal_ones_do_not(bakery):
    """As many rows as before with another content; what stayed the same is not told."""
    bakery.record(**DAYS)
    bakery.run_sql("UPDATE orders SET on_time = false WHERE placed_at::DATE = DATE '2026-03-04'")
    bakery.wait(days=1)
    changed = bakery.record(**DAYS)
    bakery.wait(days=1)
    same = bakery.record(**DAYS)

    assert restated(changed) == [(0.9, 0.0, ("changed_rows",))]
    assert restated(same) == []


def test_the_day_that_is_not_over_may_move(bakery):
    """9 March ends after the newest row of the first run: what it was worth then was not final."""
    bakery.record(**DAYS)
    bakery.sell("2026-03-09", late=10)
    bakery.sell("2026-03-10", punctual=1)
    bakery.wait(days=1)

    assert restated(bakery.record(**DAYS)) == []

    bakery.sell("2026-03-09", late=20)
    bakery.wait(days=1)
    assert restated(bakery.record(**DAYS)) == [(0.45, 0.225, ("late_rows",))]


def test_a_period_that_is_still_to_settle_is_not_restated(bakery):
    """With three days to settle, 7 March may still move on the tenth, and 2 March may not."""
    bakery.record(settle_after="3d", **DAYS)
    bakery.sell("2026-03-07", late=5)
    bakery.sell("2026-03-02", late=5)
    bakery.wait(days=1)

    made = bakery.record(settle_after="3d", **DAYS)

    assert restated(made) == [(0.9, 0.6, ("late_rows",))]
    with bakery.store.reading() as reading:
        assert reading.result(made.restatements[0].result_id).period == "2026-03-02"


def test_another_definition_is_the_reason_where_the_rows_are_the_same(bakery, bakeries):
    """Orders of which nothing is known count below the line from now on."""
    bakery.run_sql(
        "INSERT INTO orders SELECT TIMESTAMP '2026-03-03 12:00', 'north', NULL FROM range(5)"
    )
    bakery.record(**DAYS)
    bakery.kpis = (bakeries.punctuality(strict=True),)
    bakery.wait(days=1)

    made = bakery.record(**DAYS)

    assert [(each.old, each.new) for each in made.restatements] == [(0.9, 0.6)]
    assert "definition" in made.restatements[0].reasons


def test_a_group_whose_rows_are_gone_is_restated_to_nothing(bakery):
    """It is in no result any more, and would be missed by nobody."""
    bakery.sell("2026-03-05", punctual=4, branch="south")
    window = {"by": "branch", "window": "2026-03-01..2026-03-08"}
    bakery.record(**window)
    bakery.run_sql("DELETE FROM orders WHERE branch = 'south'")
    bakery.wait(days=1)

    made = bakery.record(**window)
    bakery.wait(days=1)
    after = bakery.record(**window)

    assert restated(made) == [(1.0, None, ("changed_rows",))]
    assert restated(after) == []


def test_a_group_that_was_there_before_and_failed_since_is_compared_with_what_was_known(bakery):
    """An outage between two runs is nothing that a figure was restated to."""
    bakery.record(**DAYS)
    hidden = bakery.file.with_suffix(".away")
    bakery.file.rename(hidden)
    bakery.wait(days=1)
    assert restated(bakery.record(**DAYS)) == []
    hidden.rename(bakery.file)
    bakery.sell("2026-03-05", late=5)
    bakery.wait(days=1)

    assert restated(bakery.record(**DAYS)) == [(0.9, 0.6, ("late_rows",))]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"n": 11}, ("late_rows",)),
        ({"n": 9}, ("changed_rows",)),
        ({}, ("changed_rows",)),
        ({"definition_version": "1+bbbbbbbb"}, ("definition",)),
        ({"definition_version": "1+bbbbbbbb", "n": 12}, ("definition", "late_rows")),
        ({"plugin": "kpisdk-bakery 1.1", "definition_version": "1+bbbbbbbb"}, ("package",)),
        (
            {"plugin": "kpisdk-bakery 1.1", "definition_version": "2+bbbbbbbb"},
            ("definition", "package"),
        ),
        ({"core": "0.2.0"}, ("package",)),
        ({"engine": "duckdb 1.5"}, ("engine",)),
        ({"driver": "duckdb-sqlalchemy 1.6", "n": 11}, ("engine", "late_rows")),
    ],
)
def test_the_reason_is_all_that_can_have_moved_the_figure(changes, expected):
    """Rows are late where there are more; versions tell the rest, and else the rows changed."""
    assert reasons(BASE, {**BASE, **changes}) == expected


def test_compute_marks_a_figure_that_was_restated(bakery):
    """Who looks at it is told what it was before, and why; the others are not marked."""
    bakery.record(**DAYS)
    bakery.sell("2026-03-05", late=5)
    bakery.wait(days=1)
    bakery.record(**DAYS)
    settings = bakery.folder / "kpisdk.toml"
    settings.write_text(f"[plugins.history]\nstore = {bakery.url!r}\n")

    report = bakery.workspace(settings=settings).compute("BAKERY-001", **DAYS)

    marked = {
        each.period: [note.message for note in each.warnings if note.code == "restated"]
        for each in report
    }
    assert marked.pop("2026-03-05") == [
        "This period was told as 0.9 until 2026-03-11, then 0.6 (late rows)."
    ]
    assert not any(marked.values())


def test_a_store_that_cannot_be_read_is_told_beside_the_figures(small_bakery):
    """A damaged store must not let a restated figure pass as if nothing had been."""
    (small_bakery.folder / "history.sqlite").write_bytes(b"no database" * 100)
    settings = small_bakery.folder / "kpisdk.toml"
    settings.write_text(f"[plugins.history]\nstore = {small_bakery.url!r}\n")

    report = small_bakery.workspace(settings=settings).compute("BAKERY-001")

    assert report[0].value == pytest.approx(0.9)
    (note,) = [each for each in report.warnings if each.code == "remarks_failed"]
    assert "is no store that can be read: file is not a database" in note.message


def test_a_restatement_keeps_the_run_that_found_it(bakery):
    """The record is whole: run, results, values, reasons."""
    bakery.record(**DAYS)
    bakery.sell("2026-03-05", late=5)
    bakery.wait(days=1)
    made = bakery.record(**DAYS)

    (found,) = made.restatements
    assert attrs.asdict(found) | {"result_id": 0, "earlier_id": 0, "figure": ""} == {
        "run_id": made.run.id,
        "result_id": 0,
        "earlier_id": 0,
        "recorded_at": bakery.now,
        "kpi_id": "BAKERY-001",
        "figure": "",
        "old": 0.9,
        "new": 0.6,
        "reasons": ("late_rows",),
    }

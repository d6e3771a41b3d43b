"""What must stay the same when something that does not matter changes, and what must change."""

from __future__ import annotations

import datetime as dt
import math
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings, strategies as st

from kpisdk import Workspace
from kpisdk.testing.differential.agreement import Figures, opened
from kpisdk.testing.differential.containers import CONTAINERS
from kpisdk.testing.differential.drawn_questions import questions
from kpisdk.testing.differential.event_rows import AS_OF, tables
from kpisdk.testing.differential.figures import FIGURES, KPIS
from kpisdk.testing.differential.places import Place

BY_NAME = {each.name: each for each in CONTAINERS}
SOME = [BY_NAME[name] for name in ("frames of objects", "csv", "duckdb", "sqlite")]
IDS = {figure.name: kpi.id for figure, kpi in zip(FIGURES, KPIS, strict=True)}
containers = pytest.mark.parametrize("container", SOME, ids=lambda each: each.name)
# Rows stand in the message as they are: the long search shrinks them, and the suite does not.
few = settings(max_examples=5, derandomize=True, database=None, phases=[Phase.generate])


def answers(rows, container, *kpi_ids, **question):
    """What a container answers, without what is never the same twice."""
    with TemporaryDirectory() as folder:
        workspace = opened(container.put(rows, Place(Path(folder))))
        report = workspace.compute(*(kpi_ids or IDS.values()), **question)
    return {(r.kpi_id, tuple(r.slice.items()), r.period): r for r in report}


def near(value, other, absolute=1e-9):
    """Whether two figures are one, two absent ones included."""
    if value is None or other is None:
        return value is other
    return other == pytest.approx(value, rel=1e-9, abs=absolute)


def values(*arguments, **question):
    """Values by KPI, slice and bucket."""
    return {key: result.value for key, result in answers(*arguments, **question).items()}


@containers
def test_the_order_of_the_rows_changes_nothing(container):
    @few
    @given(tables(), questions(), st.randoms(use_true_random=False))
    def search(rows, question, pick):
        shuffled = pick.sample(rows, len(rows))
        before, after = (values(each, container, **question.arguments) for each in (rows, shuffled))
        assert before.keys() == after.keys()
        for key, value in before.items():
            assert near(value, after[key]), key

    search()


@containers
def test_a_row_of_the_future_changes_nothing(container):
    @few
    @given(tables(), tables(largest=2), questions())
    def search(rows, others, question):
        later = [
            {**row, "happened_at": AS_OF + dt.timedelta(days=i)} for i, row in enumerate(others)
        ]
        before = values(rows, container, **question.arguments)
        after = values([*rows, *later], container, **question.arguments)
        # A column without any value says nothing of its zeros; a future value in it does not help.
        told = {key: value for key, value in before.items() if value is not None}
        assert {key: after.get(key) for key in told} == told

    search()


@containers
def test_a_predicate_its_opposite_and_the_unknown_part_a_count(container):
    @few
    @given(tables())
    def search(rows):
        where = {"window": "all", "as_of": AS_OF.replace(tzinfo=dt.UTC)}
        found = {key[0]: value or 0 for key, value in values(rows, container, **where).items()}
        known = sum(row["happened_at"] is not None and row["happened_at"] < AS_OF for row in rows)
        assert found[IDS["rows"]] == known
        parts = ("no_large_amount", "large_amount", "unknown_amount")
        if any(row["amount"] is not None and row["amount"] == row["amount"] for row in rows):
            assert sum(found[IDS[name]] for name in parts) == known

    search()


@containers
def test_slices_and_buckets_add_up_to_the_headline(container):
    """Counts and sums: every row lies in one slice and one bucket, or in none of either."""
    additive = [IDS[name] for name in ("rows", "site_is_a", "amount_sum", "no_large_amount")]

    @few
    @given(tables(), st.sampled_from(("site", "person", "done", "units", "version", "day")))
    def search(rows, column):
        asked = {"window": "2024-01-01..2026-04-30", "as_of": AS_OF.replace(tzinfo=dt.UTC)}
        whole = values(rows, container, *additive, **asked)
        by = values(rows, container, *additive, by=[column], **asked)
        months = values(rows, container, *additive, grain="month", **asked)
        for kpi_id in additive:
            (headline,) = [value for key, value in whole.items() if key[0] == kpi_id]
            if headline is None and any(row["amount"] == math.inf for row in rows):
                continue  # an infinite sum is no value, and its finite slices have theirs
            for parts in (by, months):
                found = [value for key, value in parts.items() if key[0] == kpi_id]
                together = sum(value for value in found if value is not None)
                assert near(together, headline or 0, 1e-6), kpi_id

    search()


@containers
def test_a_comparison_holds_what_its_window_answers_when_asked_alone(container):
    @few
    @given(tables())
    def search(rows):
        as_of = AS_OF.replace(tzinfo=dt.UTC)
        asked = {"window": "2026-03-01..2026-03-14", "as_of": as_of}
        found = answers(rows, container, compare="previous", **asked)
        alone = values(rows, container, window="2026-02-15..2026-02-28", as_of=as_of)
        for key, result in found.items():
            before = result.comparison
            if before is None or before.value is None:
                continue
            assert near(before.value, alone[key]), key
            if result.value is not None and before.change is not None:
                change = result.value - before.value
                assert near(before.change, change), key

    search()


@pytest.mark.parametrize("name", ["csv", "parquet", "duckdb", "sqlite"])
def test_a_cached_answer_is_never_that_of_other_rows(name, tmp_path, monkeypatch):
    """Rows are replaced in place, size and time of change kept where the container allows it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    container = BY_NAME[name]
    now = AS_OF.replace(tzinfo=dt.UTC) + dt.timedelta(hours=1)

    @few
    @given(tables(largest=4), tables(largest=4), questions())
    def search(rows, others, question):
        with TemporaryDirectory(dir=tmp_path) as place, TemporaryDirectory(dir=tmp_path) as spare:
            for number, table in enumerate((rows, others)):
                made = container.put(table, Place(Path(spare)))
                source = str(made).replace(spare, place)
                for file in Path(spare).iterdir():
                    os.utime(file, (1_790_000_000, 1_790_000_000))
                    file.replace(Path(place) / file.name)
                kept = Workspace(source, plugins=[Figures()], cache="sqlite", clock=lambda: now)
                cached = kept.compute(*IDS.values(), **question.arguments)
                plain = opened(source).compute(*IDS.values(), **question.arguments)
                assert [r.value for r in cached] == [r.value for r in plain], number

    search()

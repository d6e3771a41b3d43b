"""What needs time to happen is judged when it had time (semantics rule 11)."""

from __future__ import annotations

import datetime as dt

import pytest

from kpisdk import (
    Calculator,
    DefinitionError,
    Estimate,
    FollowUp,
    FrameInput,
    NewestDay,
    Ratio,
    Status,
    count,
)

AS_OF = "2025-06-30T12:00Z"


def visit(day: str, hour: int = 9, **facts) -> dict:
    """A visit that was done."""
    at = dt.datetime.fromisoformat(f"{day}T{hour:02}:00")
    return {"at": at, "site": "a", "done": True, **facts}


@pytest.fixture
def followed(make, visits):
    """The share of visits that were done, which takes ten days to be known."""

    def build(**changes):
        share = Ratio(count(visits, visits["done"].is_true()), count(visits))
        bounds = {"target": 0.5, "warning": 0.3, "critical": 0.1}
        return make(share, unit="ratio", **{**bounds, "follow_up": 10, **changes})

    return build


def codes(result) -> set[str]:
    """The codes of a result's warnings."""
    return {note.code for note in result.warnings}


@pytest.mark.parametrize(
    ("day", "young"), [("2025-06-18", 0), ("2025-06-19", 0), ("2025-06-20", 1), ("2025-06-29", 1)]
)
@pytest.mark.parametrize("hour", [0, 23])
def test_a_horizon_is_over_at_the_end_of_its_last_day(opened, table, followed, day, hour, young):
    """19 June + 10 days is the 29th, which is over at noon of the 30th; hours do not matter."""
    rows = [visit("2025-06-01"), *[visit(day, hour)] * 1]
    (result,) = opened({"core_visits": table(*rows)}, followed()).compute(
        "CORE-T-001", window="last 30 days", as_of=AS_OF
    )

    assert (result.value, result.status) == (1, Status.GOOD)
    assert result.details["follow_up_incomplete"] == young
    assert ("follow_up_incomplete" in codes(result)) == bool(young)


def test_what_is_not_complete_is_never_decided(opened, table, followed):
    """Forty visits of which all were done leave no doubt, but for the one that is too new."""
    rows = [visit("2025-06-05")] * 40
    decided = [
        opened({"core_visits": table(*rows, *more)}, followed()).compute(
            "CORE-T-001", window="last 30 days", as_of=AS_OF
        )[0].decided
        for more in ([], [visit("2025-06-25")])
    ]  # fmt: skip

    assert decided == [True, False]


def test_the_default_window_lies_so_much_earlier(opened, table, followed):
    """Thirty days that end eleven days before as_of."""
    rows = [visit("2025-05-20"), visit("2025-05-20", 13), visit("2025-06-19", 13)]
    (result,) = opened({"core_visits": table(*rows)}, followed()).compute("CORE-T-001", as_of=AS_OF)

    assert (result.n, result.window.label) == (1, "last 30 days, 11 days old")
    assert result.window.end == dt.datetime(2025, 6, 19, 12, tzinfo=dt.UTC)
    assert result.window.start == dt.datetime(2025, 5, 20, 12, tzinfo=dt.UTC)
    assert result.details["follow_up_incomplete"] == 0


def test_stale_is_measured_where_the_default_window_ends(opened, table, followed):
    """Rows of eleven days ago are fresh there; a feed that stopped before is stale."""
    fresh, stopped = (
        opened({"core_visits": table(visit(day))}, followed()).compute("CORE-T-001", as_of=AS_OF)[0]
        for day in ("2025-06-18", "2025-06-16")
    )

    assert (fresh.value, fresh.stale, stopped.value, stopped.stale) == (1, False, 1, True)


def test_rows_that_are_too_new_are_counted_by_slice_and_bucket(opened, table, followed):
    """Each cell has its own number, and cells without any have none."""
    rows = [visit("2025-06-10"), visit("2025-06-25"), visit("2025-06-26", site="b")]
    workspace = opened({"core_visits": table(*rows)}, followed())
    asked = {"window": "2025-06-09..2025-06-29", "as_of": AS_OF}

    sites = workspace.compute("CORE-T-001", by=["site"], **asked)
    weeks = workspace.compute("CORE-T-001", grain="week", **asked)

    assert [each.details["follow_up_incomplete"] for each in sites] == [1, 1]
    assert [each.details["follow_up_incomplete"] for each in weeks] == [0, 0, 2]
    assert ["follow_up_incomplete" in codes(each) for each in weeks] == [False, False, True]


def test_what_is_not_complete_is_not_compared(opened, table, followed):
    """Neither is there a change, nor is it decided; the mature default has one."""
    rows = [visit(f"2025-0{month}-{day:02}") for month in (3, 4, 5, 6) for day in (5, 15, 25)]
    workspace = opened({"core_visits": table(*rows)}, followed())

    (mature,), (new,) = (
        workspace.compute("CORE-T-001", as_of=AS_OF, compare="previous", **window)
        for window in ({}, {"window": "last 30 days"})
    )

    assert mature.comparison.change == 0
    # The thirty days before those of the default window, and not those before as_of.
    assert mature.comparison.window.end == mature.window.start
    assert (new.comparison.value, new.comparison.change) == (1, None)
    assert "partial_comparison" in codes(new)


def test_only_the_rows_that_are_followed_count(opened, table, followed, visits):
    """Visits of site b lead to nothing: they are never too new."""
    rows = [visit("2025-06-10"), visit("2025-06-25"), visit("2025-06-26", site="b")]
    kpi = followed(follow_up=FollowUp(10, visits["site"].equals("a")))

    (result,) = opened({"core_visits": table(*rows)}, kpi).compute(
        kpi.id, window="last 30 days", as_of=AS_OF
    )

    assert (result.n, result.details["follow_up_incomplete"]) == (3, 1)


def test_a_calculator_is_followed_as_well(opened, table, make, visits):
    """Its rows are counted beside it."""
    function = Calculator(
        lambda inputs: Estimate.of(float(len(inputs.frames["rows"]))),
        (FrameInput("rows", visits, ("site",)),),
    )
    kpi = make(function, base=visits, follow_up=10)
    rows = [visit("2025-06-10"), visit("2025-06-25")]

    (result,) = opened({"core_visits": table(*rows)}, kpi).compute(
        kpi.id, window="last 30 days", as_of=AS_OF
    )

    assert (result.value, result.details["follow_up_incomplete"]) == (2, 1)


def test_explain_shows_the_window_that_is_computed(opened, table, followed):
    """Moved back, and no second count where no row of it can be too new."""
    workspace = opened({"core_visits": table(visit("2025-05-25"))}, followed())

    explained = workspace.explain("CORE-T-001", as_of=AS_OF)

    assert explained.kpis[0].window.label == "last 30 days, 11 days old"
    assert explained.kpis[0].window.end == dt.datetime(2025, 6, 19, 12, tzinfo=dt.UTC)
    assert [each.measures for each in explained.statements] == [2]


@pytest.mark.parametrize("changes", [{"window": None}, {"window": NewestDay()}])
def test_a_follow_up_needs_a_window_of_rows(followed, changes):
    """A state of a day is followed by nothing."""
    with pytest.raises(DefinitionError, match="follow_up: needs a window"):
        followed(**changes)


def test_a_follow_up_of_no_days_is_none(followed):
    """As a definition file may write it."""
    assert followed(follow_up=0).follow_up is None
    with pytest.raises(ValueError, match="days"):
        FollowUp(-1)

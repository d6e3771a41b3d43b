"""Changes of figures of the same units: as certain as a bootstrap of these units says."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kpisdk import (
    Column,
    Dataset,
    Estimate,
    Formula,
    Mean,
    Median,
    Ratio,
    Simple,
    Trailing,
    count,
    count_distinct,
    sample,
    total,
)
from kpisdk.contracts.sampling import sample_by_day
from kpisdk.statistics import wilson

VISITS = Dataset(
    "core_kept_visits",
    (
        Column("id", "text", key=True),
        Column("person", "text"),
        Column("site", "text"),
        Column("at", "timestamp"),
        Column("days", "float"),
        Column("good", "bool"),
    ),
    time="at",
)
GOOD = count(VISITS, VISITS["good"].is_true())
SHARE = Ratio(GOOD, count(VISITS))
MONTHS = (4, 5, 6)
SPRING = {"window": "2025-04-01..2025-06-30", "as_of": "2025-07-01", "compare": "previous"}


def people(seed=5, persons=150):
    """Visits of people who are much like themselves from month to month, and of some once only."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(persons):
        habit, shift = rng.beta(0.5, 0.5), rng.normal(0, 3)
        for month in MONTHS if person % 5 else MONTHS[person % 3 :][:1]:
            for _ in range(rng.integers(1, 6)):
                rows.append(
                    {
                        "id": f"V{len(rows)}",
                        "person": f"P{person}",
                        "site": "ab"[rng.random() < 0.4],
                        "at": dt.datetime(2025, month, int(rng.integers(1, 29))),
                        "days": float(20 + shift + rng.normal()),
                        "good": bool(rng.random() < habit),
                    }
                )
    return pd.DataFrame(rows)


FRAME = people()
FIGURES = {
    "share": (SHARE, lambda rows: rows["good"].mean()),
    "mean": (Mean(VISITS, VISITS["days"]), lambda rows: rows["days"].mean()),
    "median": (Median(VISITS, VISITS["days"]), lambda rows: rows["days"].median()),
    "a share that counts its people": (
        Ratio(GOOD, count(VISITS), n=count_distinct(VISITS, VISITS["person"])),
        lambda rows: rows["good"].mean(),
    ),
    "days per visit": (
        Ratio(total(VISITS, VISITS["days"]), count(VISITS)),
        lambda rows: rows["days"].mean(),
    ),
    "odds": (
        Formula(
            {"good": GOOD, "rows": count(VISITS)},
            lambda v: Estimate.of(v["good"] / (v["rows"] - v["good"])),
        ),
        lambda rows: rows["good"].sum() / (~rows["good"]).sum(),
    ),
    "good visits": (Simple(GOOD), lambda rows: rows["good"].sum()),
}


def spread(figure, frame=FRAME, months=(6, 5), draws=600):
    """The standard deviation of a change over bootstrap samples of people, each with all visits."""
    rng = np.random.default_rng(8)
    month = frame["at"].dt.month
    parts = [
        [frame[(frame["person"] == name) & (month == each)] for each in months]
        for name in frame["person"].unique()
    ]
    found = []
    for _ in range(draws):
        drawn = rng.integers(0, len(parts), len(parts))
        now, before = (pd.concat([parts[each][side] for each in drawn]) for side in (0, 1))
        found.append(figure(now) - figure(before))
    return float(np.std(found))


@pytest.fixture
def asked(opened, make):
    """``asked(metric, …)``: the results of a KPI over the visits."""

    def ask(metric, frame=FRAME, *, source=None, **request):
        is_share = isinstance(metric, Ratio) and metric.numerator is GOOD
        facts = {"unit": "ratio"} if is_share else {"unit": "days"}
        kpi = make(metric, window=Trailing(30), sampling=sample("person"), **facts)
        where = source or {VISITS.name: frame}
        return opened(where, kpi).compute(kpi.id, **{**SPRING, **request})

    return ask


def half(comparison):
    return (comparison.interval.high - comparison.interval.low) / 2


@pytest.mark.parametrize("name", FIGURES)
def test_a_change_between_months_is_as_certain_as_a_bootstrap_by_person_says(asked, name):
    """Whether the months are two windows or two buckets of a trend."""
    metric, figure = FIGURES[name]
    expected = 1.96 * spread(figure)

    windows = asked(metric, window="2025-06")[0].comparison
    buckets = asked(metric, grain="month")[-1].comparison

    assert buckets.change == pytest.approx(windows.change, rel=1e-9)
    # Of a median the bootstrap jumps from value to value.
    assert half(buckets) == pytest.approx(expected, rel=0.3 if name == "median" else 0.1)
    # A formula's slope is taken over a step, whose direction the order of its parts decides on.
    assert half(windows) == pytest.approx(half(buckets), rel=1e-3 if name == "odds" else 1e-9)


def test_each_slice_is_paired_with_itself(asked):
    """And as the two months alone are."""
    for slices in (["site"], []):
        windows = asked(SHARE, window="2025-06", by=slices)
        buckets = [
            each for each in asked(SHARE, grain="month", by=slices) if each.period == "2025-06"
        ]

        assert len(windows) == len(buckets) == (2 if slices else 1)
        for one, other in zip(windows, buckets, strict=True):
            assert half(one.comparison) == pytest.approx(half(other.comparison), rel=1e-9)


def test_a_trend_that_begins_within_a_month_is_paired_with_the_whole_month_before(asked):
    """Its first bucket is cut, and has no change; May is compared with all of April."""
    whole, cut = (
        asked(SHARE, grain="month", window=f"2025-04-{day}..2025-06-30") for day in ("01", "15")
    )

    assert cut[0].comparison.change is None
    for one, other in zip(list(whole)[1:], list(cut)[1:], strict=True):
        assert half(one.comparison) == pytest.approx(half(other.comparison), rel=1e-9)


def test_a_year_earlier_is_paired_where_its_bucket_begins_at_one_day(asked):
    """Months; a day may have two days that are 365 or 366 before it, and counts at its worst."""
    now = FRAME[FRAME["at"].dt.month == 6]
    before = now.assign(at=now["at"] - pd.DateOffset(years=1), id="B" + now["id"])
    both = pd.concat([now, before])
    both.loc[both["id"].str.startswith("B"), "good"] ^= np.arange(len(before)) % 7 == 0

    months = asked(SHARE, both, grain="month", window="2025-06", compare="year")[0]
    windows = asked(SHARE, both, window="2025-06", compare="year")[0]
    day = asked(SHARE, both, grain="day", window="2025-06-10..2025-06-10", compare="year")[0]

    assert half(months.comparison) == pytest.approx(half(windows.comparison), rel=1e-9)
    low, high = day.value - day.interval.low, day.interval.high - day.value
    assert half(day.comparison) > (low + high) / 2 * 1.5


def test_weeks_and_quarters_are_paired_as_their_windows_are(asked):
    for grain, window in (("week", "2025-W24"), ("quarter", "2025-Q2")):
        frame = (
            FRAME
            if grain == "week"
            else FRAME.assign(
                at=FRAME["at"].where(
                    FRAME["at"].dt.month != 4, FRAME["at"] - pd.DateOffset(months=1)
                )
            )
        )
        windows = asked(SHARE, frame, window=window)[0].comparison
        buckets = asked(SHARE, frame, window=window, grain=grain)[0].comparison

        assert half(buckets) == pytest.approx(half(windows), rel=1e-9)


def test_days_are_in_one_bucket_alone(opened, make):
    """A total of days has the interval of two independent months, in windows and in a trend."""
    kpi = make(Simple(GOOD), window=Trailing(30), sampling=sample_by_day("at"), unit="days")
    workspace = opened({VISITS.name: FRAME}, kpi)
    windows, trend = (
        workspace.compute(kpi.id, **{**SPRING, **each})
        for each in ({"window": "2025-06"}, {"grain": "month"})
    )
    now, before = trend[-1], trend[-2]
    low = np.hypot(now.value - now.interval.low, before.interval.high - before.value)

    for found in (windows[0].comparison, now.comparison):
        assert found.change - found.interval.low == pytest.approx(low, rel=1e-6)


def test_what_is_compared_with_changes_no_interval_of_the_value(opened, make):
    """20 people with 5 good visits each in June, 400 with one each in May: 20 people, and no more.

    By day as well: the days of May are none of June's.
    """
    june = [(f"J{person}", 6, day) for person in range(20) for day in range(1, 6)]
    may = [(f"M{person}", 5, 1 + person % 28) for person in range(400)]
    frame = pd.DataFrame(
        [
            {"id": f"V{place}", "person": name, "site": "a", "days": 1.0, "good": True}
            | {"at": dt.datetime(2025, month, day)}
            for place, (name, month, day) in enumerate(june + may)
        ]
    )
    frame.loc[0, "at"] = dt.datetime(2025, 6, 9)
    for metric, sampling, unit in (
        (SHARE, sample("person"), "ratio"),
        (Simple(count(VISITS)), sample_by_day("at"), "days"),
    ):
        kpi = make(metric, window=Trailing(30), sampling=sampling, unit=unit)
        workspace = opened({VISITS.name: frame}, kpi)
        request = {"window": "2025-06", "as_of": "2025-07-01"}
        alone, beside = (
            workspace.compute(kpi.id, **request, **each)[0]
            for each in ({}, {"compare": "previous"})
        )

        assert beside.interval == alone.interval
        if unit == "ratio":
            assert alone.interval.low == pytest.approx(wilson(20, 20).low)


def test_units_that_are_in_no_denominator_make_no_share_more_certain(opened, make):
    """20 people with 5 judged visits each, all good, and 400 people whose visits nobody judged.

    What 20 of 20 say, up to the guess how many people are in 20 buckets or fewer.
    """
    judged = count(VISITS, VISITS["good"].not_null())
    people = [(f"J{person}", True) for person in range(20) for _ in range(5)]
    frame = pd.DataFrame(
        [
            {"id": f"V{place}", "person": name, "site": "a", "days": 1.0, "good": good}
            | {"at": dt.datetime(2025, 6, 1 + place % 28)}
            for place, (name, good) in enumerate(
                [*people, *((f"N{person}", None) for person in range(400))]
            )
        ]
    )
    kpi = make(Ratio(GOOD, judged), window=Trailing(30), sampling=sample("person"), unit="ratio")

    found = opened({VISITS.name: frame}, kpi).compute(kpi.id, window="2025-06", as_of="2025-07-01")

    assert (found[0].value, found[0].n) == (1.0, 100)
    assert found[0].interval.low == pytest.approx(wilson(20, 20).low, abs=0.01)


def test_a_baseline_without_shared_units_is_independent(opened, make):
    """Other people in May than in June: the interval is that of two independent shares."""
    others = FRAME.assign(person=FRAME["person"] + FRAME["at"].dt.month.astype(str))
    kpi = make(SHARE, window=Trailing(30), sampling=sample("person"), unit="ratio")
    workspace = opened({VISITS.name: others}, kpi)
    trend = workspace.compute(kpi.id, **SPRING, grain="month")
    now, before = trend[-1], trend[-2]
    apart = np.hypot(now.value - now.interval.low, before.interval.high - before.value)

    # Some buckets hold a person of each month, by chance: that moves it by a little.
    found = now.comparison
    assert found.change - found.interval.low == pytest.approx(apart, rel=0.1)


@pytest.mark.parametrize("name", ["share", "mean", "median", "good visits"])
def test_of_one_unit_nothing_is_known_to_decide_by(asked, name):
    """Whatever the number of its rows, in a value and in its change."""
    alone = FRAME[FRAME["person"] == "P1"]
    found = asked(FIGURES[name][0], alone, grain="month")[-1]

    assert found.value is not None
    assert (found.interval, found.interval_reason.value) == (None, "too_few_units")
    assert (found.comparison.interval, found.comparison.decided) == (None, None)


def test_weights_have_the_interval_of_a_bootstrap_by_person(asked):
    """A plugin's formula of two totals, each row counted as often as it says."""
    weighted = FRAME.assign(days=FRAME["days"] % 5)
    days, heavy = VISITS["days"], VISITS["good"].is_true()
    metric = Formula(
        {"all": total(VISITS, days), "good": total(VISITS, days, heavy)},
        lambda v: Estimate.of(v["good"] / v["all"]),
    )
    june = weighted[weighted["at"].dt.month == 6]
    parts = [rows for _, rows in june.groupby("person")]
    rng = np.random.default_rng(2)
    drawn = (
        pd.concat([parts[each] for each in rng.integers(0, len(parts), len(parts))])
        for _ in range(400)
    )
    expected = np.std([rows["days"][rows["good"]].sum() / rows["days"].sum() for rows in drawn])

    found = asked(metric, weighted, window="2025-06")[0]

    assert found.value == pytest.approx(
        june["days"][june["good"]].sum() / june["days"].sum(), rel=1e-9
    )
    assert (found.interval.high - found.interval.low) / 2 == pytest.approx(1.96 * expected, rel=0.1)

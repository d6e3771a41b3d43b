"""The range that a value is expected in: what it is made of, and when there is none."""

import json
import math
import random
from datetime import UTC, datetime
from statistics import fmean

import pytest
from scipy.stats import t as student

from kpisdk_history.forecast import expecting, seasonal_model
from kpisdk_history.forecast.seasonal_model import next_range
from kpisdk_history.forecast.seasons import SEASONS, periods_before

WEEK = (4, 5, 6, 7, 8, 2, 1)
"""Late orders of a hundred, by the day of the week."""


def seasonal(many, seed=0, spread=1.0):
    """A week that repeats, and noise."""
    noise = random.Random(seed)
    return [10.0 * WEEK[day % 7] + noise.gauss(0, spread) for day in range(many)]


def test_of_a_week_that_repeats_the_range_is_that_of_a_mean_by_weekday():
    """By hand: the weekday's mean, and Student's interval of one more value around it."""
    values = seasonal(70, seed=4)
    means = [fmean(values[day::7]) for day in range(7)]
    squares = sum((value - means[day % 7]) ** 2 for day, value in enumerate(values))
    reach = student.ppf(0.975, 63) * math.sqrt(squares / 63 * (1 + 1 / 10))

    low, high = next_range(values, 7)

    assert (low, high) == pytest.approx((means[0] - reach, means[0] + reach), abs=0.25 * reach)


@pytest.mark.parametrize(("grain", "period"), SEASONS.items())
def test_fewer_than_three_seasons_have_no_range(grain, period):
    """21 days, 156 weeks, 36 months, 12 quarters."""
    values = [math.sin(6.283 * place / period) + 0.1 * (place % 3) for place in range(3 * period)]

    assert next_range(values[1:], period) is None
    assert next_range(values, period) is not None
    assert [21, 156, 36, 12][list(SEASONS).index(grain)] == 3 * period


@pytest.mark.parametrize("value", [0.0, 0.9, -3.5e300])
def test_a_series_that_never_moved_has_no_range(value):
    """It says nothing of how far it may move: any range would be made up."""
    assert next_range([value] * 70, 7) is None


def test_what_is_missing_is_missing_and_not_zero():
    """The range without some values is nearly that with them; with zeros it would be none near."""
    values = seasonal(70)
    gaps = [None if place in (12, 30, 31, 32, 50) else each for place, each in enumerate(values)]
    zeros = [0.0 if each is None else each for each in gaps]
    (low, high), (low_gaps, high_gaps) = next_range(values, 7), next_range(gaps, 7)
    low_zeros, high_zeros = next_range(zeros, 7)

    assert (low_gaps, high_gaps) == pytest.approx((low, high), abs=1.0)
    assert high_zeros - low_zeros > 3 * (high - low)


def test_missing_values_do_not_count_as_recorded():
    """21 days of which one is missing are not three seasons of values."""
    values = seasonal(21)
    assert next_range([*values[:9], None, *values[10:]], 7) is None


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1e9, 1e300])
def test_the_range_of_tiny_and_of_huge_values_is_the_same_range(scale):
    """Units say nothing about how a series moves."""
    low, high = next_range(seasonal(28), 7)
    found = next_range([scale * each for each in seasonal(28)], 7)

    assert [each / scale for each in found] == pytest.approx([low, high], rel=0.01)


def test_the_periods_before_are_those_of_the_calendar():
    """Ten years of months, and months have their own lengths."""
    found = periods_before(datetime(2026, 3, 1, tzinfo=UTC), "month")

    assert len(found) == 120
    assert found[-1] == (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
    assert found[0][0] == datetime(2016, 3, 1, tzinfo=UTC)


@pytest.fixture
def year(bakeries, tmp_path, file_store):
    """A bakery with 28 days of orders from February 2 on (a Monday), recorded on March 2."""
    return opened(bakeries, tmp_path, file_store)


def opened(bakeries, folder, store):
    made = bakeries.Bakery(folder, store)
    noise = random.Random(1)
    made.run_sql("DELETE FROM orders")
    days = [f"2026-02-{day:02d}" for day in range(2, 29)] + ["2026-03-01"]
    rows = []
    for place, day in enumerate(days):
        late = WEEK[place % 7] + noise.choice((0, 0, 1))
        rows += [f"(TIMESTAMP '{day} 12:00', 'north', {each >= late})" for each in range(100)]
    made.run_sql(f"INSERT INTO orders VALUES {', '.join(rows)}")
    made.now = datetime(2026, 3, 2, 6, tzinfo=UTC)
    return made


def days(bakery, last, **more):
    """Record the days up to one, each for itself, as of now."""
    asked = {"grain": "day", "window": f"2026-02-02..{last}", "as_of": bakery.now}
    return bakery.record(**{**asked, **more})


def monday(bakery, late, day="2026-03-02"):
    """Sell a hundred orders on the next day, some of them late; it is the morning after."""
    bakery.sell(day, late=late, punctual=100 - late)
    bakery.now = datetime.fromisoformat(f"{day}T06:00+00:00")
    bakery.wait(days=1)


def codes(report):
    """The warnings of the last result."""
    return [note.code for note in report.results[-1].warnings]


def last_point(bakery, **asked):
    """The last point of the history by day."""
    (series,) = bakery.workspace().history("BAKERY-001", store=bakery.store, **asked).series
    return series.points[-1]


def test_a_value_outside_of_its_range_is_a_warning_and_never_a_status(year):
    """A Monday of 15 late orders of 100 is good (0.85 is a warning by its own threshold only)."""
    first = days(year, "2026-03-01", run_key="a")
    monday(year, late=40)
    made = days(year, "2026-03-02", run_key="b")
    point = last_point(year)

    assert "unusual" not in codes(first.report)
    assert codes(made.report).count("unusual") == 1
    assert made.report.results[-1].status == "warning"
    assert (point.value, point.unusual, point.status) == (0.6, True, "warning")
    assert 0.9 < point.expected_low < 0.96 < point.expected_high < 1.0
    (note,) = [each for each in made.report.results[-1].warnings if each.code == "unusual"]
    assert note.message.startswith("0.6 is outside of what the periods before let expect: 0.9")
    with year.store.reading() as reading:
        kept = reading.result(made.numbers[-1])
    assert note in kept.warnings


def test_a_value_inside_of_its_range_says_nothing(year):
    """As on the Mondays before; the range is kept all the same."""
    days(year, "2026-03-01", run_key="a")
    monday(year, late=4)
    made = days(year, "2026-03-02", run_key="b")

    assert "unusual" not in codes(made.report)
    assert last_point(year).unusual is False
    assert last_point(year).expected_low < 0.96


def test_the_range_is_that_of_the_first_time_whatever_was_restated_since(year):
    """Late rows for the weeks before do not make what was unusual usual."""
    days(year, "2026-03-01", run_key="a")
    monday(year, late=40)
    days(year, "2026-03-02", run_key="b")
    before = last_point(year)
    year.sell("2026-02-23", late=300)
    year.sell("2026-02-16", late=300)
    year.wait(days=1)
    again = days(year, "2026-03-02", run_key="c")
    after = last_point(year)

    assert [each.old for each in again.restatements] == [pytest.approx(0.95, abs=0.015)] * 2
    assert (after.expected_low, after.expected_high) == (before.expected_low, before.expected_high)
    assert codes(again.report).count("unusual") == 1


def test_compute_warns_of_a_period_that_was_recorded_as_unusual(year):
    """It works nothing out: it looks the range up."""
    days(year, "2026-03-01", run_key="a")
    monday(year, late=40)
    settings = year.folder / "kpisdk.toml"
    settings.write_text(f'[plugins.history]\nstore = "{year.url}"\n')
    days(year, "2026-03-02", run_key="b")
    asked = {"grain": "day", "window": "2026-02-02..2026-03-02", "as_of": year.now}
    report = year.workspace(settings).compute("BAKERY-001", **asked)

    assert codes(report).count("unusual") == 1
    made = year.workspace(settings).record("BAKERY-001", run_key="c", **asked)
    assert codes(made.report).count("unusual") == 1


@pytest.mark.parametrize(("as_of", "many"), [("2026-03-03T05:00Z", 0), ("2026-03-03T07:00Z", 1)])
def test_what_was_recorded_later_is_no_part_of_an_earlier_day(year, as_of, many):
    """The days before were recorded at 6 o'clock; as of 5 nothing was known of them."""
    year.wait(days=1)
    days(year, "2026-03-01", run_key="a")
    monday(year, late=40)
    past = days(year, "2026-03-02", run_key="b", as_of=as_of)

    assert codes(past.report).count("unusual") == many


def test_a_day_that_is_not_over_has_no_range(year):
    """Half a day's orders against whole days would be unusual each noon."""
    days(year, "2026-03-01", run_key="a")
    year.sell("2026-03-02", late=40, punctual=60)
    year.now = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
    made = days(year, "2026-03-02", run_key="b")

    assert "unusual" not in codes(made.report)
    year.now = datetime(2026, 3, 3, 6, tzinfo=UTC)
    assert "unusual" in codes(days(year, "2026-03-02", run_key="c").report)


def test_another_definition_begins_anew(year, bakeries):
    """What it gave of earlier days is not comparable; once it has given three weeks, it is."""
    days(year, "2026-03-01", run_key="a")
    year.kpis = (bakeries.punctuality(strict=True),)
    monday(year, late=40)
    changed = days(year, "2026-03-02", run_key="b")
    monday(year, late=40, day="2026-03-03")
    later = days(year, "2026-03-03", run_key="c")

    assert "unusual" not in codes(changed.report)
    assert "unusual" in codes(later.report)


def test_an_outage_and_days_that_nobody_recorded_are_gaps(year):
    """The day of the outage has no value; the next one has its range by the days before."""
    days(year, "2026-03-01", run_key="a")
    away = year.file.rename(year.folder / "away.duckdb")
    year.wait(days=1)
    assert not days(year, "2026-03-02", run_key="b").run.available
    away.rename(year.file)
    monday(year, late=40, day="2026-03-04")
    asked = {"grain": "day", "as_of": year.now}
    made = year.record(window="2026-03-04..2026-03-04", run_key="c", **asked)

    assert "unusual" in codes(made.report)
    assert last_point(year).expected_low > 0.8


def test_every_slice_has_its_own_range(year):
    """One branch is as ever, the other is not."""
    year.run_sql("INSERT INTO orders SELECT placed_at, 'south', on_time FROM orders")
    days(year, "2026-03-01", by="branch", run_key="a")
    year.sell("2026-03-02", late=4, punctual=96, branch="south")
    monday(year, late=40)
    made = days(year, "2026-03-02", by="branch", run_key="b")
    told = {
        each.slice["branch"]: [note.code for note in each.warnings].count("unusual")
        for each in made.report.results
        if each.period == "2026-03-02"
    }

    assert told == {"north": 1, "south": 0}


def test_windows_that_move_have_no_season(year):
    """A value of the last 7 days shares six of them with the one before."""
    for day in range(1, 25):
        year.now = datetime(2026, 2, day, 6, tzinfo=UTC)
        year.record(run_key=str(day))
    with year.store.reading() as reading:
        results = year.workspace().compute("BAKERY-001").results
        request = year.workspace().request("BAKERY-001")
        assert results[0].value is not None
        assert expecting.expected_of(reading, results, request).ranges == {}


def test_without_the_extra_there_is_nothing_and_nothing_fails(year, monkeypatch):
    """The extra is statsmodels; whoever has it not records as before."""
    monkeypatch.setattr(expecting, "is_installed", lambda: False)
    monkeypatch.setattr(seasonal_model, "_forecast", None)
    days(year, "2026-03-01", run_key="a")
    monday(year, late=40)
    made = days(year, "2026-03-02", run_key="b")

    assert made.is_new
    assert "unusual" not in codes(made.report)


def test_more_new_series_than_a_run_works_out_are_told(year, monkeypatch):
    """Nothing is left out in silence."""
    monkeypatch.setattr(expecting, "MOST_SERIES", 1)
    year.run_sql("INSERT INTO orders SELECT placed_at, 'south', on_time FROM orders")
    days(year, "2026-03-01", by="branch", run_key="a")
    year.sell("2026-03-02", late=40, punctual=60, branch="south")
    monday(year, late=40)
    made = days(year, "2026-03-02", by="branch", run_key="b")

    assert [each.code for each in made.notes] == ["ranges_left_out"]
    assert sum("unusual" in codes_of(each) for each in made.report.results) == 1


def codes_of(result):
    """The warnings of a result."""
    return [note.code for note in result.warnings]


def test_a_model_that_fails_is_no_range(monkeypatch):
    """An error of the library is nobody's value."""
    from statsmodels.tsa.statespace import structural

    def failing(*_arguments, **_named):
        raise ValueError("no maximum")

    monkeypatch.setattr(structural.UnobservedComponents, "fit", failing)

    assert next_range(seasonal(28), 7) is None


def test_the_history_of_machines_holds_the_range(year):
    """As JSON: its ends, and whether the value lies outside."""
    days(year, "2026-03-01", run_key="a")
    monday(year, late=40)
    days(year, "2026-03-02", run_key="b")
    document = year.workspace().history("BAKERY-001", store=year.store).to_dict()
    points = document["series"][0]["points"]

    assert [each["unusual"] for each in points] == [False] * 28 + [True]
    assert [each["expected_low"] for each in points[:28]] == [None] * 28
    assert json.dumps(points[-1]["expected_high"]).startswith("0.9")


def test_a_store_of_the_version_before_is_brought_up_to_date(year):
    """What it holds has no ranges, and stays."""
    days(year, "2026-03-01", run_key="a")
    path = year.store.location.file
    import sqlite3

    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE kpisdk_results DROP COLUMN expected_low")
        connection.execute("ALTER TABLE kpisdk_results DROP COLUMN expected_high")
        connection.execute("UPDATE kpisdk_history_version SET version_num = '0001'")
    connection.close()
    monday(year, late=40)
    days(year, "2026-03-02", run_key="b")

    assert last_point(year).unusual is True

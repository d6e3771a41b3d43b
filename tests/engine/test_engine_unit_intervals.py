"""Intervals of cells: each metric by the method of its kind, and any formula by its units."""

from __future__ import annotations

import math
import random
import statistics

import attrs
import pytest

from kpisdk import (
    Column,
    Dataset,
    Difference,
    Estimate,
    Formula,
    Interval,
    IntervalReason,
    Lift,
    Mean,
    Median,
    Ratio,
    Simple,
    ValueRange,
    count,
    count_distinct,
    maximum,
    mean,
    quantile,
    sample,
    sample_by_day,
    total,
)
from kpisdk.contracts.certainty import Intervals
from kpisdk.contracts.measures import Aggregate
from kpisdk.contracts.sampling import CENSUS, STORED
from kpisdk.contracts.unit_moments import UnitMoments
from kpisdk.engine.intervals.claims import measured
from kpisdk.engine.intervals.metric_intervals import MetricIntervals, no_interval
from kpisdk.engine.intervals.moment_parts import PartsReader
from kpisdk.statistics import lift_delta, lift_interval, mean_t, wilson

VISITS = Dataset(
    "visits",
    (
        Column("patient", "text"),
        Column("brand", "text"),
        Column("days", "float"),
        Column("kept", "bool"),
        Column("treated", "bool"),
    ),
)
KEPT, DAYS, TREATED = VISITS["kept"].is_true(), VISITS["days"], VISITS["treated"].is_true()
SHARE = ValueRange(0, 1)
KEPT_SHARE = Ratio(count(VISITS, KEPT), count(VISITS))
MEAN_DAYS = Mean(VISITS, DAYS)


@attrs.frozen
class Row:
    """A row of ``visits``: its unit, and what measures read of it."""

    unit: int
    days: float = 0.0
    kept: bool = False
    treated: bool = False


def clustered(seed=1, units=40, size=5):
    """Rows of which those of one unit are alike in part."""
    chance = random.Random(seed)
    rows = []
    for unit in range(units):
        shift = chance.gauss(0, 1)
        for _ in range(size):
            days = 10 + 3 * shift + chance.gauss(0, 2)
            rows.append(Row(unit, days, chance.random() < 0.3 + 0.1 * shift, chance.random() < 0.5))
    return rows


def by_unit(rows):
    """The rows of each unit."""
    found = {}
    for row in rows:
        found.setdefault(row.unit, []).append(row)
    return list(found.values())


def cell(metric, rows, read, *, parts=(), possible=SHARE, sampling=None, **facts):
    """The estimate of a metric over rows whose units are buckets, and its interval or the reason.

    ``read`` gives, of some rows, what each measure is over them; ``parts`` further parts per unit.
    """
    measures = metric.measures()
    intervals = MetricIntervals.of(metric, measures, possible, sampling or sample("patient"))
    labels = {name: f"m{place}" for place, name in enumerate(reversed(list(measures)))}
    values = {**read(rows), **facts}
    whole = [
        {
            **{labels[n]: v for n, v in read(one).items() if n in labels and is_plain(measures[n])},
            **{labels[n] + s: v for (n, s), v in (parts(one) if parts else {}).items()},
        }
        for one in by_unit(rows)
    ]
    moments = PartsReader([labels], measures).read([UnitMoments.of(whole)])
    made = metric.estimate(values)
    found = intervals.figure(made, values, moments)
    return made, found.at(0.95) if not isinstance(found, IntervalReason) else found


def is_plain(measure):
    return measure.aggregate in (Aggregate.COUNT, Aggregate.SUM, Aggregate.DISTINCT)


def left_out(rows, formula):
    """The standard error of a formula of rows by leaving out one unit at a time."""
    groups = by_unit(rows)
    each = [
        formula([row for other in groups if other is not one for row in other]) for one in groups
    ]
    middle = statistics.fmean(each)
    return math.sqrt((len(groups) - 1) / len(groups) * sum((x - middle) ** 2 for x in each))


def counts(rows):
    return {"numerator": sum(row.kept for row in rows), "denominator": len(rows)}


def test_a_share_is_as_wide_as_leaving_out_one_unit_at_a_time_makes_it():
    rows = clustered()
    made, found = cell(KEPT_SHARE, rows, counts)
    error = left_out(rows, lambda kept: sum(row.kept for row in kept) / len(kept))
    # Wilson's limits and Student's differ in the second order of the error.
    assert found.method == "wilson"
    assert found.high - found.low == pytest.approx(2 * 2.02 * error, rel=0.05)
    assert found.low < made.value < found.high


def test_a_unit_per_row_gives_wilsons_interval_of_the_rows():
    rows = [Row(place, kept=place % 4 == 0) for place in range(200)]
    _, found = cell(KEPT_SHARE, rows, counts)
    plain = wilson(50, 200)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), rel=0.01)


def test_a_share_of_nothing_keeps_a_width_and_counts_units():
    rows = [Row(place // 5) for place in range(100)]
    made, found = cell(KEPT_SHARE, rows, counts)
    plain = wilson(0, 20)
    assert made.value == 0
    assert (found.low, found.high) == (0, pytest.approx(plain.high))


def test_a_quotient_of_counts_that_can_exceed_one_is_no_share():
    rows = clustered()
    per_patient = Ratio(count(VISITS), count_distinct(VISITS, VISITS["patient"]))
    chance = random.Random(2)
    rows = [row for row in rows if chance.random() < 0.7]

    def read(some):
        return {"numerator": len(some), "denominator": len({row.unit for row in some})}

    made, found = cell(per_patient, rows, read, possible=ValueRange(0))
    error = left_out(rows, lambda some: len(some) / len({row.unit for row in some}))
    assert made.value > 1
    assert found.method == "t"
    assert found.high - found.low == pytest.approx(2 * 2.02 * error, rel=0.05)


def test_a_mean_has_the_error_of_leaving_out_one_unit_at_a_time():
    rows = clustered()
    middle = statistics.fmean(row.days for row in rows)

    def parts(one):
        return {("mean", "_n"): len(one), ("mean", "_e"): sum(row.days - middle for row in one)}

    _, found = cell(
        MEAN_DAYS, rows, lambda some: {"mean": middle, "variance": 1.0, "n": len(some)}, parts=parts
    )
    error = left_out(rows, lambda some: statistics.fmean(row.days for row in some))
    assert found.high - found.low == pytest.approx(2 * 2.02 * error, rel=0.02)


def test_by_rows_a_mean_has_students_interval():
    values = {"mean": 4.0, "variance": 9.0, "n": 25.0}
    intervals = MetricIntervals.of(MEAN_DAYS, MEAN_DAYS.measures(), ValueRange(), sample())
    found = intervals.figure(MEAN_DAYS.estimate(values), values, None).at(0.99)
    plain = mean_t(4.0, 9.0, 25, 0.99)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))


def test_by_rows_a_lift_has_the_interval_of_the_logarithm():
    lift = Lift(VISITS, KEPT, TREATED, ~TREATED)
    values = {"treated_hits": 30, "treated": 100, "control_hits": 20, "control": 90}
    intervals = MetricIntervals.of(lift, lift.measures(), ValueRange(-1), sample())
    found = intervals.figure(lift.estimate(values), values, None).at(0.95)
    plain = lift_delta(30, 100, 20, 90)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))


def test_a_lift_by_units_is_the_same_at_every_level_as_its_method_makes_it():
    rows = clustered(units=60)
    lift = Lift(VISITS, KEPT, TREATED, ~TREATED)

    def read(some):
        arms = [row for row in some if row.treated], [row for row in some if not row.treated]
        hits1, hits0 = (sum(row.kept for row in arm) for arm in arms)
        n1, n0 = map(len, arms)
        return {"treated_hits": hits1, "treated": n1, "control_hits": hits0, "control": n0}

    measures = lift.measures()
    intervals = MetricIntervals.of(lift, measures, ValueRange(-1), sample("patient"))
    labels = {name: name for name in measures}
    whole = UnitMoments.of([read(one) for one in by_unit(rows)])
    moments = PartsReader([labels], measures).read([whole])
    figure = intervals.figure(lift.estimate(read(rows)), read(rows), moments)
    for level in (0.5, 0.95, 0.999):
        plain = lift_interval(whole, *measures, level=level)
        found = figure.at(level)
        assert (found.low, found.high) == pytest.approx((plain.low, plain.high))


def test_a_lift_without_a_treated_hit_still_has_an_interval():
    lift = Lift(VISITS, KEPT, TREATED, ~TREATED)
    values = {"treated_hits": 0, "treated": 50, "control_hits": 20, "control": 90}
    intervals = MetricIntervals.of(lift, lift.measures(), ValueRange(-1), sample())
    found = intervals.figure(lift.estimate(values), values, None).at(0.95)
    assert found.low == -1
    assert -1 < found.high < 0


def test_a_strangers_formula_that_names_numerator_and_denominator_is_a_share():
    rows = clustered()

    def missing(values):
        n = values["rows"]
        return Estimate.of(
            (n - values["kept"]) / n, numerator=n - values["kept"], denominator=n, n=n
        )

    metric = Formula({"rows": count(VISITS), "kept": count(VISITS, KEPT)}, missing)
    _, found = cell(
        metric, rows, lambda some: {"rows": len(some), "kept": sum(row.kept for row in some)}
    )
    _, other = cell(KEPT_SHARE, rows, counts)
    assert (found.low, found.high) == pytest.approx((1 - other.high, 1 - other.low))
    assert found.method == "wilson"


def test_a_strangers_formula_that_names_nothing_has_the_spread_of_its_units():
    rows = clustered()
    metric = Formula(
        {"rows": count(VISITS), "days": total(VISITS, DAYS)},
        lambda values: Estimate.of(math.log(values["days"] / values["rows"])),
    )

    def read(some):
        return {"rows": len(some), "days": sum(row.days for row in some)}

    _, found = cell(metric, rows, read, possible=ValueRange())
    error = left_out(rows, lambda some: math.log(statistics.fmean(row.days for row in some)))
    assert found.method == "jackknife_t"
    assert found.high - found.low == pytest.approx(2 * 2.02 * error, rel=0.03)


def test_a_strangers_formula_over_a_mean_is_made_again_from_its_parts():
    rows = clustered()
    middle = statistics.fmean(row.days for row in rows)
    metric = Formula({"mean": mean(VISITS, DAYS)}, lambda values: Estimate.of(values["mean"] ** 2))

    def parts(one):
        return {("mean", "_n"): len(one), ("mean", "_e"): sum(row.days - middle for row in one)}

    _, found = cell(metric, rows, lambda _: {"mean": middle}, parts=parts, possible=ValueRange())
    error = left_out(rows, lambda some: statistics.fmean(row.days for row in some) ** 2)
    assert found.high - found.low == pytest.approx(2 * 2.02 * error, rel=0.03)


@pytest.mark.parametrize(
    "other", [maximum(VISITS, DAYS), quantile(VISITS, DAYS, 0.9)], ids=["maximum", "quantile"]
)
def test_a_formula_that_hangs_on_what_does_not_add_up_has_no_interval(other):
    metric = Formula(
        {"rows": count(VISITS), "other": other},
        lambda values: Estimate.of(values["other"] / values["rows"]),
    )

    def read(some):
        return {"rows": len(some), "other": 7.0}

    _, found = cell(metric, clustered(), read, possible=ValueRange())
    assert found is IntervalReason.UNDEFINED


def test_what_a_formula_only_reports_does_not_cost_it_its_interval():
    metric = Formula(
        {"rows": count(VISITS), "kept": count(VISITS, KEPT), "longest": maximum(VISITS, DAYS)},
        lambda values: Estimate.of(
            values["kept"] / values["rows"], details={"longest": values["longest"]}
        ),
    )

    def read(some):
        return {"rows": len(some), "kept": sum(row.kept for row in some), "longest": 7.0}

    _, found = cell(metric, clustered(), read)
    assert isinstance(found, Interval)


def test_a_formula_that_breaks_off_a_few_units_away_has_no_interval():
    def fragile(values):
        if values["rows"] != 200:
            raise RuntimeError(values)
        return Estimate.of(values["rows"])

    metric = Formula({"rows": count(VISITS)}, fragile)
    _, found = cell(metric, clustered(), lambda some: {"rows": len(some)}, possible=ValueRange())
    assert found is IntervalReason.UNDEFINED


def test_a_metric_that_holds_one_of_ours_has_the_interval_of_that_one():
    @attrs.frozen
    class Described:
        metric: Ratio

        def measures(self):
            return {**self.metric.measures(), "longest": maximum(VISITS, DAYS)}

        def follow_ups(self, values):
            return {}

        def concepts(self):
            return ()

        def estimate(self, values):
            return attrs.evolve(self.metric.estimate(values), details=dict(values))

    rows = clustered()
    described = Described(KEPT_SHARE)
    _, found = cell(described, rows, lambda some: {**counts(some), "longest": 3.0})
    assert found == cell(KEPT_SHARE, rows, counts)[1]
    intervals = MetricIntervals.of(described, described.measures(), SHARE, sample("patient"))
    assert intervals.names == ("numerator", "denominator")


def test_a_total_varies_as_much_as_its_units_come_and_go():
    # 400 patients, each a row: their number is chance, with the variance of a Poisson count.
    chance = random.Random(4)
    sizes = {}
    for _ in range(400):
        bucket = chance.randrange(1000)
        sizes[bucket] = sizes.get(bucket, 0) + 1
    rows = [Row(bucket) for bucket, size in sizes.items() for _ in range(size)]
    metric = Simple(count(VISITS))
    _, found = cell(metric, rows, lambda some: {"value": len(some)}, possible=ValueRange(0))
    assert math.log(found.high / found.low) == pytest.approx(2 * 1.97 / math.sqrt(400), rel=0.1)


def test_a_total_of_days_varies_as_its_days_do():
    rows = [Row(day) for day in range(30) for _ in range(10 + day % 3)]
    metric = Simple(count(VISITS))
    _, found = cell(
        metric,
        rows,
        lambda some: {"value": len(some)},
        possible=ValueRange(),
        sampling=sample_by_day("days"),
    )
    error = math.sqrt(30 * statistics.variance([10 + day % 3 for day in range(30)]))
    assert found.high - found.low == pytest.approx(2 * 2.0452 * error, rel=1e-3)


def test_a_difference_of_totals_counts_that_both_come_from_the_same_units():
    rows = [Row(unit, kept=place == 0) for unit in range(50) for place in range(2 + unit % 4)]
    metric = Difference(count(VISITS), count(VISITS, KEPT))
    _, found = cell(
        metric,
        rows,
        lambda some: {"left": len(some), "right": sum(row.kept for row in some)},
        possible=ValueRange(),
        sampling=sample_by_day("days"),
    )
    error = math.sqrt(50 * statistics.variance([1 + unit % 4 for unit in range(50)]))
    assert found.high - found.low == pytest.approx(2 * 2.0096 * error, rel=1e-3)


def test_medians_are_bounded_by_ranks_that_grow_apart_with_the_units_size():
    metric = Median(VISITS, DAYS)
    measures = metric.measures()
    intervals = MetricIntervals.of(metric, measures, ValueRange(), sample("patient"))
    labels = {"median": "m0"}
    apart, together = (
        [{"m0_n": size, "m0_below": size * (place % 2)} for place in range(100 // size)]
        for size in (1, 5)
    )
    ranks = []
    for buckets in (apart, together):
        moments = PartsReader([labels], measures).read([UnitMoments.of(buckets)])
        found = intervals.ranks({"median": 3.0, "n": 100.0}, moments)
        ranks.append((found["low"].q, found["high"].q))
    # 0.5 -+ 1.96 * 0.5 / sqrt(100) is 0.402 and 0.598: ranks 41 and 60 of 100.
    assert ranks[0] == pytest.approx((0.405, 0.595))
    # Five alike in each unit: the square root of five times as far, and Student's t of 19.
    assert ranks[1][0] == pytest.approx(0.5 - 2.093 * 0.5 / math.sqrt(20), abs=0.02)
    assert {each.aggregate for each in found.values()} == {Aggregate.RANK}
    values = {"median": 3.0, "n": 100.0, "low": 2.0, "high": 5.0}
    made = intervals.figure(metric.estimate(values), values, moments).at(0.95)
    assert (made.low, made.high, made.method) == (2.0, 5.0, "woodruff")


def test_a_single_unit_has_no_interval():
    _, found = cell(KEPT_SHARE, [Row(1, kept=True), Row(1)], counts)
    assert found is IntervalReason.TOO_FEW_UNITS


def test_an_interval_that_names_its_own_unit_stands():
    own = Interval(0.1, 0.4, unit="region")
    metric = Formula({"rows": count(VISITS)}, lambda _: Estimate.of(0.2, interval=own))
    _, found = cell(metric, clustered(), lambda some: {"rows": len(some)})
    assert found == own


def test_a_part_read_across_slices_is_taken_as_independent_of_its_whole():
    metric = Ratio(count(VISITS, KEPT), count(VISITS, KEPT, across=("brand",)))
    measures = metric.measures()
    intervals = MetricIntervals.of(metric, measures, SHARE, sample("patient"))
    reader = PartsReader([{"numerator": "m0"}, {"denominator": "m0"}], measures)
    own = UnitMoments.of([{"m0": unit % 3} for unit in range(90)])
    whole = UnitMoments.of([{"m0": 2 + unit % 5} for unit in range(90)])
    values = {"numerator": 90.0, "denominator": 360.0}
    found = intervals.figure(metric.estimate(values), values, reader.read([own, whole])).at(0.95)
    above, below = (
        90 * statistics.variance(each)
        for each in ([unit % 3 for unit in range(90)], [2 + unit % 5 for unit in range(90)])
    )
    error = math.sqrt(above + 0.25**2 * below) / 360
    assert found.high - found.low == pytest.approx(2 * 1.987 * error, rel=0.05)


@pytest.mark.parametrize(
    ("sampling", "intervals", "reason"),
    [
        (CENSUS, Intervals.UNIT, IntervalReason.CENSUS),
        (STORED, Intervals.NONE, IntervalReason.STORED),
        (sample("patient"), Intervals.NONE, IntervalReason.NOT_ASKED),
        (sample("patient"), Intervals.ROW, None),
    ],
)
def test_a_census_a_stored_figure_and_who_asks_for_none_get_no_interval(
    sampling, intervals, reason
):
    assert no_interval(sampling, intervals) is reason


def test_an_estimate_carries_its_interval_with_the_unit_or_says_why_it_has_none():
    rows = clustered()
    metric, measures = KEPT_SHARE, KEPT_SHARE.measures()
    intervals = MetricIntervals.of(metric, measures, SHARE, sample("patient"))
    made = metric.estimate(counts(rows))
    figure = intervals.figure(made, counts(rows), None)
    assert measured(made, figure, SHARE, "patient").interval.unit == "patient"
    none = measured(made, IntervalReason.CENSUS, SHARE)
    assert (none.interval, none.interval_reason) == (None, IntervalReason.CENSUS)

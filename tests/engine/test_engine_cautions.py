"""Warnings that a value deserves whatever computed it: few rows, and a place outside its range."""

from __future__ import annotations

import pandas as pd
import pytest

from kpisdk import (
    Calculator,
    Column,
    Dataset,
    Difference,
    Estimate,
    Formula,
    FrameInput,
    Kpi,
    Lift,
    LogicalType,
    Mean,
    Median,
    Ratio,
    Simple,
    ValueRange,
    count,
    count_distinct,
    maximum,
    mean,
    median,
    minimum,
    quantile,
    total,
    variance,
)
from kpisdk.contracts.value_ranges import range_of_unit
from kpisdk.errors import DefinitionError

SALES = Dataset(
    "sales",
    (
        Column("amount", LogicalType.FLOAT),
        Column("shop", LogicalType.TEXT),
        Column("returned", LogicalType.BOOL),
    ),
)
AMOUNT = SALES["amount"]


@pytest.fixture
def answer(opened):
    """``answer(calculation, rows)``: the result of a KPI over rows of (amount, shop, returned)."""

    def made(calculation, rows, *, unit="points", **facts):
        kpi = _kpi(calculation, unit, **facts)
        frame = pd.DataFrame(rows, columns=["amount", "shop", "returned"])
        frame = frame.astype({"amount": float})
        (result,) = opened({"sales": frame}, kpi).compute("T-1")
        return result

    return made


def _kpi(calculation, unit, **facts):
    return Kpi(
        id="T-1",
        name="t",
        workstream="t",
        definition="d",
        formula="f",
        calculation=calculation,
        unit=unit,
        **facts,
    )


def codes(result):
    """The codes of its warnings, in order; none may be given twice."""
    found = [note.code for note in result.warnings]
    assert len(found) == len(set(found))
    return found


ROWS = [(float(i), "ab"[i % 2], i % 3 == 0) for i in range(40)] + [(None, "a", True)] * 5


def of_frame(inputs):
    """A calculator that gives no warnings of its own."""
    values = inputs.frames["rows"]["amount"].dropna()
    return Estimate.of(values.mean(), n=len(values))


CALCULATED = Calculator(of_frame, (FrameInput("rows", SALES, ("amount",)),))
ESTIMATING = {
    "total": Simple(total(SALES, AMOUNT)),
    "median": Simple(median(SALES, AMOUNT)),
    "quantile": Simple(quantile(SALES, AMOUNT, 0.9)),
    "largest": Simple(maximum(SALES, AMOUNT)),
    "variance": Simple(variance(SALES, AMOUNT)),
    "mean": Mean(SALES, AMOUNT),
    "order statistic": Median(SALES, AMOUNT),
    "ratio of totals": Ratio(total(SALES, AMOUNT), total(SALES, AMOUNT)),
    "total over count": Ratio(total(SALES, AMOUNT), count(SALES, AMOUNT.not_null())),
    "mean over count": Ratio(mean(SALES, AMOUNT), count(SALES)),
    "difference": Difference(maximum(SALES, AMOUNT), minimum(SALES, AMOUNT)),
    "calculator": CALCULATED,
    "formula": Formula(
        {"m": mean(SALES, AMOUNT), "n": count(SALES, AMOUNT.not_null())},
        lambda values: Estimate.of(values["m"], n=values["n"]),
    ),
}


@pytest.mark.parametrize("name", ESTIMATING)
def test_whatever_rests_on_fewer_than_thirty_rows_says_so(answer, name):
    """Forty amounts are enough, twenty are not, and rows without one are not counted."""
    many = answer(ESTIMATING[name], ROWS)
    few = answer(ESTIMATING[name], [*ROWS[:20], *ROWS[40:]])

    assert many.value is not None
    assert (many.n, codes(many)) == (40, [])
    assert (few.n, codes(few)) == (20, ["few_rows"])


def test_a_count_is_exact_however_small_it_is(answer):
    """Nothing is estimated from three rows that are counted."""
    for measure in (count(SALES), count_distinct(SALES, SALES["shop"])):
        assert codes(answer(Simple(measure), ROWS[:3], unit="count")) == []


def test_the_difference_of_two_counts_has_no_rows_behind_it(answer):
    """Both are exact, and so is what lies between them."""
    both = Difference(count(SALES), count(SALES, SALES["returned"].is_true()))
    result = answer(both, ROWS[:3], unit="count")

    assert (result.value, result.n, codes(result)) == (2.0, None, [])


def test_the_fewer_rows_of_a_quotient_decide(answer):
    """A mean of two returned amounts over the forty of all."""
    rare = [*ROWS[:40:3][:2], *((a, s, False) for a, s, _ in ROWS[2:40])]
    top = mean(SALES, AMOUNT, SALES["returned"].is_true())

    result = answer(Ratio(top, mean(SALES, AMOUNT)), rare)

    assert (result.n, codes(result)) == (2, ["few_rows"])


@pytest.mark.parametrize(
    ("calculation", "unit", "facts", "expected"),
    [
        (Ratio(total(SALES, AMOUNT), count(SALES)), "ratio", {}, ["share_above_one"]),
        (Ratio(count(SALES), count(SALES, SALES["returned"].is_true())), "ratio", {}, None),
        (Simple(mean(SALES, AMOUNT)), "ratio", {}, ["share_above_one"]),
        (CALCULATED, "ratio", {}, ["share_above_one"]),
        (CALCULATED, "ratio", {"value_range": ValueRange(0)}, []),
        (CALCULATED, "ratio", {"value_range": ValueRange()}, []),
        (CALCULATED, "score", {}, []),
        (CALCULATED, "score", {"value_range": ValueRange(0, 1)}, ["out_of_range"]),
        (CALCULATED, "days", {"value_range": ValueRange(high=3)}, ["out_of_range"]),
    ],
)
def test_a_value_that_the_kpi_cannot_have_is_told(answer, calculation, unit, facts, expected):
    """A ratio is a share unless the KPI says otherwise; other units have the range they declare."""
    found = codes(answer(calculation, ROWS, unit=unit, **facts))

    assert found == (["few_rows", "share_above_one"] if expected is None else expected)


def test_a_negative_share_and_a_negative_stability_index_are_told(answer):
    """Nothing can be less than nothing of a whole."""
    rows = [(-0.3, "a", True)] * 40

    assert codes(answer(Simple(mean(SALES, AMOUNT)), rows, unit="ratio")) == ["out_of_range"]
    assert codes(answer(Simple(mean(SALES, AMOUNT)), rows, unit="psi")) == ["out_of_range"]


def test_a_lift_is_no_share(answer):
    """Three times as many is a lift of 2; less than nothing at all is none."""
    rows = [(1.0, "a", i % 4 != 0) for i in range(40)] + [(1.0, "b", i % 4 == 0) for i in range(40)]
    shop = SALES["shop"]
    lift = Lift(SALES, SALES["returned"].is_true(), shop.equals("a"), shop.equals("b"))

    result = answer(lift, rows, unit="ratio")

    assert (result.value, codes(result)) == (pytest.approx(2.0), [])


def test_an_absent_value_has_no_such_warnings(answer):
    """There is nothing to judge."""
    result = answer(ESTIMATING["total"], [(None, "a", True)] * 3)

    assert (result.value, codes(result)) == (None, [])


@pytest.mark.parametrize(
    ("within", "amounts", "ends", "method"),
    [
        # Student's t with 2 degrees of freedom: 4.302653 standard errors on either side
        (ValueRange(0, 1), (0.5, 1, 1), (0.8333333 - 4.302653 / 6, 1), "t, within 0 to 1"),
        (ValueRange(0, 1), (0, 0, 0.3), (0, 0.1 + 0.4302653), "t, within 0 to 1"),
        (ValueRange(0, 1), (1, 1, 0), (0, 1), "t, within 0 to 1"),
        (ValueRange(0), (0, 0, 3), (0, 1 + 4.302653), "t, within 0 and more"),
        (ValueRange(high=0), (0, 0, -3), (-1 - 4.302653, 0), "t, within 0 and less"),
        (ValueRange(-10, 10), (0, 0, 3), (1 - 4.302653, 1 + 4.302653), "t"),
        (ValueRange(), (0, 0, 3), (1 - 4.302653, 1 + 4.302653), "t"),
        # stored nonsense: the interval holds the value that is reported, and says nothing beyond it
        (ValueRange(0, 1), (80, 83, 86), (83 - 4.302653 * 3 / 3**0.5, 83), "t, within 0 to 1"),
    ],
)
def test_an_interval_ends_where_the_values_do(answer, within, amounts, ends, method):
    """And it holds its own value; one that was cut says so, as its width tells no spread."""
    result = answer(
        Mean(SALES, AMOUNT), [(each, "N", None) for each in amounts], value_range=within
    )

    assert (result.interval.low, result.interval.high) == pytest.approx(ends, abs=1e-6)
    assert result.interval.low <= result.value <= result.interval.high
    assert result.interval.method == method


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ((1, 0), "must be below"),
        ((1, 1), "must be below"),
        ((float("nan"), 1), "not a finite number"),
        ((None, float("inf")), "not a finite number"),
    ],
)
def test_a_range_that_holds_nothing_or_has_no_end_is_refused(bounds, words):
    """Nothing lies between 1 and 0; where there is no bound there is none to be written."""
    with pytest.raises(DefinitionError, match=words):
        ValueRange(*bounds)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (ValueRange(), "any number"),
        (ValueRange(0), "0 and more"),
        (ValueRange(high=2.5), "2.5 and less"),
        (ValueRange(-1, 1), "-1 to 1"),
        (range_of_unit("ratio"), "0 to 1"),
        (range_of_unit("days"), "any number"),
    ],
)
def test_a_range_says_its_ends(given, words):
    """As warnings and ``kpisdk show`` have it."""
    assert str(given) == words

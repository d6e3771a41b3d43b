"""How expressions, measures and calculations are put into words: one wording for all readers."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from kpisdk import (
    AsOf,
    Calculator,
    Column,
    Dataset,
    DefinitionError,
    Difference,
    Estimate,
    Expression,
    FirstOf,
    Formula,
    FrameInput,
    Kpi,
    Lift,
    Mean,
    Median,
    Option,
    ParameterRef,
    Ratio,
    Simple,
    count,
    median,
    quantile,
    total,
)
from kpisdk.contracts.calculation_text import (
    expression_words,
    formula_words,
    measure_words,
    option_words,
)
from kpisdk.contracts.calculators import options_of
from kpisdk.expressions import JsonNumber

T = Dataset(
    "triggers",
    (
        Column("day", "date"),
        Column("at", "timestamp"),
        Column("brand", "text"),
        Column("cost", "float"),
        Column("tier", "int"),
        Column("flag", "bool"),
        Column("extra", "json"),
    ),
)

WORDS = [
    (T["brand"].equals("it's"), 'brand = "it\'s"'),
    (T["flag"].is_true(), "flag = true"),
    (T["tier"] <= 2, "tier <= 2"),
    (T["day"] >= date(2026, 1, 2), "day >= 2026-01-02"),
    (T["at"] < AsOf(), "at < as_of"),
    (T["brand"].is_in("a", "b"), "brand in ('a', 'b')"),
    (T["brand"].same_text("Ab"), "ascii_lower(brand) in ('ab')"),
    (
        T["brand"].contains_text("x", "y"),
        ("ascii_lower(brand) contains 'x' or ascii_lower(brand) contains 'y'"),
    ),
    (T["brand"].is_null(), "brand is unknown"),
    (~(T["brand"].is_null() | T["flag"].is_true()), "not (brand is unknown or (flag = true))"),
    (T["cost"].not_null() & (T["cost"] * 2 > 1.5), "cost is known and ((cost * 2) > 1.5)"),
    (T["cost"].equals(ParameterRef("limit", "float")), "cost = :limit"),
    (T["cost"].or_else(0.0), "coalesce(cost, 0.0)"),
    (JsonNumber(T["extra"], ("a", ParameterRef("k", "text"))), "extra.a.:k"),
    (Expression(), "Expression"),
]


@pytest.mark.parametrize(("expression", "words"), WORDS)
def test_expressions_are_worded_for_readers(expression, words):
    """``kpisdk show`` tells a predicate as a person would write it."""
    assert expression_words(expression) == words


def test_measures_are_worded_for_readers():
    """Aggregate, value, relation, predicate, and what it is taken across."""
    assert measure_words(median(T, T["cost"])) == "median cost of triggers"
    assert measure_words(quantile(T, T["cost"], 0.95)) == "quantile 0.95 cost of triggers"
    assert measure_words(count(T, T["flag"].is_true(), across=("brand",))) == (
        "count of triggers where flag = true (over all of brand)"
    )
    assert measure_words(total(T, T["cost"])) == "sum cost of triggers"


SPENT = total(T, T["cost"])
FLAGGED = count(T, T["flag"].is_true())
FORMULAS = [
    (Simple(SPENT), "sum cost of triggers"),
    (Ratio(FLAGGED, count(T)), "(count of triggers where flag = true) / count of triggers"),
    (Mean(T, T["cost"]), "mean cost of triggers"),
    (Median(T, T["cost"], T["tier"] <= 2), "median cost of triggers where tier <= 2"),
    (Difference(SPENT, FLAGGED), "sum cost of triggers - (count of triggers where flag = true)"),
    (
        Lift(T, T["flag"].is_true(), T["tier"].equals(1), T["tier"].equals(2)),
        (
            "(treated - control) / control, where treated = share of triggers with (flag = true) "
            "where tier = 1; control = share of triggers with (flag = true) where tier = 2"
        ),
    ),
    (
        Formula({"spent": SPENT, "all": count(T)}, Estimate.of),
        "of(spent, all), where spent = sum cost of triggers; all = count of triggers",
    ),
    (
        FirstOf((Option("stored", Simple(SPENT)), Option("counted", Simple(count(T))))),
        "first of: sum cost of triggers; count of triggers",
    ),
]


@pytest.mark.parametrize(("calculation", "words"), FORMULAS)
def test_a_formula_that_nobody_wrote_is_that_of_the_calculation(calculation, words):
    """One wording for records in Python and for definition files."""
    assert formula_words(calculation) == words


def test_a_calculation_in_python_needs_words_of_its_author():
    """What a function does cannot be read off it."""
    made = partial(Kpi, id="T-1", name="Cost", workstream="shop", definition="Cost.", unit="score")
    asking = Calculator(estimate, (FrameInput("rows", T, ("cost",)),))

    assert made(calculation=Simple(SPENT)).formula == "sum cost of triggers"
    with pytest.raises(DefinitionError, match="formula: is empty"):
        made(calculation=asking)


def estimate(_inputs):
    """A calculation that says nothing."""
    return Estimate.of(1.0)


def test_calculators_and_options_are_worded_for_readers():
    """Each way to a value, with the function or the measures, and what it reads."""
    static = Calculator(
        estimate, (FrameInput("rows", T, ("cost",), T["flag"].is_true(), optional=("tier",)),)
    )
    asking = Calculator(estimate, lambda parameters, settings: ())
    both = FirstOf((Option("computed", static), Option("asking", asking)))

    worded = [option_words(option) for option in options_of(both)]

    assert worded[0]["option"] == "computed"
    assert worded[0]["function"].endswith(".estimate")
    assert worded[0]["inputs"] == {"rows": "cost, tier of triggers where flag = true"}
    assert worded[1]["inputs"] == "chosen by the parameters"
    assert option_words(Option("", Simple(count(T)))) == {
        "kind": "simple",
        "measures": {"value": "count of triggers"},
    }

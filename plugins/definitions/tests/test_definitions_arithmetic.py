"""Arithmetic over measures: what it computes, and why there may be no value."""

from __future__ import annotations

import pickle

import pytest

from kpisdk import Estimate, Reason
from kpisdk.registry.fingerprint import fingerprint
from kpisdk_definitions.arithmetic import MeasureArithmetic, read_arithmetic

NAMES = ("a", "b", "c")


def computed(text: str, n: str | None = None, **values: float | None) -> Estimate:
    """What a formula makes of measures."""
    expression = read_arithmetic(text, dict.fromkeys(NAMES))
    assert not isinstance(expression, list)
    return MeasureArithmetic(expression, n)({**dict.fromkeys(NAMES), **values})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a + b * 2", 10.0),
        ("(a - b) / b", 1 / 3),
        ("-a", -4.0),
        ("abs(a - b - b)", 2.0),
        ("coalesce(c, 7) + 1", 8.0),
        ("coalesce(a / (b - b), 5)", 5.0),
        ("2.5", 2.5),
    ],
)
def test_a_formula_computes(text, value):
    """As by hand, with a = 4, b = 3 and c missing; NULL and division by zero as in SQL."""
    assert computed(text, a=4.0, b=3.0).value == pytest.approx(value)


def test_a_measure_without_a_value_leaves_none():
    """A sum over no rows is not zero."""
    assert computed("a + c", a=4.0).reason is Reason.NO_ROWS


def test_a_division_by_zero_is_named():
    """With what would have been divided."""
    estimate = computed("a / b", n="c", a=4.0, b=0.0, c=9.0)

    assert (estimate.reason, estimate.n) == (Reason.ZERO_DENOMINATOR, 9)
    assert estimate.message == "The formula divides 4 by zero."


def test_a_value_that_is_too_large_is_not_finite():
    """And never infinity."""
    assert computed("a * a", a=1e308).reason is Reason.NOT_FINITE


@pytest.mark.parametrize("text", ["a > b", "'x'", "a IS NULL", "contains('x', 'y')", ":as_of"])
def test_what_is_no_number_of_measures_is_refused(text):
    """Conditions, texts and instants have no place in a formula."""
    assert isinstance(read_arithmetic(text, dict.fromkeys(NAMES)), list)


def test_formulas_travel_and_have_fingerprints():
    """They are data: one can be sent to another process, and two that differ are told apart."""
    first, second = (
        MeasureArithmetic(read_arithmetic(text, dict.fromkeys(NAMES)))
        for text in ("a / b", "b / a")
    )

    assert pickle.loads(pickle.dumps(first)) == first
    assert fingerprint(first) != fingerprint(second)

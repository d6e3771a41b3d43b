"""When two intervals are the same one: within an engine, and across engines."""

from __future__ import annotations

import attrs
import pytest

from kpisdk import Interval
from kpisdk.testing.tolerance import same_across_engines, same_interval

BY_ROWS = Interval(0.2, 0.4, method="wilson")
BY_UNITS = Interval(0.2, 0.4, method="wilson", unit="patient_id")


@pytest.mark.parametrize("same", [same_interval, same_across_engines])
@pytest.mark.parametrize("one", [BY_ROWS, BY_UNITS, None])
def test_an_interval_is_the_same_as_itself(same, one):
    """Also one that is absent on both sides."""
    assert same(one, one)


@pytest.mark.parametrize("same", [same_interval, same_across_engines])
@pytest.mark.parametrize(
    "other",
    [
        None,
        BY_ROWS,
        attrs.evolve(BY_UNITS, level=0.9),
        attrs.evolve(BY_UNITS, method="t"),
        attrs.evolve(BY_UNITS, low=0.41, high=0.6),
    ],
)
def test_an_interval_of_another_kind_or_place_is_another_one(same, other):
    """None, another unit, level or method, or no point in common."""
    assert not same(BY_UNITS, other)
    assert not same(other, BY_UNITS)


def test_by_units_two_engines_estimate_one_interval():
    """Each hashes the units in its own way; within one engine the ends are the same."""
    other = attrs.evolve(BY_UNITS, low=0.21, high=0.42)

    assert same_across_engines(BY_UNITS, other)
    assert not same_interval(BY_UNITS, other)


def test_by_rows_the_ends_are_close_on_every_engine():
    """Nothing is hashed there, so that only rounding differs."""
    assert same_across_engines(BY_ROWS, attrs.evolve(BY_ROWS, low=0.2 + 1e-12))
    assert not same_across_engines(BY_ROWS, attrs.evolve(BY_ROWS, low=0.21))

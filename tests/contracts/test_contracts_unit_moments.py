"""Unit moments: shapes, and where a product stands."""

from __future__ import annotations

import pytest

from kpisdk import DefinitionError, UnitMoments
from kpisdk.contracts.unit_moments import pairs, triples

BUCKETS = [{"hits": 1, "rows": 2, "days": 5}, {"hits": 0, "rows": 3, "days": 7}]


def test_moments_of_two_buckets_are_what_the_hand_works_out():
    """Hits 1 and 0, rows 2 and 3, days 5 and 7: sums 1, 5, 12 and six products."""
    moments = UnitMoments.of(BUCKETS, units=4, unknown=1)

    assert moments == UnitMoments(
        ("hits", "rows", "days"), 2, (1, 5, 12), (1, 2, 5, 13, 31, 74), (1, 2, 2), 4, 1
    )


def test_a_product_is_found_in_either_order():
    """Days times rows is rows times days: 2 * 5 + 3 * 7."""
    moments = UnitMoments.of(BUCKETS)

    assert moments.product("days", "rows") == moments.product("rows", "days") == 31
    assert moments.product("days", "days") == 74
    assert moments.totals == {"hits": 1, "rows": 5, "days": 12}


def test_pairs_name_the_products_in_their_order():
    """Whoever writes the statement and whoever reads its row go by one list."""
    assert pairs("abc") == (("a", "a"), ("a", "b"), ("a", "c"), ("b", "b"), ("b", "c"), ("c", "c"))


def test_where_filled_buckets_were_not_counted_all_buckets_are_taken():
    """An engine may leave the count out."""
    known = UnitMoments.of(BUCKETS)
    unknown = UnitMoments(("hits",), 2, (1,), (1,))

    assert (known.filled_by("hits"), unknown.filled_by("hits")) == (1, 2)


def test_a_cube_is_found_in_any_order():
    """Rows, rows and days: 2 * 2 * 5 + 3 * 3 * 7. What was not read is missing."""
    moments = UnitMoments.of(BUCKETS, skewed=triples(("rows", "days")))

    assert moments.cube("days", "rows", "rows") == moments.cube("rows", "days", "rows") == 83
    with pytest.raises(KeyError):
        moments.cube("hits", "hits", "hits")


def test_sums_of_measures_have_the_moments_of_their_own_buckets():
    """Rows less hits are 1 and 3, and days 5 and 7: worked out from the buckets again."""
    combined = UnitMoments.of(BUCKETS, units=4).combined(
        {"misses": {"rows": 1, "hits": -1}, "days": {"days": 1}}
    )

    again = UnitMoments.of([{"misses": 1, "days": 5}, {"misses": 3, "days": 7}], units=4)
    assert combined == again


def test_counts_of_independent_rows_tell_all_moments():
    """Three hits in five rows and two rows of another segment: as if each were a bucket."""
    buckets = [{"hits": 1, "rows": 1, "others": 0}] * 3 + [{"hits": 0, "rows": 1, "others": 0}] * 2
    buckets += [{"hits": 0, "rows": 0, "others": 1}] * 2

    counted = UnitMoments.of_rows({"hits": 3, "rows": 5, "others": 2}, {"hits": "rows"})

    assert counted == UnitMoments.of(buckets, units=7)


def test_shapes_that_do_not_go_together_are_refused_all_at_once():
    """Two measures have three products."""
    with pytest.raises(DefinitionError) as caught:
        UnitMoments(("hits", "hits"), -1, (1,), (1, 2), (1,))

    assert [problem.where for problem in caught.value.problems] == [
        "sums",
        "products",
        "filled",
        "names",
        "buckets",
    ]

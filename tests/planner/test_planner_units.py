"""Planning with units: a family stays in one statement, which sums its measures' products."""

from __future__ import annotations

import datetime as dt

from kpisdk import LogicalType, Window, count, count_distinct, mean
from kpisdk.contracts.engine_traits import FusionRule
from kpisdk.contracts.plans import Shape, Slicing, UnitColumn
from kpisdk.planner.fusion import UNFUSED
from kpisdk.planner.planning import MeasureRequest, MomentsPlace, RowCount, plan

AS_OF = dt.datetime(2025, 6, 30, tzinfo=dt.UTC)
MAY = Window(dt.datetime(2025, 5, 1), dt.datetime(2025, 6, 1))
JUNE = Window(dt.datetime(2025, 6, 1), dt.datetime(2025, 7, 1))
PERSON = UnitColumn("person", LogicalType.TEXT, key=("id",))
SITE = UnitColumn("site", LogicalType.TEXT, key=("id",))


def request(measure, family, name="value", **facts):
    """A measure of a KPI, in June, by person."""
    owner = (family, facts.pop("role", "main"))
    said = {"slicing": Slicing(), "window": JUNE, "as_of": AS_OF, "unit": PERSON, **facts}
    return MeasureRequest(owner, name, measure, family=family, **said)


def test_each_family_has_a_group_of_products_in_one_statement(visits):
    """A measure that two KPIs share is computed once, and stands in both groups."""
    done = count(visits, visits["done"].is_true())
    made = plan(
        [
            request(done, "A", "numerator"),
            request(count(visits), "A", "denominator"),
            request(mean(visits, visits["amount"]), "B", "mean"),
            request(count(visits), "B", "n"),
        ],
        FusionRule(),
    )

    (statement,) = made.statements
    assert (statement.unit, statement.shape) == (PERSON, Shape.FUSED)
    assert statement.products == (("m0", "m1"), ("m2", "m1"))
    assert made.moments == {"A": (MomentsPlace(0, 0),), "B": (MomentsPlace(0, 1),)}
    assert "by units of person" in statement.why


def test_both_windows_of_a_comparison_are_one_group(visits):
    """Their products are what pairs the units of one window with those of the other."""
    made = plan(
        [
            request(count(visits), "A"),
            request(count(visits), "A", window=MAY, role="compared"),
        ],
        FusionRule(),
    )

    assert made.statements[0].products == (("m0", "m1"),)
    assert [task.window for task in made.statements[0].tasks] == [JUNE, MAY]


def test_another_unit_is_another_statement(visits):
    """And so is none."""
    made = plan(
        [
            request(count(visits), "A"),
            request(count(visits), "B", unit=SITE),
            request(count(visits), "C", unit=None),
        ],
        FusionRule(),
    )

    assert [each.unit for each in made.statements] == [PERSON, SITE, None]
    assert made.statements[2].products == ()
    assert "C" not in made.moments


def test_distinct_counts_stand_beside_other_measures_of_their_family(visits):
    """A visit a person has a covariance only if both are counted in one statement.

    How many rows there are is learnt there too, and is in no product.
    """
    rows = RowCount.beside((), 0)
    made = plan(
        [
            request(count(visits), "A", "visits"),
            request(count_distinct(visits, visits["person"]), "A", "people"),
            request(count(visits, visits["done"].not_null()), "A", rows),
            request(count(visits), "B"),
        ],
        FusionRule(),
    )

    assert [each.products for each in made.statements] == [(("m0", "m1"),), (("m0",),)]
    assert made.places[("A", "main"), rows][0].statement == 0


def test_a_full_statement_does_not_part_a_family(visits):
    """The limit of measures is passed by a family's own; the next family begins another one."""
    first, *others = [visits["amount"] > each for each in range(4)]
    made = plan(
        [
            request(count(visits, first), "A"),
            *(request(count(visits, each), "B", str(n)) for n, each in enumerate(others)),
        ],
        FusionRule(limit=2),
    )

    assert [each.products for each in made.statements] == [(("m0",),), (("m0", "m1", "m2"),)]


def test_without_fusion_each_kpi_has_its_own_statement(visits):
    """Both sides of a comparison included, so that it is the same figure."""
    made = plan(
        [
            request(count(visits), "A"),
            request(count(visits), "B"),
            request(count(visits), "A", window=MAY, role="compared"),
        ],
        UNFUSED,
    )

    assert [each.products for each in made.statements] == [(("m0", "m1"),), (("m0",),)]

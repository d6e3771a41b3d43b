"""Planning: as few statements as are fast, split for a reason that can be said."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from kpisdk import (
    AsOf,
    Derived,
    Mean,
    Median,
    ParameterRef,
    Ratio,
    Simple,
    Trailing,
    Window,
    WindowUse,
    count,
    count_distinct,
    maximum,
    mean,
    median,
    total,
)
from kpisdk.contracts.engine_traits import FusionRule
from kpisdk.contracts.plans import Dimension, Shape, Slicing
from kpisdk.contracts.vocabulary import Grain
from kpisdk.errors import UnsupportedByEngineError
from kpisdk.planner.fusion import UNFUSED, rule_for
from kpisdk.planner.planning import MeasureRequest, RowCount, plan
from kpisdk.sql.rendering import traits_of

AS_OF = dt.datetime(2025, 6, 30, tzinfo=dt.UTC)
MAY = Window(dt.datetime(2025, 5, 1), dt.datetime(2025, 6, 1))
JUNE = Window(dt.datetime(2025, 6, 1), dt.datetime(2025, 7, 1))


def request(measure, owner="A", name="value", **facts):
    """A need of a measure, in June, of everything."""
    said = {"slicing": Slicing(), "window": JUNE, "as_of": AS_OF, **facts}
    return MeasureRequest(owner, name, measure, **said)


RULE = FusionRule()


def planned(*requests, rule=RULE):
    """The plan of these needs."""
    return plan(requests, rule)


def build(scope):
    """Never called: a plan reads nothing."""
    raise AssertionError


def test_different_measures_windows_and_predicates_share_a_statement(visits):
    """One scan of a relation answers all of them."""
    made = planned(
        request(count(visits), "A"),
        request(count(visits, visits["done"].is_true()), "B", window=MAY),
        request(mean(visits, visits["amount"]), "C", window=None),
        request(median(visits, visits["amount"]), "D"),
    )

    assert len(made.statements) == 1
    assert [task.window for task in made.statements[0].tasks] == [JUNE, MAY, None, JUNE]
    assert made.owners == (frozenset("ABCD"),)
    assert made.statements[0].shape is Shape.FUSED


def test_equal_measures_are_computed_once(visits):
    """However often they are asked for, and by whom."""
    made = planned(
        request(count(visits, visits["units"] > 3), "A", "n"),
        request(count(visits, visits["units"] > 3), "B", "m"),
    )

    assert len(made.statements[0].tasks) == 1
    assert made.places["A", "n"] == made.places["B", "m"]


SITE, UNITS = Dimension("site", "text"), Dimension("units", "int")


def derived(visits, **facts):
    """A derived relation."""
    return Derived("core_rel", visits, build, **facts)


def splits(visits, people):
    """Two needs that cannot share a statement, and the words of the second's reason."""
    rows, own = (derived(visits, window_use=use) for use in (WindowUse.ROWS, WindowUse.OWN))
    whole = derived(visits)
    return {
        "another relation": (
            request(count(visits)),
            request(count(people)),
            "relation core_people",
        ),
        "another time column": (
            request(count(visits)),
            request(count(visits.timed_by("day"))),
            "relation core_visits",
        ),
        "other groups": (
            request(count(visits)),
            request(count(visits), slicing=Slicing(by=(SITE,))),
            "",
        ),
        "another filter": (
            request(count(visits)),
            request(count(visits), slicing=Slicing(filters=((SITE, ("a",)),))),
            "",
        ),
        "a bucket": (
            request(count(visits)),
            request(count(visits), slicing=Slicing(grain=Grain.DAY)),
            "",
        ),
        "a distinct count": (
            request(count(visits)),
            request(count_distinct(visits, visits["site"])),
            "exact distinct count, grouped by the entity first",
        ),
        "distinct counts of two things": (
            request(count_distinct(visits, visits["site"]), "A"),
            request(count_distinct(visits, visits["person"]), "B"),
            "exact distinct count",
        ),
        "another parameter": (
            request(count(visits, visits["units"] > ParameterRef("k", "int")), parameters={"k": 1}),
            request(count(visits, visits["units"] > ParameterRef("k", "int")), parameters={"k": 2}),
            "parameters k=2",
        ),
        "another instant that is referred to": (
            request(count(visits, visits["at"] < AsOf())),
            request(count(visits, visits["at"] < AsOf()), as_of=AS_OF + dt.timedelta(1)),
            "",
        ),
        "another instant of a derived relation": (
            request(count(whole)),
            request(count(whole), as_of=AS_OF + dt.timedelta(1)),
            "",
        ),
        "another window inside": (
            request(count(rows)),
            request(count(rows), window=MAY),
            "rows chosen within",
        ),
        "another window of its own": (
            request(count(own)),
            request(count(own), window=MAY),
            "rows chosen",
        ),
        "over all of a slice": (
            request(count(visits), slicing=Slicing(by=(SITE,))),
            request(count(visits, across=("site",))),
            "over all values of site",
        ),
    }


SPLITS = (
    "another relation",
    "another time column",
    "other groups",
    "another filter",
    "a bucket",
    "a distinct count",
    "distinct counts of two things",
    "another parameter",
    "another instant that is referred to",
    "another instant of a derived relation",
    "another window inside",
    "another window of its own",
    "over all of a slice",
)


@pytest.mark.parametrize("name", SPLITS)
def test_what_splits_and_why(visits, people, name):
    """Each split has a reason that a user can read."""
    one, other, words = splits(visits, people)[name]

    made = planned(one, other)

    assert len(made.statements) == 2
    assert words in made.statements[1].why


def test_windows_outside_a_derived_relation_share_its_statement(visits):
    """They are conditions on its rows, as on a dataset's."""
    whole = derived(visits)

    made = planned(request(count(whole), "A"), request(count(whole), "B", window=MAY))

    assert len(made.statements) == 1
    assert [task.window for task in made.statements[0].tasks] == [JUNE, MAY]


def test_distinct_counts_of_one_thing_share_a_two_level_statement(visits):
    """With their own predicates, and the number of rows where nothing else is asked."""
    person = visits["person"]
    made = planned(
        request(count_distinct(visits, person), "A"),
        request(count(visits), "A", RowCount("rows:0")),
        request(count_distinct(visits, person, visits["done"].is_true()), "B", window=MAY),
        request(count(visits), "B", RowCount("rows:0"), window=MAY),
    )

    assert len(made.statements) == 1
    assert made.statements[0].shape is Shape.TWO_LEVEL
    assert len(made.statements[0].tasks) == 4


@pytest.mark.parametrize("name", ["rows", "rows:0", "rows_amount"])
def test_a_measure_that_is_named_as_the_rows_are_stays_what_it_is(visits, name):
    """A sum in a statement that counts things would be a number of things."""
    made = planned(
        request(count_distinct(visits, visits["person"]), "A", "people"),
        request(total(visits, visits["amount"]), "A", name),
    )

    assert [statement.shape for statement in made.statements] == [Shape.TWO_LEVEL, Shape.FUSED]


def test_rows_beside_two_distinct_counts_are_counted_apart(visits):
    """Then they are nobody's to carry."""
    made = planned(
        request(count_distinct(visits, visits["person"]), "A", "one"),
        request(count_distinct(visits, visits["site"]), "A", "two"),
        request(count(visits), "A", RowCount("rows:0")),
    )

    assert [statement.shape for statement in made.statements] == [
        Shape.TWO_LEVEL,
        Shape.TWO_LEVEL,
        Shape.FUSED,
    ]


def test_a_statement_holds_so_many_measures_and_no_more(visits):
    """Engines allow so many columns; the rest goes into a further statement."""
    requests = [request(count(visits, visits["units"] > k), f"K{k}") for k in range(7)]

    made = planned(*requests, rule=FusionRule(limit=3))

    assert [len(statement.tasks) for statement in made.statements] == [3, 3, 1]
    assert made.places["K6", "value"][0].statement == 2


def test_unfused_means_a_statement_for_each_kpi(visits):
    """And distinct counts as plain ones."""
    requests = [
        request(count(visits), "A", "n"),
        request(count_distinct(visits, visits["person"]), "A", "d"),
        request(count(visits), "B", "n"),
    ]

    made = planned(*requests, rule=UNFUSED)

    assert [statement.shape for statement in made.statements] == [Shape.FUSED] * 2
    assert all("not fused, as asked" in statement.why for statement in made.statements)
    assert made.owners == (frozenset("A"), frozenset("B"))


def test_rules_of_engines():
    """An engine's own traits say it; one that is not known is refused."""
    assert rule_for("duckdb", fuse=True) is traits_of("duckdb").fusion
    assert rule_for("duckdb", fuse=False) is UNFUSED
    with pytest.raises(UnsupportedByEngineError, match=r"'oracle' is not supported.*duckdb, post"):
        rule_for("oracle", fuse=True)


def test_buckets_that_are_asked_one_by_one_find_their_answers(visits):
    """A fixed period is part of the place."""
    own = derived(visits, window_use=WindowUse.OWN)
    may, june = dt.date(2025, 5, 1), dt.date(2025, 6, 1)

    made = planned(request(count(own), window=MAY, period=may), request(count(own), period=june))

    places = made.places["A", "value"]
    assert [(place.statement, place.period) for place in places] == [(0, may), (1, june)]


SITES = ("a", "b", None)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.datetimes(dt.datetime(2025, 5, 1), dt.datetime(2025, 7, 10)),
            "site": st.sampled_from(SITES),
            "person": st.sampled_from(("p", "q", "r", None)),
            "amount": st.none() | st.integers(-9, 9).map(float),
            "units": st.none() | st.integers(-9, 9),
            "done": st.none() | st.booleans(),
        }
    ),
    min_size=1,
    max_size=15,
)


def calculations(visits):
    """Any metric over visits."""
    predicates = st.sampled_from(
        [
            None,
            visits["done"].is_true(),
            visits["units"] > 0,
            ~(visits["amount"] <= 2) & visits["site"].not_null(),
            visits["site"].is_in("a") | visits["at"].days_since(visits["at"]).equals(0),
        ]
    )
    measures = st.one_of(
        st.builds(lambda where: count(visits, where), predicates),
        st.builds(lambda where: count_distinct(visits, visits["person"], where), predicates),
        st.builds(lambda where: total(visits, visits["amount"], where), predicates),
        st.builds(lambda where: maximum(visits, visits["units"], where), predicates),
    )
    return st.one_of(
        st.builds(Simple, measures),
        st.builds(Ratio, measures, measures),
        st.builds(lambda where: Mean(visits, visits["amount"], where), predicates),
        st.builds(lambda where: Median(visits, visits["amount"], where), predicates),
    )


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_fused_and_unfused_results_are_equal(opened, table, make, visits, data):
    """Whatever is asked at once, in whatever windows and slices: the numbers are the same."""
    metrics = data.draw(st.lists(calculations(visits), min_size=2, max_size=5))
    windows = st.sampled_from([None, Trailing(3), Trailing(30)])
    kpis = [
        make(metric, f"CORE-T-{i:03d}", window=data.draw(windows))
        for i, metric in enumerate(metrics)
    ]
    by = data.draw(st.sampled_from([(), ("site",), ("site", "done")]))
    workspace = opened({"core_visits": table(*data.draw(rows))}, *kpis)
    ids = [kpi.id for kpi in kpis]

    fused, unfused = (workspace.compute(*ids, by=by, fuse=fuse) for fuse in (True, False))

    facts = [
        [(r.kpi_id, r.slice, r.value, r.reason, r.n, r.interval, r.warnings) for r in report]
        for report in (fused, unfused)
    ]
    assert facts[0] == facts[1]

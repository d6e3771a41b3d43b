"""Slices, trends and comparisons (semantics rule 5): honoured or refused, never ignored."""

from __future__ import annotations

import datetime as dt
import decimal

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from kpisdk import (
    AsOf,
    Column,
    Dataset,
    Derived,
    LogicalType,
    Note,
    Parameter,
    ParameterRef,
    Ratio,
    Reason,
    Reference,
    RequiredSlice,
    Simple,
    WindowUse,
    count,
    count_distinct,
    total,
)

DAY = dt.datetime(2025, 6, 20)


def shown(report):
    """The slices and values of a report."""
    return [(tuple(result.slice.values()), result.value) for result in report]


@pytest.fixture
def sites(opened, table):
    """``sites(kpi, site, ...)``: a workspace on one visit a site."""

    def make_workspace(kpi, *names, **facts):
        rows = [{"site": name, **facts} for name in names]
        return opened({"core_visits": table(*rows)}, kpi)

    return make_workspace


HOSTILE = ["a", "'; DROP TABLE core_visits; --", "ñ日\u2028", '"', "%", "a\0b", " a", "A", None]


places = st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=12)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(places)
def test_additive_counts_over_slices_add_up_to_the_headline(sites, make, names):
    """Rows without the dimension are a slice of their own, and come last."""
    workspace = sites(make(), *names)

    report = workspace.compute("CORE-T-001", by=["site"])

    assert sum(result.value for result in report) == len(names)
    assert {result.slice["site"]: result.value for result in report} == {
        name: names.count(name) for name in names
    }
    assert [result.slice["site"] for result in report][-1] is None or None not in names


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ({"site": "a"}, 2),
        ({"site": ["a", "b"]}, 3),
        ({"site": None}, 1),
        ({"site": ["b", None]}, 2),
        ({"site": ["a"], "units": "1"}, 1),
        ({"site": {"a"}, "done": "true"}, 1),
        ({"site": "A"}, 0),
        ({"units": 2}, 1),
        ({"units": [1.0, "2"]}, 2),
        ({"amount": "0.5"}, 1),
        ({"amount": "+.5e0"}, 1),
        ({"units": "+1"}, 1),
        ({"day": "2025-06-20"}, 1),
        ({"day": dt.date(2025, 6, 20)}, 1),
        ({"day": dt.datetime.fromisoformat("2025-06-19T23:00-05:00")}, 1),
        ({"at": "2025-06-20T02:00+02:00"}, 4),
        ({"done": "no"}, 1),
        ({"site": []}, 0),
    ],
)
def test_filters(opened, table, make, where, value):
    """Several values of one column are an or, several columns an and, None is no value."""
    rows = [
        {"site": "a", "units": 1, "done": True, "amount": 0.5, "day": dt.date(2025, 6, 20)},
        {"site": "a", "units": 2, "done": False},
        {"site": "b"},
        {"site": None},
    ]

    assert (
        opened({"core_visits": table(*rows)}, make()).compute("CORE-T-001", where=where)[0].value
        == value
    )


@pytest.mark.parametrize(
    ("where", "named"),
    [
        ({"units": "many"}, "'many' cannot be a value of column 'units', which holds int"),
        ({"units": 1.5}, "'1.5' cannot be"),
        ({"units": True}, "'True' cannot be"),
        ({"units": "1_0"}, "'1_0' cannot be"),
        ({"units": " 1"}, "' 1' cannot be"),
        ({"units": "\u0661"}, "cannot be a value of column 'units'"),
        ({"units": decimal.Decimal("1.5")}, "'1.5' cannot be"),
        ({"amount": "1_0.5"}, "'1_0.5' cannot be"),
        ({"amount": "0.5 "}, "'0.5 ' cannot be"),
        ({"amount": "nan"}, "'nan' cannot be"),
        ({"units": 2**130}, "cannot be a value of column 'units'"),
        ({"amount": "much"}, "'much' cannot be"),
        ({"amount": True}, "'True' cannot be"),
        ({"done": "perhaps"}, "'perhaps' cannot be"),
        ({"day": "someday"}, "'someday' cannot be"),
        ({"at": "20 June"}, "'20 June' cannot be"),
        ({"site": "\ud800"}, "cannot be a value of column 'site'"),
    ],
)
def test_a_value_that_cannot_be_one_is_refused(sites, make, where, named):
    """The value, its column and the type it holds."""
    result = sites(make(), "a").compute("CORE-T-001", where=where)[0]

    assert (result.value, result.reason) == (None, Reason.UNSUPPORTED_SLICE)
    assert named in result.message


@pytest.mark.parametrize(
    "value", ["'", '"', "; DROP TABLE core_visits", "a\0b", "日本", "x" * 1_000_000]
)
def test_hostile_values_are_data(sites, make, value):
    """Bound, never executed; they match nothing, and the table is there afterwards."""
    workspace = sites(make(), "a", value)

    assert workspace.compute("CORE-T-001", where={"site": value})[0].value == 1
    assert workspace.compute("CORE-T-001", by=["site"])[0].value == 1
    assert workspace.compute("CORE-T-001")[0].value == 2


@pytest.mark.parametrize("name", ["brand", "'; DROP TABLE x; --", "site\0", "x" * 1_000_000, "doc"])
@pytest.mark.parametrize("how", ["by", "where"])
def test_a_slice_that_the_tables_do_not_carry_is_refused(sites, make, name, how):
    """The slices that are supported stand in the message; JSON is none."""
    request = {"by": [name]} if how == "by" else {"where": {name: "a"}}

    result = sites(make(), "a").compute("CORE-T-001", **request)[0]

    assert result.reason is Reason.UNSUPPORTED_SLICE
    assert "CORE-T-001 cannot be sliced by" in result.message
    assert "amount, at, day, done, person, site, units and visit_id" in result.message
    assert len(result.message) < 1_000


def test_a_slice_that_the_kpi_refuses(sites, make):
    """With the reason that its record gives."""
    kpi = make(refuses={"site": "sites are not comparable"})

    result = sites(kpi, "a").compute(kpi.id, by=["site"])[0]

    assert result.reason is Reason.UNSUPPORTED_SLICE
    assert "sites are not comparable" in result.message
    assert "site," not in result.message


def test_a_misspelt_slice_proposes_the_nearest(sites, make):
    """``persn`` is probably ``person``."""
    result = sites(make(), "a").compute("CORE-T-001", by=["persn"])[0]

    assert "Did you mean person?" in result.message


PEOPLE = pd.DataFrame({"person": ["p1", "p2"], "age": [30, 40], "town": ["x", "y"]})


def test_columns_of_a_referenced_table_slice(opened, table, make):
    """Declared ones and others; rows whose reference leads nowhere have no value."""
    visits = table({"person": "p1"}, {"person": "p1"}, {"person": "p2"}, {"person": "gone"}, {})
    workspace = opened({"core_visits": visits, "core_people": PEOPLE}, make())

    assert shown(workspace.compute("CORE-T-001", by=["town"])) == [
        (("x",), 2),
        (("y",), 1),
        ((None,), 2),
    ]
    assert shown(workspace.compute("CORE-T-001", by=["age", "town"], where={"age": 40})) == [
        ((40, "y"), 1)
    ]
    assert workspace.compute("CORE-T-001", where={"town": None})[0].value == 2


@pytest.mark.parametrize("engine", ["frames", "sqlite", "postgresql"])
def test_infinite_groups_are_no_missing_ones(opened, source_on, table, make, visits, engine):
    """Each is a slice of its own, by a name that filters again."""
    amounts = [float("inf"), float("-inf"), None, 1.0]
    frame = table(*({"amount": amount} for amount in amounts))
    workspace = opened(source_on(engine, {"core_visits": frame}, [visits]), make())

    report = workspace.compute("CORE-T-001", by=["amount"])

    assert [result.value for result in report] == [1] * 4
    found = {result.slice["amount"] for result in report}
    assert found == {"inf", "-inf", None, 1.0}
    for amount in found:
        assert workspace.compute("CORE-T-001", where={"amount": amount})[0].value == 1


def test_the_base_wins_over_a_referenced_table(opened, table, make):
    """A column that both have is the KPI's own, even where the other table repeats its keys."""
    people = pd.concat([PEOPLE.assign(site="elsewhere")] * 2)
    workspace = opened(
        {"core_visits": table({"site": "a", "person": "p1"}), "core_people": people}, make()
    )

    assert shown(workspace.compute("CORE-T-001", by=["site"])) == [(("a",), 1)]


@pytest.mark.parametrize("how", [{"by": ["town"]}, {"where": {"town": "x"}}])
def test_a_join_that_would_multiply_rows_is_refused(opened, table, make, how, visits):
    """A key that occurs twice is named, whichever of the KPI's relations it concerns."""
    people = pd.concat([PEOPLE, PEOPLE])
    plain = Dataset("core_plain", (Column("at", "timestamp"), Column("town", "text")), "at")
    kpi = make(Ratio(count(plain), count(visits)))
    frames = {
        "core_visits": table({"person": "p1"}),
        "core_people": people,
        "core_plain": pd.DataFrame({"at": [DAY], "town": ["x"]}),
    }

    for each in (make(), kpi):
        result = opened(frames, each).compute(each.id, **how)[0]
        assert result.reason is Reason.UNSUPPORTED_SLICE
        assert "its key 'person' occurs more than once" in result.message


@pytest.mark.parametrize("how", [{"by": ["town"]}, {"where": {"town": "x"}}])
def test_a_join_of_two_types_is_refused(opened, table, make, how):
    """The texts 01 and 1 are two people, and one number."""
    people = pd.DataFrame({"person": [1, 2], "town": ["x", "y"]})
    frames = {"core_visits": table({"person": "01"}, {"person": "1"}), "core_people": people}

    result = opened(frames, make()).compute("CORE-T-001", **how)[0]

    assert (result.value, result.reason) == (None, Reason.UNSUPPORTED_SLICE)
    for words in (
        "'person' of 'core_visits' is VARCHAR",
        "the key 'person' of 'core_people' is BIGINT",
    ):
        assert words in result.message


def test_a_referenced_table_without_its_key_carries_no_slice(opened, table, make):
    """Nothing can be joined to it."""
    frames = {"core_visits": table({"person": "p1"}), "core_people": PEOPLE[["town"]]}

    result = opened(frames, make()).compute("CORE-T-001", by=["town"])[0]

    assert result.reason is Reason.UNSUPPORTED_SLICE


def test_a_visit_table_without_the_referring_column_still_counts(opened, table, make):
    """Slices through it are refused, the headline is not."""
    frames = {"core_visits": table({}).drop(columns="person"), "core_people": PEOPLE}
    workspace = opened(frames, make())

    assert workspace.compute("CORE-T-001")[0].value == 1
    assert workspace.compute("CORE-T-001", by=["town"])[0].reason is Reason.UNSUPPORTED_SLICE


def test_columns_that_nobody_declares_slice_too(opened, table, make):
    """Whatever they are called; one without a single value is said to have none."""
    frame = table({"site": "a"}, {"site": "b"}).assign(**{"Sales Region": ["n", "s"], "Void": None})
    workspace = opened({"core_visits": frame}, make())

    assert shown(workspace.compute("CORE-T-001", by=["Sales Region"])) == [(("n",), 1), (("s",), 1)]
    result = workspace.compute("CORE-T-001", where={"Void": 1})[0]
    assert result.value in (0, None)


def test_slices_without_rows_give_one_result_that_says_so(sites, make):
    """No group holds a row in the window."""
    report = sites(make(), "a").compute("CORE-T-001", by=["site"], as_of="2024-01-01")

    assert [(result.slice, result.value, result.reason) for result in report] == [
        ({}, None, Reason.NO_ROWS)
    ]


@pytest.fixture
def share(make, visits):
    """A site's share of all visits: the filter on site binds the numerator only."""
    every = count(visits, across=("site",))
    return make(Ratio(count(visits), every), requires=RequiredSlice("site"), unit="ratio")


def test_a_measure_across_a_slice_is_taken_over_all_of_it(sites, share):
    """Grouping gives every site's share of the whole, filtering that of one."""
    workspace = sites(share, "a", "a", "b", None)

    assert shown(workspace.compute(share.id, by=["site"])) == [
        (("a",), 0.5),
        (("b",), 0.25),
        ((None,), 0.25),
    ]
    assert workspace.compute(share.id, where={"site": "b"})[0].value == 0.25
    assert workspace.compute(share.id, where={"site": "zz"})[0].value == 0
    by_two = workspace.compute(share.id, by=["site", "units"])
    assert {result.value for result in by_two} == {0.5, 0.25}


def test_a_slice_that_is_required(sites, share, make):
    """Without it the KPI is absent, or what its own definition says."""
    missing = sites(share, "a").compute(share.id)[0]
    note = Note("no_site", "Without a site this is 0.")
    otherwise = make(requires=RequiredSlice("site", 0.0, note))
    given = sites(otherwise, "a").compute(otherwise.id)[0]

    assert (missing.value, missing.reason) == (None, Reason.MISSING_PARAMETER)
    assert "needs a site: filter or group by it" in missing.message
    assert (given.value, given.warnings) == (0.0, (note,))


def series(*days):
    """Visits at noon of these days."""
    return [{"at": dt.datetime.fromisoformat(f"{day} 12:00"), "site": "a"} for day in days]


def first_visits(scope):
    """Visits of the window, the first of each person in slice and bucket marked."""
    import sqlalchemy as sa

    rows = scope.rows()
    rank = sa.func.row_number().over(
        partition_by=[rows.c.person, *scope.partition(rows)], order_by=rows.c["at"]
    )
    return sa.select(*rows.c, rank.label("place"))


def months_of(scope):
    """Visits in the window, which the relation applies itself."""
    import sqlalchemy as sa

    rows = scope.rows()
    return sa.select(*rows.c).where(
        scope.in_window(rows.c["at"]), scope.before(rows.c["at"], scope.as_of)
    )


@pytest.mark.parametrize("use", [WindowUse.ROWS, WindowUse.OWN, WindowUse.OUTSIDE])
@pytest.mark.parametrize("grain", [None, "month"])
def test_relations_that_use_the_window_themselves(opened, table, make, visits, use, grain):
    """Inside, outside or on their own: one value a window, and one a bucket."""
    build = months_of if use is WindowUse.OWN else first_visits
    adds = () if use is WindowUse.OWN else (Column("place", LogicalType.INT),)
    relation = Derived("core_rel", visits, build, adds=adds, window_use=use)
    first = None if use is WindowUse.OWN else relation["place"].equals(1)
    kpi = make(Simple(count(relation, first)))
    rows = series("2025-04-10", "2025-05-10", "2025-05-20", "2025-06-10", "2025-06-12")
    workspace = opened({"core_visits": table(*[{**row, "person": "p"} for row in rows])}, kpi)

    report = workspace.compute(kpi.id, window="2025-05-01..2025-06-30", grain=grain)

    expected = {
        (WindowUse.ROWS, None): [1],  # the first of the window
        (WindowUse.OUTSIDE, None): [0],  # the first of all lies before it
        (WindowUse.OWN, None): [4],
        (WindowUse.ROWS, "month"): [1, 1],
        (WindowUse.OUTSIDE, "month"): [0, 0],
        (WindowUse.OWN, "month"): [2, 2],
    }
    assert [result.value for result in report] == expected[use, grain]


@pytest.mark.parametrize("engine", ["frames", "sqlite"])
def test_a_distinct_count_may_depend_on_a_parameter_or_the_instant(
    opened, table, make, visits, source_on, engine
):
    """It is still counted in one statement with the number of its rows."""
    rows = [{"site": "a", "units": 1}, {"site": "b", "units": 5}, {"site": "b", "units": 7}]
    source = source_on(engine, {"core_visits": table(*rows)}, [visits])
    least = count_distinct(visits, visits["site"], visits["units"] >= ParameterRef("least", "int"))
    parameter = Parameter("least", "int", default=5)
    known = count_distinct(visits, visits["site"], visits["at"] <= AsOf())
    workspace = opened(
        source,
        make(Simple(least), parameters=(parameter,)),
        make(Simple(known), "CORE-T-002"),
    )

    report = workspace.compute("CORE-T-001", "CORE-T-002")

    assert [each.value for each in report] == [1, 2]


def test_distinct_counts_by_slice_and_bucket(opened, table, make, visits):
    """Two-level statements group like others do."""
    rows = [
        {"at": dt.datetime(2025, 5, 10), "site": "a", "person": "p"},
        {"at": dt.datetime(2025, 6, 10), "site": "a", "person": "p"},
        {"at": dt.datetime(2025, 6, 11), "site": "a", "person": "q"},
        {"at": dt.datetime(2025, 6, 12), "site": None, "person": "q"},
        {"at": dt.datetime(2025, 6, 12), "site": "b", "person": None},
    ]
    kpi = make(Simple(count_distinct(visits, visits["person"])))
    workspace = opened({"core_visits": table(*rows)}, kpi)

    report = workspace.compute(kpi.id, grain="month", by=["site"], window="last 2 months")

    assert [(each.period, each.slice["site"], each.value) for each in report] == [
        ("2025-04", "a", None),
        ("2025-04", "b", None),
        ("2025-04", None, None),
        ("2025-05", "a", 1),
        ("2025-05", "b", 0),
        ("2025-05", None, 0),
        ("2025-06", "a", 2),
        ("2025-06", "b", 0),
        ("2025-06", None, 1),
    ]


def test_a_ratio_of_two_tables_slices_both(opened, table, make, visits):
    """Numerator and denominator alike; a slice of one alone is refused."""
    other = Dataset("core_other", (Column("when", "timestamp"), Column("site", "text")), "when")
    kpi = make(Ratio(total(visits, visits["amount"]), count(other)), unit="ratio")
    frames = {
        "core_visits": table({"site": "a", "amount": 3.0}, {"site": "b", "amount": 5.0}),
        "core_other": pd.DataFrame({"when": [DAY] * 3, "site": ["a", "a", "b"]}),
    }
    workspace = opened(frames, kpi)

    assert shown(workspace.compute(kpi.id, by=["site"])) == [(("a",), 1.5), (("b",), 5.0)]
    assert workspace.compute(kpi.id, by=["units"])[0].reason is Reason.UNSUPPORTED_SLICE


def test_two_references_of_one_dataset(opened, make, people):
    """The first that leads to the column gives it."""
    letters = Dataset(
        "core_letters",
        (Column("writer", "text"), Column("reader", "text")),
        references=(Reference("writer", people), Reference("reader", people)),
    )
    frames = {
        "core_letters": pd.DataFrame({"writer": ["p1", "p1", "p2"], "reader": ["p2", "p2", "p2"]}),
        "core_people": PEOPLE,
    }
    kpi = make(Simple(count(letters)), window=None)

    report = opened(frames, kpi).compute(kpi.id, by=["town"])

    assert shown(report) == [(("x",), 2), (("y",), 1)]


def test_a_number_says_what_it_was_narrowed_to(opened, table, make, visits):
    """Filters and given parameters stand beside the value; defaults are the definition's."""
    least = count(visits, visits["units"] >= ParameterRef("least", "int"))
    parameters = (Parameter("least", "int", default=5), Parameter("most", "int", default=9))
    workspace = opened(
        {"core_visits": table({"site": "a", "units": 7})},
        make(Simple(least), parameters=parameters),
    )

    (result,) = workspace.compute(
        "CORE-T-001", where={"site": ["a", None]}, parameters={"least": 6}
    )
    (plain,) = workspace.compute("CORE-T-001")

    assert result.value == 1
    assert dict(result.where) == {"site": ["a", None]}
    assert dict(result.parameters) == {"least": 6}
    assert (dict(plain.where), dict(plain.parameters)) == ({}, {})


@pytest.mark.parametrize("calculation", ["count", "share"])
def test_a_filter_that_no_row_passes_is_told(opened, table, make, visits, calculation):
    """A misspelt value gives an honest zero, or nothing, and the reader learns why."""
    number = count(visits)
    metric = Simple(number) if calculation == "count" else Ratio(number, number)
    kpi = make(metric)
    workspace = opened({"core_visits": table({"site": "a"}, {"site": "b"})}, kpi)

    (misspelt,) = workspace.compute(kpi.id, where={"site": "aa"})
    (right,) = workspace.compute(kpi.id, where={"site": "a"}, window="2024")

    said = "No row of 'core_visits' has 'aa' as its site"
    if calculation == "count":
        assert misspelt.value == 0
        assert any(said in note.message for note in misspelt.warnings)
    else:
        assert (misspelt.value, misspelt.reason) == (None, Reason.ZERO_DENOMINATOR)
        assert said in misspelt.message
    assert not any("No row of" in note.message for note in right.warnings)
    assert "No row of" not in (right.message or "")


def test_a_fixed_value_is_not_cut(opened, table, make, visits):
    """Without the slice that the KPI needs, its one fixed value has no groups and no periods."""
    required = RequiredSlice("site", otherwise=0.0, note=Note("fixed", "By definition."))
    workspace = opened({"core_visits": table({"site": "a"})}, make(requires=required))

    assert workspace.compute("CORE-T-001")[0].value == 0
    for cut in ({"by": ["person"]}, {"grain": "month"}):
        (result,) = workspace.compute("CORE-T-001", **cut)
        assert (result.value, result.reason) == (None, Reason.MISSING_PARAMETER)

"""Helper views over tables that are not quite as declared: other names, zones, types, relations."""

import datetime as dt

import attrs
import pytest

from kpisdk import Column, Derived, Simple, Workspace, count

ENGINES = ("duckdb", "sqlite", "postgresql")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_view_reads_the_table_that_the_settings_name(made, fake, run_sql, engine):
    """The view is over the warehouse's own name; with another mapping it is no longer current."""
    _, location = made(engine)
    run_sql(location, "ALTER TABLE visits RENAME TO crm_visits")
    tables = {"visits": "crm_visits"}
    workspace = Workspace(location, plugins=[fake()], cache="off", tables=tables)
    workspace.views.create()
    as_of = dt.datetime.now(dt.UTC)

    found = workspace.compute("FK-001", as_of=as_of)[0]

    same = workspace.compute("FK-001", as_of=as_of, use_views=False)[0]
    assert (found.answered_by, found.value) == ("view v_kpi_share", same.value)
    workspace.views.drop()


@pytest.mark.parametrize("engine", ["duckdb", "postgresql"])
def test_instants_with_a_zone_mean_the_same_in_any_session(made, run_sql, engine, now):
    """Whoever reads the view, in whatever zone, sees the figure that UTC gives."""
    workspace, location = made(engine)
    change = 'ALTER TABLE visits ALTER COLUMN "at" TYPE TIMESTAMP WITH TIME ZONE'
    using = " USING \"at\" AT TIME ZONE 'UTC'"
    run_sql(location, f"{change}{using}")
    workspace.views.create()

    found = workspace.compute("FK-002", as_of=now)[0]

    same = workspace.compute("FK-002", as_of=now, use_views=False)[0]
    assert (found.answered_by, found.value) == ("view v_kpi_users", same.value)
    if engine == "postgresql":
        elsewhere = f"{location}&options=-c%20timezone%3DAsia/Tokyo"
        assert run_sql(elsewhere, "SHOW timezone")[0]["TimeZone"] == "Asia/Tokyo"
        assert run_sql(elsewhere, "SELECT mau FROM v_kpi_users")[0]["mau"] == same.value


def test_a_breakdown_by_a_column_of_the_engines_own_kind(made, run_sql):
    """PostgreSQL: an enum is a text in the view, beside the headline's NULL."""
    workspace, location = made("postgresql")
    run_sql(location, "CREATE TYPE place AS ENUM ('north', 'south', 'else')")
    run_sql(
        location,
        "ALTER TABLE visits ALTER COLUMN site TYPE place USING "
        "(CASE WHEN site IN ('north', 'south') THEN site ELSE 'else' END)::place",
    )

    reports = {each.name: each for each in workspace.views.create()}

    assert reports["v_kpi_share"].state.value == "created"
    rows = run_sql(location, "SELECT site FROM v_kpi_share ORDER BY site NULLS FIRST")
    assert [row["site"] for row in rows] == [None, "else", "north", "south"]


def _frozen(scope):
    from sqlalchemy import select

    rows = scope.rows()
    return select(*rows.c, (rows.c.at < scope.as_of).label("is_past"))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_relation_that_binds_the_instant_as_it_is_makes_no_view(made, fake, engine):
    """The view would go on saying what was so when it was made; the table answers instead."""
    kpi = next(each for each in fake().kpisdk_kpis() if each.id == "FK-010")
    base = kpi.calculation.measure.relation.base
    relation = Derived("frozen", base, _frozen, (Column("is_past", "bool"),))
    past = Simple(count(relation, relation["is_past"].is_true()))
    workspace, _ = made(engine, [attrs.evolve(kpi, calculation=past)])

    (report,) = workspace.views.create()

    assert report.state.value == "impossible"
    assert "takes the instant of a request as it is" in report.message
    assert workspace.compute("FK-010")[0].answered_by == "visits"


@pytest.mark.parametrize("engine", ENGINES)
def test_explain_says_which_view_is_read(made, engine):
    """What a view answers takes no statement; why another does not is a note."""
    workspace, _ = made(engine)
    workspace.views.create()
    as_of = dt.datetime.now(dt.UTC)

    explained = workspace.explain("FK-001", as_of=as_of)
    assert explained.statements == ()
    assert explained.kpis[0].notes == ("read from view v_kpi_share",)

    explained = workspace.explain("FK-001", as_of=as_of, by=["site"])
    assert len(explained.statements) > 0
    assert explained.kpis[0].notes == ("v_kpi_share was not used: the request asks for slices.",)

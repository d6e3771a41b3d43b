"""Helper views are made, shown, refreshed and dropped; what others made is left alone."""

import datetime as dt

import duckdb
import pandas as pd
import pytest

from kpisdk import (
    DefinitionError,
    Kpi,
    Simple,
    SourceUnavailableError,
    UsageError,
    ViewColumn,
    ViewFigure,
    Workspace,
    count,
)

ENGINES = ("duckdb", "sqlite", "postgresql")
OURS = (
    "v_kpi_as_of",
    "v_kpi_hostile",
    "v_kpi_median",
    "v_kpi_months",
    "v_kpi_newest",
    "v_kpi_newest_instant",
    "v_kpi_share",
    "v_kpi_spent",
    "v_kpi_users",
)


def states(reports):
    return {each.name: each.state.value for each in reports if each.kpis[0].startswith("FK")}


@pytest.mark.parametrize("engine", ENGINES)
def test_views_are_made_shown_replaced_and_dropped(made, engine):
    """Made twice they are replaced, shown they are current, dropped they are gone."""
    workspace, _ = made(engine)
    assert states(workspace.views.show()) == {
        **dict.fromkeys(OURS, "absent"),
        "v_kpi_ages": "impossible",
    }

    for _ in range(2):
        created = workspace.views.create()
        assert {n for n, state in states(created).items() if state == "created"} == set(OURS)

    shown = {each.name: each for each in workspace.views.show()}
    assert {name for name, each in shown.items() if each.state.value == "current"} == set(OURS)
    assert shown["v_kpi_share"].kind == "view"
    assert shown["v_kpi_users"].kpis == ("FK-002", "FK-003")
    assert shown["v_kpi_share"].sql.startswith("SELECT figures.*, '")
    assert "change with the instant" in shown["v_kpi_ages"].message
    refreshed = states(workspace.views.refresh())
    assert refreshed["v_kpi_share"] == "current"

    assert {n for n, state in states(workspace.views.drop()).items() if state == "dropped"} == set(
        OURS
    )
    assert set(states(workspace.views.drop()).values()) == {"absent"}


@pytest.mark.parametrize("engine", ENGINES)
def test_any_tool_can_read_the_views(made, engine, run_sql):
    """They need none of our functions, and no session of ours: a plain connection reads them."""
    workspace, location = made(engine)
    workspace.views.create()

    for name in OURS:
        rows = run_sql(location, f'SELECT * FROM "{name}"')
        assert rows, name
        at = rows[0]["calculated_at"]
        at = dt.datetime.fromisoformat(at) if isinstance(at, str) else at
        assert abs(at.replace(tzinfo=dt.UTC) - dt.datetime.now(dt.UTC)) < dt.timedelta(hours=1)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_others_made_is_neither_replaced_nor_dropped(made, engine, run_sql):
    """A table or view of that name that is not ours stays as it is, and the report says so."""
    workspace, location = made(engine)
    run_sql(location, "CREATE VIEW v_kpi_share AS SELECT 0.5 AS share")
    run_sql(location, "CREATE TABLE v_kpi_users (mau INTEGER)")

    created = {each.name: each for each in workspace.views.create()}
    shown = states(workspace.views.show())
    dropped = states(workspace.views.drop())

    for name, kind in (("v_kpi_share", "view"), ("v_kpi_users", "table")):
        assert (created[name].state.value, created[name].kind) == ("foreign", kind)
        assert "drop or rename it" in created[name].message
        assert (shown[name], dropped[name]) == ("foreign", "foreign")
    assert run_sql(location, "SELECT share FROM v_kpi_share")[0]["share"] is not None
    assert run_sql(location, "SELECT mau FROM v_kpi_users") == []


@pytest.mark.parametrize("engine", ENGINES)
def test_constants_of_a_definition_are_written_as_they_are(made, visits, now, engine, run_sql):
    """A constant with quotes and percent signs is a text in the view, and nothing else."""
    workspace, location = made(engine)
    workspace.views.create()
    start = now.replace(tzinfo=None) - dt.timedelta(days=30)

    found = run_sql(location, "SELECT hostile FROM v_kpi_hostile")[0]["hostile"]

    hostile = "100%s'; DROP TABLE visits; --"
    assert found == sum(
        row["site"] == hostile
        and row["at"] is not None
        and start <= row["at"] < now.replace(tzinfo=None)
        for row in visits
    )
    assert run_sql(location, "SELECT count(*) AS n FROM visits")[0]["n"] == len(visits)


def test_sqlite_leaves_out_what_it_cannot_say(made, run_sql):
    """A median has no SQL there: its column is left out, and the other columns are there."""
    workspace, location = made("sqlite")

    reports = {each.name: each for each in workspace.views.create()}

    assert reports["v_kpi_median"].left_out == ("median_hours",)
    assert reports["v_kpi_share"].left_out == ()
    assert set(run_sql(location, "SELECT * FROM v_kpi_median")[0]) == {
        "site", "median_hours_n", "median_hours_rows", "calculated_at", "kpisdk_definition",
    }  # fmt: skip


def test_a_materialized_view_answers_until_its_tables_change(made, run_sql):
    """The view answers while its table holds what it held, and again after a refresh.

    A row that was added, changed or removed sends the question to the table.
    """
    workspace, location = made("postgresql")
    created = states(workspace.views.create(materialized=True))
    assert created["v_kpi_spent"] == "created"
    shown = {each.name: each.kind for each in workspace.views.show()}
    assert shown["v_kpi_spent"] == "materialized view"

    def asked():
        found = workspace.compute("FK-007")[0]
        same = workspace.compute("FK-007", use_views=False)[0]
        assert found.value == pytest.approx(same.value, abs=1e-9)
        return found

    assert asked().answered_by == "view v_kpi_spent"
    for change in (
        "INSERT INTO visits (visit_id, user_id, minutes) VALUES ('new', 'U1', 7)",
        "UPDATE visits SET minutes = 8 WHERE visit_id = 'new'",
        "DELETE FROM visits WHERE visit_id = 'new'",
    ):
        run_sql(location, change)
        found = asked()
        assert found.answered_by == "visits"
        assert "its tables changed after" in found.details["view"]
        refreshed = states(workspace.views.refresh())
        assert refreshed["v_kpi_spent"] == "refreshed"
        assert asked().answered_by == "view v_kpi_spent"

    # A view of the other kind takes its place.
    assert states(workspace.views.create())["v_kpi_spent"] == "created"
    assert asked().answered_by == "view v_kpi_spent"
    assert states(workspace.views.drop())["v_kpi_spent"] == "dropped"


def test_a_materialized_view_keeps_its_window(made):
    """It answers for the instant that it was made at; weeks before, the table answers."""
    workspace, _ = made("postgresql")
    workspace.views.create(materialized=True)

    found = workspace.compute("FK-001", as_of=dt.datetime.now(dt.UTC) - dt.timedelta(days=21))[0]

    assert found.answered_by == "visits"
    assert "between the request's window and the view's" in found.details["view"]


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_only_postgresql_has_materialized_views(made, engine):
    """Elsewhere the option is refused, and no view is made."""
    workspace, _ = made(engine)

    with pytest.raises(UsageError, match=f"need PostgreSQL; this source is {engine}"):
        workspace.views.create(materialized=True)

    assert states(workspace.views.show())["v_kpi_share"] == "absent"


def test_a_source_that_is_no_database_holds_no_views(source_on, visits, fake):
    """Frames and files are refused with what a view needs."""
    location = source_on("frames", {"visits": pd.DataFrame(visits)})
    workspace = Workspace(location, plugins=[fake()], cache="off")

    for ask in (workspace.views.create, workspace.views.drop, workspace.views.refresh):
        with pytest.raises(UsageError, match="can hold no views: they need a database"):
            ask()
    assert set(states(workspace.views.show()).values()) == {"absent", "impossible"}


def test_a_missing_table_or_column_makes_its_view_impossible(source_on, visits, fake):
    """The other views are made all the same."""
    frame = pd.DataFrame(visits).drop(columns=["ok"])
    location = source_on("duckdb", {"visits": frame})
    workspace = Workspace(location, plugins=[fake()], cache="off")

    reports = {each.name: each for each in workspace.views.create()}

    assert reports["v_kpi_share"].state.value == "impossible"
    assert "column 'ok'" in reports["v_kpi_share"].message
    assert reports["v_kpi_users"].state.value == "created"


def test_a_breakdown_that_the_table_lacks_is_left_out(source_on, visits, fake, run_sql):
    """Without its column there are no such rows; the headline and the column's name stay."""
    kpi = next(each for each in fake().kpisdk_kpis() if each.id == "FK-001")
    frame = pd.DataFrame(visits).drop(columns=["site"])
    location = source_on("duckdb", {"visits": frame})
    workspace = Workspace(location, plugins=[fake([kpi])], cache="off")
    workspace.views.create()

    rows = run_sql(location, "SELECT * FROM v_kpi_share")

    assert [row["site"] for row in rows] == [None]
    found = workspace.compute("FK-001", as_of=dt.datetime.now(dt.UTC))[0]
    assert found.answered_by == "view v_kpi_share"


def test_a_file_that_is_in_use_is_named(made):
    """DuckDB lets nobody write beside a reader: the command says so, and no view is made."""
    workspace, location = made("duckdb")

    reader = duckdb.connect(location.removeprefix("duckdb:///"), read_only=True)
    with reader, pytest.raises(SourceUnavailableError, match=r"data\.duckdb"):
        workspace.views.create()

    assert states(workspace.views.show())["v_kpi_share"] == "absent"


def test_a_role_that_may_not_create_is_told_so(made, run_sql, fake):
    """PostgreSQL: the views fail with the server's words; computing goes on from the tables."""
    _, location = made("postgresql")
    run_sql(location, "DROP ROLE IF EXISTS kpisdk_reader")
    run_sql(location, "CREATE ROLE kpisdk_reader LOGIN PASSWORD 'x'")
    run_sql(location, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    run_sql(location, "GRANT USAGE ON SCHEMA public TO kpisdk_reader")
    run_sql(location, "GRANT SELECT ON visits TO kpisdk_reader")
    reader = location.replace("://postgres:", "://kpisdk_reader:x", 1)

    views = Workspace(reader, plugins=[fake()], cache="off").views
    reports = {each.name: each for each in views.create()}

    assert reports["v_kpi_share"].state.value == "failed"
    assert "permission denied for schema public" in reports["v_kpi_share"].message
    run_sql(location, "DROP OWNED BY kpisdk_reader")
    run_sql(location, "DROP ROLE kpisdk_reader")


def test_a_declaration_that_fits_no_metric_is_refused(fake):
    """The record of a KPI cannot be wrong: measures that it lacks, names that are no names."""
    kpi = next(each for each in fake().kpisdk_kpis() if each.id == "FK-009")
    visits = kpi.calculation.measure.relation

    def with_view(view):
        return Kpi(
            id="FK-099",
            name="x",
            workstream="fake",
            definition="x",
            formula="x",
            calculation=Simple(count(visits)),
            unit="count",
            view=view,
        )

    for view, said in (
        (ViewColumn("V-KPI", "x"), "'V-KPI' is not snake case"),
        (ViewColumn("v_kpi", "x", measures=("gone",)), "'gone' is not one of value"),
        (ViewColumn("v_kpi", "x", beside=(ViewFigure("y", ("no",)),)), "'no' is not one of value"),
    ):
        with pytest.raises(DefinitionError, match=said):
            with_view(view)

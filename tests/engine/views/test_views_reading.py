"""A helper view answers exactly where it must give the same number, and the result says which."""

import datetime as dt
import statistics

import attrs
import pandas as pd
import pytest

from kpisdk import Ratio, Workspace, count
from kpisdk.testing import same_interval

ENGINES = ("duckdb", "sqlite", "postgresql")
SAYABLE = {
    "duckdb": {f"FK-{n:03}" for n in range(1, 10)},
    "postgresql": {f"FK-{n:03}" for n in range(1, 10)},
    # No median and no variance in its SQL.
    "sqlite": {"FK-001", "FK-002", "FK-003", "FK-005", "FK-006", "FK-008", "FK-009"},
}


def by_id(report):
    return {result.kpi_id: result for result in report}


@pytest.mark.parametrize("engine", ENGINES)
def test_view_and_tables_give_the_same_result(made, engine):
    """As of now every sayable KPI reads its view: value, interval, warnings, n are the tables'."""
    workspace, _ = made(engine)
    workspace.views.create()

    as_of = dt.datetime.now(dt.UTC)
    viewed = by_id(workspace.compute(workstream="fake", as_of=as_of))
    tabled = by_id(workspace.compute(workstream="fake", as_of=as_of, use_views=False))

    for kpi_id, result in viewed.items():
        other = tabled[kpi_id]
        view = workspace.registry.kpis[kpi_id].view.view
        assert result.value == pytest.approx(other.value, abs=1e-9), kpi_id
        assert same_interval(result.interval, other.interval), kpi_id
        assert result.n == other.n, kpi_id
        assert (result.warnings, result.status) == (other.warnings, other.status), kpi_id
        assert (result.numerator, result.window) == (other.numerator, other.window), kpi_id
        assert result.data_through == other.data_through, kpi_id
        if kpi_id in SAYABLE[engine]:
            assert result.answered_by == f"view {view}", result.details
        else:
            assert result.answered_by == "visits"
            if kpi_id != "FK-011":  # its view cannot be made at all
                assert result.details["view"].startswith(f"{view} was not used: ")
        assert other.answered_by == "visits"


@pytest.mark.parametrize("engine", ENGINES)
def test_the_headlines_are_what_the_rows_say(made, visits, now, engine, run_sql):
    """One headline row a view, worked out from the records in plain Python."""
    workspace, location = made(engine)
    workspace.views.create()
    moment = now.replace(tzinfo=None)

    def since(days):
        start = moment - dt.timedelta(days=days)
        return [row for row in visits if row["at"] is not None and start <= row["at"] < moment]

    judged = [row["ok"] for row in since(30) if row["ok"] is not None]
    headline = run_sql(location, "SELECT * FROM v_kpi_share WHERE site IS NULL")
    assert len(headline) == 1
    assert headline[0]["share"] == pytest.approx(sum(judged) / len(judged), abs=1e-9)
    users = run_sql(location, "SELECT mau, wau, dau FROM v_kpi_users")
    assert [len({row["user_id"] for row in since(days)} - {None}) for days in (30, 7, 1)] == list(
        users[0].values()
    )
    newest = max(
        row["day"] for row in visits if row["day"] is not None and row["day"] <= now.date()
    )
    known = [
        row
        for row in visits
        if row["day"] == newest and row["minutes"] is not None and row["weight"] is not None
    ]
    weighted = run_sql(location, "SELECT weighted FROM v_kpi_newest LIMIT 1")[0]["weighted"]
    if known:
        weights = sum(row["weight"] for row in known)
        mean = sum(row["minutes"] * row["weight"] for row in known) / weights
        assert weighted == pytest.approx(mean, abs=1e-9)
    if engine != "sqlite":
        minutes = [row["minutes"] for row in since(30) if row["minutes"] is not None]
        hours = run_sql(location, "SELECT median_hours FROM v_kpi_median LIMIT 1")
        assert hours[0]["median_hours"] == pytest.approx(statistics.median(minutes) / 60, abs=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_breakdowns_stand_beside_the_headline(made, visits, now, engine, run_sql):
    """Each site has a row, rows without one count in the headline only; months cover all rows."""
    workspace, location = made(engine)
    workspace.views.create()
    start = now.date() - dt.timedelta(days=90)
    past = [row for row in visits if row["day"] is not None and row["day"] <= now.date()]

    rows = run_sql(location, "SELECT * FROM v_kpi_months")

    assert (rows[0]["site"], rows[0]["month"]) == (None, None)
    # A day counts as its midnight: the one that the window starts within is not in it.
    recent = [row for row in past if row["ok"] and row["day"] > start]
    assert rows[0]["good"] == len(recent)
    sites = {row["site"]: row["good"] for row in rows[1:] if row["month"] is None}
    assert sites == {
        site: sum(row["site"] == site for row in recent)
        for site in {row["site"] for row in past if row["day"] > start} - {None}
    }
    months = {(row["site"], str(row["month"])): row["good"] for row in rows if row["month"]}
    expected = {}
    for row in past:
        if row["site"] is not None:
            key = (row["site"], str(row["day"].replace(day=1)))
            expected[key] = expected.get(key, 0) + bool(row["ok"])
    assert months == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_a_request_that_no_view_can_answer_goes_to_the_tables(made, engine):
    """Slices, a grain, a comparison, another window: the tables answer, and the result says why."""
    workspace, _ = made(engine)
    workspace.views.create()

    for asked, why in (
        ({"by": ["site"]}, "slices"),
        ({"where": {"site": "north"}}, "slices"),
        ({"grain": "month"}, "a grain"),
        ({"compare": "previous"}, "a comparison"),
        ({"window": "last 60 days"}, "rows of visits lie between"),
        ({"as_of": dt.datetime.now(dt.UTC) - dt.timedelta(days=20)}, "rows of visits lie between"),
    ):
        results = workspace.compute("FK-001", **asked)
        same = workspace.compute("FK-001", use_views=False, **asked)
        assert [each.value for each in results] == [each.value for each in same]
        assert results[0].answered_by == "visits"
        assert why in results[0].details["view"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_default_request_reads_the_view_where_no_row_left_the_window(made, now, engine):
    """The data frontier ends another window than now does.

    With the same rows in both, the view answers; with a row in the gap between their starts the
    tables do.
    """
    naive = now.replace(tzinfo=None)
    row = {
        "visit_id": "a",
        "user_id": "u",
        "site": "s",
        "day": now.date(),
        "minutes": 1.0,
        "weight": 1,
    }
    inside = [
        {**row, "at": naive - dt.timedelta(days=days), "ok": days % 2 == 0}
        for days in (2, 5, 9, 20)
    ]
    workspace, _ = made(engine, rows=inside)
    workspace.views.create()
    found = workspace.compute("FK-001")[0]
    assert (found.answered_by, found.value) == ("view v_kpi_share", 0.5)
    assert found.window.end < now
    workspace.views.drop()

    # The frontier is two days old: its window reaches back 32 days.
    left = [*inside, {**row, "at": naive - dt.timedelta(days=31), "ok": True}]
    workspace, _ = made(engine, rows=left)
    workspace.views.create()
    found = workspace.compute("FK-001")[0]
    assert (found.answered_by, found.value) == ("visits", 0.6)
    assert "between the request's window and the view's" in found.details["view"]


@pytest.mark.parametrize("engine", ENGINES)
def test_clock_newest_day_and_no_window_need_no_as_of(made, engine):
    """A KPI of the clock, of the newest day or without a window reads its view by default."""
    workspace, _ = made(engine)
    workspace.views.create()

    found = by_id(workspace.compute("FK-002", "FK-003", "FK-005", "FK-006", "FK-007"))

    tables = by_id(workspace.compute(*found, use_views=False))
    for kpi_id in SAYABLE[engine] & set(found):
        assert found[kpi_id].answered_by.startswith("view "), found[kpi_id].details
        assert found[kpi_id].value == pytest.approx(tables[kpi_id].value, abs=1e-9)


def test_a_kpi_that_depends_on_the_instant_itself_reads_no_view(made):
    """Ages of rows change with every instant, so the view of a moment ago has other ones."""
    workspace, _ = made("duckdb")
    workspace.views.create()

    found = workspace.compute("FK-010", as_of=dt.datetime.now(dt.UTC))[0]

    assert found.answered_by == "visits"
    assert "depends on the instant itself" in found.details["view"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_view_that_somebody_else_made_is_not_used(made, engine, run_sql):
    """Its columns are others: the tables answer, and the result names what is missing."""
    workspace, location = made(engine)
    run_sql(location, "CREATE VIEW v_kpi_share AS SELECT 0.123 AS share, 1 AS calculated_at")

    found = workspace.compute("FK-001", as_of=dt.datetime.now(dt.UTC))[0]

    assert found.answered_by == "visits"
    assert found.value != pytest.approx(0.123)
    assert "somebody else made it: it has no column" in found.details["view"]
    assert "kpisdk_definition" in found.details["view"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_view_of_another_definition_is_not_used(made, fake, engine):
    """A view says what the definitions said when it was made; a changed one goes to the tables."""
    workspace, location = made(engine)
    workspace.views.create()
    as_of = dt.datetime.now(dt.UTC)
    old = workspace.registry.kpis["FK-001"]
    rate = old.calculation
    new = attrs.evolve(old, calculation=Ratio(rate.numerator, count(rate.numerator.relation)))

    changed = Workspace(location, plugins=[fake([new])], cache="off")
    found = changed.compute("FK-001", as_of=as_of)[0]

    assert found.answered_by == "visits"
    assert "made from other definitions or tables" in found.details["view"]
    states = {each.name: each.state.value for each in changed.views.show()}
    assert states["v_kpi_share"] == "outdated"


def test_a_text_in_a_number_column_is_refused_by_view_and_tables_alike(made, visits, run_sql):
    """SQLite lets a text into any column: reading the view fails, and the tables say what it is."""
    workspace, location = made("sqlite")
    workspace.views.create()
    run_sql(location, "UPDATE visits SET ok = 'maybe' WHERE ok = 1")

    found = workspace.compute("FK-001", as_of=dt.datetime.now(dt.UTC))[0]

    assert (found.value, found.reason.value) == (None, "wrong_type")
    assert "maybe" in found.message


def test_an_instant_that_is_none_is_refused_by_view_and_tables_alike(made, run_sql):
    """SQLite reads more as an instant than ISO 8601; neither the view nor the tables do."""
    for junk in ("now", "2460000.5", "2026-02-30 00:00:00", "noon", 17):
        workspace, location = made("sqlite")
        workspace.views.create()
        run_sql(location, f"UPDATE visits SET at = '{junk}' WHERE visit_id = 'V3'")
        found = workspace.compute("FK-002")[0]
        assert (found.value, found.reason.value) == (None, "wrong_type"), junk


def test_frames_and_files_have_no_views(source_on, visits, fake):
    """A file that goes by a view's name is a file: it may be of yesterday, and is not read."""
    frames = {"visits": pd.DataFrame(visits), "v_kpi_share": pd.DataFrame({"share": [0.5]})}
    found = Workspace(source_on("frames", frames), plugins=[fake()], cache="off").compute("FK-001")

    assert found[0].answered_by == "visits"
    assert "view" not in found[0].details

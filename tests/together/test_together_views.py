"""The eight helper views of the installed plugins, on generated data, on three engines."""

import datetime as dt

import pytest
from sqlalchemy import create_engine, pool, text

from kpisdk import Workspace
from kpisdk.testing import put, same_interval

ENGINES = ("duckdb", "sqlite", "postgresql")
COLUMNS = {
    "v_kpi_active_users": {"mau", "wau", "dau"},
    "v_kpi_change_fail_rate": {"avg_cfr", "change_type"},
    "v_kpi_cross_source_match": {"match_rate", "source_name"},
    "v_kpi_data_lag": {"median_lag_days", "avg_lag_days", "p95_lag_days"},
    "v_kpi_intent_to_prescribe": {"avg_intent_change", "brand", "survey_month"},
    "v_kpi_label_quality": {"iaa_score"},
    "v_kpi_stacking_lift": {"lift_score", "source_name"},
    "v_kpi_time_to_release": {"median_ttr_days", "pipeline_name"},
}
"""The views of the reference, and the columns that it names."""
UNSAID = {"median_lag_days", "p95_lag_days", "median_ttr_days", "p95_ttr_days"}
"""What SQLite has no SQL for."""
NO_VIEW_ON_SQLITE = {"WS1-DQ-007", "WS1-DQ-008", "WS1-DQ-009", "BR-002"}
"""KPIs with a median or a t interval: there the tables answer."""

WITHOUT_INTERVAL = {"WS1-DQ-003", "WS1-DQ-004", "WS3-BI-001", "WS3-BI-002"}
"""KPIs whose figure is stored, or whose rows are all there is."""

WITH_VIEWS = (
    "BR-002",
    "WS1-DQ-003",
    "WS1-DQ-004",
    "WS1-DQ-007",
    "WS1-DQ-008",
    "WS1-DQ-009",
    "WS2-TR-008",
    "WS3-BI-001",
    "WS3-BI-002",
)


@pytest.fixture(scope="module")
def tables():
    """Generated tables of 400 patients, as frames; the data end at the last midnight."""
    frames = pytest.importorskip("kpisdk_demo").frames
    midnight = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return frames(0.04, 7, midnight.replace(tzinfo=None))


@pytest.fixture(scope="module", params=ENGINES)
def source(request, tables, tmp_path_factory, postgresql_server):
    """The location of the data on one engine, with the views made."""
    engine = request.param
    url = postgresql_server if engine == "postgresql" else None
    workspace = Workspace({}, cache="off")
    contract = workspace.registry.contract
    missing = [kpi_id for kpi_id in WITH_VIEWS if kpi_id not in workspace.registry.kpis]
    if missing:
        pytest.skip(f"not all plugins are installed: {missing}")
    if url is not None:
        made = create_engine(url, poolclass=pool.NullPool)
        with made.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        made.dispose()
    folder = tmp_path_factory.mktemp(engine)
    wanted = {
        each.name for kpi_id in WITH_VIEWS for each in workspace.registry.kpis[kpi_id].datasets
    }
    frames = {name: frame for name, frame in tables.items() if name in wanted}
    location = put(engine, frames, contract.values(), folder, url)
    return engine, location


def read(location, sql):
    """Rows as another tool reads them."""
    engine = create_engine(location, poolclass=pool.NullPool)
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(text(sql)).mappings()]
    engine.dispose()
    return rows


def test_the_eight_views_have_the_columns_of_the_reference(source):
    """Each is made, with the columns and breakdowns that the reference names."""
    engine, location = source
    workspace = Workspace(location, cache="off")

    reports = {report.name: report for report in workspace.views.create()}

    assert set(reports) == set(COLUMNS)
    assert {report.state.value for report in reports.values()} == {"created"}
    for name, columns in COLUMNS.items():
        there = set(read(location, f"SELECT * FROM {name}")[0])
        unsaid = UNSAID if engine == "sqlite" else set()
        assert columns - unsaid <= there, name
        assert "calculated_at" in there
        assert columns & unsaid <= set(reports[name].left_out) <= unsaid


def test_view_and_tables_give_the_same_number(source):
    """As of now, without slices: equal values, intervals, warnings; the result says what answered.

    Each row is a unit here, as a view holds no moments of units. What another tool reads in its
    headline row is that value, units converted.
    """
    engine, location = source
    workspace = Workspace(location, cache="off")
    workspace.views.create()
    as_of = dt.datetime.now(dt.UTC)

    viewed = workspace.compute(*WITH_VIEWS, as_of=as_of, intervals="row")
    tabled = workspace.compute(*WITH_VIEWS, as_of=as_of, intervals="row", use_views=False)

    for result, other in zip(viewed, tabled, strict=True):
        view = workspace.registry.kpis[result.kpi_id].view
        assert result.value == pytest.approx(other.value, abs=1e-9), result.kpi_id
        assert same_interval(result.interval, other.interval), result.kpi_id
        assert result.n == other.n, result.kpi_id
        assert (result.status, result.warnings) == (other.status, other.warnings)
        if engine == "sqlite" and result.kpi_id in NO_VIEW_ON_SQLITE:
            assert result.answered_by != f"view {view.view}"
            assert "sqlite has no SQL for its columns" in result.details["view"]
        else:
            assert result.answered_by == f"view {view.view}", result.details
        first = read(location, f"SELECT * FROM {view.view}")[0]
        if view.column in first:
            assert first[view.column] * view.factor == pytest.approx(other.value, abs=1e-9)


def test_a_view_answers_where_no_interval_by_units_is_made(source):
    """A census and a stored figure have none; the others are read from the tables, and say so."""
    engine, location = source
    workspace = Workspace(location, cache="off")
    workspace.views.create()

    report = workspace.compute(*WITH_VIEWS, as_of=dt.datetime.now(dt.UTC))

    by_units = {each for each in WITH_VIEWS if each not in WITHOUT_INTERVAL}
    assert {each.kpi_id for each in report if not _is_viewed(each)} == by_units
    for kpi_id in by_units if engine != "sqlite" else by_units - NO_VIEW_ON_SQLITE:
        assert "intervals by units" in report[kpi_id].details["view"], kpi_id


def _is_viewed(result):
    return (result.answered_by or "").startswith("view ")


def test_breakdowns_are_the_slices_of_the_kpi(source):
    """A breakdown row holds what grouping by its column gives; rows without a value have none."""
    _, location = source
    workspace = Workspace(location, cache="off")
    workspace.views.create()
    as_of = dt.datetime.now(dt.UTC)

    for kpi_id, column in (
        ("WS1-DQ-003", "source_name"),
        ("WS1-DQ-004", "source_name"),
        ("WS1-DQ-009", "pipeline_name"),
        ("WS2-TR-008", "change_type"),
    ):
        view = workspace.registry.kpis[kpi_id].view
        rows = read(location, f"SELECT * FROM {view.view} WHERE {column} IS NOT NULL")
        if view.column not in (rows or [{view.column: 0}])[0]:
            continue
        report = workspace.compute(kpi_id, as_of=as_of, by=[column])
        expected = {each.slice[column]: each.value for each in report}
        for row in rows:
            value = row[view.column]
            other = expected[row[column]]
            assert (value is None) == (other is None), (kpi_id, row[column])
            if value is not None:
                assert value * view.factor == pytest.approx(other, abs=1e-9)
        assert {row[column] for row in rows} == set(expected) - {None}


def test_intent_by_brand_and_month_follows_the_surveys(source, tables):
    """A month of a brand averages the changes in its usable surveys, whatever the brand."""
    _, location = source
    workspace = Workspace(location, cache="off")
    workspace.views.create()
    surveys = tables["hcp_intent_surveys"].astype(object).to_dict("records")
    scores = {}
    for row in surveys:
        scores.setdefault(row["survey_id"], []).append(row)
    months = {}
    for row in surveys:
        change = _change(row, scores)
        if change is None or row["response_quality_flag"] is False or _none(row["brand"]):
            continue
        day = row["survey_date"]
        if not _none(day):
            months.setdefault((row["brand"], str(day)[:7]), []).append(change)

    rows = read(location, "SELECT * FROM v_kpi_intent_to_prescribe WHERE survey_month IS NOT NULL")

    found = {
        (row["brand"], str(row["survey_month"])[:7]): row["avg_intent_change"]
        for row in rows
        if row["avg_intent_change"] is not None
    }
    assert found.keys() == months.keys()
    for key, changes in months.items():
        assert found[key] == pytest.approx(sum(changes) / len(changes), abs=1e-9)


def _none(value):
    return value is None or value != value  # noqa: PLR0124 - true for NaN and NaT alone


def _change(row, scores):
    named = [
        each
        for each in scores.get(row["previous_survey_id"], ())
        if each["hcp_id"] == row["hcp_id"] and each["brand"] == row["brand"]
    ]
    before = named[0]["intent_to_prescribe_score"] if len(named) == 1 else None
    if not (_none(before) or _none(row["intent_to_prescribe_score"])):
        return row["intent_to_prescribe_score"] - before
    stated = row["intent_to_prescribe_change"]
    return None if _none(stated) else stated

"""What holds for the interval of every KPI that is a metric, on the demo's data in DuckDB."""

from __future__ import annotations

import datetime as dt
import math

import duckdb
import pytest

from kpisdk import Calculator, Dataset, Lift, Mean, Ratio, SourceOptions, Workspace, sample
from kpisdk.builtin.sources.database_urls import database
from kpisdk.contracts.calculators import options_of
from kpisdk.contracts.plans import Shape, Slicing, StatementPlan, Task
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.intervals.metric_intervals import MetricIntervals
from kpisdk.engine.intervals.moment_parts import PartsReader
from kpisdk.sql.statements import statement
from kpisdk.sql.unit_buckets import unit_column
from kpisdk.sql.unit_layout import UnitLayout
from kpisdk.statistics import LEVEL
from kpisdk_demo import write_duckdb

AS_OF = dt.datetime(2025, 6, 30, tzinfo=dt.UTC)
PLAIN = {"as_of": AS_OF, "use_views": False, "compare": "previous"}


def metric_kpis():
    """The KPIs of which a metric of measures can answer, by id."""
    known = Workspace(cache="off").registry.kpis
    return {
        kpi_id: kpi
        for kpi_id, kpi in known.items()
        if any(not isinstance(each.calculation, Calculator) for each in options_of(kpi.calculation))
    }


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A small demo as a DuckDB file."""
    return write_duckdb(tmp_path_factory.mktemp("demo") / "demo.duckdb", 0.1, 7, AS_OF)


@pytest.fixture(scope="module")
def shuffled(demo):
    """The same rows in another order, table by table."""
    path = demo.with_name("shuffled.duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"ATTACH '{demo}' AS original (READ_ONLY)")
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'original'"
        ).fetchall()
        connection.execute("SELECT setseed(0.5)")
        for (table,) in tables:
            connection.execute(
                f'CREATE TABLE "{table}" AS SELECT * FROM original."{table}" ORDER BY random()'
            )
    return path


def computed(path):
    """The results of all of them, in one request."""
    with Workspace(f"duckdb:///{path}", cache="off") as workspace:
        return tuple(workspace.compute(*metric_kpis(), **PLAIN))


@pytest.fixture(scope="module")
def results(demo):
    """The results on the demo as it is."""
    return computed(demo)


def test_most_kpis_have_an_interval(results):
    """What follows is said of something."""
    assert sum(result.interval is not None for result in results) > 15


def test_every_interval_holds_its_value_and_has_a_width(results):
    for result in results:
        if result.interval is not None:
            assert result.interval.low <= result.value <= result.interval.high, result.kpi_id
            assert result.interval.low < result.interval.high, result.kpi_id


def test_every_interval_stays_where_the_values_of_its_kpi_can_lie(results):
    kpis = metric_kpis()
    for result in results:
        possible = kpis[result.kpi_id].possible
        if result.interval is not None and possible.holds(result.value):
            assert possible.holds(result.interval.low), result.kpi_id
            assert possible.holds(result.interval.high), result.kpi_id


def test_every_change_lies_in_its_interval_and_is_settled_where_that_leaves_out_zero(results):
    changes = [result.comparison for result in results if result.comparison is not None]
    surveyed = [each for each in changes if each.interval is not None]
    assert surveyed
    for each in surveyed:
        low, high = each.interval.low, each.interval.high
        assert low <= each.change <= high
        assert each.decided == (not low <= 0 <= high)


def test_the_order_of_rows_changes_nothing(results, shuffled):
    """To the last digits, which depend on the order in which floating numbers are added."""
    for one, other in zip(results, computed(shuffled), strict=True):
        assert numbers(other) == pytest.approx(numbers(one), rel=1e-9, nan_ok=True), one.kpi_id
        assert (other.status, other.decided) == (one.status, one.decided), one.kpi_id


def numbers(result):
    """The numbers of a result; what it does not have is not a number."""
    interval = result.interval
    found = (result.value, interval and interval.low, interval and interval.high, result.n)
    return [math.nan if each is None else each for each in found]


@pytest.fixture(scope="module")
def catalog(demo):
    """The tables of the demo, open for reading."""
    known = Workspace(cache="off").registry.kpis.values()
    contract = {each.name: each for kpi in known for each in kpi.datasets}
    source = database(f"duckdb:///{demo}", SourceOptions("core"))
    with source.session() as session:
        yield Catalog(session, "core", contract, {})


def keyed():
    """The metrics over one table with a key whose interval by rows has a closed form, by KPI."""
    for kpi_id, kpi in metric_kpis().items():
        for option in options_of(kpi.calculation):
            if isinstance(option.calculation, Calculator):
                continue
            measures = option.calculation.measures()
            made = MetricIntervals.of(option.calculation, measures, kpi.possible, sample("key"))
            relations = {measures[name].relation for name in made.names}
            takes_none = not any(each.parameters for each in measures.values())
            if isinstance(made.ours, Ratio | Mean | Lift) and len(relations) == 1 and takes_none:
                (relation,) = relations
                if isinstance(relation, Dataset) and len(relation.keys) == 1:
                    yield f"{kpi_id} {option.name}".strip(), made, relation


def both_ways(catalog, metric, relation):
    """The intervals of a metric over a whole table: its key as the unit, and by rows.

    ``None`` where the demo has no rows of it.
    """
    labels = {name: f"m{place}" for place, name in enumerate(metric.measures)}
    plan = StatementPlan(
        relation,
        Slicing(),
        tuple(Task(labels[name], measure) for name, measure in metric.measures.items()),
        Shape.FUSED,
        AS_OF,
        unit=unit_column(relation, relation.keys[0], catalog.table),
        products=(tuple(labels[name] for name in metric.names),),
    )
    (row,) = catalog.session.rows(statement(plan, catalog.table, catalog.session.dialect))
    values = {name: None if x is None else float(x) for name, x in zip(labels, row, strict=False)}
    moments = PartsReader([labels], metric.measures).read(UnitLayout.of(plan).read(row))
    made = metric.metric.estimate(values)
    if made.value is None:
        return None
    figures = (metric.figure(made, values, each) for each in (moments, None))
    return tuple(figure.at(LEVEL) for figure in figures)


def test_a_unit_per_row_gives_the_row_wise_interval(catalog):
    """A thousand buckets tell the spread of rows to a few hundredths."""
    found = {name: both_ways(catalog, metric, relation) for name, metric, relation in keyed()}
    found = {name: each for name, each in found.items() if each is not None}

    assert len(found) > 5
    for name, (by_unit, by_row) in found.items():
        near = 0.12 * (by_row.high - by_row.low)
        assert by_unit.low == pytest.approx(by_row.low, abs=near), name
        assert by_unit.high == pytest.approx(by_row.high, abs=near), name

"""What holds for the interval of any measure, on any engine, whatever the rows and units."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs
import pytest
from hypothesis import Phase, given, settings, strategies as st

from kpisdk import Unit, ValueRange, Workspace, hookimpl, sample, sample_by_day
from kpisdk.testing.databases import temporary_database
from kpisdk.testing.differential.containers import CONTAINERS
from kpisdk.testing.differential.event_rows import AS_OF, tables
from kpisdk.testing.differential.figures import FIGURES, KPIS
from kpisdk.testing.differential.places import Place

BY_NAME = {each.name: each for each in CONTAINERS}
ENGINES = ("typed frames", "csv", "duckdb", "sqlite", "postgresql")
IDS = {figure.name: kpi.id for figure, kpi in zip(FIGURES, KPIS, strict=True)}
UNITS = (sample("person"), sample("site"), sample("amount"), sample_by_day("happened_at"), sample())
QUESTION = {"window": "all", "as_of": AS_OF.replace(tzinfo=dt.UTC)}
few = settings(max_examples=3, derandomize=True, database=None, phases=[Phase.generate])


@pytest.fixture(scope="module")
def database(request):
    """The URL of a PostgreSQL database of this module's own, made when it is first asked for."""
    with temporary_database(request.getfixturevalue("postgresql_server")) as url:
        yield url


@pytest.fixture(params=ENGINES)
def asked(request):
    """``asked(rows, sampling, **question)``: the results on one engine, by KPI, slice, period."""
    container = BY_NAME[request.param]
    url = request.getfixturevalue("database") if container.needs == "postgresql" else ""

    def ask(rows, sampling, *ids, **question):
        class Sampled:
            """The KPIs of all figures, as samples of those units."""

            name, __version__ = "differential", "1.0"

            @hookimpl
            def kpisdk_kpis(self):
                for figure, kpi in zip(FIGURES, KPIS, strict=True):
                    facts = {"sampling": sampling}
                    if figure.name == "done_share":
                        facts |= {"unit": Unit.RATIO, "value_range": ValueRange(0, 1)}
                    yield attrs.evolve(kpi, **facts)

        now = AS_OF.replace(tzinfo=dt.UTC) + dt.timedelta(hours=1)
        with TemporaryDirectory() as folder:
            source = container.put(rows, Place(Path(folder), url))
            workspace = Workspace(source, plugins=[Sampled()], cache="off", clock=lambda: now)
            found = workspace.compute(*(ids or IDS.values()), **{**QUESTION, **question})
        return {(r.kpi_id, tuple(r.slice.items()), r.period): r for r in found}

    return ask


def test_an_interval_holds_its_value_has_a_width_and_stays_where_values_can_lie(asked):
    """Or there is none, and the result says why."""
    possible = {kpi.id: kpi.possible for kpi in KPIS}
    possible[IDS["done_share"]] = ValueRange(0, 1)

    @few
    @given(tables(), st.sampled_from(UNITS), st.sampled_from([(), ("site",)]))
    def search(rows, sampling, by):
        for (kpi_id, *_), result in asked(rows, sampling, by=by).items():
            interval = result.interval
            if interval is None:
                assert result.value is None or result.interval_reason is not None, kpi_id
                continue
            assert interval.low <= result.value <= interval.high, kpi_id
            assert interval.low < interval.high, kpi_id
            if possible[kpi_id].holds(result.value):
                assert possible[kpi_id].holds(interval.low), kpi_id
                assert possible[kpi_id].holds(interval.high), kpi_id

    search()


def test_the_order_of_rows_changes_no_interval(asked):
    """Nor whether a status is settled: buckets are of units, and those of rows without one too."""

    @few
    @given(tables(), st.sampled_from(UNITS), st.randoms(use_true_random=False))
    def search(rows, sampling, pick):
        before = asked(rows, sampling)
        after = asked(pick.sample(rows, len(rows)), sampling)
        assert before.keys() == after.keys()
        for key, one in before.items():
            other = after[key]
            assert other.interval_reason is one.interval_reason, key
            assert (other.interval is None) == (one.interval is None), key
            if one.interval is not None:
                ends = (one.interval.low, one.interval.high)
                near = 1e-9 * max(map(abs, ends))
                found = (other.interval.low, other.interval.high)
                assert found == pytest.approx(ends, rel=1e-9, abs=near), key

    search()


def test_a_unit_per_row_gives_the_row_wise_interval_to_sampling_error(asked):
    """900 rows of 900 people, in a thousand buckets of each engine's own hash."""
    draw = random.Random(5)
    rows = [
        {
            "event_id": f"e{place:03d}",
            "happened_at": dt.datetime(2026, 3, 1 + place % 28),
            "day": dt.date(2026, 3, 1),
            "site": "a",
            "person": f"p{place:03d}",
            "amount": round(draw.lognormvariate(0, 0.5) * 64) / 64,
            "units": draw.choice([0, 1, 1, 2]),
            "done": draw.random() < 0.3,
            "doc": None,
            "version": None,
        }
        for place in range(900)
    ]
    ids = [IDS[name] for name in ("done_share", "amount_mean", "amount_median", "lift")]

    by_unit = asked(rows, sample("person"), *ids)
    by_row = asked(rows, sample("person"), *ids, intervals="row")

    for key, one in by_unit.items():
        other = by_row[key].interval
        assert (one.interval.unit, other.unit) == ("person", "row")
        near = 0.15 * (other.high - other.low)
        assert one.interval.low == pytest.approx(other.low, abs=near), key
        assert one.interval.high == pytest.approx(other.high, abs=near), key

"""What a result rests on: statements with their values, rows, versions, the source, the instant."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import platform

import pytest

from kpisdk import Calculator, Estimate, FrameInput, Mean, Parameter, Result, Simple, count
from kpisdk.contracts.manifest import StatementReceipt

JUNE = dt.datetime(2025, 6, 20)
FILES = ("duckdb", "sqlite", "csv", "parquet", "frames")


def manifest_of(workspace, kpi_id="CORE-T-001", **request):
    """The manifest of a KPI's first result."""
    return workspace.compute(kpi_id, **request)[kpi_id].manifest


def test_a_receipt_is_the_hash_of_text_and_values_and_says_neither():
    """Worked out with the library of Python, from JSON as it is written down here."""
    receipt = StatementReceipt.of("SELECT ?", ["a secret"], 3)

    content = '["SELECT ?", [["0", "str", "\'a secret\'"]]]'
    assert receipt == StatementReceipt(hashlib.sha256(content.encode()).hexdigest(), 3)
    assert StatementReceipt.of("SELECT ?", [1], 3) != StatementReceipt.of("SELECT ?", ["1"], 3)
    assert StatementReceipt.of("x", {"a": 1, "b": 2}, 0) == StatementReceipt.of(
        "x", {"b": 2, "a": 1}, 0
    )


@pytest.mark.parametrize("engine", [*FILES, "postgresql"])
def test_a_result_says_who_computed_it_and_from_what(
    engine, source_on, table, opened, make, visits
):
    """Versions of core, plugin, Python, engine and driver; one statement, which gave one row."""
    workspace = opened(source_on(engine, {"core_visits": table({}, {})}, [visits]), make())

    (result,) = workspace.compute("CORE-T-001")
    manifest = result.manifest

    assert manifest.core == workspace.registry.plugins[0].version
    assert (manifest.plugin, manifest.python) == ("in this process 1.0", platform.python_version())
    runs_on = {"csv": "duckdb", "parquet": "duckdb", "frames": "duckdb"}.get(engine, engine)
    assert manifest.engine.startswith(f"{runs_on} ")
    assert manifest.engine[-1].isdigit()
    driver = {"postgresql": "psycopg", "sqlite": "sqlite3"}.get(engine, "duckdb")
    assert manifest.driver.startswith(f"{driver} ")
    assert manifest.definition_version == f"{result.definition_version}+core.{manifest.core}"
    assert (len(manifest.statements), manifest.rows_read) == (1, 1)
    assert len(manifest.source) == 64


def test_every_result_says_the_instant_that_it_was_evaluated_at(opened, table, make, now):
    """Given, or found in the data: just after the newest row."""
    workspace = opened({"core_visits": table({"at": JUNE})}, make())

    (found,) = workspace.compute("CORE-T-001")
    (given,) = workspace.compute("CORE-T-001", as_of=now)
    months = workspace.compute("CORE-T-001", grain="month", as_of=now)

    assert found.as_of == JUNE.replace(tzinfo=dt.UTC) + dt.timedelta(microseconds=1)
    assert given.as_of == now
    assert {each.as_of for each in months} == {now}


def test_the_same_question_has_the_same_receipts_and_another_value_other_ones(opened, table, make):
    """Bound values count: the filter on b runs the text of the filter on a."""
    workspace = opened({"core_visits": table({"site": "a"}, {"site": "b"})}, make())

    a, again, b = (
        manifest_of(workspace, where={"site": site}).statements for site in ("a", "a", "b")
    )

    assert a == again
    assert a != b


def test_another_row_is_another_source_and_the_same_rows_are_the_same(
    source_on, opened, table, make, visits
):
    """Whoever opens it: the fingerprint is that of the file."""
    rows = {"core_visits": table({"units": 1})}
    source = source_on("csv", rows, [visits])

    one, same = (manifest_of(opened(source, make())).source for _ in range(2))
    source_on("csv", {"core_visits": table({"units": 2})}, [visits])
    other = manifest_of(opened(source, make())).source

    assert one == same
    assert one != other


def test_statements_of_another_kpi_are_no_part_of_a_manifest(opened, table, make, visits):
    """Asked beside others or alone, a KPI rests on what was run for it."""
    rows = FrameInput("rows", visits, ("site",))
    calculated = make(Calculator(lambda _: Estimate.of(1.0), (rows,), visits), "CORE-T-002")
    workspace = opened({"core_visits": table({}, {}, {})}, make(), calculated)

    report = workspace.compute("CORE-T-001", "CORE-T-002")

    counted, framed = (report[each].manifest for each in ("CORE-T-001", "CORE-T-002"))
    assert counted.statements == manifest_of(workspace).statements
    assert counted.rows_read == 1
    assert framed.rows_read == 3
    assert not set(counted.statements) & set(framed.statements)


def test_a_shared_statement_is_in_the_manifest_of_each(opened, table, make, visits):
    """Two counts of one table are read in one scan."""
    done = make(Simple(count(visits, visits["done"].is_true())), "CORE-T-002")
    workspace = opened({"core_visits": table({"done": True}, {})}, make(), done)

    report = workspace.compute("CORE-T-001", "CORE-T-002")

    one, two = (report[each].manifest.statements for each in ("CORE-T-001", "CORE-T-002"))
    assert set(one) & set(two)


def test_interval_and_seed_are_those_of_the_result(opened, table, make, visits):
    """The method, what it takes for independent, and what random numbers begin with."""
    rows = [{"amount": float(number)} for number in range(40)]
    mean = make(Mean(visits, visits["amount"]), unit="days")
    drawn = make(
        Calculator(lambda _: Estimate.of(1.0), (FrameInput("rows", visits, ("site",)),), visits),
        "CORE-T-002",
        parameters=(Parameter("seed", "int", default=0),),
    )
    workspace = opened({"core_visits": table(*rows)}, mean, drawn)

    (result,) = workspace.compute("CORE-T-001")
    shown = (result.manifest.interval_method, result.manifest.interval_unit)

    assert shown == (result.interval.method, result.interval.unit)
    assert result.manifest.seed is None
    assert manifest_of(workspace, "CORE-T-002").seed == 0
    assert manifest_of(workspace, "CORE-T-002", parameters={"seed": 7}).seed == 7


def test_a_kept_result_keeps_its_manifest(opened, table, make, tmp_path):
    """Through JSON and back, as a file keeps it."""
    from kpisdk.builtin.caches.memory_cache import MemoryCache

    workspace = opened({"core_visits": table({})}, make(), cache=MemoryCache())

    first, second = (workspace.compute("CORE-T-001")[0] for _ in range(2))

    assert second.cached
    assert second.manifest == first.manifest
    assert Result.from_dict(json.loads(json.dumps(first.to_dict()))) == first


def test_without_a_source_there_is_no_manifest(opened, make, tmp_path):
    """Nothing was run; the reason says why."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "other.csv").write_text("a\n1\n")

    missing = opened(str(tmp_path / "data"), make()).compute("CORE-T-001")[0]

    assert missing.value is None
    assert missing.manifest.statements == ()

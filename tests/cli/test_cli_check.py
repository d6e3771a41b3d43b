"""``kpisdk check``: a table and a document of what a source can answer, summarised on stderr."""

import datetime as dt
import json

import duckdb
import pytest


@pytest.fixture
def source(tmp_path):
    """A DuckDB file with triggers; results are kept nowhere."""
    path = tmp_path / "data.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE triggers (trigger_id VARCHAR, trigger_timestamp TIMESTAMP, "
            "acceptance_status VARCHAR)"
        )
        connection.executemany(
            "INSERT INTO triggers VALUES (?, ?, ?)",
            [[f"T{n}", dt.datetime(2025, 6, 20, n), "rejected"] for n in range(4)],
        )
    (tmp_path / "kpisdk.toml").write_text('[cache]\nbackend = "off"\n')
    return path


def test_the_table_names_findings_and_the_summary_goes_to_stderr(run, source):
    """One row a KPI; values that never occur are in it; the count is beside the data."""
    outcome = run("check", "--source", str(source))

    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[0].split() == [
        "kpi", "finding", "kind", "value", "filled", "in", "never", "occurs", "message",
    ]  # fmt: skip
    rows = {line.split()[0]: line for line in lines[1:]}
    assert set(rows) == {"WS2-TR-004", "WS2-TR-006", "BR-001"}
    assert "triggers.acceptance_status = 'accepted'" in rows["WS2-TR-004"]
    assert "3 of 3 calculable, gaps: 0" in outcome.err
    assert "brand: 1 of 1 calculable, gaps: 0" in outcome.err
    assert "calculable, gaps" not in outcome.out


def test_json_holds_counts_and_every_kpi(run, source):
    """The document is one object, in full; gaps are an answer and no failure."""
    with duckdb.connect(str(source)) as connection:
        connection.execute("ALTER TABLE triggers DROP COLUMN acceptance_status")

    outcome = run("check", "--source", str(source), "--format", "json")

    document = json.loads(outcome.out)
    assert outcome.code == 0
    assert (document["checked"], document["calculable"], document["gaps"]) == (3, 0, 3)
    assert document["summary"] == "0 of 3 calculable, gaps: 3"
    assert document["workstreams"]["ws2_triggers"] == "0 of 2 calculable, gaps: 2"
    first = document["kpis"][0]
    assert (first["finding"], first["kind"], first["reason"]) == (
        "not calculable",
        "column",
        "missing_column",
    )
    assert "acceptance_status" in first["message"]
    assert (first["value"], first["never_occurs"], first["filled_in"]) == (None, [], [])


def test_a_source_that_cannot_be_opened_is_a_failure(run, here, tmp_path):
    """Nothing could be computed: exit 1, and the password is nowhere to be read."""
    (tmp_path / "kpisdk.toml").write_text('[cache]\nbackend = "off"\n')
    url = "postgresql+psycopg://me:hunter22@127.0.0.1:9/none?connect_timeout=1"

    outcome = run("check", "--source", url)

    assert outcome.code == 1
    assert "0 of 3 calculable, gaps: 3" in outcome.err
    assert outcome.out.count("cannot be opened") == 1
    assert outcome.out.count("as above") == 2
    assert "hunter22" not in outcome.out + outcome.err


def test_the_answer_can_go_to_a_file(run, source, tmp_path):
    """As with every table of records."""
    target = tmp_path / "check.csv"

    outcome = run("check", "--source", str(source), "--format", "csv", "--output", str(target))

    assert (outcome.code, outcome.out) == (0, "")
    assert target.read_text().startswith("kpi,finding,kind,value,filled_in,never_occurs,message\n")

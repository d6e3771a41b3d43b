"""How often the intervals of kpisdk hold the truth, measured by simulation.

    python benchmarks/coverage.py [--replicates 2000] [--seed 20261130] [--only share]

Each row of the table draws data of which the truth is known, puts their units into 1,000 buckets as
a statement does, and asks the library's own functions for the interval. The bar is 93 to 97 % for
intervals of 95 % (at least 93 % for the kinds that ``AT_LEAST`` names), at most 3 % decided and
wrong where the truth lies just on the other side of a bound, which is the rate of intervals that
miss it on that side, and what the second table says for families, guardrails and repeated looks.
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
from coverage_intervals import AT_LEAST, INTERVALS
from coverage_models import MODELS
from coverage_trends import TRENDS

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
    wrong: float | None
    missing: float
    replicates: int

    @property
    def fault(self) -> str:
        """Which bar is missed; a rate of 3 % is exceeded if it is by two standard errors."""
        most = 1.0 if self.kind in AT_LEAST else HIGH
        if not LOW <= self.coverage <= most:
            return "coverage"
        allowed = WRONG + 2 * np.sqrt(WRONG * (1 - WRONG) / self.replicates)
        return "one side" if self.wrong is not None and self.wrong > allowed else ""


def measured(kind: str, data: str, case: Callable, replicates: int, seed: int) -> Measured:
    """One row: coverage, mean width and how often a status beyond the truth was decided."""
    rng = np.random.default_rng([seed, *f"{kind} {data}".encode()])
    covered = below = above = 0
    widths = []
    for _ in range(replicates):
        found, truth, value = case(rng)
        if not isinstance(found, Interval):
            continue
        assert found.low <= value <= found.high, (kind, data, found, value)
        assert found.low < found.high, (kind, data, found)
        covered += found.low <= truth <= found.high
        below += found.high < truth
        above += found.low > truth
        widths.append(found.high - found.low)
    made = max(1, len(widths))
    # No bound lies at the least possible value, so that nothing is decided wrongly there.
    wrong = None if kind in AT_LEAST and truth == 0 else max(below, above) / made
    missing = 1 - len(widths) / replicates
    return Measured(kind, data, covered / made, float(np.mean(widths)), wrong, missing, replicates)


def rows(only: str, replicates: int, seed: int) -> Iterator[Measured]:
    for kind, data, case in (*INTERVALS, *TRENDS, *MODELS):
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
    print("| kind | data | coverage | mean width | decided and wrong | no interval |")
    print("|---|---|---|---|---|---|")
    for row in rows(options.only, options.replicates, options.seed):
        misses += bool(row.fault)
        mark = f" ({row.fault}!)" if row.fault else ""
        wrong = "–" if row.wrong is None else f"{row.wrong:.3f}"
        missing = f"{row.missing:.3f}" if row.missing else "–"
        print(
            f"| {row.kind} | {row.data} | {row.coverage:.3f}{mark} | {row.width:.3g}"
            f" | {wrong} | {missing} |",
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

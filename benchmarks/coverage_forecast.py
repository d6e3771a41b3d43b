"""How often the next value of a seasonal series lies in the range that is expected of it: 95 %?

Seeded series of which the truth is known, by grain and by the seasons that are recorded. All have
a season that repeats (normal, spread 2) and noise (normal, spread 1). ``drift``: its level wanders
(0.2 a period); ``trend``: it rises (0.1 a period); ``evolve``: the season wanders (0.2 a season);
``gaps``: a value of seven is missing. The figure is the share of series whose next value lies in
the range, with its standard error; CPU is that of one range.

    python benchmarks/coverage_forecast.py [--series N]
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from kpisdk_history.forecast.seasonal_model import next_range
from kpisdk_history.forecast.seasons import SEASONS

KINDS = ("fixed", "drift", "trend", "evolve", "gaps")


def series(kind: str, period: int, many: int, rng: np.random.Generator) -> list[float | None]:
    """A series of that kind; its last value is never missing."""
    season = 2 * rng.normal(size=period)
    values = np.resize(season, many) + rng.normal(size=many)
    if kind == "drift":
        values += np.cumsum(0.2 * rng.normal(size=many))
    elif kind == "trend":
        values += 0.1 * np.arange(many)
    elif kind == "evolve":
        steps = np.zeros((many // period + 1, period))
        steps[1:] = 0.2 * rng.normal(size=(many // period, period))
        values += np.cumsum(steps, axis=0).ravel()[:many]
    gaps = rng.random(many) < 1 / 7 if kind == "gaps" else np.zeros(many, bool)
    gaps[-1] = False
    return [None if gone else float(value) for value, gone in zip(values, gaps, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--series", type=int, default=200)
    given = parser.parse_args()
    print(
        f"{'grain':8} {'seasons':8}" + "".join(f"{kind:>9}" for kind in KINDS) + "      all   CPU"
    )
    every: list[bool] = []
    for grain, period in SEASONS.items():
        for seasons in (3, 6) if period < 52 else (3,):
            row, spent, mine = [], 0.0, []
            for number, kind in enumerate(KINDS):
                rng = np.random.default_rng([period, seasons, number])
                hits = []
                while len(hits) < given.series:
                    many = period * seasons + 1
                    values = series(kind, period, many * 5 // 4 if kind == "gaps" else many, rng)
                    started = time.process_time()
                    found = next_range(values[:-1], period)
                    spent += time.process_time() - started
                    if found is not None:  # with gaps, perhaps too few values
                        hits.append(found[0] <= values[-1] <= found[1])
                row.append(np.mean(hits))
                mine += hits
            every += mine
            cpu = 1000 * spent / len(mine)
            told = "".join(f"{100 * each:8.1f}%" for each in (*row, np.mean(mine)))
            print(f"{grain:8} {seasons:<8}{told} {cpu:4.0f}ms", flush=True)
    share = np.mean(every)
    error = np.sqrt(share * (1 - share) / len(every))
    print(f"all {len(every):,}: {100 * share:.1f} % +- {100 * error:.1f}")


if __name__ == "__main__":
    main()

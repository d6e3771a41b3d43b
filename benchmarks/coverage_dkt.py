"""How often the intervals of knowledge tracing hold the truth, by simulated classes.

python benchmarks/coverage_dkt.py [--replicates 2000] [--seed 1] [--only NAME ...]

Each class has students whose ability the model knows in part only, so that what it misses of one
answer it misses of the student's other answers as well. The truth of a metric is its value in a
class of 60,000 such students. Printed for each metric: coverage, mean width, how often the interval
lies wholly below or wholly above the truth (a status decided wrongly at a bound), and how often
there is none.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.evaluation.intervals import (
    paired_gain,
    share_with_interval,
    with_intervals,
)
from kpisdk_edu_dkt.dkt.evaluation.metrics import Score, auc, ece, score
from kpisdk_edu_dkt.dkt.sigmoid import sigmoid

POPULATION = 60_000
SKILLS = 6


@attrs.frozen
class Scene:
    """Classes of one kind: how many students, and how many answers each of them gives."""

    students: int
    answers: Callable[[np.random.Generator, int], np.ndarray]


def same(count: int) -> Callable[[np.random.Generator, int], np.ndarray]:
    return lambda _, students: np.full(students, count)


def skewed(rng: np.random.Generator, students: int) -> np.ndarray:
    return np.maximum(1, np.rint(12 * np.exp(rng.standard_normal(students)))).astype(int)


SCENES = {
    "independent: 500 students, 1 answer": Scene(500, same(1)),
    "clustered: 100 students, 20 answers": Scene(100, same(20)),
    "skewed: 100 students, 1 to 100 answers": Scene(100, skewed),
    "small: 30 students, 20 answers": Scene(30, same(20)),
    "smallest: 20 students, 20 answers": Scene(20, same(20)),
}


@attrs.frozen
class Answers:
    """Predictions of two models, answers, students; practised and mastered skills by student."""

    p: np.ndarray
    other: np.ndarray
    y: np.ndarray
    student: np.ndarray
    practised: np.ndarray
    mastered: np.ndarray


def simulated(rng: np.random.Generator, students: int, scene: Scene) -> Answers:
    size = scene.answers(rng, students)
    ability = rng.standard_normal(students)
    student = np.repeat(np.arange(students), size)
    easy = rng.standard_normal(len(student))
    y = (rng.random(len(student)) < sigmoid(0.4 + easy + ability[student])).astype(float)
    practised = rng.integers(1, SKILLS + 1, students)
    return Answers(
        p=sigmoid(0.2 + 0.9 * easy + 0.6 * ability[student]),
        other=sigmoid(0.4 + 0.6 * ability[student]),
        y=y,
        student=student,
        practised=practised.astype(float),
        mastered=rng.binomial(practised, sigmoid(ability)).astype(float),
    )


def truths(rng: np.random.Generator, scene: Scene) -> dict[str, float]:
    a = simulated(rng, POPULATION, scene)
    return {
        "AUC": auc(a.p, a.y),
        "accuracy": float(((a.p >= 0.5) == a.y).mean()),
        "calibration error": ece(a.p, a.y),
        "mastered share": float(a.mastered.sum() / a.practised.sum()),
        "AUC gain": auc(a.p, a.y) - auc(a.other, a.y),
    }


def intervals(a: Answers, seed: int) -> dict[str, Score]:
    names = {"AUC": "auc", "accuracy": "accuracy", "calibration error": "ece"}
    plain = {name: score(name, a.p, a.y) for name in names.values()}
    found = with_intervals(plain, a.p, a.y, a.student, seed=seed)
    return {
        **{shown: found[name] for shown, name in names.items()},
        "mastered share": share_with_interval(a.mastered, a.practised, seed=seed),
        "AUC gain": paired_gain(a.p, a.other, a.y, a.student, seed=seed),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", default=[])
    chosen = parser.parse_args()
    print(f"{chosen.replicates} replicates, seed {chosen.seed}", flush=True)
    for place, (name, scene) in enumerate(SCENES.items()):
        if chosen.only and not any(each in name for each in chosen.only):
            continue
        begun = time.perf_counter()
        truth = truths(np.random.default_rng([chosen.seed, place, 0]), scene)
        rng = np.random.default_rng([chosen.seed, place, 1])
        seen: dict[str, list[tuple[float, float]]] = {each: [] for each in truth}
        for turn in range(chosen.replicates):
            for each, made in intervals(simulated(rng, scene.students, scene), turn).items():
                if made.low is not None:
                    seen[each].append((made.low, made.high))
        print(f"\n{name} ({time.perf_counter() - begun:.0f} s)")
        print(f"{'':20}{'truth':>8}{'coverage':>10}{'width':>8}{'below':>8}{'above':>8}{'none':>6}")
        for each, value in truth.items():
            low, high = np.array(seen[each] or [(np.nan, np.nan)]).T
            below, above = (high < value).mean(), (low > value).mean()
            print(
                f"{each:20}{value:8.4f}{1 - below - above:10.3f}{(high - low).mean():8.4f}"
                f"{below:8.3f}{above:8.3f}{chosen.replicates - len(seen[each]):6d}"
            )


if __name__ == "__main__":
    main()

"""Rows for the tests of interactions and metrics: three that are right, and drawn classes."""

from __future__ import annotations

import numpy as np

GOOD = {
    "student_id": ["a", "a", "b"],
    "t": [0, 1, 0],
    "skill_id": ["x", "y", "x"],
    "correct": [1, 0, 1],
    "difficulty": [0.5, 0.5, 0.4],
    "motivation": [0.7, None, 0.1],
    "time_spent": [3.0, 4.0, 5.0],
    "adjustment": [0, -1, 1],
}


def with_changes(**changes: list[object]) -> dict[str, list[object]]:
    """Those rows with other values in some columns."""
    return {name: list(values) for name, values in (GOOD | changes).items()}


def drawn_class(students: int, seed: int, shift: float = 0.0) -> tuple[np.ndarray, ...]:
    """(p, y, student, truth) of students with effects of their own, answers drawn from the truth.

    The predictions know the students' effects, and are off by ``shift`` on the logit.
    """
    rng = np.random.default_rng(seed)
    student = np.repeat(np.arange(students), rng.integers(5, 25, students))
    logit = rng.normal(0.0, 0.8, len(student)) + rng.normal(0.0, 0.7, students)[student]
    truth = 1 / (1 + np.exp(-logit))
    y = (rng.random(len(student)) < truth).astype(float)
    return 1 / (1 + np.exp(-logit - shift)), y, student, truth

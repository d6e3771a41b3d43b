"""A synthetic classroom: students with hidden mastery, under the ZPDES rule.

The law is the reference notebook's: a mastery per student and skill, anxiety that follows streaks,
answers drawn from a logistic function of mastery, difficulty and anxiety. All students advance
together, one item at a time, so the cost is in the number of items, not of rows.
"""

from __future__ import annotations

import math

import attrs
import numpy as np

from kpisdk import DefinitionError, Problem
from kpisdk_edu_dkt.dkt.arrays import Booleans, Floats, Integers
from kpisdk_edu_dkt.dkt.data.interactions import Ids, Interactions
from kpisdk_edu_dkt.dkt.zpdes import ZpdesRule, adjust

PHASES: tuple[str, ...] = ("defi", "exploration", "hub", "lecon", "synthese")
PHASE_EASE: tuple[float, ...] = (-1.0, 0.0, 0.5, 1.0, -0.5)
"""How easy each phase is, in units of :attr:`Classroom.phase_effect`."""

_DIFFICULTY_SLOPE, _ANXIETY_SLOPE, _ANXIETY_CENTRE = 2.0, 1.2, 0.3
_START_SPREAD, _START_BOUND, _BOUND = 0.6, 1.5, 2.0


def _positive(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 1:
        problem = Problem(attribute.name, f"{value} is too few; at least 1 is needed")
        raise DefinitionError("Classroom", [problem])


@attrs.frozen
class Classroom:
    """What to simulate.

    Attributes:
        students: Number of students.
        skills: Number of skills, named ``0`` to ``skills - 1``.
        longest: Most answers a student gives; the fewest is half of it.
        seed: Seed of the random source, which is this call's own.
        motivation_effect: Change of the logit when motivation goes from 0 to 1 (0 in the notebook,
            where motivation is noise).
        phase_effect: Change of the logit between a phase of ease 0 and one of ease 1.
        reset_streaks: Whether an adjustment ends the streak that caused it (not in the notebook,
            where the difficulty therefore runs to its bounds).
        with_truth: Whether the probability that each answer was drawn from is written (``p_true``).
        rule: The ZPDES rule.
    """

    students: int = attrs.field(default=120, validator=_positive)
    skills: int = attrs.field(default=12, validator=_positive)
    longest: int = attrs.field(default=80, validator=_positive)
    seed: int = 42
    motivation_effect: float = 0.0
    phase_effect: float = 0.0
    reset_streaks: bool = False
    with_truth: bool = False
    rule: ZpdesRule = attrs.Factory(ZpdesRule)


def success_logit(mastery: Floats, difficulty: Floats, anxiety: Floats) -> Floats:
    """Logit of a right answer, before the effects of motivation and phase.

    Args:
        mastery: (students,) mastery of the practised skill, 0 to 1.
        difficulty: (students,) difficulty of the item, 0 to 1.
        anxiety: (students,) 0 to 1.
    """
    return (
        mastery
        - _DIFFICULTY_SLOPE * (difficulty - 0.5)
        - _ANXIETY_SLOPE * (anxiety - _ANXIETY_CENTRE)
    )


def practised(mastery: Floats, correct: Booleans, difficulty: Floats, anxiety: Floats) -> Floats:
    """Mastery of the practised skill after an answer: easy successes teach, failures discourage.

    Args:
        mastery: (students,) mastery of the practised skill, 0 to 1.
        correct: (students,) whether the answer was right.
        difficulty: (students,) difficulty of the item, 0 to 1.
        anxiety: (students,) 0 to 1.
    """
    change = np.where(correct, 0.05 * (0.8 - difficulty), -0.03 * (difficulty + anxiety))
    return np.clip(mastery + change, -_BOUND, _BOUND)


def extra_logit(room: Classroom, motivation: Floats, phase: Integers) -> Floats:
    """What motivation and phase add to the logit; 0 with the notebook's law.

    Args:
        room: The class.
        motivation: (students,) 0 to 1.
        phase: (students,) codes of phases.
    """
    ease = np.array(PHASE_EASE)[phase]
    return room.motivation_effect * (motivation - 0.5) + room.phase_effect * ease


@attrs.define(eq=False)
class _Students:
    """Where all students stand, one entry each."""

    mastery: Floats  # (students, skills)
    motivation: Floats
    base_anxiety: Floats
    difficulty: Floats
    failures: Integers
    successes: Integers


def simulate(room: Classroom) -> Interactions:
    """The interactions of a classroom; the same for the same ``room``, anywhere."""
    rng = np.random.default_rng(room.seed)
    lengths = rng.integers(room.longest // 2, room.longest + 1, room.students)
    lengths = np.maximum(lengths, 1)
    now = _enrol(room, rng)
    steps = [_step(room, now, rng) for _ in range(int(lengths.max()))]
    alive = np.arange(int(lengths.max()))[None, :] < lengths[:, None]  # (students, longest)
    columns = {name: np.stack([step[name] for step in steps], axis=1)[alive] for name in steps[0]}
    student, t = np.nonzero(alive)
    skill, phase = columns.pop("skill_id").astype(np.int64), columns.pop("phase").astype(np.int64)
    correct = columns.pop("correct").astype(np.int64)
    columns["motivation"] = now.motivation[student]
    if not room.with_truth:
        del columns["p_true"]
    order = ("difficulty", "adjustment", "time_spent", "motivation", "anxiety_level")
    return Interactions(
        source=f"classroom of {room.students} students, seed {room.seed}",
        student=Ids(student.astype(np.int64), tuple(map(str, range(room.students)))),
        t=t.astype(np.float64),
        skill=Ids(skill, tuple(map(str, range(room.skills)))),
        correct=correct,
        numbers={name: columns.pop(name) for name in order} | columns,
        phase=Ids(phase, PHASES),
        difficulty_timing="before",
    )


def _enrol(room: Classroom, rng: np.random.Generator) -> _Students:
    count = room.students
    start = rng.normal(0.0, _START_SPREAD, (count, room.skills))
    return _Students(
        mastery=np.clip(start, -_START_BOUND, _START_BOUND),
        motivation=rng.beta(2.0, 2.0, count),
        base_anxiety=rng.beta(2.0, 5.0, count),
        difficulty=rng.uniform(0.3, 0.7, count),
        failures=np.zeros(count, dtype=np.int64),
        successes=np.zeros(count, dtype=np.int64),
    )


def _step(room: Classroom, now: _Students, rng: np.random.Generator) -> dict[str, Floats]:
    """One item for every student; ``now`` moves on. Students at their end answer unrecorded."""
    count, everyone = room.students, np.arange(room.students)
    skill = rng.integers(0, room.skills, count)
    phase = rng.integers(0, len(PHASES), count)
    used = now.difficulty
    anxiety = np.clip(now.base_anxiety + 0.05 * now.failures - 0.03 * now.successes, 0.0, 1.0)
    time_spent = np.maximum(0.5, rng.lognormal(np.log(2.0 + 6.0 * used + 3.0 * anxiety), 0.4))
    mastery = now.mastery[everyone, skill]
    logit = success_logit(mastery, used, anxiety) + extra_logit(room, now.motivation, phase)
    p_true = 1.0 / (1.0 + np.exp(-logit))
    correct = rng.random(count) < p_true
    now.mastery[everyone, skill] = practised(mastery, correct, used, anxiety)
    now.successes = np.where(correct, now.successes + 1, 0)
    now.failures = np.where(correct, 0, now.failures + 1)
    adjustment, now.difficulty = adjust(used, now.failures, now.successes, room.rule)
    if room.reset_streaks:
        now.successes = np.where(adjustment == 0, now.successes, 0)
        now.failures = np.where(adjustment == 0, now.failures, 0)
    return {
        "skill_id": skill.astype(np.float64),
        "phase": phase.astype(np.float64),
        "correct": correct.astype(np.float64),
        "difficulty": used,
        "adjustment": adjustment.astype(np.float64),
        "time_spent": time_spent,
        "anxiety_level": anxiety,
        "next_difficulty": now.difficulty,
        "p_true": p_true,
    }


def prior_of_start(grid: int) -> tuple[Floats, Floats]:
    """A grid of starting masteries and its weights: a normal law, cut at both bounds.

    The mass beyond a bound sits on the bound itself, as the generator clips.
    """
    points = np.linspace(-_START_BOUND, _START_BOUND, grid)
    edges = (points[1:] + points[:-1]) / 2.0
    below = [0.5 * (1.0 + math.erf(edge / (_START_SPREAD * math.sqrt(2.0)))) for edge in edges]
    return points, np.diff(np.concatenate([[0.0], below, [1.0]]))

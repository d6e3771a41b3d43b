"""The synthetic classroom: the notebook's law, our own random source, and the ceiling."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import attrs
import numpy as np
import pytest

from kpisdk import DefinitionError
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.errors import ColumnsMismatchError
from kpisdk_edu_dkt.dkt.evaluation.metrics import auc, log_loss
from kpisdk_edu_dkt.dkt.synthetic.ceiling import filter_predictions
from kpisdk_edu_dkt.dkt.synthetic.classroom import PHASES, Classroom, simulate


@pytest.fixture(scope="module")
def large() -> Interactions:
    """A class of the size on which the notebook's figures were taken, once for this file."""
    return simulate(Classroom(students=2500, skills=5, longest=100, seed=7, with_truth=True))


def one_student(rng: random.Random, skills: int, longest: int) -> list[tuple[float, ...]]:
    """One student, row by row: an independent telling of the same law.

    Rows are (correct, difficulty used, difficulty after, anxiety, log time, adjustment).
    """
    mastery = [min(1.5, max(-1.5, rng.gauss(0.0, 0.6))) for _ in range(skills)]
    base = rng.betavariate(2, 5)
    difficulty, failures, successes = rng.uniform(0.3, 0.7), 0, 0
    rows = []
    for _ in range(rng.randint(longest // 2, longest)):
        skill = rng.randrange(skills)
        anxiety = min(1.0, max(0.0, base + 0.05 * failures - 0.03 * successes))
        seconds = max(0.5, rng.lognormvariate(math.log(2 + 6 * difficulty + 3 * anxiety), 0.4))
        logit = mastery[skill] - 2.0 * (difficulty - 0.5) - 1.2 * (anxiety - 0.3)
        correct = rng.random() < 1 / (1 + math.exp(-logit))
        if correct:
            successes, failures = successes + 1, 0
            change = 0.05 * (0.8 - difficulty)
        else:
            successes, failures = 0, failures + 1
            change = -0.03 * (difficulty + anxiety)
        mastery[skill] = min(2.0, max(-2.0, mastery[skill] + change))
        adjustment = -1 if failures > 2 else int(successes > 3)
        after = min(0.9, max(0.2, difficulty + 0.1 * adjustment))
        rows.append((correct, difficulty, after, anxiety, math.log(seconds), adjustment))
        difficulty = after
    return rows


def test_the_law_is_that_of_a_row_by_row_telling(large: Interactions) -> None:
    """Means and spreads of every column agree with 1,200 students told one by one.

    Students are independent, so a mean over students has a standard error of spread / sqrt(n);
    four of them are allowed for the difference of the two samples.
    """
    rng = random.Random(5)
    told = [np.array(one_student(rng, 5, 100), dtype=float) for _ in range(1200)]
    bounds = large.offsets
    names = ("difficulty", "next_difficulty", "anxiety_level", "time_spent", "adjustment")
    values = [large.correct.astype(float), *(large.numbers[name] for name in names)]
    values[4] = np.log(values[4])
    for place in range(6):
        reference = np.array([rows[:, place].mean() for rows in told])
        ours = np.array([values[place][a:b].mean() for a, b in pairwise(bounds)])
        error = math.hypot(
            reference.std() / math.sqrt(len(reference)), ours.std() / math.sqrt(len(ours))
        )
        assert abs(reference.mean() - ours.mean()) < 4 * error, place
        assert ours.std() == pytest.approx(reference.std(), rel=0.08), place


def test_the_oracle_scores_what_the_law_allows(large: Interactions) -> None:
    """The probability that each answer was drawn from reaches an AUC of 0.680."""
    y = large.correct.astype(float)

    assert auc(large.numbers["p_true"], y) == pytest.approx(0.680, abs=0.005)
    assert y.mean() == pytest.approx(0.524, abs=0.01)


def test_the_exact_filter_is_between_nothing_and_the_oracle(large: Interactions) -> None:
    """On 500 students the filter's AUC is near 0.629, and its log loss beats the base rate."""
    room = Classroom(students=2500, skills=5, longest=100, seed=7)
    part = large.of_students(np.arange(2500) < 500)
    p, y = filter_predictions(part, room), part.correct.astype(float)
    found = auc(p, y)

    assert found is not None
    assert 0.610 < found < 0.645
    assert log_loss(p, y) < log_loss(np.full(len(y), y.mean()), y)


def test_the_filter_equals_bayes_by_hand() -> None:
    """With one answer seen, the posterior mean is a ratio of two sums over a fine grid."""
    room = Classroom(students=40, skills=1, longest=4, seed=3)
    told = simulate(room)
    p = filter_predictions(told, room, grid=301)
    first = told.offsets[0]
    d, a = told.numbers["difficulty"], told.numbers["anxiety_level"]
    grid = np.linspace(-6, 6, 200001)
    density = np.exp(-0.5 * (grid / 0.6) ** 2)
    start = np.clip(grid, -1.5, 1.5)

    def success(mastery: np.ndarray, row: int) -> np.ndarray:
        return 1 / (1 + np.exp(-(mastery - 2 * (d[row] - 0.5) - 1.2 * (a[row] - 0.3))))

    seen = success(start, first)
    likelihood = seen if told.correct[first] else 1 - seen
    step = 0.05 * (0.8 - d[first]) if told.correct[first] else -0.03 * (d[first] + a[first])
    after = success(np.clip(start + step, -2, 2), first + 1)

    assert p[first] == pytest.approx((density * seen).sum() / density.sum(), abs=2e-4)
    expected = (density * likelihood * after).sum() / (density * likelihood).sum()
    assert p[first + 1] == pytest.approx(expected, abs=2e-4)


def test_the_filter_needs_the_columns_of_the_law(dkt_class: Interactions) -> None:
    """Without phases or difficulty there is no ceiling to compute."""
    with pytest.raises(ColumnsMismatchError, match="phase_type"):
        filter_predictions(attrs.evolve(dkt_class, phase=None), Classroom())
    with pytest.raises(ColumnsMismatchError, match="difficulty"):
        filter_predictions(attrs.evolve(dkt_class, numbers={}), Classroom())


def test_one_seed_gives_one_class_and_leaves_the_global_source_alone() -> None:
    """Twice the same, another seed differs, and NumPy's global state is untouched."""
    before = np.random.get_state()[1].copy()  # noqa: NPY002 -- the state that must not change
    room = Classroom(students=20, skills=3, longest=10, seed=1)

    assert simulate(room).sha256 == simulate(room).sha256
    assert simulate(room).sha256 != simulate(attrs.evolve(room, seed=2)).sha256
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002 -- the same


def test_difficulty_is_the_one_used_and_the_change_stands_apart(dkt_class: Interactions) -> None:
    """Each row's next difficulty is the difficulty of the same student's next row."""
    used, after = dkt_class.numbers["difficulty"], dkt_class.numbers["next_difficulty"]
    same = np.diff(dkt_class.student.codes) == 0

    assert (after[:-1][same] == used[1:][same]).all()


def test_adjustments_follow_the_streaks(dkt_class: Interactions) -> None:
    """Recounting the streaks from the answers gives every adjustment."""
    failures = successes = 0
    for row in range(len(dkt_class)):
        if row in dkt_class.offsets:
            failures = successes = 0
        right = dkt_class.correct[row] == 1
        failures, successes = (0, successes + 1) if right else (failures + 1, 0)
        expected = -1 if failures > 2 else int(successes > 3)
        assert dkt_class.numbers["adjustment"][row] == expected


def test_lengths_run_from_half_to_the_longest(dkt_class: Interactions) -> None:
    """With ``longest`` 40 every student gives 20 to 40 answers, and both ends occur."""
    lengths = np.diff(dkt_class.offsets)

    assert (lengths.min(), lengths.max()) == (20, 40)


def test_motivation_and_phase_are_noise_unless_asked_for() -> None:
    """By default neither separates right from wrong; with their knobs turned both do."""
    plain = simulate(Classroom(students=400, skills=2, longest=40, seed=4))
    turned = simulate(
        Classroom(
            students=400, skills=2, longest=40, seed=4, motivation_effect=3.0, phase_effect=1.0
        )
    )

    def separation(told: Interactions) -> tuple[float, float]:
        y = told.correct.astype(float)
        assert told.phase is not None
        easy = y[told.phase.codes == PHASES.index("lecon")].mean()
        hard = y[told.phase.codes == PHASES.index("defi")].mean()
        return auc(told.numbers["motivation"], y) or 0.0, easy - hard

    assert separation(plain)[0] == pytest.approx(0.5, abs=0.03)
    assert separation(plain)[1] == pytest.approx(0.0, abs=0.04)
    assert separation(turned)[0] > 0.6
    assert separation(turned)[1] > 0.25


def test_streaks_can_be_made_to_end_with_their_adjustment() -> None:
    """With reset streaks two rows in a row never both carry an adjustment."""
    told = simulate(Classroom(students=50, skills=2, longest=40, seed=4, reset_streaks=True))
    changed = told.numbers["adjustment"] != 0
    same = np.diff(told.student.codes) == 0

    assert changed.any()
    assert not (changed[:-1] & changed[1:] & same).any()


def test_the_truth_is_written_on_demand_only() -> None:
    """``p_true`` is in the columns if and only if it was asked for."""
    room = Classroom(students=5, skills=1, longest=4)

    assert "p_true" not in simulate(room).numbers
    assert "p_true" in simulate(attrs.evolve(room, with_truth=True)).numbers


def test_a_class_without_students_is_refused() -> None:
    """Nothing can be simulated for nobody."""
    with pytest.raises(DefinitionError, match="students: 0 is too few"):
        Classroom(students=0)

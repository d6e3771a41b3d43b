"""Difficulties written after the answer, and other columns that tell it, are found out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import numpy as np
import pytest

from kpisdk_edu_dkt.dkt.artefact.storing import load, save
from kpisdk_edu_dkt.dkt.data.after_difficulty import with_difficulty_as_used
from kpisdk_edu_dkt.dkt.data.checking import check
from kpisdk_edu_dkt.dkt.data.difficulty_timing import (
    difficulty_seen,
    with_settled_difficulty,
    with_timing,
)
from kpisdk_edu_dkt.dkt.data.interactions import Ids, Interactions
from kpisdk_edu_dkt.dkt.data.splitting import split_by_student
from kpisdk_edu_dkt.dkt.errors import DifficultyTimingError
from kpisdk_edu_dkt.dkt.evaluation.leakage import given_away
from kpisdk_edu_dkt.dkt.evaluation.report import evaluate
from kpisdk_edu_dkt.dkt.learning.options import TrainingOptions
from kpisdk_edu_dkt.dkt.learning.training import train
from kpisdk_edu_dkt.dkt.serving.predicting import predict
from kpisdk_edu_dkt.dkt.synthetic.classroom import Classroom, simulate
from kpisdk_edu_dkt.dkt.zpdes import next_difficulty

READ = ("skill_id", "phase_type", "difficulty", "motivation", "anxiety_level")


def as_the_notebook_writes(interactions: Interactions, without: Sequence[str] = ()) -> Interactions:
    """The rows as a file holds them whose ``difficulty`` is the one after the change."""
    columns = interactions.columns()
    columns["difficulty"] = columns.pop("next_difficulty")
    return check(
        {name: values for name, values in columns.items() if name not in without}, source="log.csv"
    )


def flips(students: int = 60, answers: int = 40, seed: int = 1) -> Mapping[str, list[object]]:
    """Answers that are coin flips; ``difficulty`` follows the rule and is written afterwards."""
    rng = np.random.default_rng(seed)
    rows = []
    for student in range(students):
        used, failures, successes = 0.5, 0, 0
        for t in range(answers):
            right = bool(rng.random() < 0.5)
            failures, successes = (0, successes + 1) if right else (failures + 1, 0)
            decided = next_difficulty(used, failures, successes)
            used = decided.difficulty
            rows.append((student, t, int(rng.integers(3)), int(right), used, decided.adjustment))
    names = ("student_id", "t", "skill_id", "correct", "difficulty", "adjustment")
    return {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}


@pytest.fixture(scope="module")
def room() -> Interactions:
    """A class whose motivation and phases matter, honestly recorded."""
    return simulate(
        Classroom(
            students=150, skills=4, longest=50, seed=2, motivation_effect=2.0, phase_effect=1.0
        )
    )


@pytest.mark.parametrize("students", [8, 60])
def test_a_difficulty_that_says_how_easy_an_item_is_is_read_likewise(students: int) -> None:
    """It falls where the adjustment is up: opposite signs are no sign of another time."""
    columns = dict(flips(students))
    after = [1.0 - float(str(value)) for value in columns["difficulty"]]
    starts = [t == 0 for t in columns["t"]]
    before = [0.5 if starts[row] else after[row - 1] for row in range(len(after))]
    seen = {
        timing: difficulty_seen(check({**columns, "difficulty": values}, source="log.csv"))
        for timing, values in (("after", after), ("before", before))
    }

    assert {timing: each and (each.timing, each.by) for timing, each in seen.items()} == {
        "after": ("after", "adjustment"),
        "before": ("before", "adjustment"),
    }


@pytest.mark.parametrize("reset", [False, True])
def test_a_difficulty_moves_with_its_own_adjustment_or_with_the_one_before(reset: bool) -> None:
    """As used it moves in the row after an adjustment; as the notebook writes it, in that row."""
    honest = simulate(Classroom(students=40, skills=2, longest=40, seed=3, reset_streaks=reset))
    before, after = difficulty_seen(honest), difficulty_seen(as_the_notebook_writes(honest))

    assert before is not None
    assert after is not None
    assert (before.timing, before.by, after.timing, after.by) == (
        "before", "adjustment", "after", "adjustment",
    )  # fmt: skip
    # each row in which the difficulty moves and the two readings differ says the same
    assert (before.rows, after.rows) == (before.of_rows, after.of_rows)


def test_without_adjustments_the_answers_show_it() -> None:
    """It goes up in rows of right answers only: by the rule it cannot have been there before."""
    columns = {name: values for name, values in flips().items() if name != "adjustment"}
    honest = simulate(Classroom(students=60, skills=2, longest=40, seed=3))
    bare = attrs.evolve(
        honest, numbers={"difficulty": honest.numbers["difficulty"]}, difficulty_timing=None
    )
    seen = difficulty_seen(check(columns, source="s"))

    assert seen is not None
    assert (seen.timing, seen.by) == ("after", "correct")
    assert difficulty_seen(bare) is None


def test_three_rows_show_it_and_a_flat_column_shows_nothing() -> None:
    """The least that is called evidence: three moves, all with the adjustment of their row."""
    columns: dict[str, list[object]] = {
        "student_id": [1] * 7,
        "t": list(range(7)),
        "skill_id": ["x"] * 7,
        "correct": [1] * 7,
        "adjustment": [0, 1, 0, 1, 0, 1, 0],
        "difficulty": [0.3, 0.4, 0.4, 0.5, 0.5, 0.6, 0.6],
    }
    seen = difficulty_seen(check(columns, source="s"))

    assert seen is not None
    assert (seen.timing, seen.rows, seen.of_rows) == ("after", 3, 3)
    assert difficulty_seen(check(columns | {"difficulty": [0.5] * 7}, source="s")) is None
    del columns["difficulty"]
    assert difficulty_seen(check(columns, source="s")) is None


def test_training_refuses_until_it_is_said_which_it_is(quick: TrainingOptions) -> None:
    """Coin flips: refused as they are; said to be "after", nothing is learned from them."""
    rows = check(flips(), source="coin.csv")
    with pytest.raises(DifficultyTimingError, match=r"coin\.csv: difficulty moves with the adj"):
        train(split_by_student(rows, 0), quick)
    trained = train(split_by_student(with_timing(rows, "after"), 0), quick, draws=0)

    assert trained.report is not None
    assert trained.model.difficulty_timing == trained.report.difficulty_timing == "after"
    assert trained.report.model["auc"].value == pytest.approx(0.5, abs=0.08)


def test_a_model_remembers_it_and_takes_other_data_the_same_way(quick: TrainingOptions) -> None:
    """What was trained as "after" predicts from such data as they are, and from both columns."""
    honest = simulate(Classroom(students=80, skills=3, longest=30, seed=3))
    written = as_the_notebook_writes(honest)
    model = train(split_by_student(with_timing(written, "after"), 0), quick, draws=0).model
    told = predict(model, with_difficulty_as_used(written)).p

    assert np.array_equal(predict(model, written).p, told)
    # a file with next_difficulty holds the one used: only students' first items now have one
    both = model.settled(check(honest.columns(), source="s"))
    later = np.flatnonzero(np.diff(both.student.codes, prepend=-1) == 0)
    moved = model.settled(written).numbers["difficulty"]
    assert np.array_equal(both.numbers["difficulty"][later], moved[later])
    assert np.isnan(np.delete(moved, later)).all()
    # without next_difficulty it moves like one from before the answer: not what the model knows
    columns = honest.columns()
    del columns["next_difficulty"]
    with pytest.raises(DifficultyTimingError, match="trained on data with the one after"):
        evaluate(model, check(columns, source="s"))


def test_a_model_of_honest_data_refuses_the_notebooks(
    room: Interactions, quick: TrainingOptions
) -> None:
    """Evaluated on data that tell the answer it would look better than it is."""
    columns = room.columns()
    del columns["next_difficulty"]
    model = train(split_by_student(check(columns, source="s"), 0), quick, draws=0).model

    assert model.difficulty_timing == "before"
    with pytest.raises(DifficultyTimingError, match="AFTER the answer"):
        predict(model, as_the_notebook_writes(room))
    told = with_timing(as_the_notebook_writes(room), "before")
    assert len(predict(model, told).p) == len(room)


def test_what_somebody_said_of_the_training_data_holds_for_data_that_look_alike(
    quick: TrainingOptions, tmp_path: Path
) -> None:
    """An adjustment may be decided before its own row: said once, it is not asked for again."""
    rows = check(flips(students=80), source="s")
    assert difficulty_seen(rows) is not None
    trained = train(split_by_student(with_timing(rows, "before"), 0), quick, draws=0)
    save(trained.model, tmp_path)
    model = load(tmp_path)

    assert (model.difficulty_timing, model.difficulty_look) == ("before", "after")
    taken = model.settled(rows)
    assert np.array_equal(taken.numbers["difficulty"], rows.numbers["difficulty"])
    # it is reported all the same, and data that look otherwise are refused
    assert [each.column for each in given_away(taken, READ)] == ["difficulty"]
    honest = simulate(Classroom(students=40, skills=3, longest=40, seed=3)).columns()
    del honest["next_difficulty"]
    with pytest.raises(DifficultyTimingError, match="BEFORE"):
        model.settled(check(honest, source="s"))


def test_honest_columns_are_not_accused(room: Interactions) -> None:
    """Motivation, anxiety, phases and difficulties that matter, and were there before."""
    assert given_away(room, READ) == ()
    assert given_away(check({k: v[:50] for k, v in flips().items()}, source="s"), READ) == ()


def _leaky(room: Interactions, column: str, seed: int = 0) -> Interactions:
    rng = np.random.default_rng(seed)
    right = room.correct == 1
    values = dict(room.numbers)
    phase = room.phase
    assert phase is not None
    if column == "anxiety_level":  # that of the row after: it follows the answer
        anxiety = values[column]
        values[column] = np.append(anxiety[1:], anxiety[-1])
    elif column == "motivation":  # a mood in which the answer echoes, with noise
        values[column] = np.clip(0.45 + 0.1 * right + rng.normal(0.0, 0.08, len(right)), 0, 1)
    elif column == "motivation, by its gaps":  # only asked for after a failure
        values["motivation"] = np.where(~right & (rng.random(len(right)) < 0.2), np.nan, 0.5)
    elif column == "phase_type":  # a remedial phase, chosen when the answer was wrong
        remedial = ~right & (rng.random(len(right)) < 0.3)
        phase = Ids(np.where(remedial, 0, np.maximum(phase.codes, 1)), phase.names)
    else:  # how hard it was felt to be
        values[column] = np.where(right, 0.3, 0.7) + rng.normal(0.0, 0.1, len(right))
    return attrs.evolve(room, numbers=values, phase=phase)


@pytest.mark.parametrize(
    "column",
    ["anxiety_level", "motivation", "motivation, by its gaps", "phase_type", "difficulty"],
)
def test_a_column_that_gives_the_answer_away_is_reported(room: Interactions, column: str) -> None:
    """Each in its own way; the others stay free of blame."""
    found = given_away(_leaky(room, column), READ)

    assert [each.column for each in found] == [column.partition(",")[0]]
    assert "tells the answer of its own row" in found[0].sentence


def test_what_was_found_stands_in_report_and_card(
    room: Interactions, quick: TrainingOptions
) -> None:
    """The model's provenance keeps the sentence, so that the card warns."""
    from kpisdk_edu_dkt.dkt.artefact.card import card

    trained = train(split_by_student(_leaky(room, "motivation"), 0), quick, draws=0)

    assert trained.report is not None
    assert [each.column for each in trained.report.given_away] == ["motivation"]
    assert "WARNING: motivation tells the answer of its own row" in card(trained.model, "0")


def test_a_refused_row_still_tells_the_next_difficulty() -> None:
    """The answer of t=1 is unreadable, its difficulty is not: it is the one used at t=2."""
    columns = {
        "student_id": ["a"] * 4,
        "t": [0, 1, 2, 3],
        "skill_id": ["x"] * 4,
        "correct": [1, 7, 0, 1],
        "difficulty": [0.5, 0.6, 0.7, 0.8],
    }
    kept = with_difficulty_as_used(check(columns, source="s", on_fault="skip"))

    assert kept.t.tolist() == [0, 2, 3]
    assert np.allclose(kept.numbers["difficulty"], [np.nan, 0.6, 0.7], equal_nan=True)
    assert kept.numbers["next_difficulty"].tolist() == [0.5, 0.7, 0.8]
    # the same of some of the students only
    assert np.isnan(kept.of_students(np.array([True])).numbers["difficulty"]).sum() == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # the refused row holds no difficulty: what was used at t=2 is not known
        ({"difficulty": [0.5, 9.0, 0.7, 0.8]}, [np.nan, np.nan, 0.7]),
        # nobody knows where the row without t belongs: only t=3 follows its neighbour for certain
        ({"t": [0, None, 2, 3], "correct": [1, 1, 0, 1]}, [np.nan, np.nan, 0.7]),
        # nor whose the row without a student is
        ({"student_id": ["a", None, "a", "a"], "correct": [1] * 4}, [np.nan, np.nan, 0.7]),
    ],
)
def test_a_difficulty_that_is_not_certain_is_missing(
    changes: dict[str, list[object]], expected: list[float]
) -> None:
    """A gap in the log is a gap in what is known, never the value of a row further back."""
    columns: dict[str, list[object]] = {
        "student_id": ["a"] * 4,
        "t": [0, 1, 2, 3],
        "skill_id": ["x"] * 4,
        "correct": [1, 7, 0, 1],
        "difficulty": [0.5, 0.6, 0.7, 0.8],
    }
    rows = check(columns | changes, source="s", on_fault="skip")

    assert np.allclose(
        with_settled_difficulty(rows, "after").numbers["difficulty"], expected, equal_nan=True
    )

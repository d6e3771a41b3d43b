"""The data contract: what is accepted, what is refused, and how a refusal reads."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from dkt_rows import GOOD, with_changes

from kpisdk_edu_dkt.dkt.data.checking import check
from kpisdk_edu_dkt.dkt.data.columns import COLUMNS, INPUT_NUMBERS, QUERY_NUMBERS
from kpisdk_edu_dkt.dkt.data.reading import from_frame
from kpisdk_edu_dkt.dkt.errors import InteractionsError


def _refused(columns: dict[str, list[object]]) -> str:
    with pytest.raises(InteractionsError) as caught:
        check(columns, source="class.csv")
    return caught.value.message


def test_a_good_table_is_accepted_as_it_is() -> None:
    """Rows that keep every rule come through with their values, gaps as NaN."""
    interactions = check(GOOD, source="class.csv")

    assert len(interactions) == 3
    assert interactions.students == 2
    assert interactions.skill.names == ("x", "y")
    assert interactions.correct.tolist() == [1, 0, 1]
    assert np.isnan(interactions.numbers["motivation"]).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("column", "values", "row", "rule"),
    [
        ("time_spent", [3.0, math.nan, 5.0], "row 2", "above 0"),
        ("time_spent", [3.0, math.inf, 5.0], "row 2", "finite"),
        ("time_spent", [-1.0, 4.0, 5.0], "row 1", "above 0"),
        ("difficulty", [0.5, 0.5, 1.7], "row 3", "0 to 1"),
        ("correct", [1, 2, 1], "row 2", "0 or 1"),
        ("correct", [1, None, 1], "row 2", "0 or 1"),
        ("correct", ["1", "yes", "0"], "row 2", "0 or 1"),
        ("adjustment", [0, 0.5, 1], "row 2", "-1, 0 or 1"),
        ("motivation", [0.7, 2.0, 0.1], "row 2", "0 to 1"),
        ("t", [0, math.nan, 0], "row 2", "finite"),
        ("t", [0, 0, 0], "row 2", "once"),
        ("skill_id", ["x", "", "x"], "row 2", "any text"),
        ("student_id", ["a", None, "b"], "row 2", "any text"),
    ],
)
def test_a_bad_value_is_refused_with_file_row_column_and_rule(
    column: str, values: list[object], row: str, rule: str
) -> None:
    """The sentence names the file, the row, the column, the value and the rule."""
    message = _refused(with_changes(**{column: values}))

    assert f"class.csv, {row}, column {column}" in message
    assert rule in message


def test_all_faults_are_told_at_once() -> None:
    """Three faults in three columns make three lines of one message."""
    message = _refused(
        with_changes(correct=[2, 0, 1], difficulty=[0.5, 9, 0.4], t=[0, 1, math.inf])
    )

    assert "3 problems" in message
    assert all(name in message for name in ("correct", "difficulty", "column t"))


def test_many_faults_of_one_rule_are_counted() -> None:
    """Five rows are listed, the other 95 are counted, not dropped in silence."""
    count = 100
    message = _refused(
        {
            "student_id": list(range(count)),
            "t": [0] * count,
            "skill_id": ["x"] * count,
            "correct": [7] * count,
        }
    )

    assert "95 more rows" in message


def test_a_missing_required_column_is_named() -> None:
    """Without ``correct`` and ``t`` both names are in the message."""
    message = _refused({"student_id": ["a"], "skill_id": ["x"]})

    assert "column correct: missing" in message
    assert "column t: missing" in message


def test_columns_of_different_lengths_are_refused() -> None:
    """A column that is shorter than the others cannot be paired with them."""
    assert "different lengths" in _refused(with_changes(difficulty=[0.5]))


def test_rows_may_be_left_out_and_are_then_counted() -> None:
    """With ``skip`` the bad row goes, the others stay, and the count says so."""
    interactions = check(with_changes(correct=[1, 5, 1]), source="class.csv", on_fault="skip")

    assert interactions.row.tolist() == [0, 2]
    assert [(r.column, r.rows) for r in interactions.refused] == [("correct", 1)]


def test_a_skipped_row_does_not_count_as_the_first_of_a_duplicate() -> None:
    """If the first of two equal (student, t) is refused for its value, the second one stays."""
    interactions = check(
        with_changes(t=[0, 0, 0], correct=[9, 1, 1]), source="class.csv", on_fault="skip"
    )

    assert interactions.row.tolist() == [1, 2]


def test_unsorted_rows_are_sorted_within_their_student_and_counted() -> None:
    """Order in the file does not matter, of students or rows; the report says what was moved."""
    interactions = check(
        {
            "student_id": ["b", "a", "b", "a"],
            "t": [5, 1, 2, 3],
            "skill_id": [1, 2, 3, 4],
            "correct": [1, 1, 0, 0],
        },
        source="s",
    )

    assert interactions.student.names == ("a", "b")
    assert interactions.row.tolist() == [1, 3, 2, 0]
    assert interactions.t.tolist() == [1, 3, 2, 5]
    assert interactions.reordered == 2


def test_a_frame_with_time_stamps_as_order_is_accepted() -> None:
    """``t`` may be an instant; only its order counts."""
    frame = pd.DataFrame(
        {
            "student_id": [1, 1],
            "t": pd.to_datetime(["2026-01-02", "2026-01-01"]),
            "skill_id": ["late", "early"],
            "correct": [1, 0],
        }
    )

    assert from_frame(frame).row.tolist() == [1, 0]


def test_instants_with_a_zone_are_an_order_too() -> None:
    """10:00+02:00 is before 09:00Z."""
    frame = pd.DataFrame(
        {
            "student_id": [1, 1],
            "t": [pd.Timestamp("2026-01-01T09:00Z"), pd.Timestamp("2026-01-01T10:00+02:00")],
            "skill_id": ["late", "early"],
            "correct": [1, 0],
        }
    )

    assert from_frame(frame).row.tolist() == [1, 0]


@pytest.mark.parametrize(
    "changes",
    [
        {"skill_id": [["x"], ["y"], ["x"]]},
        {"skill_id": [{}, {}, {}]},
        {"difficulty": np.array([1j, 0, 0])},
        {"t": np.array([[0, 1], [1, 2], [2, 3]])},
        {"t": [10**400, 1, 0]},
    ],
)
def test_what_is_no_column_of_texts_or_numbers_is_refused(changes: dict[str, list[object]]) -> None:
    """Lists as ids, complex numbers, two columns of one name, numbers beyond any float."""
    _refused(with_changes(**changes) | changes)


def test_only_columns_known_before_the_answer_may_describe_the_item() -> None:
    """The list of query columns is exactly the numeric columns known before; truth is in none."""
    before = {c.name for c in COLUMNS if c.known == "before" and c.kind == "number"}

    assert set(QUERY_NUMBERS) == before == {"difficulty", "motivation", "anxiety_level"}
    assert "p_true" not in INPUT_NUMBERS


def test_rows_in_another_order_are_the_same_interactions() -> None:
    """Students, rows and duplicates in any order, and the same fingerprint."""
    columns: dict[str, list[object]] = {
        "student_id": [10, 9, 10, 9, 2, 2, 2],
        "t": [1, 0, 0, 1, 0, 0, 1],
        "skill_id": ["b", "a", "a", "c", "a", "a", "c"],
        "correct": [1, 0, 1, 1, 0, 0, 5],
        "difficulty": [0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.6],
    }
    expected = check(columns, source="s", on_fault="skip")
    assert expected.student.names == ("2", "9", "10")
    assert [refusal.rows for refusal in expected.refused] == [1, 1]
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(7)
        shuffled = {name: [values[at] for at in order] for name, values in columns.items()}
        found = check(shuffled, source="s", on_fault="skip")
        assert found.sha256 == expected.sha256
        assert found.refused == expected.refused


def test_rows_that_contradict_one_another_are_all_left_out() -> None:
    """Which of two unlike rows of one (student, t) is right nobody can know; like ones are one."""
    columns = {
        "student_id": ["a", "a", "a", "a"],
        "t": [0, 0, 1, 1],
        "skill_id": ["x", "x", "x", "x"],
        "correct": [1, 0, 1, 1],
        "motivation": [0.5, 0.5, None, None],
    }
    found = check(columns, source="s", on_fault="skip")

    assert found.row.tolist() == [2]
    assert ["none of them is kept" in refusal.rule for refusal in found.refused] == [True, False]

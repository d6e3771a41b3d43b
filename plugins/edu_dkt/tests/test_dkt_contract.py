"""The data contract: what is accepted, what is refused, and how a refusal reads."""

from __future__ import annotations

import csv
import io
import math
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpisdk_edu_dkt.dkt.data.after_difficulty import with_difficulty_as_used
from kpisdk_edu_dkt.dkt.data.checking import check
from kpisdk_edu_dkt.dkt.data.columns import COLUMNS, INPUT_NUMBERS, QUERY_NUMBERS
from kpisdk_edu_dkt.dkt.data.events import as_events
from kpisdk_edu_dkt.dkt.data.reading import from_frame, read
from kpisdk_edu_dkt.dkt.data.splitting import Shares, position, split_by_student
from kpisdk_edu_dkt.dkt.data.writing import template, write_csv
from kpisdk_edu_dkt.dkt.errors import ColumnsMismatchError, InteractionsError, TooFewError
from kpisdk_edu_dkt.dkt.zpdes import ZpdesRule, next_difficulty

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


def _with(**changes: list[object]) -> dict[str, list[object]]:
    return {name: list(values) for name, values in (GOOD | changes).items()}


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
    message = _refused(_with(**{column: values}))

    assert f"class.csv, {row}, column {column}" in message
    assert rule in message


def test_all_faults_are_told_at_once() -> None:
    """Three faults in three columns make three lines of one message."""
    message = _refused(_with(correct=[2, 0, 1], difficulty=[0.5, 9, 0.4], t=[0, 1, math.inf]))

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
    assert "different lengths" in _refused(_with(difficulty=[0.5]))


def test_rows_may_be_left_out_and_are_then_counted() -> None:
    """With ``skip`` the bad row goes, the others stay, and the count says so."""
    interactions = check(_with(correct=[1, 5, 1]), source="class.csv", on_fault="skip")

    assert interactions.row.tolist() == [0, 2]
    assert [(r.column, r.rows) for r in interactions.refused] == [("correct", 1)]


def test_a_skipped_row_does_not_count_as_the_first_of_a_duplicate() -> None:
    """If the first of two equal (student, t) is refused for its value, the second one stays."""
    interactions = check(_with(t=[0, 0, 0], correct=[9, 1, 1]), source="class.csv", on_fault="skip")

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


def test_ids_may_be_any_text_or_integer_of_any_size() -> None:
    """10^9, -1 and text live side by side, in numeric then alphabetical order."""
    interactions = check(
        {
            "student_id": [1, 1, 1, 1],
            "t": [0, 1, 2, 3],
            "skill_id": [10**9, -1, "fractions", 7],
            "correct": [1, 0, 1, 0],
        },
        source="s",
    )

    assert interactions.skill.names == ("-1", "7", "1000000000", "fractions")


def test_an_integer_column_that_pandas_made_float_keeps_its_ids() -> None:
    """A column of integers with a gap becomes floats in pandas: 3.0 is the skill ``3``."""
    frame = pd.DataFrame(
        {"student_id": [1, 1], "t": [0, 1], "skill_id": [3.0, 4.0], "correct": [True, False]}
    )

    assert from_frame(frame).skill.names == ("3", "4")
    assert from_frame(frame).correct.tolist() == [1, 0]


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
    _refused(_with(**changes) | changes)


def test_a_csv_gives_the_same_rows_as_its_frame(tmp_path: Path) -> None:
    """Writing and reading a file changes nothing, to the last bit."""
    interactions = check(GOOD, source="memory")
    path = tmp_path / "class.csv"
    with path.open("w") as handle:
        write_csv(interactions, handle)

    assert read(path).sha256 == interactions.sha256


def test_a_csv_fault_names_the_line(tmp_path: Path) -> None:
    """The header is line 1, so the second row of data is line 3."""
    path = tmp_path / "class.csv"
    path.write_text("student_id,t,skill_id,correct\na,0,x,1\na,1,x,maybe\n")

    with pytest.raises(InteractionsError, match=r"class.csv, line 3, column correct: 'maybe'"):
        read(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "empty"),
        ("student_id,t,skill_id,correct\na,0,x\n", "line 2: 3 fields"),
        ("student_id,t,skill_id,correct,t\na,0,x,1,0\n", "column t stands there twice"),
        ("just some words\n", "column student_id: missing"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, content: str, told: str) -> None:
    """Empty, ragged, doubled or foreign: a sentence, never a traceback."""
    path = tmp_path / "class.csv"
    path.write_text(content)

    with pytest.raises(InteractionsError, match=told):
        read(path)


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    """A missing path and bytes that are no UTF-8 are told as such."""
    path = tmp_path / "bytes.csv"
    path.write_bytes(b"student_id,t\n\xff\xfe,1\n")

    with pytest.raises(InteractionsError, match="UTF-8"):
        read(path)
    with pytest.raises(InteractionsError, match="No such file"):
        read(tmp_path / "none.csv")


def test_a_header_without_rows_gives_no_interactions(tmp_path: Path) -> None:
    """A file with a header only is a table with no rows, not an error of the contract."""
    path = tmp_path / "class.csv"
    path.write_text("student_id,t,skill_id,correct\n")

    assert len(read(path)) == 0


def test_the_template_is_accepted_and_keeps_the_adjustment_rule(tmp_path: Path) -> None:
    """Every row's adjustment and next difficulty follow from the streak before, by the rule."""
    path = tmp_path / "template.csv"
    path.write_text(template())

    assert len(read(path)) == 6
    streaks: dict[str, tuple[int, int]] = {}
    for row in csv.DictReader(io.StringIO(template())):
        failures, successes = streaks.get(row["student_id"], (0, 0))
        right = row["correct"] == "1"
        failures, successes = (0, successes + 1) if right else (failures + 1, 0)
        streaks[row["student_id"]] = (failures, successes)
        decided = next_difficulty(float(row["difficulty"]), failures, successes)
        assert decided.adjustment == int(row["adjustment"])
        assert decided.difficulty == pytest.approx(float(row["next_difficulty"]))


def test_only_columns_known_before_the_answer_may_describe_the_item() -> None:
    """The list of query columns is exactly the numeric columns known before; truth is in none."""
    before = {c.name for c in COLUMNS if c.known == "before" and c.kind == "number"}

    assert set(QUERY_NUMBERS) == before == {"difficulty", "motivation", "anxiety_level"}
    assert "p_true" not in INPUT_NUMBERS


def test_three_line_files_are_read(tmp_path: Path) -> None:
    """Number of answers, skills, answers; a trailing comma is no answer."""
    path = tmp_path / "train.csv"
    path.write_text("3\n5,6,5,\n1,0,1,\n1\n7\n0\n")

    interactions = read(path)

    assert interactions.student.names == ("train:0", "train:1")
    assert [interactions.skill.names[c] for c in interactions.skill.codes] == list("5657")
    assert interactions.correct.tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize(
    "content", ["3\n5,6\n1,0\n", "2\n5,6\n1\n", "2\n5,6\n", "2\n5,6\n1,0\nx\n1\n1\n"]
)
def test_a_broken_three_line_file_is_refused(tmp_path: Path, content: str) -> None:
    """A block whose lines do not fit its head is named by its line."""
    path = tmp_path / "train.csv"
    path.write_text(content)

    with pytest.raises(InteractionsError, match=r"train.csv, line \d"):
        read(path)


def test_a_bad_answer_in_a_public_file_is_placed_by_line_and_position(tmp_path: Path) -> None:
    """The second answer of the first student stands on line 3, position 2."""
    path = tmp_path / "train.csv"
    path.write_text("2\n5,6\n1,7\n")

    with pytest.raises(InteractionsError, match="line 3, position 2, column correct"):
        read(path)


def test_rows_that_repeat_a_problem_become_one_event(tmp_path: Path) -> None:
    """Problem 8 under skills 1 and 2 is one event with both; its second attempt is another one.

    Rows: problem 8 (skills 1, 2, right), 8 again under skill 1 (a retry), 9 under 1 right and
    under 2 wrong (not the same answer, so two events).
    """
    path = tmp_path / "pid.csv"
    path.write_text("0,77\n8,8,8,9,9\n1,2,1,1,2\n1,1,1,1,0\n")

    events = as_events(read(path))

    assert events.row.tolist() == [0, 2, 3, 4]
    assert events.skill.tolist() == [[0, 1], [0, -1], [0, -1], [1, -1]]
    assert (events.repeats, events.retries) == (1, 2)


def test_without_problem_ids_every_row_is_an_event() -> None:
    """Nothing can be known of repeats where problems are not named."""
    events = as_events(check(GOOD, source="s"))

    assert (len(events), events.repeats, events.retries) == (3, None, None)


def test_the_split_of_a_student_does_not_depend_on_the_others() -> None:
    """Adding students moves nobody, and no student is in two parts."""
    columns = {"t": [0] * 200, "skill_id": [1] * 200, "correct": [1] * 200}
    whole = check({"student_id": list(range(200)), **columns}, source="s")
    half = whole.of_students(np.arange(200) < 100)

    first, second = split_by_student(whole, 3), split_by_student(half, 3)

    assert set(second.train.student.names) <= set(first.train.student.names)
    assert set(second.test.student.names) <= set(first.test.student.names)
    assert not set(first.train.student.names) & set(first.test.student.names)
    assert position("5", 3) != position("5", 4)


def test_a_split_that_leaves_a_part_empty_is_an_error() -> None:
    """One student cannot be both learned from and stopped by."""
    with pytest.raises(TooFewError, match="1 student"):
        split_by_student(check({k: v[:1] for k, v in GOOD.items()}, source="s"), 0)
    with pytest.raises(TooFewError, match="training part"):
        split_by_student(check(GOOD, source="s"), 0, Shares(train=0.0))


def test_a_difficulty_recorded_after_the_change_is_moved_to_where_it_was_used() -> None:
    """The difficulty used for an item is the one recorded with the item before."""
    columns = _with(difficulty=[0.4, 0.3, 0.9])
    moved = with_difficulty_as_used(check(columns, source="s"))

    assert np.allclose(moved.numbers["difficulty"], [np.nan, 0.4, np.nan], equal_nan=True)
    assert moved.numbers["next_difficulty"].tolist() == [0.4, 0.3, 0.9]
    with pytest.raises(ColumnsMismatchError, match="next_difficulty"):
        with_difficulty_as_used(moved)


@pytest.mark.parametrize(
    ("difficulty", "failures", "successes", "expected"),
    [
        (0.5, 2, 0, (0, 0.5)),
        (0.5, 3, 0, (-1, 0.4)),
        (0.5, 0, 3, (0, 0.5)),
        (0.5, 0, 4, (1, 0.6)),
        (0.25, 5, 0, (-1, 0.2)),
        (0.85, 0, 9, (1, 0.9)),
    ],
)
def test_the_zpdes_rule_moves_after_long_streaks_only(
    difficulty: float, failures: int, successes: int, expected: tuple[int, float]
) -> None:
    """More than two failures lower by 0.1, more than three successes raise, within 0.2 to 0.9."""
    decided = next_difficulty(difficulty, failures, successes)

    assert (decided.adjustment, pytest.approx(decided.difficulty)) == expected


def test_the_zpdes_rule_refuses_what_cannot_be() -> None:
    """A difficulty above 1, a negative streak, or two streaks at once."""
    with pytest.raises(InteractionsError, match=r"1.7"):
        next_difficulty(1.7, 0, 0)
    with pytest.raises(InteractionsError, match="negative"):
        next_difficulty(0.5, -1, 0)
    with pytest.raises(InteractionsError, match="one of them must be 0"):
        next_difficulty(0.5, 3, 4, ZpdesRule(step=0.2))


@pytest.mark.parametrize(
    ("written", "id_"),
    [
        ("17.0", "17"),
        ("-3.00", "-3"),
        ("0.0", "0"),
        ("9007199254740993.0", "9007199254740993"),
        (17.0, "17"),
        (17, "17"),
        ("017", "017"),
        ("017.0", "017.0"),
        ("1e5", "1e5"),
        ("2.5", "2.5"),
        ("1.0.0", "1.0.0"),
        ("17.", "17."),
        (" 17.0", " 17.0"),
        (Decimal("17.00"), "17"),
        (Decimal("1E+3"), "1000"),
        (Decimal(9007199254740993), "9007199254740993"),
        (Decimal("2.50"), "2.50"),
    ],
)
def test_an_id_written_as_a_fraction_is_the_integer_it_is(written: object, id_: str) -> None:
    """``17.0`` is what a column of integers with a gap becomes; other texts are as they are."""
    columns = {"student_id": [written], "t": [0], "skill_id": [written], "correct": [1]}
    found = check(columns, source="s")

    assert (found.student.names, found.skill.names) == ((id_,), (id_,))


@pytest.mark.parametrize(
    "missing", [None, float("nan"), np.float32("nan"), Decimal("NaN"), Decimal("sNaN"), "", " "]
)
def test_an_id_that_is_none_is_nobody(missing: object) -> None:
    """All rows without one would be one student, whose history never was."""
    columns = {"student_id": [1, missing], "t": [0, 1], "skill_id": ["a", "a"], "correct": [1, 0]}

    with pytest.raises(InteractionsError, match="row 2, column student_id"):
        check(columns, source="s")


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


def test_digits_that_are_no_numbers_are_no_count(tmp_path: Path) -> None:
    """A raised 2 is a digit and no number, and no history has 10^5000 answers: sentences."""
    path = tmp_path / "odd.csv"
    for head in (
        b"\xb2\n1\n1\n",
        b"9" * 5000 + b"\n1\n1\n",
        b"1\n1\n1\n" + b"9" * 5000 + b"\n1\n1\n",
    ):
        path.write_bytes(head)
        with pytest.raises(InteractionsError):
            read(path)

"""Files of interactions: CSV, the template, and the public formats."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from dkt_rows import GOOD

from kpisdk_edu_dkt.dkt.data.checking import check
from kpisdk_edu_dkt.dkt.data.reading import read
from kpisdk_edu_dkt.dkt.data.writing import template, write_csv
from kpisdk_edu_dkt.dkt.errors import InteractionsError
from kpisdk_edu_dkt.dkt.zpdes import next_difficulty


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

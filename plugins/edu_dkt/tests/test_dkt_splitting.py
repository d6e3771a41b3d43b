"""Events of rows, and the split of students: each depends on its own rows alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from dkt_rows import GOOD

from kpisdk_edu_dkt.dkt.data.checking import check
from kpisdk_edu_dkt.dkt.data.events import as_events
from kpisdk_edu_dkt.dkt.data.reading import read
from kpisdk_edu_dkt.dkt.data.splitting import Shares, position, split_by_student
from kpisdk_edu_dkt.dkt.errors import TooFewError


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

"""The public data sets, where they are at hand: counts as their README states them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpisdk_edu_dkt.dkt.data.events import as_events
from kpisdk_edu_dkt.dkt.data.reading import read


@pytest.mark.parametrize(
    ("name", "students", "rows", "skills"),
    [
        ("assist2015/assist2015_test.csv", 5905, 199761, 100),
        ("assist2009_pid/assist2009_pid_valid1.csv", 830, 61280, 105),
        ("assist2009_updated/assist2009_updated_valid1.csv", 630, 47534, 102),
        ("synthetic5/naive_c5_q50_s4000_v0_test.csv", 2000, 100000, 50),
    ],
)
def test_public_files_are_read_whole(
    dkt_shared: Path, name: str, students: int, rows: int, skills: int
) -> None:
    """Students, answers and skills are as many as were counted independently."""
    interactions = read(dkt_shared / name)

    assert (interactions.students, len(interactions)) == (students, rows)
    assert len(interactions.skill.names) == skills


def test_repeats_of_assist2009_are_all_found(dkt_shared: Path) -> None:
    """No event's problem and answer is that of the event before under a skill not yet seen.

    Counted here with a plain loop over the rows of the file.
    """
    path = dkt_shared / "assist2009_pid" / "assist2009_pid_valid1.csv"
    lines = path.read_text(encoding="latin1").splitlines()
    repeats = 0
    for top in range(0, len(lines), 4):
        problem, skill, answer = (line.strip(",").split(",") for line in lines[top + 1 : top + 4])
        seen: set[str] = set()
        for at in range(len(problem)):
            again = at > 0 and problem[at] == problem[at - 1] and answer[at] == answer[at - 1]
            if again and skill[at] not in seen:
                repeats += 1
                seen.add(skill[at])
            else:
                seen = {skill[at]}

    assert as_events(read(path)).repeats == repeats
    assert repeats > 5000

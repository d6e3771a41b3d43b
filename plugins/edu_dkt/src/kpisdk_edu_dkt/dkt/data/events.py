"""One event, one prediction: rows that repeat a problem under other skills become one event.

Public sets write an answer to a problem with several skills once per skill. Scored row by row, the
second row of such a run is known from the first, and the AUC is inflated.
"""

from __future__ import annotations

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Booleans, Floats, Integers
from kpisdk_edu_dkt.dkt.data.interactions import Interactions


@attrs.frozen(eq=False)
class Events:
    """Answers as they were given, one entry each.

    Attributes:
        interactions: Where they come from.
        row: (events,) index of the row that opens the event.
        offsets: (students + 1,) first event of each student, and one past the last.
        skill: (events, skills at once) codes into ``interactions.skill.names``; -1 fills up.
        correct: (events,) 0 or 1.
        repeats: Rows that were merged into an earlier row of the same answer; None without problem
            ids, where nobody can know.
        retries: Rows that give the problem of the row before another answer, or the same skill
            again: events of their own. None likewise.
    """

    interactions: Interactions
    row: Integers
    offsets: Integers
    skill: Integers
    correct: Floats
    repeats: int | None
    retries: int | None

    def __len__(self) -> int:
        return len(self.row)

    @property
    def lengths(self) -> Integers:
        """(students,) number of events of each student."""
        return np.diff(self.offsets)

    @property
    def student(self) -> Integers:
        """(events,) student code of each event."""
        return self.interactions.student.codes[self.row]

    def numbers(self, name: str) -> Floats:
        """(events,) one numeric column, read at the opening rows."""
        return self.interactions.numbers[name][self.row]


def as_events(interactions: Interactions) -> Events:
    """The events of interactions; without problem ids every row is one."""
    opens, retries = _openings(interactions)
    row = np.flatnonzero(opens)
    event = np.cumsum(opens) - 1
    place = np.arange(len(interactions)) - row[event] if len(row) else event
    skill = np.full((len(row), int(place.max(initial=0)) + 1), -1, dtype=np.int64)
    skill[event, place] = interactions.skill.codes
    return Events(
        interactions,
        row.astype(np.int64),
        np.searchsorted(row, interactions.offsets).astype(np.int64),
        skill,
        interactions.correct[row].astype(np.float64),
        None if interactions.problem is None else len(interactions) - len(row),
        None if interactions.problem is None else retries,
    )


def _openings(interactions: Interactions) -> tuple[Booleans, int]:
    """Which rows open an event, and how many of them are retries of the problem before."""
    opens = np.ones(len(interactions), dtype=bool)
    if interactions.problem is None or len(interactions) < 2:
        return opens, 0
    same_problem = (np.diff(interactions.problem.codes) == 0) & (
        np.diff(interactions.student.codes) == 0
    )
    retries = 0
    seen: set[int] = set()
    skills, correct = interactions.skill.codes, interactions.correct
    for before in np.flatnonzero(same_problem):
        row = before + 1
        if opens[before]:
            seen = {int(skills[before])}
        if correct[row] == correct[before] and int(skills[row]) not in seen:
            opens[row] = False
            seen.add(int(skills[row]))
        else:
            retries += 1
    return opens, retries

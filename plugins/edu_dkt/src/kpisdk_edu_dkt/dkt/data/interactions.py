"""Checked interactions: what every other room works on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Literal

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Booleans, Floats, Integers

Timing = Literal["before", "after"]
"""When a row's ``difficulty`` held: while it was answered, or after the change that followed."""


@attrs.frozen(eq=False)
class Ids:
    """A column of ids: positions into a tuple of names.

    Attributes:
        codes: (rows,) positions into ``names``.
        names: The distinct ids as text, integers first in numeric order, then text.
    """

    codes: Integers
    names: tuple[str, ...]

    def rows(self, keep: Booleans | Integers) -> Ids:
        """The same names for some of the rows."""
        return Ids(self.codes[keep], self.names)


@attrs.frozen
class Refusal:
    """How many rows one rule refused, where rows may be refused.

    Attributes:
        column: The column that the rule is about.
        rule: What it asks for.
        rows: Number of refused rows.
    """

    column: str
    rule: str
    rows: int


@attrs.frozen(eq=False)
class Interactions:
    """Rows that keep the contract, sorted by student (in the order of ids) and ``t``.

    Attributes:
        source: Where they come from, for messages.
        student: Student of each row; codes ascend.
        t: (rows,) order within a student, strictly increasing.
        skill: Skill of each row.
        correct: (rows,) 0 or 1.
        numbers: Column name -> (rows,) values; NaN where a nullable column is empty.
        phase: Phase of each row, if the source has phases.
        problem: Problem of each row, if the source names problems.
        row: (rows,) position in the source, from 0.
        refused: Rows that were refused, by rule.
        reordered: Rows that did not come in the order of ``t`` and were sorted.
        difficulty_timing: Which ``difficulty`` the source held, where that is settled; what stands
            in ``numbers`` is then the one used for the item. None where nobody looked yet.
        difficulty_look: Which one the rows look like, whatever was said; None where they show
            nothing.
        recorded_before: (rows,) the ``difficulty`` that the source holds for the student's row
            before, rows that were refused included; NaN where there is none, or none that is
            certain. None for rows that were read without refusals, whose neighbours say it.
    """

    source: str
    student: Ids
    t: Floats
    skill: Ids
    correct: Integers
    numbers: Mapping[str, Floats] = attrs.Factory(dict)
    phase: Ids | None = None
    problem: Ids | None = None
    row: Integers = attrs.field(
        default=attrs.Factory(lambda self: np.arange(len(self.t)), takes_self=True)
    )
    refused: tuple[Refusal, ...] = ()
    reordered: int = 0
    difficulty_timing: Timing | None = None
    difficulty_look: Timing | None = None
    recorded_before: Floats | None = None

    def __len__(self) -> int:
        return len(self.t)

    @property
    def students(self) -> int:
        """Number of students that have rows."""
        return int(np.count_nonzero(np.diff(self.offsets)))

    @property
    def offsets(self) -> Integers:
        """(names + 1,) first row of each student, and one past the last row."""
        bounds = np.arange(len(self.student.names) + 1)
        return np.searchsorted(self.student.codes, bounds).astype(np.int64)

    @property
    def sha256(self) -> str:
        """A fingerprint of what the rows say (not of where they stand in their source)."""
        digest = hashlib.sha256()
        for ids in (self.student, self.skill, self.phase, self.problem):
            digest.update(repr(None if ids is None else ids.names).encode())
            digest.update(b"" if ids is None else ids.codes.tobytes())
        digest.update(self.t.tobytes())
        digest.update(self.correct.tobytes())
        for name in sorted(self.numbers):
            digest.update(name.encode())
            digest.update(self.numbers[name].tobytes())
        return digest.hexdigest()

    def of_students(self, keep: Booleans) -> Interactions:
        """The rows of the students for which ``keep`` (one entry a name) is true."""
        rows = keep[self.student.codes]
        renumbered = np.cumsum(keep) - 1
        names = tuple(name for name, kept in zip(self.student.names, keep, strict=True) if kept)
        return attrs.evolve(
            self,
            student=Ids(renumbered[self.student.codes[rows]].astype(np.int64), names),
            t=self.t[rows],
            skill=self.skill.rows(rows),
            correct=self.correct[rows],
            numbers={name: values[rows] for name, values in self.numbers.items()},
            phase=None if self.phase is None else self.phase.rows(rows),
            problem=None if self.problem is None else self.problem.rows(rows),
            row=self.row[rows],
            refused=(),
            reordered=0,
            recorded_before=None if self.recorded_before is None else self.recorded_before[rows],
        )

    def columns(self) -> dict[str, list[object]]:
        """The rows as plain columns, in the order of the contract's file."""
        columns: dict[str, list[object]] = {
            "student_id": [self.student.names[code] for code in self.student.codes],
            "t": [int(value) if value.is_integer() else value for value in self.t.tolist()],
            "skill_id": [self.skill.names[code] for code in self.skill.codes],
            "correct": self.correct.tolist(),
        }
        for name, values in self.numbers.items():
            plain = [None if value != value else value for value in values.tolist()]  # noqa: PLR0124 -- NaN
            columns[name] = [int(value) for value in values] if name == "adjustment" else plain
        if self.phase is not None:
            columns["phase_type"] = [self.phase.names[code] for code in self.phase.codes]
        if self.problem is not None:
            columns["problem_id"] = [self.problem.names[code] for code in self.problem.codes]
        return columns

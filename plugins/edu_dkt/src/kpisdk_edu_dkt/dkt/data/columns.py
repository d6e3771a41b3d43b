"""The columns of an interaction: their rule, and whether they are known before the answer.

A column that is known only after the answer may describe a *past* row, never the row that is to be
predicted; :data:`COLUMNS` is the single place that says which is which.
"""

from __future__ import annotations

from typing import Literal

import attrs

Kind = Literal["id", "order", "answer", "number"]
Known = Literal["before", "after", "never"]


@attrs.frozen
class Column:
    """One column of the contract.

    Attributes:
        name: As it stands in the file.
        kind: How its values are read.
        known: ``before`` the answer, ``after`` it, or ``never`` a feature (a generator's truth).
        rule: The sentence that a refused value is told.
        required: Whether a file without it is refused.
        nullable: Whether a value may be missing; the encoder then adds a mask bit.
        low: Smallest value (inclusive unless ``open_low``).
        high: Largest value, inclusive.
        open_low: Whether ``low`` itself is refused.
        values: The only values allowed, if listed.
    """

    name: str
    kind: Kind
    known: Known
    rule: str
    required: bool = False
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    values: tuple[float, ...] = ()


def _unit(name: str, known: Known, rule: str, *, nullable: bool = False) -> Column:
    return Column(name, "number", known, rule, nullable=nullable, low=0.0, high=1.0)


STUDENT = Column("student_id", "id", "before", "any text or integer", required=True)
ORDER = Column(
    "t", "order", "before", "a finite number, strictly increasing in a student", required=True
)
SKILL = Column("skill_id", "id", "before", "any text or integer", required=True)
CORRECT = Column("correct", "answer", "after", "0 or 1", required=True, values=(0.0, 1.0))
PHASE = Column("phase_type", "id", "before", "any text or integer")
PROBLEM = Column("problem_id", "id", "before", "any text or integer")
DIFFICULTY = _unit("difficulty", "before", "the difficulty used for this item, from 0 to 1")
NEXT_DIFFICULTY = _unit("next_difficulty", "after", "the difficulty after the change, from 0 to 1")
MOTIVATION = _unit("motivation", "before", "from 0 to 1, or empty", nullable=True)
ANXIETY = _unit("anxiety_level", "before", "from 0 to 1, or empty", nullable=True)
TIME_SPENT = Column(
    "time_spent", "number", "after", "seconds, finite and above 0", low=0.0, open_low=True
)
ADJUSTMENT = Column("adjustment", "number", "after", "-1, 0 or 1", values=(-1.0, 0.0, 1.0))
P_TRUE = _unit("p_true", "never", "the generator's probability, from 0 to 1")

COLUMNS: tuple[Column, ...] = (
    STUDENT,
    ORDER,
    SKILL,
    CORRECT,
    DIFFICULTY,
    ADJUSTMENT,
    TIME_SPENT,
    MOTIVATION,
    ANXIETY,
    PHASE,
    NEXT_DIFFICULTY,
    PROBLEM,
    P_TRUE,
)
"""Every column that an interactions file may have; other columns are left alone."""

BY_NAME: dict[str, Column] = {column.name: column for column in COLUMNS}

QUERY_NUMBERS: tuple[str, ...] = tuple(
    column.name for column in COLUMNS if column.kind == "number" and column.known == "before"
)
"""Numeric columns that may describe the very item that is to be predicted."""

INPUT_NUMBERS: tuple[str, ...] = tuple(
    column.name for column in COLUMNS if column.kind == "number" and column.known != "never"
)
"""Numeric columns that may describe a past item."""

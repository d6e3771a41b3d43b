"""One answer, or one item to be answered: as an application hands them over, checked one by one."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping

import attrs

from kpisdk import Problem
from kpisdk_edu_dkt.dkt.data.columns import BY_NAME, CORRECT, Column
from kpisdk_edu_dkt.dkt.data.parsing import id_text, is_missing
from kpisdk_edu_dkt.dkt.errors import InteractionsError


def _skills(value: str | int | tuple[str | int, ...]) -> tuple[str, ...]:
    skills = value if isinstance(value, tuple) else (value,)
    return tuple(id_text(skill) or "" for skill in skills)


def _student(value: object) -> str:
    return id_text(value) or ""


@attrs.frozen
class Item:
    """An item that a student may be given, before the answer.

    Attributes:
        skill: The skill, or several.
        numbers: What is known of it before: ``difficulty``, ``motivation``, ``anxiety_level``.
        phase: Its phase, where the model reads phases.
    """

    skill: tuple[str, ...] = attrs.field(converter=_skills)
    numbers: Mapping[str, float | None] = attrs.Factory(dict)
    phase: str | None = None


@attrs.frozen
class Answer:
    """An answer that a student gave.

    Attributes:
        student: The student's id.
        t: Order; later than the student's last one.
        skill: The skill, or several.
        correct: 0 or 1.
        numbers: Numeric columns of the contract, those known only afterwards included.
        phase: Its phase, where the model reads phases.
    """

    student: str = attrs.field(converter=_student)
    t: float
    skill: tuple[str, ...] = attrs.field(converter=_skills)
    correct: int
    numbers: Mapping[str, float | None] = attrs.Factory(dict)
    phase: str | None = None


def check_answer(answer: Answer) -> None:
    """Every rule of the contract, for one answer.

    Raises:
        InteractionsError: A value breaks a rule; all of the faults are listed.
    """
    problems = []
    if not math.isfinite(answer.t):
        problems.append(Problem("t", f"{answer.t!r} is not a finite number"))
    if answer.correct not in (0, 1):
        problems.append(Problem("correct", f"{answer.correct!r} breaks the rule: {CORRECT.rule}"))
    problems += _number_problems(answer.numbers)
    if not answer.student:
        problems.append(Problem("student_id", "missing"))
    if not answer.skill or not all(answer.skill):
        problems.append(Problem("skill_id", "missing"))
    if problems:
        subject = f"Answer of student {answer.student!r} at t={answer.t}"
        raise InteractionsError(subject, problems)


def check_item(item: Item) -> None:
    """Every rule of the contract, for one item.

    Raises:
        InteractionsError: A value breaks a rule, or describes what is known only afterwards.
    """
    problems = _number_problems(item.numbers)
    problems += [
        Problem(name, "known only after the answer; it may not describe the item to be predicted")
        for name in item.numbers
        if name in BY_NAME and BY_NAME[name].known != "before"
    ]
    if not item.skill or not all(item.skill):
        problems.append(Problem("skill_id", "missing"))
    if problems:
        raise InteractionsError(f"Item on {', '.join(item.skill)}", problems)


_FINITE = sys.float_info.max


def _number_problems(numbers: Mapping[str, float | None]) -> list[Problem]:
    problems = []
    for name, value in numbers.items():
        column = BY_NAME.get(name)
        if column is None or column.kind != "number":
            problems.append(Problem(name, "no numeric column of the contract has this name"))
        elif not _keeps(column, value):
            problems.append(Problem(name, f"{value!r} breaks the rule: {column.rule}"))
    return problems


def _keeps(column: Column, value: float | None) -> bool:
    if not isinstance(value, float | int) or value != value:  # noqa: PLR0124 -- NaN
        return is_missing(value) and column.nullable
    if not -_FINITE <= value <= _FINITE:
        return False
    if column.values:
        return value in column.values
    low = column.low is None or (value > column.low if column.open_low else value >= column.low)
    return low and (column.high is None or value <= column.high)

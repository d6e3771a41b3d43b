"""The formats in which public knowledge-tracing sets come.

Three lines a student (number of answers; skill ids; answers), or four (student and number;
problem ids; skill ids; answers), values separated by commas, a trailing comma allowed.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import attrs

from kpisdk import Problem
from kpisdk_edu_dkt.dkt.data.checking import SUBJECT, OnFault, check
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.errors import InteractionsError

_ENCODING = "latin1"  # the only encoding that all of the public files can be read in


@attrs.define
class _Rows:
    """Columns of a public file, and the line and position of each row."""

    student: list[str] = attrs.Factory(list)
    t: list[int] = attrs.Factory(list)
    problem: list[str] = attrs.Factory(list)
    skill: list[str] = attrs.Factory(list)
    correct: list[str] = attrs.Factory(list)
    place: list[tuple[int, int]] = attrs.Factory(list)


def looks_public(content: bytes) -> bool:
    """Whether the first line of a file is a count of answers, as no CSV header is."""
    # a blank first line is none; no head is long
    first = _fields(content[:100].decode(_ENCODING).partition("\n")[0])
    return 1 <= len(first) <= 2 and all(_is_count(field) for field in first)


def _is_count(field: str) -> bool:
    # Latin-1 has digits that are no numbers (a raised 2), and Python reads no number without end
    return field.isascii() and field.isdigit() and len(field) <= 18


def read_public(content: bytes, source: str, *, on_fault: OnFault = "error") -> Interactions:
    """Interactions of a file with three or four lines a student.

    Students of the three-line format have no id: they are named by their position, from 0, with
    the file's name before it, so that students of two files are never taken for one.

    Args:
        content: All bytes of the file.
        source: Its place, for messages and names.
        on_fault: As for :func:`~kpisdk_edu_dkt.dkt.data.checking.check`.

    Raises:
        InteractionsError: A block is cut short, or its lines differ in length, or a value breaks
            the contract.
    """
    lines = io.StringIO(content.decode(_ENCODING), newline=None).read().split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    height = 3 if len(_fields(lines[0])) == 1 else 4
    rows, problems = _Rows(), []
    for top in range(0, len(lines), height):
        fault = _add_student(rows, source, lines[top : top + height], top, height)
        if fault is not None:
            problems.append(fault)
    if problems:
        raise InteractionsError(SUBJECT, problems)
    columns: dict[str, list[Any]] = {
        "student_id": rows.student,
        "t": rows.t,
        "skill_id": rows.skill,
        "correct": rows.correct,
    }
    if height == 4:
        columns["problem_id"] = rows.problem
    return check(
        columns,
        source=source,
        on_fault=on_fault,
        place=lambda row: "line {}, position {}".format(*rows.place[row]),
    )


def _add_student(
    rows: _Rows, source: str, block: list[str], top: int, height: int
) -> Problem | None:
    where = f"{source}, line {top + 1}"
    if len(block) < height:
        return Problem(where, f"a student has {height} lines, here are {len(block)}")
    head, *body = (_fields(line) for line in block)
    if len(head) != height - 2 or not all(_is_count(field) for field in head):
        return Problem(where, f"{block[0][:40]!r} is not {height - 2} number(s)")
    count = int(head[-1] if height == 3 else head[1])
    lengths = [len(fields) for fields in body]
    # pid files write "student,number of the student in the source", not the number of answers
    if len(set(lengths)) > 1 or (height == 3 and lengths[0] != count):
        return Problem(
            where, f"lines of {lengths} values under a head that says {block[0].strip()}"
        )
    name = f"{Path(source).stem}:{top // height}" if height == 3 else f"{head[0]}:{head[1]}"
    for position, (skill, correct) in enumerate(zip(*body[-2:], strict=True)):
        rows.student.append(name)
        rows.t.append(position)
        rows.skill.append(skill)
        rows.correct.append(correct)
        rows.place.append((top + height, position + 1))
    if height == 4:
        rows.problem.extend(body[0])
    return None


def _fields(line: str) -> list[str]:
    return [field.strip() for field in line.strip().rstrip(",").split(",") if field.strip()]

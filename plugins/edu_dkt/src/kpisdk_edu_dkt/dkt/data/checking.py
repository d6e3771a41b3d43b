"""The contract applied: raw columns in, interactions out, or every fault with its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import attrs
import numpy as np

from kpisdk import Problem
from kpisdk_edu_dkt.dkt.arrays import Booleans, Floats, Integers
from kpisdk_edu_dkt.dkt.data.columns import (
    BY_NAME,
    COLUMNS,
    CORRECT,
    ORDER,
    PHASE,
    PROBLEM,
    SKILL,
    STUDENT,
    Column,
)
from kpisdk_edu_dkt.dkt.data.interactions import Ids, Interactions, Refusal
from kpisdk_edu_dkt.dkt.data.parsing import Values, parse_ids, parse_numbers
from kpisdk_edu_dkt.dkt.errors import InteractionsError

OnFault = Literal["error", "skip"]
SUBJECT = "The interactions"
"""What messages on refused data are about; each fault then names its own place."""
SHOWN_PER_RULE = 5
"""How many faults of one rule are listed one by one; the rest is counted."""


@attrs.define
class _Faults:
    """Faults found so far, and which rows they refuse."""

    source: str
    place: Callable[[int], str]
    refused: Booleans
    problems: list[Problem] = attrs.Factory(list)
    refusals: list[Refusal] = attrs.Factory(list)

    def add(self, column: Column, bad: Booleans, raw: Values, rule: str | None = None) -> None:
        rows = np.flatnonzero(bad)
        if not len(rows):
            return
        rule = rule or column.rule
        self.refused |= bad
        self.refusals.append(Refusal(column.name, rule, len(rows)))
        for row in rows[:SHOWN_PER_RULE]:
            where = f"{self.source}, {self.place(int(row))}, column {column.name}"
            self.problems.append(Problem(where, f"{_shown(raw[int(row)])} breaks the rule: {rule}"))
        if len(rows) > SHOWN_PER_RULE:
            more = f"{len(rows) - SHOWN_PER_RULE} more rows break the rule: {rule}"
            self.problems.append(Problem(f"{self.source}, column {column.name}", more))


def _shown(value: object) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}… ({len(text)} characters)"


def check(
    columns: Mapping[str, Values],
    *,
    source: str,
    on_fault: OnFault = "error",
    place: Callable[[int], str] | None = None,
) -> Interactions:
    """Interactions from raw columns.

    Args:
        columns: Column name -> values; names outside the contract are left alone.
        source: Name of the file or table, for messages.
        on_fault: ``error`` refuses everything if one row breaks a rule; ``skip`` leaves such rows
            out and counts them in :attr:`Interactions.refused`.
        place: Words for the place of a row (default ``row 1`` for the first).

    Raises:
        InteractionsError: A required column is missing, or (with ``error``) a row breaks a rule;
            all of the faults are listed.
    """
    _require_columns(columns, source)
    count = len(columns[STUDENT.name])
    faults = _Faults(source, place or _row_place, np.zeros(count, dtype=bool))
    ids, numbers = _parse(columns, faults)
    student, order = ids[STUDENT.name], numbers.pop(ORDER.name)
    correct = numbers.pop(CORRECT.name)
    repeated = _repeated(student.codes, order, ~faults.refused)
    faults.add(
        ORDER, repeated, columns[ORDER.name], "each (student_id, t) once; this one came before"
    )
    if faults.problems and on_fault == "error":
        raise InteractionsError(SUBJECT, faults.problems)
    keep = np.flatnonzero(~faults.refused)
    student = _by_appearance(student.rows(keep))
    sequence = np.lexsort((order[keep], student.codes))
    rows = keep[sequence].astype(np.int64)
    by_student = np.argsort(student.codes, kind="stable")
    return Interactions(
        source=source,
        student=student.rows(sequence),
        t=order[rows],
        skill=ids[SKILL.name].rows(rows),
        correct=correct[rows].astype(np.int64),
        numbers={name: values[rows] for name, values in numbers.items()},
        phase=ids[PHASE.name].rows(rows) if PHASE.name in ids else None,
        problem=ids[PROBLEM.name].rows(rows) if PROBLEM.name in ids else None,
        row=rows,
        refused=tuple(faults.refusals),
        reordered=int(np.count_nonzero(by_student != sequence)),
    )


def _row_place(row: int) -> str:
    return f"row {row + 1}"


def _require_columns(columns: Mapping[str, Values], source: str) -> None:
    problems = [
        Problem(f"{source}, column {column.name}", "missing; it is required")
        for column in COLUMNS
        if column.required and column.name not in columns
    ]
    lengths = {name: len(values) for name, values in columns.items() if name in BY_NAME}
    if len(set(lengths.values())) > 1:
        problems.append(Problem(source, f"columns of different lengths: {lengths}"))
    if problems:
        raise InteractionsError(SUBJECT, problems)


def _parse(
    columns: Mapping[str, Values], faults: _Faults
) -> tuple[dict[str, Ids], dict[str, Floats]]:
    ids: dict[str, Ids] = {}
    numbers: dict[str, Floats] = {}
    for column in COLUMNS:
        if column.name not in columns:
            continue
        raw = columns[column.name]
        if column.kind == "id":
            ids[column.name], bad = parse_ids(raw)
        else:
            parsed = parse_numbers(column, raw)
            numbers[column.name], bad = parsed.values, parsed.refused
        faults.add(column, bad, raw)
    return ids, numbers


def _repeated(student: Integers, order: Floats, usable: Booleans) -> Booleans:
    """Rows whose (student, t) came earlier among the usable rows."""
    repeated = np.zeros(len(student), dtype=bool)
    rows = np.flatnonzero(usable)
    # lexsort is stable, so the first of equal pairs is the one that came first
    sequence = rows[np.lexsort((order[rows], student[rows]))]
    if len(sequence) > 1:
        same = (np.diff(student[sequence]) == 0) & (np.diff(order[sequence]) == 0)
        repeated[sequence[1:][same]] = True
    return repeated


def _by_appearance(ids: Ids) -> Ids:
    """The same ids, numbered in the order in which they appear; names without rows go."""
    present, first = np.unique(ids.codes, return_index=True)
    appearance = present[np.argsort(first)]
    renumber = np.zeros(len(ids.names) + 1, dtype=np.int64)
    renumber[appearance] = np.arange(len(appearance))
    return Ids(renumber[ids.codes], tuple(ids.names[code] for code in appearance))

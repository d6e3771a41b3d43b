"""The contract applied: raw columns in, interactions out, or every fault with its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import attrs
import numpy as np

from kpisdk import Problem
from kpisdk_edu_dkt.dkt.arrays import AnyArray, Booleans, Floats, Integers
from kpisdk_edu_dkt.dkt.data.columns import (
    BY_NAME,
    COLUMNS,
    CORRECT,
    DIFFICULTY,
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
_ONCE = "each (student_id, t) once; this one came before"
_CONTRARY = "each (student_id, t) once; these differ from one another, so none of them is kept"


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
    parsed = [each.codes for each in ids.values()] + [correct, *numbers.values()]
    repeated, contrary = _repeated(student.codes, order, ~faults.refused, parsed)
    if on_fault == "skip":
        # whichever of them were kept, rows in another order would give another model
        faults.add(ORDER, contrary, columns[ORDER.name], _CONTRARY)
        repeated &= ~contrary
    faults.add(ORDER, repeated, columns[ORDER.name], _ONCE)
    if faults.problems and on_fault == "error":
        raise InteractionsError(SUBJECT, faults.problems)
    keep = np.flatnonzero(~faults.refused)
    placed = student.codes
    student = _present(student.rows(keep))
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
        recorded_before=_recorded_before(placed, order, numbers, rows) if faults.refusals else None,
    )


def _row_place(row: int) -> str:
    return f"row {row + 1}"


def _require_columns(columns: Mapping[str, Values], source: str) -> None:
    problems = [
        Problem(f"{source}, column {column.name}", "missing; it is required")
        for column in COLUMNS
        if column.required and column.name not in columns
    ]
    problems += [
        Problem(f"{source}, column {name}", "not one column: it stands there twice, or holds rows")
        for name, values in columns.items()
        if name in BY_NAME and getattr(values, "ndim", 1) != 1
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


def _repeated(
    student: Integers, order: Floats, usable: Booleans, columns: Sequence[AnyArray]
) -> tuple[Booleans, Booleans]:
    """Rows whose (student, t) came earlier among the usable rows, and rows of unlike such ones."""
    repeated, contrary = np.zeros(len(student), dtype=bool), np.zeros(len(student), dtype=bool)
    rows = np.flatnonzero(usable)
    # lexsort is stable, so the first of equal pairs is the one that came first
    sequence = rows[np.lexsort((order[rows], student[rows]))]
    if len(sequence) < 2:
        return repeated, contrary
    same = (np.diff(student[sequence]) == 0) & (np.diff(order[sequence]) == 0)
    repeated[sequence[1:][same]] = True
    unlike = np.zeros(len(same), dtype=bool)
    for values in columns:
        here = values[sequence]
        unlike |= (here[1:] != here[:-1]) & ~((here[1:] != here[1:]) & (here[:-1] != here[:-1]))
    group = np.cumsum(np.concatenate([[True], ~same]))
    contrary[sequence] = np.isin(group, group[1:][same & unlike])
    return repeated, contrary


def _recorded_before(
    student: Integers, order: Floats, numbers: Mapping[str, Floats], rows: Integers
) -> Floats | None:
    """The difficulty that the row before holds, for the rows that are kept.

    A refused row still tells which difficulty came next. One whose student or ``t`` cannot be read
    may lie anywhere: then only rows whose ``t`` follows the one before by 1 have a certain value.
    """
    if DIFFICULTY.name not in numbers:
        return None
    before = np.full(len(student), np.nan)
    known = (student >= 0) & np.isfinite(order)
    sequence = np.flatnonzero(known)
    sequence = sequence[np.lexsort((order[sequence], student[sequence]))]
    if len(sequence):
        who, when = student[sequence], order[sequence]
        opens = np.concatenate([[True], (np.diff(who) != 0) | (np.diff(when) != 0)])
        starts = np.flatnonzero(opens)
        recorded = numbers[DIFFICULTY.name][sequence]
        # NaN where rows of one instant differ, or one of them holds no difficulty
        least, most = (each.reduceat(recorded, starts) for each in (np.minimum, np.maximum))
        value = np.where(least == most, least, np.nan)
        follows = np.concatenate([[False], np.diff(who[starts]) == 0])
        adjacent = np.concatenate([[False], np.diff(when[starts]) == 1])
        unplaced = np.unique(student[~known])
        doubtful = np.isin(who[starts], unplaced) | (unplaced < 0).any()
        certain = follows & (adjacent | ~doubtful)
        found = np.where(certain, np.concatenate([[np.nan], value[:-1]]), np.nan)
        before[sequence] = found[np.cumsum(opens) - 1]
    return np.asarray(before[rows])


def _present(ids: Ids) -> Ids:
    """The same ids without the names that no row has; their order stays."""
    present, codes = np.unique(ids.codes, return_inverse=True)
    return Ids(codes.astype(np.int64), tuple(ids.names[code] for code in present))

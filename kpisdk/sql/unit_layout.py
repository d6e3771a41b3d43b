"""Which columns a statement with units adds, and how its rows are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from kpisdk.contracts.measures import Aggregate
from kpisdk.contracts.plans import StatementPlan, Task
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.unit_moments import UnitMoments, pairs
from kpisdk.sql.unit_buckets import units_in
from kpisdk.sql.unit_parts import parts_of

FLOATING = "_x"
"""Ends the label of a part as the floating number that is squared."""
_PER_WINDOWS, _PER_PART = 4, 2


@attrs.frozen
class UnitLayout:
    """The columns behind a plan's own: slice columns, calendar bucket and tasks come before them.

    Attributes:
        groups: the tasks of each group of ``plan.products``.
        windows: the sets of windows that the groups are read in.
        window_of: the place in ``windows`` of each group's.
        parts: the parts of all groups, each once.
        floating: those of them that are no counts.
        pairs: the parts whose products are summed, each pair once.
        distinct: the tasks that count distinct values.
        cubed: the parts whose cubes are summed: the deviations from means, for their skewness.
        start: the place of the first column.
    """

    groups: tuple[tuple[Task, ...], ...]
    windows: tuple[frozenset[Window | None], ...]
    window_of: tuple[int, ...]
    parts: tuple[str, ...]
    floating: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    distinct: tuple[Task, ...]
    cubed: tuple[str, ...]
    start: int

    @classmethod
    def of(cls, plan: StatementPlan) -> UnitLayout:
        """The layout of a plan's statement."""
        by_label = {task.label: task for task in plan.tasks}
        groups = tuple(tuple(by_label[label] for label in group) for group in plan.products)
        sets = [frozenset(task.window for task in group) for group in groups]
        windows = tuple(dict.fromkeys(sets))
        summed = dict.fromkeys(_ordered(pair) for group in groups for pair in pairs(_names(group)))
        taken = {task.label: task for group in groups for task in group}
        width = len(plan.slicing.by) + (plan.slicing.grain is not None) + len(plan.tasks)
        return cls(
            groups,
            windows,
            tuple(windows.index(each) for each in sets),
            tuple(dict.fromkeys(name for group in groups for name in _names(group))),
            tuple(part for task in taken.values() for part in _floating(task)),
            tuple(summed),
            tuple(task for task in taken.values() if task.measure.aggregate is Aggregate.DISTINCT),
            tuple(
                parts_of(task.label, Aggregate.MEAN)[1]
                for task in taken.values()
                if task.measure.aggregate is Aggregate.MEAN
            ),
            width,
        )

    @property
    def has_floating(self) -> bool:
        """Whether a part is no count."""
        return bool(self.floating)

    def read(self, row: Sequence[Any]) -> tuple[UnitMoments | None, ...]:
        """The moments of each group of ``plan.products`` from one row of the statement.

        Returns:
            One per group, with the parts of its tasks as names (:mod:`kpisdk.sql.unit_parts`).
            ``None`` where a part has no finite square, or a distinct count does not add up over
            buckets because a counted value lies in two of them.
        """
        numbers = list(row[self.start :])
        ends = _PER_WINDOWS * len(self.windows)
        about = numbers[:ends]
        of_parts = numbers[ends : ends + _PER_PART * len(self.parts)]
        ends += _PER_PART * len(self.parts)
        products = dict(zip(self.pairs, numbers[ends : ends + len(self.pairs)], strict=True))
        ends += len(self.pairs)
        split = dict(zip(self.distinct, numbers[ends : ends + len(self.distinct)], strict=True))
        cubes = dict(zip(self.cubed, numbers[ends + len(self.distinct) :], strict=True))
        totals = {part: of_parts[2 * place] for place, part in enumerate(self.parts)}
        filled = {part: of_parts[2 * place + 1] for place, part in enumerate(self.parts)}
        found: list[UnitMoments | None] = []
        for group, place in zip(self.groups, self.window_of, strict=True):
            names = _names(group)
            buckets, unknown, known, least = about[4 * place : 4 * place + 4]
            summed = [products.get(pair, products.get((pair[1], pair[0]))) for pair in pairs(names)]
            if not buckets:
                found.append(_none(names))
            elif None in summed or any(split.get(task) for task in group):
                found.append(None)
            else:
                found.append(
                    UnitMoments(
                        names,
                        int(buckets),
                        tuple(_whole(totals[name]) for name in names),
                        tuple(_whole(each) for each in summed),
                        tuple(int(filled[name] or 0) for name in names),
                        units_in(int(known or 0), least) + int(unknown or 0),
                        int(unknown or 0),
                        {
                            (name, name, name): float(cube)
                            for name, cube in cubes.items()
                            if name in names and cube is not None
                        },
                    )
                )
        return tuple(found)


def _none(names: tuple[str, ...]) -> UnitMoments:
    """The moments of no row."""
    size = len(names)
    return UnitMoments(names, 0, (0,) * size, (0,) * (size * (size + 1) // 2), (0,) * size, 0, 0)


def _whole(number: Any) -> int | float:
    """A sum of whole numbers as such: doubles hold them up to 2 ** 53."""
    found = float(number or 0.0)
    return int(found) if found.is_integer() and abs(found) < 2**53 else found


def _names(group: Sequence[Task]) -> tuple[str, ...]:
    return tuple(name for task in group for name in parts_of(task.label, task.measure.aggregate))


def _floating(task: Task) -> tuple[str, ...]:
    names = parts_of(task.label, task.measure.aggregate)
    if task.measure.aggregate is Aggregate.SUM:
        return names
    return tuple(name for name in names if name.endswith(("_e", "_q")))


def _ordered(pair: tuple[str, str]) -> tuple[str, str]:
    """One of the two orders of a pair, so that groups share what they have in common."""
    return pair if pair[0] <= pair[1] else (pair[1], pair[0])

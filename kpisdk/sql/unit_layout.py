"""Which columns a statement with units adds, and how its rows are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk.contracts.measures import Aggregate
from kpisdk.contracts.plans import StatementPlan, Task
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.unit_moments import SharedProducts, UnitCounts, UnitMoments, pairs
from kpisdk.sql.unit_buckets import units_holding, units_in
from kpisdk.sql.unit_parts import parts_of

FLOATING = "_x"
"""Ends the label of a part as the floating number that is squared."""
_PER_WINDOW, _PER_PART = 5, 2


@attrs.frozen
class UnitLayout:
    """The columns behind a plan's own: slice columns, calendar bucket and tasks come before them.

    Attributes:
        groups: the tasks of each group of ``plan.products``.
        windows: the windows that the tasks of the groups are read in, each once.
        window_of: the place in ``windows`` of each part's.
        by_day: whether a bucket is one unit.
        parts: the parts of all groups, each once.
        floating: those of them that are no counts.
        pairs: the parts whose products are summed, each pair once.
        distinct: the tasks that count distinct values.
        cubed: the parts whose cubes are summed: the deviations from means, for their skewness.
        shared: the parts whose products with the parts of the earlier calendar bucket are summed,
            that one's second; none where it is compared with none.
        start: the place of the first column.
    """

    groups: tuple[tuple[Task, ...], ...]
    windows: tuple[Window | None, ...]
    window_of: Mapping[str, int]
    by_day: bool
    parts: tuple[str, ...]
    floating: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    distinct: tuple[Task, ...]
    cubed: tuple[str, ...]
    shared: tuple[tuple[str, str], ...]
    start: int

    @classmethod
    def of(cls, plan: StatementPlan) -> UnitLayout:
        """The layout of a plan's statement."""
        by_label = {task.label: task for task in plan.tasks}
        groups = tuple(tuple(by_label[label] for label in group) for group in plan.products)
        windows = tuple(dict.fromkeys(task.window for group in groups for task in group))
        summed = dict.fromkeys(_ordered(pair) for group in groups for pair in pairs(_names(group)))
        taken = {task.label: task for group in groups for task in group}
        width = len(plan.slicing.by) + (plan.slicing.grain is not None) + len(plan.tasks)
        return cls(
            groups,
            windows,
            {
                part: windows.index(task.window)
                for group in groups
                for task in group
                for part in _names([task])
            },
            plan.unit is not None and plan.unit.by_day,
            tuple(dict.fromkeys(name for group in groups for name in _names(group))),
            tuple(part for task in taken.values() for part in _floating(task)),
            tuple(summed),
            tuple(task for task in taken.values() if task.measure.aggregate is Aggregate.DISTINCT),
            tuple(
                parts_of(task.label, Aggregate.MEAN)[1]
                for task in taken.values()
                if task.measure.aggregate is Aggregate.MEAN
            ),
            tuple(
                dict.fromkeys(
                    pair for group in groups for pair in product(_names(group), _names(group))
                )
            )
            if plan.back is not None
            else (),
            width,
        )

    @property
    def has_floating(self) -> bool:
        """Whether a part is no count."""
        return bool(self.floating)

    def column(self, part: str) -> str:
        """The column of a bucket that holds what is squared of a part."""
        return part + FLOATING if part in self.floating else part

    def numbers(self, held: Any) -> dict[str, Any]:
        """The parts among the columns of a bucket, as floating numbers."""
        return {part: sa.cast(held[self.column(part)], sa.Double()) for part in self.parts}

    def read(self, row: Sequence[Any]) -> tuple[UnitMoments | None, ...]:
        """The moments of each group of ``plan.products`` from one row of the statement.

        Returns:
            One per group, with the parts of its tasks as names (:mod:`kpisdk.sql.unit_parts`).
            ``None`` where a part has no finite square, or a distinct count does not add up over
            buckets because a counted value lies in two of them.
        """
        numbers = list(row[self.start : len(row) - len(self.shared)])
        ends = _PER_WINDOW * len(self.windows)
        about = [
            _Rows(_count(rows), _count(buckets), _count(unknown), _count(known), least)
            for rows, buckets, unknown, known, least in (
                numbers[at : at + _PER_WINDOW] for at in range(0, ends, _PER_WINDOW)
            )
        ]
        of_parts = numbers[ends : ends + _PER_PART * len(self.parts)]
        ends += _PER_PART * len(self.parts)
        products = dict(zip(self.pairs, numbers[ends : ends + len(self.pairs)], strict=True))
        ends += len(self.pairs)
        split = dict(zip(self.distinct, numbers[ends : ends + len(self.distinct)], strict=True))
        cubes = dict(zip(self.cubed, numbers[ends + len(self.distinct) :], strict=True))
        totals = {part: of_parts[2 * place] for place, part in enumerate(self.parts)}
        filled = {part: _count(of_parts[2 * place + 1]) for place, part in enumerate(self.parts)}
        found: list[UnitMoments | None] = []
        for group in self.groups:
            names = _names(group)
            within = {name: about[self.window_of[name]] for name in names}
            summed = [products.get(pair, products.get((pair[1], pair[0]))) for pair in pairs(names)]
            if not any(each.buckets for each in within.values()):
                found.append(_none(names))
            elif None in summed or any(split.get(task) for task in group):
                found.append(None)
            else:
                found.append(
                    UnitMoments(
                        names,
                        max(each.buckets for each in within.values()),
                        tuple(_whole(totals[name]) for name in names),
                        tuple(_whole(each) for each in summed),
                        tuple(filled[name] for name in names),
                        max(each.units for each in within.values()),
                        max(each.unknown for each in within.values()),
                        {
                            (name, name, name): float(cube)
                            for name, cube in cubes.items()
                            if name in names and cube is not None
                        },
                        {
                            name: self._behind(within[name], filled[name], totals[name])
                            for name in names
                        },
                    )
                )
        return tuple(found)

    def _behind(self, rows: _Rows, filled: int, total: Any) -> UnitCounts:
        """The units behind a part: those of its window, as far as they have to do with it.

        What counts as many as there are rows has to do with all of them.
        """
        if self.by_day:
            units = filled
        elif float(total or 0.0) == rows.rows:
            units = rows.units
        else:
            units = min(rows.units, units_holding(filled, unknown=rows.unknown > 0))
        return UnitCounts(rows.buckets, units, rows.unknown)

    def read_shared(self, row: Sequence[Any]) -> tuple[SharedProducts, ...]:
        """The products of each group's parts with those of the earlier bucket, from one row."""
        products = dict(zip(self.shared, row[len(row) - len(self.shared) :], strict=True))
        return tuple(
            {pair: _whole(products[pair]) for pair in product(_names(group), _names(group))}
            for group in self.groups
        )


@attrs.frozen
class _Rows:
    """The rows of a window in one cell.

    Attributes:
        rows: how many there are.
        buckets: how many buckets hold one.
        unknown: how many have no unit.
        known: how many buckets hold a unit.
        least: the sum of the least hashes in these; ``None`` where a bucket is one unit.
    """

    rows: int
    buckets: int
    unknown: int
    known: int
    least: float | None

    @property
    def units(self) -> int:
        """About how many units there are."""
        return units_in(self.known, self.least) + self.unknown


def _count(number: Any) -> int:
    return int(number or 0)


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

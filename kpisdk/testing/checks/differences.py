"""Two lists of results side by side: what differs between them, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.results import Result
from kpisdk.testing.tolerance import close, same_interval

Same: TypeAlias = Callable[[Interval | None, Interval | None], bool]
"""Whether two intervals are the same one."""

Cell = tuple[tuple[tuple[str, str], ...], str | None]


def differences(
    one: Sequence[Result],
    other: Sequence[Result],
    names: tuple[str, str],
    same: Same = same_interval,
) -> Iterator[str]:
    """A sentence for each slice and bucket in which the results are not the same.

    Values, numerators and denominators to nine digits; counts and reasons exactly; intervals as
    ``same`` says. ``names`` says where each of the two lists comes from.
    """
    left, right = _by_cell(one), _by_cell(other)
    for cell in left.keys() ^ right.keys():
        here, there = names if cell in left else (names[1], names[0])
        yield f"{_place(cell)}: {here} has a result and {there} has none."
    for cell in left.keys() & right.keys():
        for what, before, after in _unequal(left[cell], right[cell], same):
            yield f"{_place(cell)}: the {what} is {before} {names[0]} and {after} {names[1]}."


def _unequal(one: Result, other: Result, same: Same) -> Iterator[tuple[str, object, object]]:
    for what in ("value", "numerator", "denominator", "p_value"):
        if not close(getattr(one, what), getattr(other, what)):
            yield what, getattr(one, what), getattr(other, what)
    if not same(one.interval, other.interval):
        yield "interval", one.interval, other.interval
    for what in ("n", "reason", "status", "answered_by", "interval_reason"):
        # Without a value, no rows is as good as nothing said of rows.
        blank = 0 if what == "n" and one.value is None else None
        if (getattr(one, what) or blank) != (getattr(other, what) or blank):
            yield what, getattr(one, what), getattr(other, what)


def _by_cell(results: Sequence[Result]) -> dict[Cell, Result]:
    return {
        (
            tuple(sorted((name, repr(value)) for name, value in each.slice.items())),
            each.period,
        ): each
        for each in results
    }


def _place(cell: Cell) -> str:
    slices, period = cell
    parts = [f"{name}={value}" for name, value in slices]
    parts += [] if period is None else [period]
    return ", ".join(parts) or "The headline"

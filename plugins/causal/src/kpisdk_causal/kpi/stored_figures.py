"""Figures as tables store them: numbers, texts and newest rows, whatever NULL has become."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk import Estimate, IntervalReason, Reason


def known(frame: Any, column: str) -> list[float]:
    """The numbers of a column, without those that are missing.

    Args:
        frame: a pandas frame.
        column: its name.
    """
    return [float(value) for value in frame[column].dropna()]


def mean_and_spread(values: list[float]) -> tuple[float, float | None]:
    """Mean and sample standard deviation (``None`` for one value), correctly rounded sums.

    Infinities among the values leave a mean that is not finite, and no deviation.
    """
    if not all(map(math.isfinite, values)):
        return sum(values), None
    mean = math.fsum(values) / len(values)
    if len(values) < 2:
        return mean, None
    squares = math.fsum((value - mean) ** 2 for value in values)
    return mean, math.sqrt(squares / (len(values) - 1))


def newest_row(frame: Any, time: str, key: str) -> Mapping[str, Any]:
    """The newest row; of several of one instant the one with the largest key; no instant is old.

    Args:
        frame: a pandas frame.
        time: column of the instants.
        key: column that names the rows.
    """
    ordered = frame.sort_values([time, key], na_position="first", kind="stable")
    row: Mapping[str, Any] = ordered.iloc[-1].to_dict()
    return row


def number(value: Any) -> float | None:
    """A cell as a number, ``None`` where it holds nothing."""
    return None if _is_missing(value) else float(value)


def text(value: Any) -> str | None:
    """A cell as text, ``None`` where it holds nothing."""
    return None if _is_missing(value) else str(value)


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def listed(found: Any, limit: int = 10) -> str:
    """The names in quotes; beyond ``limit`` the rest is counted.

    Args:
        found: the names.
        limit: how many are named.
    """
    shown = [repr(name) for name in list(found)[:limit]]
    more = len(found) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def stored(value: float, **facts: Any) -> Estimate:
    """A figure that somebody else computed: its uncertainty is not stored with it.

    Rows that hold copies of one figure, or the figures of one model, are no sample of it: a spread
    over them says nothing of the error that the figure has.
    """
    estimate = Estimate.of(value, **facts)
    if estimate.value is None:
        return estimate
    return attrs.evolve(estimate, interval_reason=IntervalReason.STORED)


def no_rows(why: str) -> Estimate:
    """Absent, and why: no row holds what the figure needs."""
    return Estimate.absent(Reason.NO_ROWS, f"{why[0].upper()}{why[1:]}.")

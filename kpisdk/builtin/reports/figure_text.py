"""Numbers and instants as people read them: rounded, with units, and never rounded into a lie."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time

from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.interval_text import ends_apart
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.time_windows import Window, utc
from kpisdk.contracts.vocabulary import Direction, Unit
from kpisdk.statistics.intervals import LEVEL

_DECIMALS = {
    Unit.RATIO: 3,
    Unit.SCORE: 3,
    Unit.COUNT: 0,
    Unit.DAYS: 1,
    Unit.HOURS: 1,
    Unit.POINTS: 2,
    Unit.MULTIPLIER: 2,
    Unit.SLOPE: 3,
    Unit.PSI: 3,
    Unit.EFFECT: 4,
}
_SUFFIXES = {
    Unit.DAYS: " days",
    Unit.HOURS: " hours",
    Unit.POINTS: " points",
    Unit.MULTIPLIER: "x",
}
_LARGE = 1e15  # from here on a float holds no thousandths, and digits would only pretend
_SPARE = 6  # further decimals that are tried before a number is written out in full


def figure(value: float, unit: Unit, against: Iterable[float] = ()) -> str:
    """``value`` rounded to its unit's decimals, with thousands separators and the unit's word.

    Where rounding would move the value onto or across one of the bounds ``against`` (or zero, or
    the one of a ratio), it gets more decimals: 0.4996 against a target of 0.5 reads ``0.4996``.
    """
    return _digits(value, unit, against) + _SUFFIXES.get(unit, "")


def change(value: float, unit: Unit) -> str:
    """A difference of two values, with its sign."""
    return f"{'+' if value > 0 else ''}{figure(value, unit)}"


def change_span(interval: Interval, unit: Unit) -> str:
    """The interval of a difference, each end with its sign: ``[-0.02, +0.05]``."""

    def signed(end: float, more: int) -> str:
        return f"{'+' if end > 0 else ''}{_digits(end, unit, (), more)}"

    return f"[{', '.join(ends_apart(interval, signed))}]{_level(interval)}"


def percent(share: float) -> str:
    """A signed share as a percentage: ``+4.2 %``."""
    return f"{'+' if share > 0 else ''}{_rounded(share * 100, 1, (0.0,))} %"


def span(interval: Interval, unit: Unit, against: Iterable[float] = ()) -> str:
    """An interval in brackets; its level is shown where it is not the usual 95 %."""
    return f"{_brackets(interval, unit, against)}{_SUFFIXES.get(unit, '')}{_level(interval)}"


def ends(interval: Interval, unit: Unit, against: Iterable[float] = ()) -> str:
    """As :func:`span`, without the unit's word."""
    return f"{_brackets(interval, unit, against)}{_level(interval)}"


def _brackets(interval: Interval, unit: Unit, against: Iterable[float]) -> str:
    bounds = tuple(against)
    found = ends_apart(interval, lambda end, more: _digits(end, unit, bounds, more))
    return f"[{', '.join(found)}]"


def _level(interval: Interval) -> str:
    return "" if interval.level == LEVEL else f" at {interval.level * 100:g} %"


def target(thresholds: Thresholds, unit: Unit) -> str:
    """The target with the side that is good, as it was declared: ``>= 0.6``, ``<= 14 days``."""
    sign = ">=" if thresholds.direction is Direction.HIGHER else "<="
    return f"{sign} {thresholds.target:,.15g}{_SUFFIXES.get(unit, '')}"


def bounds_of(thresholds: Thresholds | None) -> tuple[float, ...]:
    """The numbers that a value is judged by; what is shown must lie on the same side of each."""
    if thresholds is None:
        return ()
    return thresholds.target, thresholds.warning, thresholds.critical


def instant(moment: datetime) -> str:
    """An instant in UTC to the minute; midnight is the day alone."""
    shown = utc(moment)
    return f"{shown:%Y-%m-%d}" if shown.time() == time() else f"{shown:%Y-%m-%d %H:%M}"


def window_ends(window: Window | None) -> str:
    """A window's exact ends, the end excluded; open ones say so."""
    if window is None:
        return "the KPI has no time filter"
    since = "the beginning" if window.start is None else f"{instant(window.start)} UTC"
    until = "open end" if window.end is None else f"before {instant(window.end)} UTC"
    return f"from {since} to {until}"


def _digits(value: float, unit: Unit, against: Iterable[float], more: int = 0) -> str:
    ends = (0.0, 1.0) if unit is Unit.RATIO else (0.0,)
    decimals = _DECIMALS[unit]
    if unit is Unit.COUNT and value != value // 1:
        decimals = 2  # a count that is none (a mean of counts) must not look like one
    return _rounded(value, decimals + more, (*ends, *against))


def _rounded(value: float, decimals: int, bounds: tuple[float, ...]) -> str:
    if abs(value) < _LARGE:
        for digits in range(decimals, decimals + _SPARE + 1):
            # Adding zero makes the negative zero a plain one.
            text = f"{value + 0.0:,.{digits}f}"
            shown = float(text.replace(",", ""))
            if all(_side(shown, bound) == _side(value, bound) for bound in bounds):
                return text
    return repr(float(value))


def _side(value: float, bound: float) -> int:
    return (value > bound) - (value < bound)

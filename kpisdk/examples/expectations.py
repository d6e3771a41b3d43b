"""What an example expects beside what came out, difference by difference."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from kpisdk.contracts.kpi_examples import Example, Expected
from kpisdk.contracts.results import Result, plain, plain_slice


def differences(example: Example, results: Sequence[Result]) -> Iterator[str]:
    """Every difference in a sentence: what differs, what was expected and what came out.

    Each result must be expected, and each expected one must be there.
    """
    left = list(results)
    for expected in example.expected:
        found = [each for each in left if _is_meant(expected, each, alone=len(results) == 1)]
        if len(found) != 1:
            count = "no result" if not found else f"{len(found)} results"
            yield f"{_where(expected.slice, expected.period)}: expected one result, got {count}"
            continue
        left.remove(found[0])
        yield from _differing(expected, found[0], example.tolerance)
    for result in left:
        if result.period is not None and result.value is None:
            continue  # a trend has every bucket of its window, those without a value too
        yield f"{_where(result.slice, result.period)}: an unexpected result, {_got(result)}"


def _is_meant(expected: Expected, result: Result, *, alone: bool) -> bool:
    if not expected.slice and expected.period is None and alone:
        return True
    slices_agree = plain_slice(expected.slice) == plain_slice(result.slice)
    return slices_agree and expected.period in (None, result.period)


def _differing(expected: Expected, result: Result, tolerance: float) -> Iterator[str]:
    prefix = _where(expected.slice, expected.period)
    start = f"{prefix}: " if expected.slice or expected.period else ""
    for name, wanted in expected.facts.items():
        got: Any = getattr(result, name)
        if name == "interval":
            got = None if result.interval is None else (result.interval.low, result.interval.high)
        if not _same(wanted, got, tolerance):
            told = _got(result) if name == "value" and got is None else _shown(got)
            yield f"{start}{name}: expected {_shown(wanted)}, got {told}"


def _same(wanted: Any, got: Any, tolerance: float) -> bool:
    if got is None:
        return False
    if isinstance(wanted, tuple):
        return all(_same(*each, tolerance) for each in zip(wanted, got, strict=True))
    if isinstance(wanted, float):
        return math.isclose(wanted, got, rel_tol=tolerance, abs_tol=tolerance)
    return bool(wanted == got)


def _got(result: Result) -> str:
    if result.value is not None:
        return _shown(result.value)
    return f"no value ({result.reason}: {result.message})"


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value))}]"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _where(at: Any, period: str | None) -> str:
    named = [f"{name}={'null' if value is None else plain(value)}" for name, value in at.items()]
    return ", ".join([*named, *([period] if period else [])]) or "the whole"

"""Whether the groups of a column follow one another, and in which order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Any

_NUMBER = re.compile(r"\d+", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_VERSION = re.compile(r"(?<![a-z])[a-z]+\d+(\.\d+)+", re.IGNORECASE)
# A sign or a decimal mark before the digits, or a date whose day or month comes first.
_DOUBTFUL = re.compile(
    r"(?<![^\s(])[-+\u2212]\d | \d[.,]\d | (?<!\d)\d{1,3}/\d | (?<!\d)\d{1,3}-\d+-\d",
    re.VERBOSE,
)


class Against(StrEnum):
    """What a group is compared with."""

    PREVIOUS = "previous"
    REST = "rest"


def in_order(values: Iterable[Any]) -> list[Any] | None:
    """The values from first to last; ``None`` where they follow no order.

    Numbers follow one another, and so do texts that differ in their numbers only: cohorts such as
    ``2026-W09`` and ``2026-W10``, ISO dates, ``promo 2`` and ``promo 10``, ``v1.9`` and ``v1.10``.
    Those numbers are compared as numbers, from left to right. Names in which that could be wrong
    (``15/12/2024``, ``Q4 2025``, ``0.5``) follow no order. A missing value has no place and is
    left out.
    """
    known = [value for value in values if value is not None]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
        return sorted(known)
    texts = [str(value) for value in known]
    if all(map(_WHOLE.fullmatch, texts)):
        return sorted(known, key=_whole)
    patterns = {_NUMBER.sub("#", text) for text in texts}
    if len(patterns) != 1 or "#" not in patterns.pop() or any(map(_is_doubtful, texts)):
        return None
    return sorted(known, key=lambda value: _numbers(str(value)))


def _numbers(text: str) -> list[Decimal]:
    return [Decimal(each) for each in _NUMBER.findall(text)]


def _whole(value: Any) -> Decimal:
    # A name may have more digits than an int is read from.
    return Decimal(str(value))


def _is_doubtful(text: str) -> bool:
    """Whether the first number of a name need not be the one that weighs most."""
    lengths = [len(each) for each in _NUMBER.findall(text)]
    year_comes_late = lengths[0] < 4 and 4 in lengths[1:]
    return year_comes_late or _DOUBTFUL.search(_VERSION.sub("#", text)) is not None

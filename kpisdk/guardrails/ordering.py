"""Ordering: whether the groups of a column follow one another, and in which order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

_NUMBER = re.compile(r"\d+")


class Against(StrEnum):
    """What a group is compared with."""

    PREVIOUS = "previous"
    REST = "rest"


def in_order(values: Iterable[Any]) -> list[Any] | None:
    """The values from first to last; ``None`` where they follow no order.

    Numbers follow one another, and so do texts that differ in their numbers only: cohorts such as
    ``2026-W09`` and ``2026-W10``, dates, ``promo 2`` and ``promo 10``. Those numbers are compared
    as numbers, from left to right. A missing value has no place and is left out.
    """
    known = [value for value in values if value is not None]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
        return sorted(known)
    texts = [str(value) for value in known]
    if len({_NUMBER.sub("#", text) for text in texts}) != 1 or "#" not in _NUMBER.sub(
        "#", texts[0]
    ):
        return None
    return sorted(known, key=lambda value: [int(each) for each in _NUMBER.findall(str(value))])

"""Durations in settings: ``30s``, ``2m``, ``1.5h``, or a number of seconds."""

from __future__ import annotations

import math
import re
from typing import NewType

Seconds = NewType("Seconds", float)
"""A duration in seconds. A field of this type is read from ``30s``, ``2m`` or a number."""

_DURATION = re.compile(
    r"(?P<number>\d{1,12}(?:\.\d{1,9})?) ?(?P<unit>ms|s|m|h|d)?", re.ASCII | re.IGNORECASE
)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_seconds(value: object) -> Seconds:
    """The duration that a number (seconds) or a text such as ``500ms``, ``30s``, ``2m`` names.

    Raises:
        ValueError: anything else; negative or infinite durations.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        # Comparing, not converting: a huge integer has no float.
        if not 0 <= value < math.inf or value > 10**15:
            raise ValueError("must be a finite number of seconds, not negative")
        return Seconds(float(value))
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(
            "must be a duration: a number of seconds, or a text such as '500ms', '30s', '2m', '1h'"
        )
    unit = (match["unit"] or "s").lower()
    return Seconds(float(match["number"]) * _UNITS[unit])

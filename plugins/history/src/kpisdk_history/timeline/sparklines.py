"""A series of values as one line of blocks; a missing value is a dot, and never a low block."""

from __future__ import annotations

from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
MISSING = "·"


def sparkline(values: Sequence[float | None], most: int = 60) -> str:
    """Values from the least (``▁``) to the greatest (``█``); the last ``most`` of them.

    Args:
        values: in the order of their periods; ``None`` is a missing one.
        most: how many are shown; 60 by default.
    """
    shown = values[-most:]
    there = [value for value in shown if value is not None]
    if not there:
        return MISSING * len(shown)
    least, greatest = min(there), max(there)
    return "".join(MISSING if v is None else _block(v, least, greatest) for v in shown)


def _block(value: float, least: float, greatest: float) -> str:
    if greatest == least:
        return BLOCKS[len(BLOCKS) // 2]
    # Halves: the distance of the largest numbers has no float.
    share = (value / 2 - least / 2) / (greatest / 2 - least / 2)
    return BLOCKS[min(len(BLOCKS) - 1, max(0, int(share * len(BLOCKS))))]

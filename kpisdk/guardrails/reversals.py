"""A whole that improves while most of its segments get worse (Simpson's paradox)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.interval_text import ends_apart
from kpisdk.contracts.results import plain
from kpisdk.contracts.vocabulary import Direction
from kpisdk.guardrails.result_changes import Change, gains_of
from kpisdk.statistics import Bounds, Decomposition


@attrs.frozen
class Reversal:
    """The segments of ``column`` in which a KPI got worse while it improved over all of them.

    Attributes:
        kpi_id: the KPI.
        column: the column of the segments.
        worse: the segments that got worse.
        segments: how many have a value on both sides.
        direction: the way in which the KPI gets better.
        parts: the change of the whole, split into what another mix of segments moved it by and what
            moved within them.
    """

    kpi_id: str
    column: str
    worse: tuple[Any, ...]
    segments: int
    direction: Direction
    parts: Decomposition

    @property
    def is_mix_changed(self) -> bool:
        """Whether the interval of the mix excludes zero, so that another mix moved the whole."""
        interval = self.parts.mix_interval
        return isinstance(interval, Interval) and (interval.low > 0 or interval.high < 0)

    @property
    def is_better_within(self) -> bool:
        """Whether an improvement within the segments is shown, whatever most of them did."""
        interval = self.parts.within_interval
        gains = gains_of(interval if isinstance(interval, Interval) else None, self.direction)
        return gains is not None and gains[0] > 0

    @property
    def message(self) -> str:
        """The finding in a sentence."""
        named = ", ".join(str(value) for value in self.worse)
        mix = "the mix changed" if self.is_mix_changed else "whether the mix changed is open"
        return (
            f"{self.kpi_id} improves on the whole and gets worse in {len(self.worse)} of "
            f"{self.segments} segments by {self.column} ({named}): of {self.parts.change:+.3g}, "
            f"{_part(self.parts.mix, self.parts.mix_interval)} is their mix and "
            f"{_part(self.parts.within, self.parts.within_interval)} what happens within them; "
            f"{mix}."
        )

    def to_dict(self) -> dict[str, Any]:
        """The reversal as plain JSON values."""
        parts = self.parts
        return {
            "kpi_id": self.kpi_id,
            "column": self.column,
            "worse": plain(self.worse),
            "segments": self.segments,
            "message": self.message,
            "change": parts.change,
            "mix": _written_part(parts.mix, parts.mix_interval),
            "within": _written_part(parts.within, parts.within_interval),
            "is_mix_changed": self.is_mix_changed,
        }


def _written_part(value: float, bounds: Bounds) -> dict[str, Any]:
    from kpisdk.contracts.json_records import written

    has_interval = isinstance(bounds, Interval)
    return {
        "change": value,
        "interval": written(bounds) if has_interval else None,
        "interval_reason": None if has_interval else written(bounds),
    }


def _part(value: float, interval: Bounds) -> str:
    if not isinstance(interval, Interval):
        return f"{value:+.3g}"
    low, high = ends_apart(interval, lambda end, more: f"{end:+.{3 + more}g}")
    return f"{value:+.3g} [{low}, {high}]"


def worse_segments(whole: Change, segments: Mapping[Any, Change]) -> tuple[Any, ...]:
    """The segments that got worse, if the whole improved and they are most of its segments.

    The paradox is one of arithmetic, so values point to it, and the intervals of its parts say
    what is behind it.
    """
    if whole.gain is None or whole.gain <= 0:
        return ()
    gains = {value: each.gain for value, each in segments.items() if each.gain is not None}
    worse = tuple(value for value, gain in gains.items() if gain < 0)
    return worse if len(gains) >= 2 and 2 * len(worse) > len(gains) else ()

"""A whole that improves while most of its segments get worse (Simpson's paradox)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk.guardrails.result_changes import Change


@attrs.frozen
class Reversal:
    """The segments of ``column`` in which a KPI got worse while it improved over all of them."""

    kpi_id: str
    column: str
    worse: tuple[Any, ...]
    segments: int

    @property
    def message(self) -> str:
        """The finding in a sentence."""
        named = ", ".join(str(value) for value in self.worse)
        return (
            f"{self.kpi_id} improves on the whole and gets worse in {len(self.worse)} of "
            f"{self.segments} segments by {self.column} ({named}): the mix of segments changed, "
            "not what happens in them."
        )


def reversal(
    kpi_id: str, whole: Change, column: str, segments: Mapping[Any, Change]
) -> Reversal | None:
    """The reversal of a change by the segments of a column, if there is one.

    It is one where the whole's value improves and those of more than half of the segments that have
    both a baseline and a current value get worse. The paradox is one of arithmetic, so values
    decide and intervals do not.
    """
    if whole.gain is None or whole.gain <= 0:
        return None
    gains = {value: each.gain for value, each in segments.items() if each.gain is not None}
    worse = tuple(value for value, gain in gains.items() if gain < 0)
    if len(gains) < 2 or 2 * len(worse) <= len(gains):
        return None
    return Reversal(kpi_id, column, worse, len(gains))

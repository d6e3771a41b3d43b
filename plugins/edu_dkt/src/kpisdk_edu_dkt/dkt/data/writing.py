"""Interactions as CSV files, and the template that shows a user what to deliver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

from kpisdk.reporting import csv_text
from kpisdk_edu_dkt.dkt.data.interactions import Interactions

# Alice fails three times, so the third row lowers the difficulty of the fourth; Bob has no
# measured motivation. Both keep the rule that adjustments follow streaks.
_TEMPLATE = (
    ("student_id", "t", "skill_id", "correct", "difficulty", "adjustment", "time_spent",
     "motivation", "anxiety_level", "phase_type", "next_difficulty"),
    ("alice", 0, "fractions", 0, 0.5, 0, 7.4, 0.7, 0.3, "exploration", 0.5),
    ("alice", 1, "fractions", 0, 0.5, 0, 9.1, 0.7, 0.35, "lecon", 0.5),
    ("alice", 2, "decimals", 0, 0.5, -1, 8.2, 0.65, 0.4, "lecon", 0.4),
    ("alice", 3, "decimals", 1, 0.4, 0, 5.0, 0.65, 0.45, "defi", 0.4),
    ("bob", 0, "fractions", 1, 0.55, 0, 3.2, "", 0.2, "hub", 0.55),
    ("bob", 1, "decimals", 1, 0.55, 0, 2.7, "", 0.15, "synthese", 0.55),
)  # fmt: skip


def template() -> str:
    """The text of a CSV that keeps every rule of the contract."""
    return csv_text(_TEMPLATE, end="\n")


def write_csv(interactions: Interactions, handle: TextIO) -> None:
    """Write interactions as a CSV with a header; full precision, empty where missing.

    Args:
        interactions: The rows.
        handle: Where they are written.
    """
    write_columns(interactions.columns(), handle)


def write_columns(columns: Mapping[str, Sequence[object]], handle: TextIO) -> None:
    """Write columns of equal length as a CSV with a header; texts are no spreadsheet's formula.

    Args:
        columns: Name -> values.
        handle: Where they are written.
    """
    handle.write(csv_text([columns], end="\n"))
    handle.write(csv_text(zip(*columns.values(), strict=True), end="\n"))

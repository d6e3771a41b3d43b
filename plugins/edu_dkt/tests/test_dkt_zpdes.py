"""Difficulty: recorded after a change, and the rule that changes it."""

from __future__ import annotations

import numpy as np
import pytest
from dkt_rows import with_changes

from kpisdk_edu_dkt.dkt.data.after_difficulty import with_difficulty_as_used
from kpisdk_edu_dkt.dkt.data.checking import check
from kpisdk_edu_dkt.dkt.errors import ColumnsMismatchError, InteractionsError
from kpisdk_edu_dkt.dkt.zpdes import ZpdesRule, next_difficulty


def test_a_difficulty_recorded_after_the_change_is_moved_to_where_it_was_used() -> None:
    """The difficulty used for an item is the one recorded with the item before."""
    columns = with_changes(difficulty=[0.4, 0.3, 0.9])
    moved = with_difficulty_as_used(check(columns, source="s"))

    assert np.allclose(moved.numbers["difficulty"], [np.nan, 0.4, np.nan], equal_nan=True)
    assert moved.numbers["next_difficulty"].tolist() == [0.4, 0.3, 0.9]
    with pytest.raises(ColumnsMismatchError, match="next_difficulty"):
        with_difficulty_as_used(moved)


@pytest.mark.parametrize(
    ("difficulty", "failures", "successes", "expected"),
    [
        (0.5, 2, 0, (0, 0.5)),
        (0.5, 3, 0, (-1, 0.4)),
        (0.5, 0, 3, (0, 0.5)),
        (0.5, 0, 4, (1, 0.6)),
        (0.25, 5, 0, (-1, 0.2)),
        (0.85, 0, 9, (1, 0.9)),
    ],
)
def test_the_zpdes_rule_moves_after_long_streaks_only(
    difficulty: float, failures: int, successes: int, expected: tuple[int, float]
) -> None:
    """More than two failures lower by 0.1, more than three successes raise, within 0.2 to 0.9."""
    decided = next_difficulty(difficulty, failures, successes)

    assert (decided.adjustment, pytest.approx(decided.difficulty)) == expected


def test_the_zpdes_rule_refuses_what_cannot_be() -> None:
    """A difficulty above 1, a negative streak, or two streaks at once."""
    with pytest.raises(InteractionsError, match=r"1.7"):
        next_difficulty(1.7, 0, 0)
    with pytest.raises(InteractionsError, match="negative"):
        next_difficulty(0.5, -1, 0)
    with pytest.raises(InteractionsError, match="one of them must be 0"):
        next_difficulty(0.5, 3, 4, ZpdesRule(step=0.2))

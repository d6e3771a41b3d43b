"""The plainest baselines: what the student did so far, on all skills or on this one."""

from __future__ import annotations

import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Floats
from kpisdk_edu_dkt.dkt.data.events import Events
from kpisdk_edu_dkt.dkt.features.counts import count_before


def running_means(events: Events, base_rate: float) -> tuple[Floats, Floats]:
    """(events,) share of right answers before: of the student, and of student x skill.

    One imagined answer at the base rate stands before all others, so that the first is defined.

    Args:
        events: The history.
        base_rate: Share of right answers among training students.
    """
    counts = count_before(events)
    student = (counts.all_wins + base_rate) / (counts.all_wins + counts.all_failures + 1.0)
    present = events.skill >= 0
    ratio = (counts.wins + base_rate) / (counts.wins + counts.failures + 1.0)
    pair = (ratio * present).sum(axis=1) / np.maximum(present.sum(axis=1), 1)
    return student, pair

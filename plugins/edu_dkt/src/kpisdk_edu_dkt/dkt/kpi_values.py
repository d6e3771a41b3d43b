"""What the five KPIs say, computed from a model and interactions; nothing here knows the core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Integers
from kpisdk_edu_dkt.dkt.artefact.model import Model
from kpisdk_edu_dkt.dkt.artefact.storing import weights_sha256
from kpisdk_edu_dkt.dkt.data.events import Events, as_events
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.errors import ArtefactError
from kpisdk_edu_dkt.dkt.evaluation.intervals import (
    paired_gain,
    share_with_interval,
    with_intervals,
)
from kpisdk_edu_dkt.dkt.evaluation.leakage import given_away
from kpisdk_edu_dkt.dkt.evaluation.metrics import Score, score
from kpisdk_edu_dkt.dkt.features.encoding import encode
from kpisdk_edu_dkt.dkt.serving.mastery import mastery

MASTERY_LEVEL = 0.8
"""From which probability on a skill counts as mastered."""


@attrs.frozen
class Measured:
    """A value and what stands behind it.

    Attributes:
        score: Value, n, reason and interval.
        numerator: Where the value is a share.
        denominator: Likewise.
        details: What a reader needs to trust or to repeat it (plain JSON values).
    """

    score: Score
    numerator: float | None = None
    denominator: float | None = None
    details: dict[str, Any] = attrs.Factory(dict)


Measure: TypeAlias = Callable[..., Measured]
"""From a model and interactions, and the unit of each row of their source (``None``: students)."""


def metric(name: str) -> Measure:
    """A function that gives one metric of the next-step predictions, with its interval.

    Args:
        name: ``auc``, ``accuracy``, ``log_loss``, ``rmse`` or ``ece``.
    """

    def measure(model: Model, interactions: Interactions, unit: Integers | None = None) -> Measured:
        events = as_events(model.settled(interactions))
        p_all = model.predict(events)
        there = ~np.isnan(p_all)
        p, y = p_all[there], events.correct[there]
        units = _units(events, unit)[there]
        found = with_intervals({name: score(name, p, y)}, p, y, units)
        return Measured(found[name], details=_details(model, events, int((~there).sum())))

    return measure


def gain_over_counts(
    model: Model, interactions: Interactions, unit: Integers | None = None
) -> Measured:
    """AUC of the model minus AUC of the logistic regression on counts that came with it.

    Args:
        model: The model.
        interactions: The answers to predict.
        unit: (rows of the source,) code of the unit that the interval draws; students if None.

    Raises:
        ArtefactError: The model came without training data, so it has no such baseline.
    """
    if model.baseline is None:
        fault = "it has no logistic regression on counts to be compared with."
        raise ArtefactError("The model", fault)
    events = as_events(model.settled(interactions))
    p_all = model.predict(events)
    there = ~np.isnan(p_all)
    p, y = p_all[there], events.correct[there]
    baseline = model.baseline.predict(events)[there]
    details = _details(model, events, int((~there).sum()))
    details |= {"auc": score("auc", p, y).value, "baseline_auc": score("auc", baseline, y).value}
    units = _units(events, unit)[there]
    return Measured(paired_gain(p, baseline, y, units), details=details)


def share_at_mastery(
    model: Model,
    interactions: Interactions,
    level: float = MASTERY_LEVEL,
    unit: Integers | None = None,
) -> Measured:
    """Share of practised student-skill pairs whose mastery is at least ``level``.

    The interval is a bootstrap over students, over the units of their first answers, or over pairs
    where each row is a unit.

    Args:
        model: The model.
        interactions: What the students answered.
        level: From which probability on a skill counts as mastered.
        unit: (rows of the source,) code of the unit that the interval draws; students if None.

    Raises:
        NotMasteryError: The model's outputs may not be called mastery.
    """
    interactions = model.settled(interactions)
    found = mastery(model, interactions)
    reached, pairs = found.share_at(level)
    details = _details(model, as_events(interactions), 0) | {
        "mastery_level": level,
        "beyond_chance": model.is_beyond_chance,
    }
    if not pairs:
        return Measured(Score(None, 0, "no_rows"), 0.0, 0.0, details)
    is_reached = found.practised & (found.probability >= level)
    if unit is not None and len(np.unique(unit)) == len(unit):
        value = share_with_interval(is_reached[found.practised].astype(np.float64), np.ones(pairs))
    else:
        owner = _owners(interactions, unit)
        hits, of = (
            np.bincount(owner, each.sum(axis=1)).astype(np.float64)
            for each in (is_reached, found.practised)
        )
        value = share_with_interval(hits, of)
    return Measured(value, float(reached), float(pairs), details)


def _units(events: Events, unit: Integers | None) -> Integers:
    """(events,) the unit of each answer: its student, or what the rows of the source say."""
    if unit is None:
        return events.student
    return np.asarray(unit[events.interactions.row[events.row]])


def _owners(interactions: Interactions, unit: Integers | None) -> Integers:
    """(students,) the unit of each student: the student, or the one of the first answer."""
    if unit is None:
        return np.arange(interactions.students)
    first = unit[interactions.row[interactions.offsets[:-1]]]
    return np.asarray(np.unique(first, return_inverse=True)[1])


def _details(model: Model, events: Events, unscored: int) -> dict[str, Any]:
    interactions = events.interactions
    encoded = encode(events, model.encoder)
    return {
        "rows": len(interactions),
        "events": len(events),
        "students": interactions.students,
        "repeats": events.repeats,
        "unscored": unscored,
        "unknown_skills": encoded.unknown_skills,
        "unknown_phases": encoded.unknown_phases,
        "learned_students": int(model.learned_from(interactions.student.names).sum()),
        "difficulty_timing": interactions.difficulty_timing,
        "given_away": [each.column for each in given_away(interactions, model.item_names)],
        "data_sha256": interactions.sha256,
        "model_sha256": weights_sha256(model),
    }

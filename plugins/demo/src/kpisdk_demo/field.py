"""``hcp_intent_surveys`` and ``ml_annotations`` of a cell: what people answer and label."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from kpisdk_demo import columns as col
from kpisdk_demo.contract import BRANDS
from kpisdk_demo.people import Cell
from kpisdk_demo.unit_effects import uniforms

_ROUNDS: Final = 4
_ROUND_DAYS: Final = 88
_STEP_LIMITS: Final = (0.08, 0.30, 0.75)
"""Below these draws intent falls by a point, stays or rises by one; else it rises by two."""
_PATIENTS_PER_GROUP: Final = 10
_LABELS: Final = (
    ('{"label": "controlled", "severity": 1}', '{"severity": 1, "label": "controlled"}'),
    (
        '{"label": "partly controlled", "severity": 2}',
        '{"severity": 2, "label": "partly controlled"}',
    ),
    ('{"label": "uncontrolled", "severity": 3}', '{"severity": 3, "label": "uncontrolled"}'),
)
_KINDS: Final = ("disease_control", "adverse_event", "note_sentiment")
_ANNOTATORS: Final = 24


def hcp_intent_surveys(cell: Cell) -> dict[str, Any]:
    """Up to four rounds, a quarter apart, for most HCPs; some answer about a second brand.

    A survey names the one before it of the same HCP and brand; first ones name none. Some changes
    were reported without a link.
    """
    plan, hcps, rng = cell.plan, cell.hcps, cell.rng("surveys")
    surveyed = np.flatnonzero(rng.random(hcps.number.size) < 0.8)
    twice = surveyed[rng.random(surveyed.size) < 0.2]
    hcp = np.concatenate([surveyed, twice])
    second = np.arange(hcp.size) >= surveyed.size
    brand = (hcps.brand[hcp] + second) % len(BRANDS)
    first = rng.integers(0, _ROUND_DAYS, hcp.size)
    age = first[:, None] + _ROUND_DAYS * np.arange(_ROUNDS)[::-1]
    # Some HCPs warm to a brand faster than others.
    drawn = uniforms(rng, np.repeat(hcp, _ROUNDS))
    steps = (np.searchsorted(_STEP_LIMITS, drawn) - 1).reshape(hcp.size, _ROUNDS)
    steps[:, 0] = rng.integers(1, 4, hcp.size)
    score = np.clip(np.cumsum(steps, axis=1), 1, 7)
    change = np.diff(score, axis=1, prepend=0)
    taken = rng.random(hcp.size) < 0.85
    # Rounds are answered from the first on; some HCPs have answered the last one only once.
    begun = np.where(taken, 0, rng.integers(1, _ROUNDS, hcp.size))
    row, turn = np.nonzero(np.arange(_ROUNDS) >= begun[:, None])
    count = row.size
    follows = turn > begun[row]
    unlinked = follows & (rng.random(count) < 0.06)
    rank = turn + 10 * second[row]
    return {
        "survey_id": col.keys("S", hcps.number[hcp[row]], rank),
        "hcp_id": col.keys("H", hcps.number[hcp[row]]),
        "survey_date": col.days(plan.dates(age[row, turn])),
        "brand": col.names(brand[row], BRANDS),
        "intent_to_prescribe_score": col.values(score[row, turn]),
        "intent_to_prescribe_change": col.values(
            change[row, turn], follows & (unlinked | (rng.random(count) < 0.9))
        ),
        "previous_survey_id": col.keys(
            "S", hcps.number[hcp[row]], np.maximum(rank - 1, 0), follows & ~unlinked
        ),
        "response_quality_flag": col.values(rng.random(count) > 0.04, rng.random(count) > 0.05),
    }


def ml_annotations(cell: Cell) -> dict[str, Any]:
    """Groups of two or three annotators who read the same case; a few cases had one reader.

    Equal labels are written in two ways (the order of the JSON's keys).
    """
    rng = cell.rng("annotations")
    # A group is named for the first of its ten patients, so names are unique over cells.
    group = cell.patients.number[::_PATIENTS_PER_GROUP]
    size = rng.choice([1, 2, 3], group.size, p=(0.05, 0.60, 0.35))
    truth = rng.integers(0, len(_LABELS), group.size)
    row = np.repeat(np.arange(group.size), size)
    count = row.size
    place = np.arange(count) - np.repeat(np.cumsum(size) - size, size)
    slip = np.where(rng.random(count) < 0.13, rng.integers(1, len(_LABELS), count), 0)
    label = (truth[row] + slip) % len(_LABELS)
    age = 1 + rng.random(group.size) * 180
    reader = (rng.integers(0, _ANNOTATORS, group.size)[row] + place) % _ANNOTATORS
    kind = rng.integers(0, len(_KINDS), group.size)
    spellings = [spelling for label_ in _LABELS for spelling in label_]
    return {
        "annotation_id": col.keys("A", group[row], place),
        "iaa_group_id": col.keys("G", group[row]),
        "annotator_id": col.keys("N", reader),
        "annotation_type": col.names(kind[row], _KINDS),
        "annotation_value": col.names(label * 2 + (rng.random(count) < 0.3), spellings),
        "annotation_confidence": col.values(np.round(0.6 + 0.4 * rng.random(count), 2)),
        "annotation_timestamp": col.values(cell.plan.instants(age[row] - 0.9 * rng.random(count))),
    }

"""The report on a model: every metric with its n, the baselines beside it, and the checks."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Booleans, Floats
from kpisdk_edu_dkt.dkt.artefact.model import Baseline, Model
from kpisdk_edu_dkt.dkt.baseline.running_mean import running_means
from kpisdk_edu_dkt.dkt.data.columns import P_TRUE
from kpisdk_edu_dkt.dkt.data.events import Events, as_events
from kpisdk_edu_dkt.dkt.data.interactions import Interactions, Timing
from kpisdk_edu_dkt.dkt.evaluation.calibration import ECE_BINS
from kpisdk_edu_dkt.dkt.evaluation.intervals import DRAWS, paired_gain, with_intervals
from kpisdk_edu_dkt.dkt.evaluation.knowledge import Knowledge, check_knowledge, shows_mastery
from kpisdk_edu_dkt.dkt.evaluation.leakage import GivenAway, given_away
from kpisdk_edu_dkt.dkt.evaluation.metrics import (
    ReliabilityBin,
    Score,
    reliability,
    score,
    scores,
)
from kpisdk_edu_dkt.dkt.features.counts import count_before
from kpisdk_edu_dkt.dkt.features.encoding import encode

POSITIONS: tuple[tuple[int, int | None], ...] = ((0, 0), (1, 9), (10, 29), (30, 59), (60, None))
"""Places in a student's history that are reported apart; 0 is the first answer."""


@attrs.frozen
class Report:
    """How good a model is on some interactions.

    Attributes:
        source: Where the interactions come from.
        data_sha256: Their fingerprint.
        rows: Their number.
        students: Number of students.
        events: Answers, after rows that repeat one were merged.
        repeats: Rows merged into an earlier row of the same answer; None where problems have no
            ids, and so nobody can know.
        retries: Rows that answer the same problem once more, scored on their own; None likewise.
        problems_known: Whether the source names problems.
        learned_students: Students whose id is among those that the model was fitted on; on them
            it looks better than it is.
        unscored: Answers without a prediction (first ones, for a model without a start step).
        unknown_skills: Answers on skills that the model does not know.
        unknown_phases: Answers in phases that the model does not know.
        model: Metric -> score of the model.
        baselines: Baseline -> metric -> score, on the same answers.
        gain: AUC of the model minus AUC of the logistic regression on counts.
        by_position: AUC by place in the history.
        by_skill: AUC by skill.
        first_attempts: AUC on the first answers on a skill.
        reliability: The table behind the calibration error.
        knowledge: The three knowledge checks.
        outputs_are_mastery: Whether outputs may be called mastery: the heads carry knowledge of
            their skills, and mostly rise after right answers.
        given_away: Columns, taken as known before the answer, that give it away.
        difficulty_timing: Which ``difficulty`` the source held, where it holds one.
        left_out_students: Students that were left out because the model was fitted on them.
        ece_bins: Number of equal-width bins of the calibration error, which is debiased.
        bootstrap: Draws behind each interval, over students.
        bootstrap_seed: Seed of the draws.
    """

    source: str
    data_sha256: str
    rows: int
    students: int
    events: int
    repeats: int | None
    retries: int | None
    problems_known: bool
    learned_students: int
    unscored: int
    unknown_skills: int
    unknown_phases: int
    model: dict[str, Score]
    baselines: dict[str, dict[str, Score]]
    gain: Score | None
    by_position: dict[str, Score]
    by_skill: dict[str, Score]
    first_attempts: Score
    reliability: tuple[ReliabilityBin, ...]
    knowledge: Knowledge
    outputs_are_mastery: bool
    given_away: tuple[GivenAway, ...] = ()
    difficulty_timing: Timing | None = None
    left_out_students: int = 0
    ece_bins: int = ECE_BINS
    bootstrap: int = DRAWS
    bootstrap_seed: int = 0

    def as_json(self) -> dict[str, Any]:
        """The report as plain values; nothing in it is NaN or infinite."""
        return attrs.asdict(self)


def evaluate(
    model: Model,
    interactions: Interactions,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    left_out_students: int = 0,
) -> Report:
    """Judge a model on interactions of students that it did not learn from.

    Args:
        model: The model.
        interactions: The answers to predict, each from those before it.
        draws: Bootstrap draws over students; below 2 for no intervals.
        seed: Seed of the draws and of the head permutations.
        left_out_students: Students of the source that are not among the interactions, as the model
            was fitted on them; for the record.

    Raises:
        ColumnsMismatchError: The interactions lack what the model reads.
        DifficultyTimingError: Their ``difficulty`` is another one than the model was trained on.
        UnknownIdError: They have unknown ids and the model refuses such.
    """
    interactions = model.settled(interactions)
    events = as_events(interactions)
    encoded = encode(events, model.encoder)
    p_all = model.network.predict(encoded)
    there = ~np.isnan(p_all)
    p, y, student = p_all[there], events.correct[there], events.student[there]
    gain = None
    baselines = {}
    if model.baseline is not None:
        baselines = _baselines(model.baseline, events, there)
        regression = model.baseline.predict(events)[there]
        gain = paired_gain(p, regression, y, student, seed=seed, draws=draws)
    knowledge = check_knowledge(model.network.predict, events, model.encoder, seed=seed)
    return Report(
        source=interactions.source,
        data_sha256=interactions.sha256,
        rows=len(interactions),
        students=interactions.students,
        events=len(events),
        repeats=events.repeats,
        retries=events.retries,
        problems_known=interactions.problem is not None,
        learned_students=int(model.learned_from(interactions.student.names).sum()),
        unscored=int(np.count_nonzero(~there)),
        unknown_skills=encoded.unknown_skills,
        unknown_phases=encoded.unknown_phases,
        model=with_intervals(scores(p, y), p, y, student, seed=seed, draws=draws),
        baselines=baselines,
        gain=gain,
        by_position=_by_position(events, p_all, there),
        by_skill=_by_skill(events, p_all, there),
        first_attempts=_first_attempts(events, p_all, there),
        reliability=reliability(p, y),
        knowledge=knowledge,
        outputs_are_mastery=shows_mastery(
            knowledge.heads_permuted_drop, knowledge.rises_after_right
        ),
        given_away=given_away(interactions, model.item_names),
        difficulty_timing=interactions.difficulty_timing,
        left_out_students=left_out_students,
        bootstrap=draws,
        bootstrap_seed=seed,
    )


def _baselines(baseline: Baseline, events: Events, there: Booleans) -> dict[str, dict[str, Score]]:
    of_student, of_pair = running_means(events, baseline.base_rate)
    predictions = {
        "base_rate": np.full(len(events), baseline.base_rate),
        "student_running_mean": of_student,
        "student_skill_running_mean": of_pair,
        "logistic_regression_on_counts": baseline.predict(events),
    }
    if P_TRUE.name in events.interactions.numbers:
        # synthetic data that tell what their answers were drawn from: out of reach for any model
        predictions["oracle"] = events.numbers(P_TRUE.name)
    y = events.correct[there]
    return {name: scores(values[there], y) for name, values in predictions.items()}


def _by_position(events: Events, p: Floats, there: Booleans) -> dict[str, Score]:
    place = np.arange(len(events)) - events.offsets[:-1][events.student]
    found = {}
    for low, high in POSITIONS:
        label = str(low) if low == high else f"{low}-{high}" if high is not None else f"{low}+"
        here = there & (place >= low)
        if high is not None:
            here &= place <= high
        found[label] = score("auc", p[here], events.correct[here])
    return found


def _by_skill(events: Events, p: Floats, there: Booleans) -> dict[str, Score]:
    """AUC of each skill; an event with several counts for each of them."""
    found = {}
    for code in np.unique(events.skill[events.skill >= 0]):
        here = there & (events.skill == code).any(axis=1)
        name = events.interactions.skill.names[code]
        found[name] = score("auc", p[here], events.correct[here])
    return found


def _first_attempts(events: Events, p: Floats, there: Booleans) -> Score:
    counts = count_before(events)
    here = there & (counts.wins + counts.failures == 0).all(axis=1)
    return score("auc", p[here], events.correct[here])

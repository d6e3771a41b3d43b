"""Baselines: the regression on counts against scikit-learn, running means by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from kpisdk_edu_dkt.dkt.baseline.counts_regression import fit_counts_regression
from kpisdk_edu_dkt.dkt.baseline.running_mean import running_means
from kpisdk_edu_dkt.dkt.data.checking import check
from kpisdk_edu_dkt.dkt.data.events import as_events
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.features.encoder import fit_encoder
from kpisdk_edu_dkt.dkt.features.encoding import encode


def test_the_counts_regression_equals_scikit_learns(dkt_class: Interactions) -> None:
    """Same penalty, same columns written out in full: the same probabilities to 1e-5."""
    events = as_events(dkt_class.of_students(np.arange(300) < 80))
    encoder = fit_encoder(events)
    encoded = encode(events, encoder)
    ours = fit_counts_regression(encoded, encoder).predict(encoded)

    skill = np.eye(encoder.heads)[encoded.skill[:, 0]]
    phase = np.eye(encoder.query_phases)[encoded.query_phase]
    design = np.hstack([skill, phase, encoded.counts, encoded.query])
    theirs = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10)
    theirs.fit(design.astype(float), encoded.correct)

    assert ours == pytest.approx(theirs.predict_proba(design.astype(float))[:, 1], abs=1e-5)


def test_running_means_by_hand() -> None:
    """One imagined answer at the base rate 0.6, then the answers themselves."""
    columns = {
        "student_id": [1, 1, 1],
        "t": [0, 1, 2],
        "skill_id": ["x", "y", "x"],
        "correct": [1, 0, 0],
    }
    student, pair = running_means(as_events(check(columns, source="s")), 0.6)

    assert student == pytest.approx([0.6, 1.6 / 2, 1.6 / 3])
    assert pair == pytest.approx([0.6, 0.6, 1.6 / 2])


def test_the_counts_regression_of_events_with_several_skills() -> None:
    """Half of each skill's column where an event has two: again scikit-learn's probabilities."""
    rng = np.random.default_rng(2)
    count = 600
    columns = {
        "student_id": np.repeat(np.arange(30), 20),
        "t": np.tile(np.arange(20), 30),
        "skill_id": rng.integers(0, 4, count),
        "correct": np.repeat(rng.integers(0, 2, count // 2), 2),
        "problem_id": np.repeat(np.arange(count // 2), 2),
    }
    events = as_events(check(columns, source="s"))
    encoder = fit_encoder(events)
    encoded = encode(events, encoder)
    skill = np.zeros((len(encoded), encoder.heads))
    for place in range(2):
        skill[np.arange(len(encoded)), encoded.skill[:, place]] += encoded.skill_weight[:, place]
    design = np.hstack([skill, encoded.counts]).astype(float)
    theirs = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10)
    theirs.fit(design, encoded.correct)
    ours = fit_counts_regression(encoded, encoder).predict(encoded)

    assert encoded.skill.shape[1] == 2
    assert ours == pytest.approx(theirs.predict_proba(design)[:, 1], abs=1e-5)


def test_ten_thousand_skills_are_no_burden() -> None:
    """The skill block stays a diagonal: no square of 10,000 x 10,000 is ever made."""
    rng = np.random.default_rng(2)
    columns = {
        "student_id": np.repeat(np.arange(500), 40),
        "t": np.tile(np.arange(40), 500),
        "skill_id": rng.integers(0, 10_000, 20_000),
        "correct": rng.integers(0, 2, 20_000),
    }
    events = as_events(check(columns, source="s"))
    encoder = fit_encoder(events)
    encoded = encode(events, encoder)

    assert len(encoder.skills) > 8000
    assert np.isfinite(fit_counts_regression(encoded, encoder).predict(encoded)).all()

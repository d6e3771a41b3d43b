"""What is refused, and how it is said: effects through mediators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal import errors
from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.mediation.mediation_effect import estimate_mediation
from kpisdk_causal.questions.question import (
    MediationQuestion,
)


def test_mediation_of_a_dose_is_per_unit():
    """M = 0.5 d, y = 0.3 d + 0.8 m: the share is 0.4 / 0.7."""
    generator = np.random.default_rng(2)
    dose = generator.standard_normal(3000)
    m = 0.5 * dose + generator.standard_normal(3000)
    y = 0.3 * dose + 0.8 * m + generator.standard_normal(3000)

    answer = estimate_mediation(
        pd.DataFrame({"d": dose, "m": m, "y": y}),
        MediationQuestion(treatment="d", outcome="y", mediators="m"),
    )

    assert answer.value == pytest.approx(0.4 / 0.7, abs=0.06)
    assert answer.contrast == "one more unit of d"


def test_mediation_uses_only_the_two_arms_named():
    """Rows of a third arm do not count."""
    generator = np.random.default_rng(3)
    arm = np.array(["a", "b", "c"])[np.arange(600) % 3]
    m = (arm == "b") + generator.standard_normal(600)
    y = m + generator.standard_normal(600)
    frame = pd.DataFrame({"t": arm, "x": generator.standard_normal(600), "m": m, "y": y})

    answer = estimate_mediation(
        frame,
        MediationQuestion(
            treatment="t",
            outcome="y",
            mediators="m",
            confounders="x",
            treatment_value="b",
            control_value="a",
        ),
    )

    assert (answer.n_samples, answer.n_treated, answer.n_control) == (400, 200, 200)


def test_a_mediator_must_lie_on_a_path_of_the_graph(trial):
    """X causes t: it cannot mediate; and what t causes is no confounder."""
    graph = CausalGraph((("x", "t"), ("x", "y"), ("t", "m"), ("m", "y"), ("t", "c")))
    frame = trial.assign(m=trial["x"] ** 2, c=1.0)

    with pytest.raises(errors.MediatorError, match="no path t -> x -> y"):
        estimate_mediation(
            frame, MediationQuestion(treatment="t", outcome="y", mediators="x", graph=graph)
        )
    with pytest.raises(errors.BadControlError, match="'c'"):
        estimate_mediation(
            frame,
            MediationQuestion(
                treatment="t", outcome="y", mediators="m", confounders="c", graph=graph
            ),
        )

"""Where data fit exactly there is a value, and nothing that its error could be measured by."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal.graph import CausalGraph
from kpisdk_causal.mediation import estimate_mediation
from kpisdk_causal.paths import estimate_paths
from kpisdk_causal.question import MediationQuestion, PathQuestion
from kpisdk_causal.rules import Rules


def test_exact_arrows_give_no_certainty():
    """Paths of rounding only: 6 and 3/7, no interval, no p; an exact arrow beside noise has one."""
    a = np.random.default_rng(1).standard_normal(100)
    noise = np.random.default_rng(2).standard_normal(100)
    exact = pd.DataFrame({"a": a + 1e4, "b": 2 * a, "c": 6 * a / 14})
    asked = PathQuestion(
        graph=CausalGraph.parse("a -> b -> c"), treatment="a", outcome="c", rules=Rules()
    )

    answer = estimate_paths(asked, exact)
    noisy = estimate_paths(asked, exact.assign(c=exact["c"] + noise))

    assert answer.value == pytest.approx(3 / 7)
    assert (answer.confidence_interval, answer.p_value, answer.std_error) == (None, None, None)
    assert answer.parts[0].interval is None
    assert "NO_SPREAD" in answer.warning_codes
    assert noisy.std_error == pytest.approx(2 * np.std(noise) / np.std(2 * a) / 10, rel=0.2)


@pytest.mark.parametrize("interaction", [False, True])
def test_a_mediator_that_is_the_outcome_gives_no_certainty(interaction):
    """All of the effect runs through it, for want of anything else: a share of 1, and no doubt."""
    generator = np.random.default_rng(3)
    t = generator.integers(0, 2, 300)
    m = t + generator.standard_normal(300)
    frame = pd.DataFrame({"t": t, "m": m, "y": 3 * m / 7 + 7})
    asked = MediationQuestion(
        treatment="t",
        outcome="y",
        mediators="m",
        interaction=interaction,
        rules=Rules(n_boot=200),
    )

    answer = estimate_mediation(frame, asked)

    assert answer.value == pytest.approx(1.0)
    assert (answer.confidence_interval, answer.p_value, answer.std_error) == (None, None, None)
    assert answer.warning_codes == ("NO_SPREAD",)
    assert "direct" in answer.warnings[0].message
    assert answer.part("total").interval is not None
    assert answer.part("direct").p_value is None

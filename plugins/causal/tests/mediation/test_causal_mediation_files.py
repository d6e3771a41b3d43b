"""Graphs as files and texts: effects through mediators."""

from __future__ import annotations

import pytest

from kpisdk_causal.errors import UnidentifiedSplitError
from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.mediation.split_identification import identify_split
from kpisdk_causal.questions.question import MediationQuestion

SPLIT = [("t", "m"), ("m", "y"), ("t", "y")]


@pytest.mark.parametrize(
    ("more", "adjusted"),
    [
        ([("c", "t"), ("c", "m"), ("c", "y")], ("c",)),
        ([("c", "m"), ("c", "y")], ("c",)),
        ([("i", "t"), ("c", "m"), ("c", "y")], ("c",)),
        ([("c", "t"), ("u", "c"), ("u", "y")], ("c",)),
    ],
)
def test_a_split_adjusts_for_what_its_graph_says(more, adjusted):
    """Confounders of treatment, mediator and outcome; no instrument; a proxy that blocks."""
    question = MediationQuestion(
        treatment="t", outcome="y", mediators="m", graph=CausalGraph((*SPLIT, *more))
    )

    found = identify_split(question, {"t", "m", "y", "c", "i"})

    assert found.adjustment_set == adjusted


@pytest.mark.parametrize(
    "more",
    [
        [("u", "m"), ("u", "y")],
        [("u", "t"), ("u", "m")],
        [("t", "l"), ("l", "m"), ("l", "y")],
        [("t", "l"), ("u", "m"), ("u", "l"), ("l", "y")],
    ],
)
def test_a_split_that_no_columns_identify_is_refused(more):
    """An unobserved common cause, or one that the treatment itself causes."""
    question = MediationQuestion(
        treatment="t", outcome="y", mediators="m", graph=CausalGraph((*SPLIT, *more))
    )

    with pytest.raises(UnidentifiedSplitError):
        identify_split(question, {"t", "m", "y", "l"})

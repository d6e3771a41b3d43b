"""What authors of estimators import stays where it is, whatever room the code lies in."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import kpisdk_causal

HOMES = {
    "kpisdk_causal.errors": ("CausalDataError", "QuestionError", "GraphError", "BadControlError"),
    "kpisdk_causal.estimate": ("CausalEstimate", "Caution"),
    "kpisdk_causal.estimator": ("Estimator", "Task"),
    "kpisdk_causal.hookspecs": ("kpisdk_causal_estimators",),
    "kpisdk_causal.propensity": ("Propensity", "fit_propensity"),
    "kpisdk_causal.sample": ("Effect", "Sample", "SegmentEffects"),
    "kpisdk_causal.settings": ("CausalSettings",),
    "kpisdk_causal.testing": ("ConformanceError", "EstimatorContract", "checks"),
}
"""Modules that documentation names or that estimators need, and what is taken from them."""


@pytest.mark.parametrize("module", HOMES)
def test_a_module_that_authors_import_holds_its_names(module):
    home = importlib.import_module(module)

    assert [name for name in HOMES[module] if not hasattr(home, name)] == []


def test_the_facade_has_every_name_that_it_lists():
    assert [name for name in kpisdk_causal.__all__ if getattr(kpisdk_causal, name) is None] == []


def test_every_room_says_what_it_knows():
    """A package without a docstring is a folder, and no room."""
    rooms = [
        importlib.import_module(found.name)
        for found in pkgutil.iter_modules(kpisdk_causal.__path__, "kpisdk_causal.")
        if found.ispkg
    ]

    assert [room.__name__ for room in rooms if not room.__doc__] == []

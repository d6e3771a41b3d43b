"""Routing: declared by the estimators, refused with the command, and open to third parties."""

from __future__ import annotations

import types

import numpy as np
import pytest

from kpisdk import MissingDependencyError, UnknownNameError, Workspace, hookimpl
from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.errors import (
    DuplicateEstimatorError,
    EstimatorFailedError,
    NoEstimatorError,
)
from kpisdk_causal.estimator import Estimator, Task, is_met
from kpisdk_causal.estimators.builtin import estimators
from kpisdk_causal.estimators.installed import installed_router
from kpisdk_causal.estimators.router import Router, default_router
from kpisdk_causal.questions.question import EffectQuestion
from kpisdk_causal.questions.rules import Rules
from kpisdk_causal.sample import Effect

ABSENT = ("a-library-that-nobody-has>=1",)


def _made(name="mine", **fields) -> Estimator:
    given = {
        "name": name,
        "task": Task.EFFECT,
        "estimands": ("ate",),
        "fit": lambda sample: Effect(value=float(sample.outcome.mean()), std_error=1.0),
        "interval_method": "none",
        "p_method": "none",
    }
    return Estimator(**{**given, **fields})


def test_a_library_that_is_absent_falls_back_within_the_estimand_and_says_so():
    """The best estimator cannot run: the next one of the same estimand answers, with a caution."""
    best = _made("best", requires=ABSENT, install="'best'", rank=1)
    other = _made("other", rank=2)
    wrong = _made("wrong", estimands=("att",), rank=0)

    choice = Router((best, other, wrong)).choose(Task.EFFECT, "ate")

    assert choice.estimator is other
    (caution,) = choice.cautions
    assert caution.code == "LIBRARY_FALLBACK"
    assert "pip install 'best'" in caution.message


def test_a_named_estimator_is_never_replaced():
    """Its library is absent: an error with the command."""
    best = _made("best", requires=ABSENT, install="'kpisdk-causal[best]'")

    with pytest.raises(MissingDependencyError, match=r"pip install 'kpisdk-causal\[best\]'"):
        Router((best, _made("other"))).choose(Task.EFFECT, "ate", name="best")


def test_a_named_library_is_preferred_and_its_absence_told():
    """EconML for segments where it is there; CausalML is nobody's, and the answer says so."""
    router = default_router()

    asked = router.choose(Task.SEGMENTS, "cate", library="causalml")

    assert asked.estimator.name == "aipw_segments"
    assert asked.cautions[0].message.startswith("No estimator of causalml answers this")


def test_nothing_left_is_a_refusal_with_the_commands():
    """All estimators of the estimand need something that is not there."""
    best = _made("best", requires=ABSENT, install="'best'")

    with pytest.raises(NoEstimatorError, match="pip install 'best'"):
        Router((best,)).choose(Task.EFFECT, "ate")


def test_an_unknown_estimator_gets_the_nearest_names():
    """``apiw`` is nearly ``aipw``."""
    with pytest.raises(UnknownNameError, match="aipw"):
        default_router().choose(Task.EFFECT, "ate", name="apiw")


def test_an_estimator_of_another_estimand_is_refused():
    """``partial_linear`` gives an effect per unit, not an ATE."""
    with pytest.raises(NoEstimatorError):
        default_router().choose(Task.EFFECT, "ate", name="partial_linear")


def test_two_estimators_of_one_name_are_an_error():
    """Which of them was meant cannot be guessed."""
    with pytest.raises(DuplicateEstimatorError, match="aipw"):
        default_router([_made("aipw")])


def test_an_old_library_counts_as_absent():
    """A version below the floor is not met."""
    assert is_met("numpy>=1")
    assert not is_met("numpy>=999")
    assert not is_met("a-library-that-nobody-has")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_an_estimator_that_answers_with_no_number_is_refused(trial, value):
    """Never a nan in a result."""
    bad = _made("bad", fit=lambda _: Effect(value=value, std_error=1.0))
    question = EffectQuestion(
        treatment="t",
        outcome="y",
        confounders="x",
        rules=Rules(estimator="bad", cross_check=False),
    )

    with pytest.raises(EstimatorFailedError, match="'bad'"):
        estimate_effect(trial, question, default_router([bad]))


def test_a_library_exception_becomes_ours(trial):
    """Its words are kept as a fact of our error."""

    def broken(_):
        raise np.linalg.LinAlgError("Singular matrix")

    question = EffectQuestion(
        treatment="t", outcome="y", confounders="x", rules=Rules(estimator="bad")
    )

    with pytest.raises(EstimatorFailedError, match="Singular matrix"):
        estimate_effect(trial, question, default_router([_made("bad", fit=broken)]))


def test_a_third_party_brings_an_estimator_through_the_hook(trial, causal_plugin):
    """One module with one hook, installed like any plugin of kpisdk."""
    mine = _made("third_party")

    @hookimpl
    def kpisdk_causal_estimators():
        return [mine]

    theirs = types.ModuleType("their_plugin")
    theirs.kpisdk_causal_estimators = kpisdk_causal_estimators

    with Workspace({}, plugins=[*causal_plugin, theirs]) as workspace:
        errors = {each.name: each.error for each in workspace.registry.plugins}
        router = installed_router(workspace)

    assert errors["their_plugin"] is None
    question = EffectQuestion(
        treatment="t",
        outcome="y",
        confounders="x",
        rules=Rules(estimator="third_party", cross_check=False),
    )
    assert estimate_effect(trial, question, router).value == pytest.approx(trial["y"].mean())


def test_a_plugin_that_fails_to_bring_estimators_costs_a_caution(causal_plugin):
    """The others go on, and every answer says which plugin is left out."""

    @hookimpl
    def kpisdk_causal_estimators():
        raise RuntimeError("no licence")

    theirs = types.ModuleType("their_broken_plugin")
    theirs.kpisdk_causal_estimators = kpisdk_causal_estimators

    with Workspace({}, plugins=[*causal_plugin, theirs]) as workspace:
        choice = installed_router(workspace).choose(Task.EFFECT, "ate")

    assert choice.estimator.name == "aipw"
    assert any("no licence" in caution.message for caution in choice.cautions)


def test_every_built_in_estimator_says_where_its_number_comes_from():
    """Interval and test are named, and what needs a library has a command."""
    for estimator in estimators():
        assert estimator.interval_method
        assert estimator.p_method
        assert not estimator.requires or estimator.install

"""From an estimator's number to the causal estimate of one contrast, or to its refusal."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from kpisdk_causal.cautions import CONSTANT_OUTCOME, NO_SPREAD, SMALL_N, Caution
from kpisdk_causal.effects import dowhy_adapter, overlap
from kpisdk_causal.effects.refutation import Progress, refute
from kpisdk_causal.errors import EstimatorFailedError
from kpisdk_causal.estimate import CausalEstimate, Diagnostics
from kpisdk_causal.estimator import Estimator
from kpisdk_causal.estimators.router import Choice
from kpisdk_causal.graphs.identification import Identification
from kpisdk_causal.inference.clusters import clustered
from kpisdk_causal.inference.intervals import EXACT, interval, is_finite, two_sided_p
from kpisdk_causal.questions.question import EffectQuestion
from kpisdk_causal.sample import Effect, Sample


@attrs.frozen
class EstimateBuilder:
    """Builds the estimates of one question about one contrast.

    Attributes:
        question: what is asked, and by which rules.
        found: the columns that are adjusted for, and why.
        choice: the estimator that answers, with what there is to say about the choice.
        label: the contrast in words, such as ``drug vs placebo``.
        estimand: whose effect it is: ``ate``, ``att``, ``atc`` or ``per_unit``.
        n_dropped: rows of the table left out for a missing value.
    """

    question: EffectQuestion
    found: Identification
    choice: Choice
    label: str
    estimand: str
    n_dropped: int

    def estimate(
        self, sample: Sample, cautions: list[Caution], shared: Diagnostics, progress: Progress
    ) -> CausalEstimate:
        """The estimate of ``sample``, with its interval, second opinion and refutations.

        Args:
            sample: the numbers of the contrast.
            cautions: what is already known to be worth a warning.
            shared: overlap and balance, where there are two arms.
            progress: wraps the simulations of refuters.

        Raises:
            EstimatorFailedError: the library raised, or answered with no finite number.
        """
        rules, estimator = self.question.rules, self.choice.estimator
        exact = False
        if np.ptp(sample.outcome) == 0:
            effect = Effect(value=0.0, std_error=0.0)
            text = f"{self.question.outcome!r} has the same value in every row."
            cautions = [*cautions, Caution(CONSTANT_OUTCOME, text)]
        else:
            effect = run(estimator, sample)
            if sample.clusters is not None:
                effect = clustered(effect, sample.clusters, str(self.question.cluster))
            exact = bool(effect.std_error <= EXACT * self._scale(sample))
        cautions = [*cautions, *effect.cautions, *self.choice.cautions]
        if exact:
            text = "The model fits every row exactly, so that no uncertainty can be given."
            cautions.append(Caution(NO_SPREAD, text))
        opinion = None
        if rules.cross_check:
            opinion = self._second_opinion(sample)
            cautions += opinion.cautions
        span = interval(effect.value, effect.std_error, rules.confidence_level, effect.df)
        # No spread is no certainty: there is nothing that an error could be measured by.
        unsure = effect.std_error > 0 and not exact
        base = self._base(sample, cautions)
        answer = CausalEstimate(
            value=effect.value,
            confidence_interval=None if exact else span,
            ci_method=estimator.interval_method,
            p_value=two_sided_p(effect.value, effect.std_error, effect.df) if unsure else None,
            p_method=estimator.p_method,
            std_error=effect.std_error if unsure else None,
            diagnostics=attrs.evolve(
                shared,
                fold_spread=effect.fold_spread,
                identification=self._identified(opinion),
                cross_checks=opinion.estimates if opinion else {},
            ),
            details={**effect.details, "forced": self._forced(shared)},
            **base,
        )
        if not rules.refute or not unsure:
            return answer
        return attrs.evolve(answer, refutations=refute(sample, estimator, answer, rules, progress))

    def refusal(
        self, sample: Sample, reason: str, cautions: list[Caution], shared: Diagnostics
    ) -> CausalEstimate:
        """No value, for ``reason``; the facts of the sample stand beside it.

        Args:
            sample: the numbers.
            reason: its code.
            cautions: what to say beside it.
            shared: the facts of the sample.
        """
        cautions = [*cautions, *self.choice.cautions]
        if reason == SMALL_N:
            text = (
                f"{sample.n} rows are too few for {len(sample.names)} confounders (two for each "
                "coefficient in the smaller arm are needed) or for min_n."
            )
            cautions.append(Caution(SMALL_N, text))
        shared = attrs.evolve(shared, identification=self._identified(None))
        return CausalEstimate(
            value=None, reason=reason, diagnostics=shared, **self._base(sample, cautions)
        )

    def _base(self, sample: Sample, cautions: list[Caution]) -> dict[str, Any]:
        estimator = self.choice.estimator
        dose = sample.propensity is None
        return {
            "ci_level": self.question.rules.confidence_level,
            "n_samples": sample.n,
            "n_treated": None if dose else int(sample.treatment.sum()),
            "n_control": None if dose else int(sample.n - sample.treatment.sum()),
            "n_dropped": self.n_dropped,
            "estimator": estimator.name,
            "library": estimator.library,
            "library_version": estimator.library_version,
            "estimand": self.estimand,
            "contrast": self.label,
            "adjustment_set": self.found.adjustment_set,
            "warnings": tuple(dict.fromkeys(cautions)),
        }

    def _scale(self, sample: Sample) -> float:
        """What an error is measured by: the outcome's spread, for each unit of a dose."""
        spread = float(sample.outcome.std())
        return spread if sample.propensity is not None else spread / float(sample.treatment.std())

    def _second_opinion(self, sample: Sample) -> dowhy_adapter.SecondOpinion:
        if not dowhy_adapter.is_installed():
            return dowhy_adapter.absent(self.found)
        question = self.question
        return dowhy_adapter.second_opinion(
            sample, question.treatment, question.outcome, self.found, question.graph
        )

    def _identified(self, opinion: dowhy_adapter.SecondOpinion | None) -> dict[str, Any]:
        found = opinion.identification if opinion else self.found
        return {"by": found.by, **found.details}

    def _forced(self, shared: Diagnostics) -> bool:
        return shared.overlap is not None and overlap.refuses(shared.overlap)


def run(estimator: Estimator, sample: Sample) -> Effect:
    """Call an estimator and refuse an answer that is no number.

    Args:
        estimator: what is called.
        sample: the numbers.

    Raises:
        EstimatorFailedError: the library raised, or answered with a nan or an infinity.
    """
    try:
        effect: Effect = estimator.fit(sample)
    except Exception as fault:
        raise EstimatorFailedError(estimator.name, estimator.library, repr(fault)) from fault
    if not is_finite(effect.value, effect.std_error):
        said = f"it returned {effect.value} ± {effect.std_error}"
        raise EstimatorFailedError(estimator.name, estimator.library, said)
    return effect

"""What an author of an estimator runs: the checks that the built-in estimators pass.

::

    from kpisdk_causal.testing import EstimatorContract
    from my_estimators import MINE

    class TestContract(EstimatorContract):
        estimators = (MINE,)

A check raises :class:`ConformanceError` with the promise that was broken and by how much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import attrs
import numpy as np

from kpisdk_causal.conformance_samples import dosed, rearranged, refitted, segmented, two_arms
from kpisdk_causal.estimator import Estimator, Task
from kpisdk_causal.inference.intervals import interval, two_sided_p
from kpisdk_causal.sample import Effect, Sample, SegmentEffects

Check = Callable[[Estimator], None]

EXACT = 1e-9
SETS = 200
"""Simulated data sets of the null and the coverage check."""


class ConformanceError(AssertionError):
    """A promise that an estimator breaks."""


class EstimatorContract:
    """What every estimator promises: inherit from it, and name the estimators.

    One test for each estimator and each of its :func:`checks`; an estimator whose library is not
    installed is skipped, with the library's name. Those that are not ``repeatable`` are marked
    ``slow``, a mark that your pytest settings must then know.
    """

    contract_of: ClassVar[str] = "estimator"
    estimators: ClassVar[Sequence[Estimator]] = ()

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """One test for each estimator and check."""
        import pytest

        if "check" in metafunc.fixturenames:
            cases = [
                pytest.param(
                    estimator,
                    check,
                    id=f"{estimator.name}-{check.__name__}",
                    marks=[] if estimator.repeatable else [pytest.mark.slow],
                )
                for estimator in self.estimators
                for check in checks(estimator)
            ]
            metafunc.parametrize(("estimator", "check"), cases)

    def test_conforms(self, estimator: Estimator, check: Check) -> None:
        """The estimator keeps the promise.

        Args:
            estimator: what is called.
            check: the promise.
        """
        import pytest

        lacking = estimator.lacking()
        if lacking:
            pytest.skip(f"not proved: {lacking[0]} is not installed")
        check(estimator)


def checks(estimator: Estimator) -> tuple[Check, ...]:
    """The checks that apply to ``estimator``, by its task and estimands.

    One that is not ``repeatable`` is slow as a rule: of the checks that simulate many data sets
    it gets none here; call :func:`placebo` where there is time.
    """
    if estimator.task == Task.EFFECT and not estimator.repeatable:
        return (purity, truth, contrast)
    if estimator.task == Task.EFFECT:
        found: tuple[Check, ...] = (invariance, affine, purity, truth, null)
        if "per_unit" in estimator.estimands:
            return (*found, dose_contrast)
        if estimator.covariates == "refused":
            return (*found, contrast, placebo)
        return (*found, contrast, placebo, coverage)
    if estimator.task == Task.SEGMENTS:
        return (segment_invariance, segment_affine, segment_purity, segment_truth)
    return ()


def invariance(estimator: Estimator) -> None:
    """The order of rows and of columns does not matter (to 1e-9; unrepeatable: to 1 error)."""
    sample = _example(estimator, seed=1)
    one, other = _effect(estimator, sample), _effect(estimator, rearranged(sample, seed=2))
    near = EXACT * max(1.0, abs(one.value)) if estimator.repeatable else one.std_error
    _expect(abs(one.value - other.value) <= near, "rows in another order", one, other)


def affine(estimator: Estimator) -> None:
    """Y -> 3y + 7 multiplies effect and standard error by 3."""
    sample = _example(estimator, seed=3)
    one = _effect(estimator, sample)
    other = _effect(estimator, attrs.evolve(sample, outcome=3 * sample.outcome + 7))
    near = 1e-6 * max(1.0, abs(one.value)) if estimator.repeatable else one.std_error
    _expect(abs(3 * one.value - other.value) <= 3 * near, "outcome scaled by 3", one, other)
    _expect(abs(3 * one.std_error - other.std_error) <= 3 * near, "error scaled by 3", one, other)


def contrast(estimator: Estimator) -> None:
    """Swapped arms turn the sign of the ATE and keep its standard error."""
    if "ate" not in estimator.estimands:
        return
    sample = _example(estimator, seed=4)
    one = _effect(estimator, sample)
    other = _effect(estimator, refitted(attrs.evolve(sample, treatment=1 - sample.treatment)))
    near = 1e-6 * max(1.0, abs(one.value)) if estimator.repeatable else one.std_error
    _expect(abs(one.value + other.value) <= near, "arms swapped", one, other)
    _expect(abs(one.std_error - other.std_error) <= near, "error of swapped arms", one, other)


def dose_contrast(estimator: Estimator) -> None:
    """The opposite dose turns the sign of the effect and keeps its standard error."""
    sample = _example(estimator, seed=4)
    one = _effect(estimator, sample)
    other = _effect(estimator, attrs.evolve(sample, treatment=-sample.treatment))
    _expect(abs(one.value + other.value) <= 1e-6, "opposite dose", one, other)
    _expect(abs(one.std_error - other.std_error) <= 1e-6, "error of opposite dose", one, other)


def purity(estimator: Estimator) -> None:
    """The sample's arrays and numpy's global random state stay as they are; the answer repeats."""
    sample = _example(estimator, seed=5)
    _pure(sample, lambda: _effect(estimator, sample).value)


def truth(estimator: Estimator) -> None:
    """On rows with a known effect of 1 the estimate is within 4 standard errors of it."""
    sample = _example(estimator, seed=6, n=4000 if estimator.repeatable else 1200)
    one = _effect(estimator, sample)
    _expect(abs(one.value - 1.0) <= 4 * one.std_error, "a true effect of 1", one)
    _expect(one.std_error > 0, "a positive standard error", one)


def placebo(estimator: Estimator) -> None:
    """Permuted treatments have a mean effect within 3 standard errors of 0."""
    generator = np.random.default_rng(7)
    sample = _example(estimator, seed=7)
    draws = []
    for _ in range(SETS if estimator.repeatable else SETS // 10):
        treatment = generator.permutation(sample.treatment)
        draws.append(_effect(estimator, refitted(attrs.evolve(sample, treatment=treatment))).value)
    mean, error = float(np.mean(draws)), float(np.std(draws, ddof=1) / np.sqrt(len(draws)))
    if abs(mean) > 3 * error:
        raise ConformanceError(f"permuted treatments have the mean effect {mean} ± {error}")


def null(estimator: Estimator) -> None:
    """Without an effect p < 0.05 in 2 to 9 % of 200 data sets (with confounding, if adjusted)."""
    found = []
    for seed in range(SETS):
        effect = _effect(estimator, _example(estimator, seed=1000 + seed, effect=0.0))
        found.append(two_sided_p(effect.value, effect.std_error, effect.df) < 0.05)
    share = float(np.mean(found))
    if not 0.02 <= share <= 0.09:
        raise ConformanceError(f"p < 0.05 in {share:.1%} of data sets without an effect")


def coverage(estimator: Estimator) -> None:
    """95 % intervals hold the true effect in 90 to 98.5 % of 200 sets where effects vary."""
    found = []
    for seed in range(SETS):
        effect = _effect(estimator, two_arms(seed=2000 + seed, n=500, varying=1.0))
        low, high = interval(effect.value, effect.std_error, 0.95, effect.df)
        found.append(low <= 1.0 <= high)
    share = float(np.mean(found))
    if not 0.90 <= share <= 0.985:
        raise ConformanceError(f"95 % intervals hold the true effect in {share:.1%} of data sets")


def segment_invariance(estimator: Estimator) -> None:
    """The order of the rows does not matter for the effects of the segments."""
    sample = _segments(estimator, seed=1)
    one, other = estimator.fit(sample), estimator.fit(rearranged(sample, seed=2))
    near = EXACT if estimator.repeatable else float(_errors(one).max())
    _close(one.values, other.values, near, "rows in another order")


def segment_affine(estimator: Estimator) -> None:
    """Y -> 3y + 7 multiplies the effects of the segments by 3."""
    sample = _segments(estimator, seed=3)
    one = estimator.fit(sample)
    other = estimator.fit(attrs.evolve(sample, outcome=3 * sample.outcome + 7))
    near = 1e-6 if estimator.repeatable else 3 * float(_errors(one).max())
    _close(3 * one.values, other.values, near, "outcome scaled by 3")


def segment_purity(estimator: Estimator) -> None:
    """Arrays and global random state stay as they are; the answer repeats."""
    sample = _segments(estimator, seed=5)
    _pure(sample, lambda: float(estimator.fit(sample).values[0]))


def segment_truth(estimator: Estimator) -> None:
    """Segments with effects 1 and 2 are told apart, each within 4 standard errors."""
    found = estimator.fit(_segments(estimator, seed=6, n=4000 if estimator.repeatable else 1500))
    gaps = np.abs(found.values - np.array([1.0, 2.0])) / _errors(found)
    if gaps.max() > 4:
        raise ConformanceError(f"true effects 1 and 2, found {found.values} ± {_errors(found)}")


def _example(estimator: Estimator, seed: int, n: int = 400, effect: float = 1.0) -> Sample:
    if "per_unit" in estimator.estimands:
        return dosed(seed=seed, n=n, effect=effect)
    randomised = estimator.covariates == "refused"
    n = n if estimator.repeatable else max(200, n // 2)
    return two_arms(seed=seed, n=n, effect=effect, randomised=randomised)


def _segments(estimator: Estimator, seed: int, n: int = 600) -> Sample:
    return segmented(seed=seed, n=n, randomised=estimator.covariates == "refused")


def _effect(estimator: Estimator, sample: Sample) -> Effect:
    effect: Effect = estimator.fit(sample)
    return effect


def _errors(effects: SegmentEffects) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.sqrt(np.diag(effects.covariance))


def _pure(sample: Sample, answer: Callable[[], float]) -> None:
    before = [array.copy() for array in _arrays(sample)]
    state = np.random.get_state(legacy=False)  # noqa: NPY002  # to see that nobody touches it
    first, second = answer(), answer()
    after = np.random.get_state(legacy=False)  # noqa: NPY002  # the same
    if not all(np.array_equal(a, b) for a, b in zip(before, _arrays(sample), strict=True)):
        raise ConformanceError("the estimator changed the arrays of its sample")
    same = np.array_equal(state["state"]["key"], after["state"]["key"])
    if not same or state["state"]["pos"] != after["state"]["pos"]:
        raise ConformanceError("the estimator drew from numpy's global random state")
    if first != second:
        raise ConformanceError(f"asked twice, it answered {first} and {second}")


def _arrays(sample: Sample) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    yield from (sample.outcome, sample.treatment, sample.covariates)
    if sample.propensity is not None:
        yield sample.propensity.scores


def _expect(holds: bool, what: str, *effects: Effect) -> None:
    if not holds:
        found = ", ".join(f"{effect.value} ± {effect.std_error}" for effect in effects)
        raise ConformanceError(f"{what}: {found}")


def _close(
    one: np.ndarray[tuple[int], np.dtype[np.float64]],
    other: np.ndarray[tuple[int], np.dtype[np.float64]],
    near: float,
    what: str,
) -> None:
    if np.abs(one - other).max() > near:
        raise ConformanceError(f"{what}: {one} and {other}")

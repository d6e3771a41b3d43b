"""The one shape of every causal answer: a value or a reason, and what there is to judge it by."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk import DefinitionError, Problem
from kpisdk_causal.cautions import Caution

Interval = tuple[float, float]


@attrs.frozen(kw_only=True)
class Histogram:
    """Counts of propensity scores per arm over equal bins of [0, 1].

    Attributes:
        edges: borders of the b bins, shape (b + 1,), from 0 to 1.
        treated: rows of the treated per bin, shape (b,).
        control: rows of the controls per bin, shape (b,).
    """

    edges: tuple[float, ...]
    treated: tuple[int, ...]
    control: tuple[int, ...]


@attrs.frozen(kw_only=True)
class Overlap:
    """How far the two arms share their covariates, by the propensity score e(x).

    Attributes:
        low: smallest score.
        high: largest score.
        bounds: scores outside of them count as lacking overlap.
        share_outside: share of all rows with e(x) outside ``bounds``.
        share_judged: share that the gate judged: all rows for the ATE; the treated above the upper
            bound for the ATT; the controls below the lower one for the ATC.
        tolerance: largest ``share_judged`` for which the effect is reported.
        effective_treated: Kish's effective number of treated rows after weighting.
        effective_control: the same of the controls.
        clipped: rows whose score was clipped before it became a weight.
        separated: the covariates tell the arms apart without error.
        histogram: the scores per arm.
    """

    low: float
    high: float
    bounds: Interval
    share_outside: float
    share_judged: float
    tolerance: float
    effective_treated: float
    effective_control: float
    clipped: int
    separated: bool
    histogram: Histogram


@attrs.frozen(kw_only=True)
class Balance:
    """Standardised mean differences of the covariates between the arms (absolute, in sd).

    Attributes:
        before: by covariate, as the rows are.
        after: by covariate, with the weights of the propensity score.
    """

    before: Mapping[str, float]
    after: Mapping[str, float]

    @property
    def largest_before(self) -> float:
        """Largest difference before weighting (0 without covariates)."""
        return max(self.before.values(), default=0.0)

    @property
    def largest_after(self) -> float:
        """Largest difference after weighting (0 without covariates)."""
        return max(self.after.values(), default=0.0)


@attrs.frozen(kw_only=True)
class Diagnostics:
    """What the value rests on.

    Attributes:
        overlap: of the arms; ``None`` for a dose or without covariates.
        balance: of the covariates; ``None`` where there is no overlap either.
        fold_spread: sd of the value over fold seeds, for cross-fitted estimators.
        identification: which columns are adjusted for, and by what criterion.
        cross_checks: the same effect by other libraries and methods, by name.
    """

    overlap: Overlap | None = None
    balance: Balance | None = None
    fold_spread: float | None = None
    identification: Mapping[str, Any] = attrs.field(factory=dict)
    cross_checks: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Refutation:
    """One attempt to refute the estimate.

    Attributes:
        name: ``placebo``, ``random_common_cause``, ``subset`` or ``sensitivity``.
        n_sim: simulations.
        seed: of the simulations.
        effect: mean effect over the simulations.
        std_dev: their standard deviation.
        p_value: of the refutation, where it is a test.
        passed: whether the estimate survived; ``None`` where that is the reader's judgement.
        meaning: what ``passed`` means for this refutation.
        details: facts of this kind of refutation.
    """

    name: str
    n_sim: int
    seed: int
    effect: float | None
    std_dev: float | None
    p_value: float | None
    passed: bool | None
    meaning: str
    details: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Part:
    """One line of a breakdown: a segment, an arm, a path, a method or an effect of mediation.

    Attributes:
        label: what the line is about.
        value: the effect; ``None`` with a ``reason``.
        reason: why there is no value.
        interval: at the level of the whole estimate.
        std_error: of the value.
        p_value: of no effect, for this line alone.
        p_adjusted: the same, adjusted (Holm) for the number of lines.
        n: rows.
        n_treated: rows of the treated.
        n_control: rows of the controls.
        details: facts of this kind of line.
    """

    label: str
    value: float | None
    reason: str | None = None
    interval: Interval | None = None
    std_error: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    n: int | None = None
    n_treated: int | None = None
    n_control: int | None = None
    details: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class CausalEstimate:
    """A causal effect with everything the schema of the plugin promises.

    Exactly one of ``value`` and ``reason`` is set. Numbers are finite; the interval is sorted.

    Attributes:
        value: the effect, in units of the outcome (mediation: a share of the total effect).
        reason: why there is no value (a code of :mod:`kpisdk_causal.cautions`).
        confidence_interval: lower and upper bound; ``None`` where no uncertainty can be given.
        ci_level: level of the interval.
        ci_method: how the interval was made.
        p_value: two-sided, of no effect.
        p_method: the test behind it.
        std_error: of the value.
        n_samples: rows (or periods) that were used.
        n_treated: of them, treated.
        n_control: of them, controls.
        n_dropped: rows left out for a missing value.
        estimator: name of the estimator that answered.
        library: distribution that did the work.
        library_version: its installed version.
        estimand: whose effect: ``ate``, ``att``, ``atc``, ``per_unit`` …
        contrast: what is compared with what, in words.
        adjustment_set: the columns adjusted for.
        diagnostics: what the value rests on.
        refutations: attempts to refute it, where they were asked for.
        warnings: what the reader should know.
        parts: the breakdown by segment, arm, path or method.
        details: facts of this kind of question.
        alternatives: other estimands that the data do support, where the one asked for was refused.

    Raises:
        DefinitionError: the record contradicts itself (a nan, an unsorted interval, both of
            ``value`` and ``reason``), with every fault.
    """

    value: float | None
    reason: str | None = None
    confidence_interval: Interval | None = None
    ci_level: float = 0.95
    ci_method: str | None = None
    p_value: float | None = None
    p_method: str | None = None
    std_error: float | None = None
    n_samples: int
    n_treated: int | None = None
    n_control: int | None = None
    n_dropped: int = 0
    estimator: str
    library: str
    library_version: str
    estimand: str
    contrast: str
    adjustment_set: tuple[str, ...] = ()
    diagnostics: Diagnostics = attrs.field(factory=Diagnostics)
    refutations: tuple[Refutation, ...] = ()
    warnings: tuple[Caution, ...] = ()
    parts: tuple[Part, ...] = ()
    details: Mapping[str, Any] = attrs.field(factory=dict)
    alternatives: tuple[CausalEstimate, ...] = ()

    def __attrs_post_init__(self) -> None:
        problems = list(_faults(self))
        if problems:
            raise DefinitionError("causal estimate", tuple(problems))

    @property
    def warning_codes(self) -> tuple[str, ...]:
        """The codes of the warnings, in the order in which they arose."""
        return tuple(caution.code for caution in self.warnings)

    def part(self, label: str) -> Part:
        """The line of the breakdown that is called ``label``; ``KeyError`` where there is none."""
        for part in self.parts:
            if part.label == label:
                return part
        raise KeyError(label)

    def as_dict(self) -> dict[str, Any]:
        """Plain values only (dict, list, str, int, float, bool, None), ready for JSON."""
        plain: dict[str, Any] = _plain(self)
        return plain


def _faults(estimate: CausalEstimate) -> list[Problem]:
    found: list[Problem] = []
    if (estimate.value is None) == (estimate.reason is None):
        found.append(Problem("value", "exactly one of value and reason must be set"))
    for name in ("value", "p_value", "std_error"):
        number = getattr(estimate, name)
        if number is not None and not math.isfinite(number):
            found.append(Problem(name, f"must be finite, not {number}"))
    if estimate.p_value is not None and not 0 <= estimate.p_value <= 1:
        found.append(Problem("p_value", f"must lie in [0, 1], not {estimate.p_value}"))
    if estimate.std_error is not None and estimate.std_error < 0:
        found.append(Problem("std_error", f"must not be negative, not {estimate.std_error}"))
    interval = estimate.confidence_interval
    if interval is not None and not interval[0] <= interval[1]:
        found.append(Problem("confidence_interval", f"must be sorted and finite, not {interval}"))
    return found


def _plain(value: Any) -> Any:
    if attrs.has(type(value)):
        names = [field.name for field in attrs.fields(type(value))]
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    plain = value is None or isinstance(value, bool | int | float | str)
    return value if plain else str(value)

"""What an estimator gets and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk_causal.cautions import Caution
from kpisdk_causal.propensity import Propensity
from kpisdk_causal.questions.question import TargetUnits
from kpisdk_causal.tables.table import Floats


@attrs.frozen(kw_only=True)
class Sample:
    """Clean numbers of one contrast (or of a dose).

    Attributes:
        outcome: shape (n,); less its mean where it holds whole numbers beyond 2^53.
        treatment: 1 treated and 0 control, or doses; shape (n,).
        covariates: standardised, of full rank, shape (n, k); k may be 0.
        names: names of the k columns.
        target: whose effect is asked for.
        propensity: fitted e(x) for two arms; ``None`` for a dose.
        clip: bound for weights.
        seed: of whatever is random in the estimator.
        segments: code 0..s-1 of each row, shape (n,), for effects per segment.
        n_segments: s.
        clusters: code 0..g-1 of each row's cluster, shape (n,); ``None`` where rows are
            independent.
    """

    outcome: Floats
    treatment: Floats
    covariates: Floats
    names: tuple[str, ...] = ()
    target: TargetUnits = "ate"
    propensity: Propensity | None = None
    clip: float = 0.01
    seed: int = 0
    segments: NDArray[np.int64] | None = None
    n_segments: int = 0
    clusters: NDArray[np.int64] | None = None

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.outcome)

    @property
    def centred(self) -> Floats:
        """The outcome less its mean, shape (n,): what effects are made of."""
        less: Floats = self.outcome - self.outcome.mean()
        return less

    @property
    def codes(self) -> NDArray[np.int64]:
        """Code of the segment of each row, shape (n,); only for effects per segment."""
        if self.segments is None:
            raise ValueError("this sample has no segments")
        return self.segments

    @property
    def fitted_propensity(self) -> Propensity:
        """The propensity of each row; only for two arms, which always have one."""
        if self.propensity is None:
            raise ValueError("a dose has no propensity score")
        return self.propensity

    @property
    def scores(self) -> Floats:
        """Clipped propensity scores, shape (n,); only for two arms."""
        return self.fitted_propensity.clipped(self.clip)


@attrs.frozen(kw_only=True)
class Effect:
    """What an estimator found.

    Attributes:
        value: the effect.
        std_error: its standard error; the interval is symmetric around ``value``.
        df: degrees of freedom for Student's t, or ``None`` for the normal distribution.
        fold_spread: sd of the value over fold seeds, for cross-fitted estimators.
        cautions: what the reader should know.
        details: facts of the estimator.
        influence: what each row adds to the value, shape (n,), with mean 0: the mean of its squares
            is n times the variance. Without it errors cannot be clustered.
    """

    value: float
    std_error: float
    df: float | None = None
    fold_spread: float | None = None
    cautions: tuple[Caution, ...] = ()
    details: Mapping[str, Any] = attrs.field(factory=dict)
    influence: Floats | None = attrs.field(default=None, eq=False, repr=False)


@attrs.frozen(kw_only=True)
class SegmentEffects:
    """Effects per segment.

    Attributes:
        values: shape (s,).
        covariance: of the values, shape (s, s).
        overall: effect over all rows, with its standard error.
        dfs: degrees of freedom per segment for Student's t; ``None`` for the normal distribution.
        cautions: what the reader should know.
        influence: what each row adds to the values, shape (s, n); see :class:`Effect`.
    """

    values: Floats
    covariance: Floats
    overall: Effect
    dfs: tuple[float | None, ...] | None = None
    cautions: tuple[Caution, ...] = ()
    influence: Floats | None = attrs.field(default=None, eq=False, repr=False)

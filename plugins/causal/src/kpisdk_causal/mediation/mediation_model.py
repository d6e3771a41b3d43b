"""The two regressions of a mediation and their weighted bootstrap, in moments.

A least-squares fit needs only the products of its columns. With the products of every pair of
columns in one table (n, p·p), a thousand weighted fits are one matrix product and one batch of
small solves.
"""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk_causal.tables.table import Floats

EFFECTS = (
    "indirect",
    "direct",
    "total",
    "indirect_control",
    "indirect_treated",
    "direct_control",
    "direct_treated",
)
SEPARATE = 1e-5
"""A column with a smaller share of its own, beside the others, cannot be told from them."""
CELLS = 4_000_000
"""Weights drawn at a time (32 MB); the draws do not depend on it."""


@attrs.frozen(kw_only=True)
class MediationModel:
    """Linear mediation.

    Mediators: M = a·T + covariates. Outcome: Y = c·T + b·M (+ d·T·M) + covariates. Without an
    interaction indirect = Σ a·b and direct = c. With it the indirect effect is Σ a·(b + d·t) and
    the direct one c + Σ d·E[M under t], for t = 0 (``…_control``) and 1 (``…_treated``); the
    headline pair is the one that adds up: direct at control, indirect at treated.

    Attributes:
        treatment: arm 0/1, or a dose in standard deviations from its mean; shape (n,).
        mediators: less their means, shape (n, m).
        outcome: less its mean, shape (n,).
        covariates: standardised, of full rank, shape (n, k).
        interaction: let the mediators' effect differ between the arms.
        clusters: code 0..g-1 of each row's cluster, whose rows are drawn together, shape (n,);
            ``None`` where rows are independent.
    """

    treatment: Floats
    mediators: Floats
    outcome: Floats
    covariates: Floats
    interaction: bool
    clusters: NDArray[np.int64] | None = None

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.outcome)

    @property
    def n_coefficients(self) -> int:
        """Coefficients of the outcome regression."""
        per_mediator = 2 if self.interaction else 1
        return int(2 + self.covariates.shape[1] + self.mediators.shape[1] * per_mediator)

    def is_estimable(self) -> bool:
        """Whether the columns of the outcome regression are linearly independent."""
        if not self.mediators.any(axis=0).all():
            return False
        design = self._columns()[:, :-1]
        scale = np.sqrt((design**2).mean(axis=0))
        tolerance = SEPARATE * np.sqrt(self.n)
        return bool(np.linalg.matrix_rank(design / scale, tol=tolerance) == design.shape[1])

    def effects(self) -> dict[str, float]:
        """The effects by name, from all rows with equal weight."""
        columns = self._columns()
        moments = columns.T @ columns / self.n
        return {name: float(values[0]) for name, values in self._of(moments[None]).items()}

    def bootstrap(self, draws: int, generator: np.random.Generator) -> dict[str, Floats]:
        """The same for ``draws`` sets of exponential weights (Rubin 1981): shape (draws,) each.

        Args:
            draws: how many sets.
            generator: of the weights.
        """
        columns = self._columns()
        p = columns.shape[1]
        upper = np.triu_indices(p)
        products = columns[:, upper[0]] * columns[:, upper[1]]
        moments = np.empty((draws, p, p))
        step = max(1, CELLS // self.n)
        for start in range(0, draws, step):
            size = min(step, draws - start)
            weights = self._weights(size, generator)
            block = weights @ products
            moments[start : start + size, upper[0], upper[1]] = block
            moments[start : start + size, upper[1], upper[0]] = block
        return self._of(moments)

    def _weights(self, size: int, generator: np.random.Generator) -> Floats:
        """Exponential weights with sum 1, shape (size, n); one for all rows of a cluster."""
        if self.clusters is None:
            weights = generator.standard_exponential((size, self.n))
        else:
            count = int(self.clusters.max()) + 1
            weights = generator.standard_exponential((size, count))[:, self.clusters]
        weights /= weights.sum(axis=1, keepdims=True)
        return weights

    def _columns(self) -> Floats:
        """Ones, treatment, covariates, mediators, interactions and outcome, in that order.

        Covariates are orthogonal, mediators and outcome in standard deviations from their means:
        the effects do not see it (but see ``_of``), and the products keep their digits.
        """
        mediators = _standard(self.mediators)
        covariates = np.linalg.qr(self.covariates)[0] * np.sqrt(self.n)
        parts = [np.ones((self.n, 1)), self.treatment[:, None], covariates, mediators]
        if self.interaction:
            parts.append(self.treatment[:, None] * mediators)
        parts.append(_standard(self.outcome)[:, None])
        return np.column_stack(parts)

    def _of(self, moments: Floats) -> dict[str, Floats]:
        """Effects, each of shape (B,), from moments of shape (B, p, p)."""
        m, k = self.mediators.shape[1], self.covariates.shape[1]
        unit = float(self.outcome.std())
        base = slice(0, 2 + k)
        middle = slice(2 + k, 2 + k + m)
        first = np.linalg.solve(moments[:, base, base], moments[:, base, middle])
        second = np.linalg.solve(moments[:, :-1, :-1], moments[:, :-1, -1:])[..., 0]
        a, b, c = first[:, 1, :], unit * second[:, middle], unit * second[:, 1]
        if not self.interaction:
            indirect = (a * b).sum(axis=1)
            return {"indirect": indirect, "direct": c, "total": indirect + c}
        d = unit * second[:, 2 + k + m : 2 + k + 2 * m]
        # Means of the covariates under the weights; the centred mediators' mean at control.
        means = moments[:, 0, 2 : 2 + k] / moments[:, :1, 0]
        at_control = first[:, 0, :] + np.einsum("bk,bkm->bm", means, first[:, 2:, :])
        direct = [c + (d * (at_control + a * arm)).sum(axis=1) for arm in (0, 1)]
        indirect_by_arm = [(a * (b + d * arm)).sum(axis=1) for arm in (0, 1)]
        return {
            "indirect": indirect_by_arm[1],
            "direct": direct[0],
            "total": direct[0] + indirect_by_arm[1],
            "indirect_control": indirect_by_arm[0],
            "indirect_treated": indirect_by_arm[1],
            "direct_control": direct[0],
            "direct_treated": direct[1],
        }


def _standard(values: Floats) -> Floats:
    centred = values - values.mean(axis=0)
    standard: Floats = centred / centred.std(axis=0)
    return standard

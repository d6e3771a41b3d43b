"""What a panel estimator gets and gives back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk_causal.tables.table import Floats


@attrs.frozen(kw_only=True)
class Panel:
    """Outcomes of treated and control units before and after an intervention.

    Attributes:
        treated: shape (n_treated, t).
        controls: shape (n_controls, t).
        n_pre: periods before the intervention.
    """

    treated: Floats
    controls: Floats
    n_pre: int

    @property
    def before(self) -> Floats:
        """Controls before the intervention, shape (n_controls, n_pre)."""
        return self.controls[:, : self.n_pre]

    @property
    def after(self) -> Floats:
        """Controls from the intervention on, shape (n_controls, t - n_pre)."""
        return self.controls[:, self.n_pre :]

    @property
    def mean(self) -> Floats:
        """Mean of the treated units, shape (t,)."""
        average: Floats = self.treated.mean(axis=0)
        return average


@attrs.frozen(kw_only=True)
class PanelEffect:
    """What an intervention did to the treated units, on average over the periods after it.

    Attributes:
        value: the effect.
        counterfactual: path of the treated units' mean without the intervention, shape (t,).
        weights: of the control units, shape (n_controls,).
        pre_rmspe: root mean square of the gap before the intervention.
        uniform_rmspe: the same with equal weights for all controls: a fit that is not better has
            failed, whatever its solver said.
        details: facts of the estimator.
    """

    value: float
    counterfactual: Floats
    weights: Floats
    pre_rmspe: float
    uniform_rmspe: float
    details: Mapping[str, Any] = attrs.field(factory=dict)

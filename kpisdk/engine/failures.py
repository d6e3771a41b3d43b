"""Failures: what went wrong while a KPI was computed, as an absent estimate."""

from __future__ import annotations

import attrs

from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.vocabulary import Reason
from kpisdk.errors import BadValueError, KpisdkError, StatementTimeoutError


@attrs.define(eq=False)
class FormulaError(KpisdkError):
    """A metric's own function failed: the fault of the plugin that brings it."""

    kpi_id: str
    detail: str

    @property
    def message(self) -> str:
        return f"The formula of {self.kpi_id} failed: {self.detail[:400]}"


def failed(error: KpisdkError) -> Estimate:
    """The absent estimate of a KPI whose statements failed."""
    reason = Reason.QUERY_FAILED
    if isinstance(error, StatementTimeoutError):
        reason = Reason.TIMEOUT
    elif isinstance(error, BadValueError):
        reason = Reason.WRONG_TYPE
    elif isinstance(error, FormulaError):
        reason = Reason.CALCULATOR_FAILED
    return Estimate.absent(reason, error.message)

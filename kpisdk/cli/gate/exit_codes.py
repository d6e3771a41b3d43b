"""What commands that compute exit with: a pure function of results and options each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum

import attrs

from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import Reason, Status
from kpisdk.errors import FAILURE

OPERATION_FAILED = frozenset(
    {
        Reason.MISSING_TABLE,
        Reason.MISSING_COLUMN,
        Reason.WRONG_TYPE,
        Reason.UNSUPPORTED_SLICE,
        Reason.PERMISSION_DENIED,
        Reason.LOCK_TIMEOUT,
        Reason.CONFLICTING_DEFINITIONS,
        Reason.QUERY_FAILED,
        Reason.TIMEOUT,
        Reason.SOURCE_UNAVAILABLE,
        Reason.CALCULATOR_FAILED,
    }
)
"""Reasons that say nothing about the data: nobody got as far as to look at them."""


class GateExit(IntEnum):
    """What ``kpisdk gate`` exits with."""

    PASSED = 0
    FAILED = 1
    NOT_JUDGED = 3


@attrs.frozen
class GateRule:
    """When a gate closes.

    ``fail_on`` is the mildest status that fails. ``unknown_ok`` lets KPIs pass that could not be
    judged. ``require_decided`` counts a status as a judgement only where it is decided: the whole
    interval has it, or the figure is a census. ``decided_only`` lets a status fail only where it
    is decided.
    """

    fail_on: Status = Status.CRITICAL
    unknown_ok: bool = False
    require_decided: bool = False
    decided_only: bool = False

    def fails(self, result: Result) -> bool:
        """Whether the result's status is at or beyond ``fail_on``, and decided if it has to be."""
        order = (Status.WARNING, Status.CRITICAL)
        if self.decided_only and result.decided is not True:
            return False
        return result.status in order[order.index(self.fail_on) :]

    def is_unjudged(self, result: Result) -> bool:
        """Whether the result is no judgement: no value, or a status that is not known to hold.

        A value without thresholds asks for no judgement. Without a value the reason alone, which a
        plugin may have given, excuses nothing.
        """
        if result.value is not None and result.reason is Reason.NO_TARGET:
            return False
        if result.status is Status.UNKNOWN:
            return True
        return self.require_decided and result.decided is not True


def gate_exit(results: Sequence[Result], requested: Iterable[str], rule: GateRule) -> GateExit:
    """The exit code of a gate; a failed KPI wins over one that was not judged.

    A KPI of ``requested`` without any result was not judged.
    """
    if any(rule.fails(result) for result in results):
        return GateExit.FAILED
    if rule.unknown_ok:
        return GateExit.PASSED
    missing = set(requested).difference(result.kpi_id for result in results)
    if missing or any(rule.is_unjudged(result) for result in results):
        return GateExit.NOT_JUDGED
    return GateExit.PASSED


def compute_exit(results: Sequence[Result]) -> int:
    """0, or 1 where no KPI at all could be computed.

    A value that is absent because of what the data hold (no rows, a zero denominator) is an answer.
    """
    failed = [result.value is None and result.reason in OPERATION_FAILED for result in results]
    return FAILURE if not failed or all(failed) else 0

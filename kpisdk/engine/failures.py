"""What went wrong while a KPI was computed, as an absent estimate."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from kpisdk.contracts.estimates import Estimate, Note
from kpisdk.contracts.metric_protocol import Metric
from kpisdk.contracts.plain_metrics import Formula
from kpisdk.contracts.results import plain
from kpisdk.contracts.vocabulary import Reason
from kpisdk.errors import (
    BadValueError,
    ConnectionLostError,
    KpisdkError,
    LockTimeoutError,
    PermissionDeniedError,
    SourceDeniedError,
    SourceLockedError,
    SourceUnavailableError,
    StatementTimeoutError,
)
from kpisdk.planner.slicing import UnsupportedSliceError
from kpisdk.quarantine import PluginFaultError, PluginTimeoutError


@attrs.define(eq=False)
class FormulaError(KpisdkError):
    """A metric's own function failed: the fault of the plugin that brings it."""

    kpi_id: str
    detail: str

    @property
    def message(self) -> str:
        return f"The formula of {self.kpi_id} failed: {self.detail[:400]}"


@attrs.define(eq=False)
class CalculationError(KpisdkError):
    """A function that a plugin brings did not return; ``subject`` says which and of what."""

    subject: str
    detail: str
    is_timeout: bool = False

    @classmethod
    def of(cls, subject: str, fault: PluginFaultError) -> CalculationError:
        """What a fault of the plugin's is, told of its subject."""
        return cls(subject, fault.what, isinstance(fault, PluginTimeoutError))

    @property
    def message(self) -> str:
        if self.is_timeout:
            return f"{self.subject}: {self.detail}. Raise calculator_timeout if it needs longer."
        return f"{self.subject}: {self.detail}"[:500]


@attrs.define(eq=False)
class TooManyGroupsError(KpisdkError):
    """A slice by a column of more values than anybody would look at."""

    columns: Sequence[str]
    limit: int

    template = (
        "By {columns:listed} there are more than {limit} groups. Filter for the ones that matter, "
        "group by a column of fewer values, or raise the limit (max_groups in the settings and in "
        "Python, --max-groups on the command line)."
    )


_REASONS: tuple[tuple[type[KpisdkError], Reason], ...] = (
    (StatementTimeoutError, Reason.TIMEOUT),
    (PermissionDeniedError, Reason.PERMISSION_DENIED),
    (LockTimeoutError, Reason.LOCK_TIMEOUT),
    (SourceDeniedError, Reason.PERMISSION_DENIED),
    (SourceLockedError, Reason.LOCK_TIMEOUT),
    (ConnectionLostError, Reason.SOURCE_UNAVAILABLE),
    (SourceUnavailableError, Reason.SOURCE_UNAVAILABLE),
    (BadValueError, Reason.WRONG_TYPE),
    (TooManyGroupsError, Reason.UNSUPPORTED_SLICE),
    (UnsupportedSliceError, Reason.UNSUPPORTED_SLICE),
    (FormulaError, Reason.CALCULATOR_FAILED),
    (CalculationError, Reason.CALCULATOR_FAILED),
)


def reason_of(error: KpisdkError) -> Reason:
    """The reason that stands for an error in a result; that of a failed query for any other."""
    if isinstance(error, CalculationError) and error.is_timeout:
        return Reason.TIMEOUT
    return next(
        (reason for kind, reason in _REASONS if isinstance(error, kind)), Reason.QUERY_FAILED
    )


def failed(error: KpisdkError) -> Estimate:
    """The absent estimate of a KPI whose statements failed."""
    return Estimate.absent(reason_of(error), error.message)


def settled_estimate(made: object) -> Estimate | str:
    """What a plugin's function returned, as plain values throughout; else its type's name.

    Called where the function is: to turn a stranger's objects into values calls their methods.
    """
    if not isinstance(made, Estimate):
        return type(made).__name__
    notes = tuple(Note(str(each.code), str(each.message)) for each in made.warnings)
    message = None if made.message is None else str(made.message)
    return attrs.evolve(made, message=message, warnings=notes, details=plain(dict(made.details)))


def is_ours(metric: Metric) -> bool:
    """Whether the code of a metric is the core's: it needs no guard against strangers."""
    code = metric.function if isinstance(metric, Formula) else type(metric)
    return str(getattr(code, "__module__", "")).startswith("kpisdk.")


def side_effect(kpi_id: str, what: str) -> Note:
    """The warning of a value whose calculation changed more than its result."""
    message = f"The calculation of {kpi_id} changed {what} of the process, which was put back."
    return Note("side_effect", message)

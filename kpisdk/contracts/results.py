"""Estimates in their slice and window, judged, with everything that explains them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import attrs

from kpisdk.contracts.certainty import Family
from kpisdk.contracts.estimates import Interval, Note
from kpisdk.contracts.manifest import Manifest
from kpisdk.contracts.requests import Request
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import IntervalReason, Reason, Status, Unit

SCHEMA_VERSION = 1


@attrs.frozen
class Comparison:
    """The change against another period: its value, ``change`` and ``relative`` change.

    ``interval`` is the change's own, in the unit of the value; where the same units are in both
    periods, what they have in common is taken into account. ``decided`` is whether the sign of the
    change is settled: all of the interval lies on one side of zero. ``None``: that is not known.
    """

    to: str
    window: Window
    value: float | None
    change: float | None
    relative: float | None
    period: str | None = None
    interval: Interval | None = None
    interval_reason: IntervalReason | None = None
    decided: bool | None = None

    def __attrs_post_init__(self) -> None:
        _keep_width(self)


def _keep_width(made: Comparison | Result) -> None:
    """Take an interval without width away, whoever made it: it would claim to know all."""
    interval = made.interval
    if interval is not None and interval.low == interval.high:
        object.__setattr__(made, "interval", None)
        if made.interval_reason is None:
            object.__setattr__(made, "interval_reason", IntervalReason.UNDEFINED)


@attrs.frozen(kw_only=True)
class Result:
    """One KPI in one slice and window (and bucket), judged.

    ``value`` is ``None`` where ``reason`` says why; status ``unknown`` with reason ``no_target``
    is a value that has no thresholds to be judged by, with ``thresholds_do_not_apply`` one whose
    thresholds were set for another window or population. ``data_through`` is the newest instant of
    the KPI's time column before the window's end. ``answered_by`` names the tables, view or option
    that the value came from. ``where`` holds the filters that were asked for, as lists of values by
    column, and ``parameters`` the parameters of the KPI that were given. ``interval_reason`` says
    why a value has no interval; one without width is none (``undefined``). ``status_p`` is the
    largest error rate at which the status would not be decided (0.03: decided at 95 %, undecided at
    98 %), and ``family`` the statuses that were decided together with this one. ``as_of`` is the
    instant that the KPI was evaluated at, whether it was given or found in the data, and
    ``manifest`` what the result rests on.
    """

    kpi_id: str
    name: str
    workstream: str
    value: float | None = None
    unit: Unit
    status: Status = Status.UNKNOWN
    reason: Reason | None = None
    message: str | None = None
    decided: bool | None = None
    interval: Interval | None = None
    interval_reason: IntervalReason | None = None
    status_p: float | None = None
    family: Family | None = None
    numerator: float | None = None
    denominator: float | None = None
    n: int | None = None
    p_value: float | None = None
    thresholds: Thresholds | None = None
    window: Window | None = None
    as_of: datetime | None = None
    data_through: datetime | None = None
    stale: bool = False
    slice: Mapping[str, Any] = attrs.field(factory=dict)
    where: Mapping[str, Any] = attrs.field(factory=dict)
    parameters: Mapping[str, Any] = attrs.field(factory=dict)
    period: str | None = None
    comparison: Comparison | None = None
    warnings: tuple[Note, ...] = ()
    answered_by: str | None = None
    definition_version: str = ""
    manifest: Manifest | None = None
    cached: bool = False
    computed_at: datetime | None = None
    duration_ms: float = 0.0
    details: Mapping[str, Any] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        _keep_width(self)

    @property
    def ok(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    def with_notes(self, *notes: Note) -> Result:
        """The same result with further warnings."""
        return attrs.evolve(self, warnings=(*self.warnings, *notes))

    def to_dict(self) -> dict[str, Any]:
        """The result as plain JSON values, in the published order; never NaN or infinity."""
        from kpisdk.contracts.json_records import written

        document: dict[str, Any] = written(self)
        return document

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Result:
        """The inverse of :meth:`to_dict`; keys that a result does not have are left aside.

        Raises:
            ValueError, TypeError, KeyError, KpisdkError: it is no result.
        """
        from kpisdk.contracts.json_records import converter

        return converter().structure(raw, cls)


_NOTHING = ("NaTType", "NAType")
"""Types of pandas for a value that is missing."""


def plain(value: Any) -> Any:  # noqa: PLR0911 - one return a kind of value
    """``value`` as JSON can hold it: instants as ISO 8601 with Z, no NaN or infinity (null)."""
    if type(value).__name__ in _NOTHING:
        return None
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, float):
        # A NumPy float is a float, and writes itself in other words.
        return float(value) if math.isfinite(value) else None
    if hasattr(value, "tolist"):  # NumPy's and pandas' own, without importing either to ask
        return plain(value.tolist())
    return value if value is None or isinstance(value, str | int) else str(value)


def plain_slice(values: Mapping[str, Any]) -> dict[str, Any]:
    """Slice values as JSON can hold them; an infinity is a text, because null is another slice."""
    return {name: _plain_slice_value(value) for name, value in values.items()}


def _plain_slice_value(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain_slice_value(each) for each in value]
    is_infinite = isinstance(value, float) and math.isinf(value)
    return str(float(value)) if is_infinite else plain(value)


@attrs.frozen
class SourceIdentity:
    """Which source answered: its name, kind, an identity without secrets, synthetic or real.

    ``fingerprint`` tells sources apart in a cache: two sources with one fingerprint hold the same
    rows. ``synthetic`` is ``None`` where the table that would say so cannot be read.
    """

    name: str
    kind: str
    fingerprint: str
    synthetic: bool | None = False


@attrs.frozen
class Report:
    """All results of one request, in the order asked; ``request`` is what was asked."""

    results: tuple[Result, ...]
    source: SourceIdentity | None = None
    as_of: datetime | None = None
    warnings: tuple[Note, ...] = ()
    request: Request | None = None

    def __iter__(self) -> Any:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def __getitem__(self, key: int | str) -> Result:
        """A result by position, or the first one of a KPI id."""
        if isinstance(key, int):
            return self.results[key]
        for result in self.results:
            if result.kpi_id == key:
                return result
        raise KeyError(key)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object that ``kpisdk compute --format json`` prints."""
        from kpisdk.contracts.json_records import written

        document: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "as_of": written(self.as_of),
            "source": written(self.source),
        }
        if self.request is not None:
            document["request"] = written(self.request)
        document["results"] = written(self.results)
        if self.warnings:
            document["warnings"] = written(self.warnings)
        return document

    def to_frame(self) -> Any:
        """One row a result as a pandas frame; slice columns stand under their own names.

        A slice column that is called like a field of a result gets the prefix ``slice.``.

        Raises:
            MissingDependencyError: pandas is not installed.
        """
        from kpisdk.contracts.result_rows import frame_row
        from kpisdk.errors import MissingDependencyError

        try:
            import pandas as pd
        except ImportError as error:
            raise MissingDependencyError(
                "pandas", "Report.to_frame", "pip install 'kpisdk[frames]'"
            ) from error
        return pd.DataFrame([frame_row(result) for result in self.results])

    def plot(self) -> Any:
        """A figure with a panel for each KPI, for papers and slides.

        Results by period are lines with the bands of their intervals over the zones of the
        thresholds, one line per slice; others are bars by slice, the largest on top, with their
        intervals. The figure says where the numbers come from and whether they are synthetic.

        Returns:
            A ``matplotlib.figure.Figure``; ``savefig`` writes it, a notebook shows it.

        Raises:
            MissingDependencyError: matplotlib is not installed (``pip install 'kpisdk[plot]'``).
            KpisdkError: no result has a value that can be drawn, or there are more than 30 KPIs.
        """
        return _shown("plots.report_figure").figure_of(self)

    def _repr_html_(self) -> str:
        """What a notebook shows: the scorecard, statuses first that need somebody."""
        html: str = _shown("reports.notebook_table").html_table(self)
        return html


def _shown(room: str) -> Any:
    """The module that shows reports in some way; it is built on records, so it comes by name."""
    from importlib import import_module

    return import_module(f"kpisdk.builtin.{room}")


def filters_of(result: Result) -> tuple[str, ...]:
    """What a result was narrowed to, in words: ``brand=Kisqali``, ``brand=A or B``."""
    return tuple(
        f"{column}={' or '.join('(null)' if each is None else str(each) for each in values)}"
        for column, values in result.where.items()
    )


def parameters_of(result: Result) -> tuple[str, ...]:
    """The parameters that were given, in words: ``k=5``."""
    return tuple(f"{name}={value}" for name, value in result.parameters.items())

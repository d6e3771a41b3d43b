"""Which figure a result is: the columns of its row, and the hashes that tell figures apart."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import attrs

from kpisdk import Reason, Result
from kpisdk.reporting import json_text

LOOKED_AT = frozenset(
    {
        Reason.NO_ROWS,
        Reason.ZERO_DENOMINATOR,
        Reason.NOT_FINITE,
        Reason.ONE_CLASS,
        Reason.NOT_IDENTIFIED,
    }
)
"""Reasons for no value that say something about the data: they were looked at."""


def row_of(
    result: Result,
    grain: str | None,
    by: Sequence[str],
    settle_after: float,
    expected: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """The row of ``kpisdk_results`` for a result, but for its run.

    Args:
        result: as it was computed.
        grain: the grain that was asked for.
        by: the grouping columns that were asked for.
        settle_after: seconds that the value may move after the period's end.
        expected: the ends of the range that is expected of the value, if there is one.
    """
    raw = result.to_dict()
    interval, window, manifest = result.interval, result.window, result.manifest
    sliced, filters, parameters = (text_of(raw[name]) for name in ("slice", "where", "parameters"))
    label = None if window is None else window.label
    rule = rule_of(label) if grain is None else ""
    names = identity(result, grain, by)
    start, end = (None, None) if window is None else (window.start, window.end)
    return {
        "kpi_id": result.kpi_id,
        "cut": names.cut,
        "series": names.series,
        "figure": names.figure,
        "slice": sliced,
        "filters": filters,
        "parameters": parameters,
        "dimensions": text_of(sorted(by)),
        "rule": rule,
        "grain": grain,
        "period": result.period,
        "window_start": start,
        "window_end": end,
        "window_label": label,
        "value": raw["value"],
        "unit": result.unit.value,
        "status": result.status.value,
        "reason": raw["reason"],
        "decided": result.decided,
        "stale": result.stale,
        "low": None if interval is None else interval.low,
        "high": None if interval is None else interval.high,
        "n": raw["n"],
        "as_of": result.as_of,
        "data_through": result.data_through,
        "known": is_known(result),
        "settled": is_settled(end, result.as_of, settle_after),
        "gone": False,
        "definition_version": result.definition_version,
        "plugin": None if manifest is None else manifest.plugin,
        "core": None if manifest is None else manifest.core,
        "engine": None if manifest is None else manifest.engine,
        "driver": None if manifest is None else manifest.driver,
        "source": None if manifest is None else manifest.source,
        "json": json.dumps(raw, ensure_ascii=False, separators=(",", ":"), allow_nan=False),
        "expected_low": None if expected is None else expected[0],
        "expected_high": None if expected is None else expected[1],
    }


@attrs.frozen
class FigureName:
    """The hashes that say which figure a result is; see ``kpisdk_results``.

    Attributes:
        cut: KPI, grouping columns, filters, parameters and the rule of its windows.
        series: the cut and one slice of it.
        figure: the series and one window of it.
    """

    cut: str
    series: str
    figure: str


def identity(result: Result, grain: str | None, by: Sequence[str]) -> FigureName:
    """Which figure a result is, by what was asked for and its window.

    Args:
        result: the result.
        grain: the grain that was asked for; ``None`` without one.
        by: the grouping columns that were asked for, in any order.
    """
    window = result.window
    rule = f"grain {grain}" if grain is not None else rule_of(window.label if window else None)
    narrowed = json_values((result.where, result.parameters))
    cut = _hash(result.kpi_id, text_of(sorted(by)), text_of(narrowed), rule)
    series = _hash(cut, text_of(json_values(result.slice)))
    bounds = (None, None) if window is None else (window.start, window.end)
    return FigureName(cut, series, _hash(series, *map(str, bounds)))


def json_values(values: Any) -> Any:
    """Values of a slice as JSON holds them, whatever engine or cache they came from."""
    return json.loads(json_text(_finite(values)))


def _finite(value: Any) -> Any:
    """Infinities as texts: in JSON they would be null, which is another slice."""
    if isinstance(value, Mapping):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return str(float(value)) if isinstance(value, float) and math.isinf(value) else value


def is_known(result: Result) -> bool:
    """Whether the data were looked at: there is a value, or the data are why there is none."""
    return result.value is not None or result.reason in LOOKED_AT


def is_settled(end: datetime | None, as_of: datetime | None, settle_after: float) -> bool:
    """Whether a period was over at ``as_of``, and ``settle_after`` seconds more.

    Args:
        end: the end of the period; ``None`` is never over.
        as_of: the instant that was computed for; by ``None`` nothing is over.
        settle_after: seconds that the value may still move after the end.
    """
    if end is None or as_of is None:
        return False
    return end + timedelta(seconds=settle_after) <= as_of


def rule_of(label: str | None) -> str:
    """What windows that follow one another have in common: ``last 30 days``, or ``stated``.

    Periods that were written out (``2026-02``, ``2026-Q1``) are points of one series.
    """
    if label is None:
        return ""
    return "stated" if label[:1].isdigit() else label


def question_of(request: Mapping[str, Any], source: str) -> str:
    """A hash of what was asked, and of which source; how it is read (cache, fusing) is left out.

    Args:
        request: what was asked, as plain JSON values.
        source: the name of the source.
    """
    how = ("use_cache", "fuse", "use_views", "max_groups")
    asked = {name: value for name, value in request.items() if name not in how}
    return hashlib.sha256(text_of([asked, source]).encode()).hexdigest()


def text_of(value: Any) -> str:
    """Plain JSON values as the one text that is theirs."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _hash(*parts: str) -> str:
    content = json.dumps(parts).encode()
    return hashlib.blake2b(content, digest_size=16).hexdigest()

"""Which results a range is expected of, and the values that it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import attrs

from kpisdk import Note, Request, Result
from kpisdk_history.forecast.seasonal_model import is_installed, next_range
from kpisdk_history.forecast.seasons import SEASONS, periods_before
from kpisdk_history.store import Reading
from kpisdk_history.store.closed_values import ClosedValue, closed_values, expected_ranges
from kpisdk_history.store.definitions import is_other_definition
from kpisdk_history.store.figures import FigureName, identity

MOST_SERIES = 500
"""Ranges that one run works out anew, about 20 a second."""


@attrs.frozen
class Expected:
    """The ranges that are expected of a report's results.

    Attributes:
        ranges: the places of results in the report to the ends of their ranges.
        notes: what is to be said of them.
    """

    ranges: Mapping[int, tuple[float, float]] = attrs.field(factory=dict)
    notes: tuple[Note, ...] = ()


def expected_of(reading: Reading, results: Sequence[Result], request: Request) -> Expected:
    """The ranges of results, by what was recorded of the periods before them.

    A range is worked out when a closed period is recorded for the first time, and kept with it: a
    period that is recorded again has the range that it had, whatever was restated since.

    Args:
        reading: the store, before the results are in it.
        results: what was computed.
        request: what was asked for.
    """
    grain = None if request.grain is None else request.grain.value
    if grain not in SEASONS:
        return Expected()
    names = {
        place: identity(result, grain, request.by)
        for place, result in enumerate(results)
        if _is_closed(result)
    }
    kept = {
        figure: (low, high)
        for figure, low, high in expected_ranges(reading, [each.figure for each in names.values()])
    }
    found = {place: kept[each.figure] for place, each in names.items() if each.figure in kept}
    fresh = {place: each for place, each in names.items() if each.figure not in kept}
    if not fresh or not is_installed():
        return Expected(found)
    notes: tuple[Note, ...] = ()
    for tried, (place, values) in enumerate(_before(reading, results, fresh, grain, request.as_of)):
        if tried == MOST_SERIES:
            text = (
                f"Expected ranges were worked out for the first {MOST_SERIES} new periods of this "
                "run alone; record fewer slices at a time to have all."
            )
            notes = (Note("ranges_left_out", text),)
            break
        ends = next_range(values, SEASONS[grain])
        if ends is not None:
            found[place] = ends
    return Expected(found, notes)


def _is_closed(result: Result) -> bool:
    """Whether a result is the value of a period that was over."""
    window, as_of = result.window, result.as_of
    if result.value is None or window is None or as_of is None:
        return False
    return window.start is not None and window.end is not None and window.end <= as_of


def _before(
    reading: Reading,
    results: Sequence[Result],
    names: Mapping[int, FigureName],
    grain: str,
    as_of: datetime | None,
) -> Iterator[tuple[int, list[float | None]]]:
    """The results that are new, each with the values of the periods before it."""
    by_cut: dict[str, list[int]] = {}
    for place, name in names.items():
        by_cut.setdefault(name.cut, []).append(place)
    for cut, places in by_cut.items():
        windows = {place: results[place].window for place in places}
        starts = [each.start for each in windows.values() if each and each.start]
        oldest = periods_before(min(starts), grain)[0][0]
        series: dict[str, list[ClosedValue]] = {}
        for each in closed_values(reading, results[places[0]].kpi_id, cut, oldest):
            series.setdefault(each.series, []).append(each)
        for place in places:
            window, rows = windows[place], series.get(names[place].series, [])
            if window is None or window.start is None or not rows:
                continue
            if max(each.end for each in rows) > window.start:
                continue  # it, or what comes after it, was recorded: it is no next one
            values = _comparable(rows, results[place], as_of)
            yield place, [values.get(each) for each in periods_before(window.start, grain)]


def _comparable(
    rows: Sequence[ClosedValue], result: Result, as_of: datetime | None
) -> dict[tuple[datetime, datetime], float | None]:
    """The last value of each period that the same definition gave, and that was known then."""
    manifest = result.manifest
    now = {
        "definition_version": result.definition_version,
        "plugin": None if manifest is None else manifest.plugin,
        "core": None if manifest is None else manifest.core,
    }
    return {
        (each.start, each.end): each.value
        for each in rows
        if (as_of is None or each.recorded_at <= as_of)
        and not is_other_definition(each._asdict(), now)
    }

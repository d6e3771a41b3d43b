"""A value outside of the range that was expected of it, as a warning; its status stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kpisdk import Note, Request, Result
from kpisdk_history.forecast.seasons import SEASONS
from kpisdk_history.store import Reading
from kpisdk_history.store.closed_values import expected_ranges
from kpisdk_history.store.figures import identity

UNUSUAL = "unusual"
"""The code of the warning."""


def unusual_note(value: float | None, ends: tuple[float, float]) -> Note | None:
    """The warning of a value that lies outside of its range.

    Args:
        value: the value; a missing one is not unusual.
        ends: the ends of the range, which belong to it.
    """
    low, high = ends
    if value is None or low <= value <= high:
        return None
    text = f"{value:.6g} is outside of what the periods before let expect: {low:.6g} to {high:.6g}."
    return Note(UNUSUAL, text)


def with_unusual(
    results: Sequence[Result], ranges: Mapping[int, tuple[float, float]]
) -> tuple[Result, ...]:
    """Results, with the warning beside each that lies outside of its range.

    Args:
        results: what was computed; one that has the warning gets no second one.
        ranges: the places of results to the ends of their ranges.
    """
    found = list(results)
    for place, ends in ranges.items():
        note = unusual_note(results[place].value, ends)
        if note is not None and all(each.code != UNUSUAL for each in results[place].warnings):
            found[place] = results[place].with_notes(note)
    return tuple(found)


def unusual_notes(
    reading: Reading, results: Sequence[Result], request: Request
) -> Iterator[tuple[int, Note]]:
    """The warnings of results whose periods are recorded with a range; nothing is worked out.

    Args:
        reading: the store.
        results: what was computed.
        request: what was asked for.
    """
    grain = None if request.grain is None else request.grain.value
    if grain not in SEASONS:
        return
    places = {
        identity(result, grain, request.by).figure: place
        for place, result in enumerate(results)
        if result.window is not None
    }
    # A figure that was recorded several times kept its range: it is told once.
    ranges = {figure: (low, high) for figure, low, high in expected_ranges(reading, list(places))}
    for figure, ends in ranges.items():
        note = unusual_note(results[places[figure]].value, ends)
        if note is not None:
            yield places[figure], note

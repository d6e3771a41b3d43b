"""What a computation is told of its figures: a warning beside each restated or unusual one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from kpisdk import Note, Request, Result, Settings
from kpisdk_history.forecast import unusual_notes
from kpisdk_history.recording.recording import store_of
from kpisdk_history.store.figure_rows import restated_figures
from kpisdk_history.store.figures import identity


def recorded_notes(
    results: Sequence[Result], request: Request, settings: Settings
) -> Iterator[tuple[int, Note]]:
    """A note for each result that the store in force holds restatements of, or that is unusual.

    A store that is not there yet says nothing; one that cannot be read raises.

    Args:
        results: what was computed.
        request: what was asked for; its grain and columns are part of what a figure is.
        settings: those that name the store.
    """
    store = store_of(settings)
    if not store.is_there():
        return
    grain = None if request.grain is None else request.grain.value
    places = {
        identity(result, grain, request.by).figure: place
        for place, result in enumerate(results)
        if result.window is not None
    }
    with store.reading() as reading:
        found = restated_figures(reading, list(places))
        unusual = list(unusual_notes(reading, results, request))
    told: dict[str, list[str]] = {}
    for figure, old, new, reasons, at in found:
        why = ", ".join(str(each).replace("_", " ") for each in json.loads(reasons))
        told.setdefault(figure, []).append(
            f"{_number(old)} until {_day(at)}, then {_number(new)} ({why})"
        )
    for figure, texts in told.items():
        yield places[figure], Note("restated", f"This period was told as {'; '.join(texts)}.")
    yield from unusual


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"


def _day(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d}"

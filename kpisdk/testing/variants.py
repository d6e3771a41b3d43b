"""Variants of a data set: emptied, blanked, infinite, continued into the future, shuffled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.testing.generating import GROUP, identifier

Frames = Mapping[str, Any]
"""pandas frames by table."""

Datasets = Mapping[str, Dataset]
"""Declarations by table."""


def emptied(frames: Frames) -> dict[str, Any]:
    """The tables without a row."""
    return {name: frame.head(0) for name, frame in frames.items()}


def blanked(frames: Frames, datasets: Datasets, times: Mapping[str, set[str]]) -> dict[str, Any]:
    """The tables with nothing but keys and times (``times``: those of every reading) in them."""
    made = {}
    for name, frame in frames.items():
        blank = frame.copy()
        kept = {*datasets[name].keys, *times.get(name, ()), GROUP} if name in datasets else set()
        for column in blank.columns:
            if name in datasets and column not in kept:
                blank[column] = None
        made[name] = blank
    return made


def infinite(frames: Frames, datasets: Datasets) -> dict[str, Any]:
    """The tables with every fraction infinite, upwards and downwards in turn."""
    made = {}
    for name, frame in frames.items():
        wild = frame.copy()
        for column in datasets[name].columns if name in datasets else ():
            if column.type is LogicalType.FLOAT and not column.key and column.name in wild:
                signs = [float("inf") if place % 2 else -float("inf") for place in range(len(wild))]
                wild[column.name] = signs
        made[name] = wild
    return made


def renamed(frames: Frames) -> dict[str, Any]:
    """A source that has none of the tables, but one by another name."""
    return dict.fromkeys(["contract_nothing"], next(iter(frames.values()))) if frames else {}


def shuffled(frames: Frames) -> dict[str, Any]:
    """The same rows in another order."""
    return {
        name: frame.sample(frac=1, random_state=11).reset_index(drop=True)
        for name, frame in frames.items()
    }


def continued(
    frames: Frames, datasets: Datasets, times: Mapping[str, set[str]], as_of: dt.datetime
) -> dict[str, Any]:
    """The tables with every row once more, at or after ``as_of``; the first at that very instant.

    ``times`` names the columns that windows apply to: none of them lies before ``as_of`` in the
    new rows. Tables without one stay as they are; keys go on where they ended.
    """
    import pandas as pd

    start = as_of.astimezone(dt.UTC).replace(tzinfo=None)
    made = {}
    for name, frame in frames.items():
        dataset = datasets.get(name)
        if dataset is None or not times.get(name):
            made[name] = frame
            continue
        rows = frame.to_dict("records")
        later = [
            _moved(row, dataset, times[name], start + dt.timedelta(hours=place), len(rows) + place)
            for place, row in enumerate(rows)
        ]
        more = pd.DataFrame(later, columns=list(frame.columns), dtype=object)
        made[name] = pd.concat([frame.astype(object), more], ignore_index=True)
    return made


def _moved(
    row: Mapping[str, Any], dataset: Dataset, times: set[str], to: dt.datetime, place: int
) -> dict[str, Any]:
    """A copy of a row, all of its instants moved so that the first of its times comes to ``to``."""
    copy = dict(row)
    known = [at for each in times if (at := _instant(row.get(each))) is not None]
    step = to - min(known, default=to)
    for column in dataset.columns:
        if column.key:
            copy[column.name] = identifier(column, column.name, place)
        elif column.type.is_temporal and column.name in row:
            was = _instant(row[column.name])
            if was is None and column.name not in times:
                continue
            moved = to if was is None else was + step
            copy[column.name] = moved.date() if column.type is LogicalType.DATE else moved
    return copy


def _instant(value: Any) -> dt.datetime | None:
    if value is None or value != value:  # noqa: PLR0124 - true for NaN and NaT alone
        return None
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime()
    if not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time())
    return value if value.tzinfo is None else value.astimezone(dt.UTC).replace(tzinfo=None)

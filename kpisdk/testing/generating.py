"""Rows made from declarations: the same for the same datasets, with holes, edges and odd texts."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from kpisdk.contracts.datasets import Column, Dataset
from kpisdk.contracts.expression_tree import fits
from kpisdk.contracts.time_windows import TICK
from kpisdk.contracts.vocabulary import LogicalType

GROUP = "contract_group"
"""A column that every generated table has beside the declared ones: any KPI may be sliced by it."""

GROUPS = ("north", "south", "o'hare; --", "日本", None)
"""Its values: two plain ones, one that would break a statement, one beyond ASCII, and none."""

WORDS = ("alpha", "Beta", "o'hare; --", "日本")
"""What a text column holds that nothing is said of."""

DAYS = 100
"""How far back rows reach; half of them lie in the last 30 days."""

HOLES, TIMELESS = 0.08, 0.03
"""The share of missing values, and that of missing times."""

KEYS = 40
"""How many different keys rows refer to: few enough for tables to meet."""

_STEPS = 64  # fractions of 64 add up without rounding, so that every engine has the same sums


@attrs.frozen
class Recipe:
    """What rows are made of.

    Args:
        datasets: the tables to make, by name.
        words: what expressions compare columns with, by column; other values stand beside them.
        values: what columns hold and nothing else, by ``table.column`` or ``column``.
        rows: rows of each table.
        as_of: rows lie before this instant (UTC).
        seed: the same seed makes the same rows.
    """

    datasets: Mapping[str, Dataset]
    words: Mapping[str, Sequence[Any]]
    values: Mapping[str, Sequence[Any]]
    rows: int
    as_of: dt.datetime
    seed: int = 7

    def frames(self) -> dict[str, Any]:
        """One pandas frame a dataset; columns hold Python values, ``None`` where one is missing."""
        import pandas as pd

        made = {}
        for name, dataset in self.datasets.items():
            pick = random.Random(f"{self.seed} {name}")  # noqa: S311 - test data, not secrets
            columns = [*(column.name for column in dataset.columns), GROUP]
            rows = [self._row(dataset, place, pick) for place in range(self.rows)]
            made[name] = pd.DataFrame(rows, columns=columns, dtype=object)
        return made

    @property
    def _keys(self) -> set[str]:
        """The names of key columns: a column of such a name is meant to find their rows."""
        return {key for dataset in self.datasets.values() for key in dataset.keys}

    def _row(self, dataset: Dataset, place: int, pick: random.Random) -> dict[str, Any]:
        at = self._instant(place, pick)
        refers = {each.column: each.to.keys[0] for each in dataset.references}
        row: dict[str, Any] = {}
        for column in dataset.columns:
            value = self._value(dataset, column, place, at, refers, pick)
            rare = TIMELESS if column.name == dataset.time else HOLES
            # The first rows are whole: they lie on the edges of windows.
            is_hole = not column.key and place >= len(_EDGES) and pick.random() < rare
            row[column.name] = None if is_hole else value
        row.setdefault(GROUP, pick.choice(GROUPS))
        return row

    def _instant(self, place: int, pick: random.Random) -> dt.datetime:
        end = self.as_of.astimezone(dt.UTC).replace(tzinfo=None)
        if place < len(_EDGES):
            return end - _EDGES[place]
        reach = 30 if pick.random() < 0.5 else DAYS
        return end - dt.timedelta(seconds=1 + pick.randrange(reach * 86_400))

    def _value(
        self,
        dataset: Dataset,
        column: Column,
        place: int,
        at: dt.datetime,
        refers: Mapping[str, str],
        pick: random.Random,
    ) -> Any:
        if column.key:
            return identifier(column, column.name, place)
        given = self.values.get(f"{dataset.name}.{column.name}", self.values.get(column.name))
        if given is not None:
            return pick.choice(given)
        if column.type.is_temporal:
            moment = at if column.name == dataset.time else self._beside(at, pick)
            return moment.date() if column.type is LogicalType.DATE else moment
        names_a_row = column.name in refers or column.name in self._keys
        if names_a_row or column.name.endswith("_id"):
            target = refers.get(column.name, column.name)
            return identifier(column, target, pick.randrange(min(KEYS, self.rows)))
        return pick.choice(list(_drawn(column, self.words.get(column.name, ()), pick)))

    def _beside(self, at: dt.datetime, pick: random.Random) -> dt.datetime:
        """Some instant around that of the row, and before as_of."""
        end = self.as_of.astimezone(dt.UTC).replace(tzinfo=None)
        return min(at + dt.timedelta(hours=pick.randrange(-240, 960)), end - TICK)


_EDGES = (
    TICK,
    *(dt.timedelta(days=days) for days in (7, 30, 90)),
    *(dt.timedelta(days=days) + TICK for days in (7, 30, 90)),
)
"""How long before as_of the first rows lie: on and beside the edges of the usual windows."""


def grouped(frame: Any) -> Any:
    """A frame with the column :data:`GROUP`: as it is, or drawn for every row."""
    if GROUP in frame:
        return frame
    pick = random.Random(GROUP)  # noqa: S311 - test data, not secrets
    return frame.assign(**{GROUP: [pick.choice(GROUPS) for _ in range(len(frame))]})


def identifier(column: Column, name: str, place: int) -> Any:
    """The key at a place; equal for all columns that refer to a key column of that name."""
    if column.type is LogicalType.INT:
        return place + 1
    if column.type is LogicalType.FLOAT:
        return float(place + 1)
    if column.type.is_temporal:
        day = dt.datetime(2020, 1, 1) + dt.timedelta(days=place)  # noqa: DTZ001 - UTC by convention
        return day.date() if column.type is LogicalType.DATE else day
    return f"{name}-{place:04d}"


def _drawn(column: Column, words: Sequence[Any], pick: random.Random) -> Iterator[Any]:
    """What a value is drawn from: what expressions name, and something else beside it."""
    kind = column.type
    words = [word for word in words if fits(word, kind) or kind is LogicalType.JSON]
    if kind is LogicalType.TEXT:
        yield from words
        yield from (word.upper() for word in words[:1])
        yield from ("something else",) if words else WORDS
    elif kind is LogicalType.BOOL:
        yield from (True, False)
    elif kind is LogicalType.INT:
        yield from (int(word) + step for word in words for step in (-1, 0, 1))
        yield pick.randrange(20)
    elif kind is LogicalType.FLOAT:
        yield from (float(word) + step for word in words for step in (-0.5, 0, 0.5))
        yield from (pick.randrange(_STEPS + 1) / _STEPS for _ in range(3))
    else:
        yield from ("{}", _document(words, pick), _document(words, pick))


def _document(paths: Sequence[Any], pick: random.Random) -> str:
    document: dict[str, Any] = {"kept": 1}
    for path in paths:
        inner = document
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
        inner[path[-1]] = pick.randrange(_STEPS + 1) / _STEPS
    return json.dumps(document)

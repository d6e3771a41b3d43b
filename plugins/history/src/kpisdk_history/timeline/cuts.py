"""The cuts of a KPI that are recorded, and the one that a question means."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from kpisdk import listed
from kpisdk_history.errors import NothingRecordedError


@attrs.frozen
class Cut:
    """What a KPI was cut by when it was recorded.

    Attributes:
        id: its hash.
        newest: the number of the last result of it.
        dimensions: the grouping columns.
        filters: columns to the values that rows had to have.
        parameters: parameters that were given.
        grain: the calendar bucket; ``None`` without one.
        rule: what the windows follow, such as ``last 30 days``; ``stated`` where they were written.
        unit: the unit of the values.
    """

    id: str
    newest: int
    dimensions: tuple[str, ...]
    filters: Mapping[str, Any]
    parameters: Mapping[str, Any]
    grain: str | None
    rule: str
    unit: str

    @property
    def words(self) -> str:
        """The cut in words: ``by branch, day by day``."""
        parts = [f"by {listed(self.dimensions)}"] if self.dimensions else []
        parts += [
            f"{name}={' or '.join(map(str, values))}" for name, values in self.filters.items()
        ]
        parts += [f"{name}={value}" for name, value in self.parameters.items()]
        parts.append(f"a {self.grain} each" if self.grain else self.rule or "without a window")
        return ", ".join(parts)


@attrs.frozen
class Wanted:
    """Which cut is meant; what is ``None`` is left open.

    Attributes:
        by: the grouping columns; none by default.
        where: columns to values: of filters, or of slices.
        grain: the calendar bucket.
        window: the moving window, such as ``last 30 days``.
    """

    by: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    grain: str | None = None
    window: str | None = None


@attrs.frozen
class Choice:
    """The cut that is meant, which of its slices, and the other cuts that were recorded.

    Attributes:
        cut: the cut that is meant.
        slices: columns to the values of the slices that are meant; none: all.
        others: the other cuts of the KPI.
    """

    cut: Cut
    slices: Mapping[str, tuple[str, ...]]
    others: tuple[Cut, ...]


def cut_of(row: Mapping[str, Any]) -> Cut:
    """A cut from the columns of its newest result."""
    return Cut(
        id=row["cut"],
        newest=row["id"],
        dimensions=tuple(json.loads(row["dimensions"])),
        filters=json.loads(row["filters"]),
        parameters=json.loads(row["parameters"]),
        grain=row["grain"],
        rule=row["rule"],
        unit=row["unit"],
    )


def chosen(kpi_id: str, wanted: Wanted, cuts: Sequence[Cut], store: str) -> Choice:
    """The cut that is meant: with these columns and filters, and of several the last recorded.

    ``where`` is first taken for the filters that were asked for when it was recorded, then for
    values of the columns that it was grouped by.

    Args:
        kpi_id: the KPI.
        wanted: what the question says of the cut.
        cuts: those that are recorded.
        store: the store as it may be shown.

    Raises:
        NothingRecordedError: no cut is like that; those that were recorded are named.
    """
    for slices in ({}, wanted.where):
        filters = {} if slices else wanted.where
        dimensions = {*wanted.by, *slices}
        found = [
            each
            for each in cuts
            if set(each.dimensions) == dimensions
            and _texts(each.filters) == _texts(filters)
            and wanted.grain in (None, each.grain)
            and wanted.window in (None, each.rule)
        ]
        if found:
            best = max(found, key=lambda each: each.newest)
            others = tuple(each for each in cuts if each.id != best.id)
            return Choice(best, {name: tuple(map(str, v)) for name, v in slices.items()}, others)
    asked = [f"by {listed(wanted.by)}"] if wanted.by else []
    asked += [f"{name}={' or '.join(map(str, v))}" for name, v in wanted.where.items()]
    asked += [each for each in (wanted.grain, wanted.window) if each]
    subject = ", ".join([kpi_id, *asked])
    raise NothingRecordedError(subject, store, tuple(each.words for each in cuts))


def _texts(filters: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: sorted(map(str, values)) for name, values in filters.items()}

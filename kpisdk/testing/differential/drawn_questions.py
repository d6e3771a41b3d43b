"""Questions about the rows, drawn at random, and every cell of their right answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from kpisdk.testing.differential.event_rows import (
    AS_OF,
    DAYS,
    PEOPLE,
    SITES,
    SMALL_UNITS,
    UNDECLARED,
    VERSIONS,
    Row,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Cell: TypeAlias = tuple[tuple[Any, ...], str | None]
"""The values of the columns grouped by, and the label of the bucket."""

VALUES: Mapping[str, Sequence[Any]] = {
    "site": SITES,
    "person": PEOPLE,
    "done": (None, True, False),
    "units": SMALL_UNITS,
    "day": DAYS,
    UNDECLARED: VERSIONS,
}
"""Columns to filter and group by, and what they may hold."""

RANGES = (
    (dt.date(2026, 3, 1), dt.date(2026, 3, 31)),
    (dt.date(2026, 3, 1), dt.date(2026, 3, 1)),
    (dt.date(2026, 2, 27), dt.date(2026, 3, 9)),
    (dt.date(2025, 12, 29), dt.date(2026, 3, 15)),
    (dt.date(2026, 2, 1), dt.date(2026, 2, 28)),
    (dt.date(2024, 1, 1), dt.date(2026, 4, 30)),
)
"""Windows by their first and last day; the last one runs beyond as_of."""


@attrs.frozen
class Question:
    """What is asked; without ``days`` the window is all of time before as_of."""

    days: tuple[dt.date, dt.date] | None
    where: Mapping[str, tuple[Any, ...]]
    by: tuple[str, ...]
    grain: str | None

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of ``Workspace.compute``."""
        window = "all" if self.days is None else f"{self.days[0]}..{self.days[1]}"
        return {
            "window": window,
            "as_of": AS_OF.replace(tzinfo=dt.UTC),
            "where": {name: list(values) for name, values in self.where.items()},
            "by": list(self.by),
            "grain": self.grain,
        }

    def selected(self, rows: Sequence[Row]) -> list[Row]:
        """The rows that lie in the window and pass the filters."""
        return [row for row in rows if self._counts(row)]

    def _counts(self, row: Row) -> bool:
        at = row["happened_at"]
        if at is None or at >= AS_OF:
            return False
        if self.days is not None and not self.days[0] <= at.date() <= self.days[1]:
            return False
        return all(
            any(_same(row[name], each) for each in values) for name, values in self.where.items()
        )

    def cells(self, rows: Sequence[Row]) -> dict[Cell, list[Row]]:
        """The rows of every cell that has any, and of every bucket of a trend without slices."""
        found: dict[Cell, list[Row]] = {}
        if not self.by:
            found = {((), label): [] for label in self._labels()}
        for row in self.selected(rows):
            place = tuple(_shown(row[name]) for name in self.by)
            found.setdefault((place, self._bucket(row["happened_at"])), []).append(row)
        return found

    def _labels(self) -> Iterator[str | None]:
        if self.grain is None:
            yield None
        elif self.days is not None:
            day = self.days[0]
            while day <= self.days[1] and dt.datetime.combine(day, dt.time()) < AS_OF:
                yield self._bucket(dt.datetime.combine(day, dt.time()))
                day += dt.timedelta(days=1)

    def _bucket(self, at: dt.datetime) -> str | None:
        iso = at.isocalendar()
        labels = {
            "day": f"{at:%Y-%m-%d}",
            "week": f"{iso.year}-W{iso.week:02d}",
            "month": f"{at:%Y-%m}",
            "quarter": f"{at.year}-Q{(at.month + 2) // 3}",
            "year": f"{at.year}",
        }
        return None if self.grain is None else labels[self.grain]


def _shown(value: Any) -> Any:
    """A value as slices show it: days as ISO 8601 writes them."""
    return value.isoformat() if isinstance(value, dt.date) else value


def _same(value: Any, wanted: Any) -> bool:
    return type(value) is type(wanted) and bool(value == wanted)


def questions() -> SearchStrategy[Question]:
    """Questions with up to two filters and two columns to group by."""
    from hypothesis import strategies as st

    def filters(names: Sequence[str]) -> SearchStrategy[dict[str, tuple[Any, ...]]]:
        return st.fixed_dictionaries(
            {
                name: st.lists(
                    st.sampled_from(VALUES[name]), min_size=1, max_size=3, unique_by=repr
                ).map(tuple)
                for name in names
            }
        )

    names = st.lists(st.sampled_from(sorted(VALUES)), max_size=2, unique=True)
    grains = st.sampled_from((None, None, "day", "week", "month", "quarter", "year"))
    days = st.sampled_from((None, *RANGES))
    return st.builds(_question, days, names.flatmap(filters), names.map(tuple), grains)


def _question(
    days: tuple[dt.date, dt.date] | None,
    where: dict[str, tuple[Any, ...]],
    by: tuple[str, ...],
    grain: str | None,
) -> Question:
    # A day each of two years and more is above the number of buckets that a trend may have.
    too_many = days is not None and (days[1] - days[0]).days > 100 and grain == "day"
    return Question(days, where, by, "month" if too_many else grain)

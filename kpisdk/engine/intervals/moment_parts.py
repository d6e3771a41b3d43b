"""A metric's own parts, picked out of the moments of a statement that serves many metrics.

A statement names its parts by its labels (``m3_n``), a formula its measures by the metric's names.
Here a part of the measure ``mean`` is called ``mean:_n`` and a count or sum ``rows:``, so that no
name of a measure can be that of another one's part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import attrs

from kpisdk.contracts.measures import Measure
from kpisdk.contracts.unit_moments import UnitMoments, pairs
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.sql.unit_parts import parts_of

CellMoments: TypeAlias = tuple[UnitMoments, ...]
"""The moments of one cell by a metric's names: one per statement that its measures are read in."""

Labels: TypeAlias = Mapping[str, str]
"""The label that each measure of a metric has in a statement; those read elsewhere are absent."""


def part(name: str, suffix: str = "") -> str:
    """The name of a measure's part: of its rows by the suffix ``_n``, of itself without one."""
    return f"{name}:{suffix}"


def parts_by_name(name: str, measure: Measure) -> tuple[str, ...]:
    """The names of all parts of a measure; none where it has none that add up."""
    return parts_of(part(name), measure.aggregate)


@attrs.define
class PartsReader:
    """Picks the parts of a metric's measures out of the moments of each cell.

    One is made per metric, or per pair of windows that a metric is compared over, and used for
    every cell: what depends on the statement alone is worked out once.

    Attributes:
        labels: per statement that measures are read in, their labels there.
        measures: the measures by name. Those whose moments a statement was not asked for are left
            out.
    """

    labels: Sequence[Labels]
    measures: Mapping[str, Measure]
    _picks: dict[tuple[int, tuple[str, ...]], _Pick] = attrs.field(factory=dict, init=False)

    def read(self, moments: Sequence[UnitMoments | None]) -> CellMoments | IntervalReason:
        """The moments of a cell by the metric's names.

        Args:
            moments: what the statements returned for the cell, in the order of ``labels``.

        Returns:
            ``undefined`` where a statement could not tell them: a value is too large to be squared,
            or a distinct count does not add up over units.
        """
        found = []
        for place, each in enumerate(moments):
            if each is None:
                return IntervalReason.UNDEFINED
            pick = self._picks.get((place, each.names))
            if pick is None:
                pick = self._picks[place, each.names] = self._pick(place, each.names)
            found.append(pick.of(each))
        return tuple(found)

    def _pick(self, place: int, names: Sequence[str]) -> _Pick:
        chosen = {
            own: theirs
            for name, label in self.labels[place].items()
            for own, theirs in zip(
                parts_by_name(name, self.measures[name]),
                parts_of(label, self.measures[name].aggregate),
                strict=True,
            )
            if theirs in names
        }
        return _Pick.among(names, chosen)


@attrs.frozen
class _Pick:
    """Where the parts of one metric stand among those of a statement."""

    names: tuple[str, ...]
    places: tuple[int, ...]
    pairs: tuple[int, ...]
    theirs: Mapping[str, tuple[str, ...]]

    @classmethod
    def among(cls, names: Sequence[str], chosen: Mapping[str, str]) -> _Pick:
        """The parts ``chosen`` (the statement's name of each) among all of a statement's."""
        order = {name: place for place, name in enumerate(names)}
        product = {pair: place for place, pair in enumerate(pairs(names))}
        wanted = (
            sorted((chosen[one], chosen[two]), key=order.__getitem__) for one, two in pairs(chosen)
        )
        own: dict[str, tuple[str, ...]] = {}
        for name, each in chosen.items():
            own[each] = (*own.get(each, ()), name)
        return cls(
            tuple(chosen),
            tuple(order[each] for each in chosen.values()),
            tuple(product[one, two] for one, two in wanted),
            own,
        )

    def of(self, moments: UnitMoments) -> UnitMoments:
        """The moments of the parts, under the metric's names."""
        filled = moments.filled
        buckets, units, unknown = moments.buckets, moments.units, moments.unknown
        behind = {
            name: moments.behind[moments.names[place]]
            for name, place in zip(self.names, self.places, strict=True)
            if moments.names[place] in moments.behind
        }
        if behind:  # of its own window: another one's rows may be in the same statement
            buckets = max(each.buckets for each in behind.values())
            units = max(each.units for each in behind.values())
            unknown = max(each.unknown for each in behind.values())
        return UnitMoments(
            self.names,
            buckets,
            tuple([moments.sums[place] for place in self.places]),
            tuple([moments.products[place] for place in self.pairs]),
            None if filled is None else tuple([filled[place] for place in self.places]),
            units,
            unknown,
            dict(self._cubes(moments)) if moments.cubes else {},
            behind,
        )

    def _cubes(self, moments: UnitMoments) -> Iterable[tuple[tuple[str, str, str], int | float]]:
        for triple, cube in moments.cubes.items():
            one, two, three = (self.theirs.get(each, ()) for each in triple)
            for first in one:
                for second in two:
                    for third in three:
                        ordered = sorted((first, second, third), key=self.names.index)
                        yield (ordered[0], ordered[1], ordered[2]), cube


def joined(moments: CellMoments) -> UnitMoments:
    """The moments of several statements as one, as if what they read varied independently.

    For a part of a total that is read in a statement of its own: that the part varies with the
    total makes their quotient more certain than this says, never less.
    """
    if len(moments) == 1:
        return moments[0]
    names = tuple(name for each in moments for name in each.names)
    buckets = max(each.buckets for each in moments)
    owner = {name: each for each in moments for name in each.names}

    def product(one: str, two: str) -> int | float:
        if owner[one] is owner[two]:
            return owner[one].product(one, two)
        return owner[one].total(one) * owner[two].total(two) / buckets if buckets else 0

    units = [each.units for each in moments if each.units is not None]
    return UnitMoments(
        names,
        buckets,
        tuple(owner[name].total(name) for name in names),
        tuple(product(one, two) for one, two in pairs(names)),
        tuple(owner[name].filled_by(name) for name in names),
        max(units, default=None),
        max(each.unknown for each in moments),
        behind={name: counts for each in moments for name, counts in each.behind.items()},
    )

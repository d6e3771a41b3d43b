"""What one scan keeps of a cell's units, whatever their number.

Rows are grouped by bucket of units first, and the buckets' totals are then summed, squared and
multiplied with one another. From those sums follows the variance of every smooth formula of
additive measures (:mod:`kpisdk.statistics`), and a cell costs a handful of numbers where it would
cost a thousand rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import combinations_with_replacement
from typing import Self

import attrs

from kpisdk.errors import DefinitionError, Problem

Number = int | float
SharedProducts = Mapping[tuple[str, str], Number]
"""Sums over buckets of products of a measure of one cell with one of another cell."""


def pairs(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The pairs of measures whose products are summed, in the order of ``UnitMoments.products``.

    Each name with itself and with every later one: ``a a``, ``a b``, ``b b`` of ``a`` and ``b``.
    """
    return tuple(combinations_with_replacement(names, 2))


def triples(names: Iterable[str]) -> tuple[tuple[str, str, str], ...]:
    """The triples of measures whose products a mean's skewness is made of, each once, in order."""
    return tuple(combinations_with_replacement(names, 3))


@attrs.frozen
class UnitCounts:
    """The units behind one of several measures that are read together.

    Attributes:
        buckets: how many buckets hold a row of the window that the measure is read in.
        units: how many units hold something of the measure, at least approximately.
        unknown: rows of that window whose unit is NULL.
    """

    buckets: int
    units: int
    unknown: int


@attrs.frozen
class UnitMoments:
    """Sums over the buckets of units of one cell, for ``k`` additive measures.

    A bucket holds the rows of the units whose hash falls into it; ``x[b, i]`` is measure ``i`` over
    the rows of bucket ``b``, 0 where no row counts. Whole numbers stay whole, so that differences
    of large sums are exact.

    Attributes:
        names: the measures, shape ``(k,)``.
        buckets: how many buckets hold a row of the cell.
        sums: the measures over all buckets, shape ``(k,)``.
        products: the sums over ``b`` of ``x[b, i] * x[b, j]`` in the order of :func:`pairs`, shape
            ``(k (k + 1) / 2,)``.
        filled: how many buckets hold something of a measure (``x[b, i]`` is not 0), shape ``(k,)``;
            ``None`` where that was not counted.
        units: how many units there are, at least approximately; ``None`` where not counted.
        unknown: rows whose unit is NULL; each is a unit of its own.
        cubes: by a triple of :func:`triples`, the sum over ``b`` of the product of the three. Only
            means have use for it: those of the total and the rows of each (``triples(("total",
            "rows"))``, four numbers) make the intervals of skewed values honest.
        behind: by measure, the units behind it alone, where others of the cell are of other rows.

    Raises:
        DefinitionError: the shapes do not go together, or a count is negative.
    """

    names: tuple[str, ...]
    buckets: int
    sums: tuple[Number, ...]
    products: tuple[Number, ...]
    filled: tuple[int, ...] | None = None
    units: int | None = None
    unknown: int = 0
    cubes: Mapping[tuple[str, str, str], Number] = attrs.field(factory=dict)
    behind: Mapping[str, UnitCounts] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        size = len(self.names)
        wanted = {"sums": size, "products": size * (size + 1) // 2, "filled": size}
        given = {"sums": self.sums, "products": self.products, "filled": self.filled}
        problems = [
            Problem(name, f"has {len(values)} numbers; {size} measures need {wanted[name]}")
            for name, values in given.items()
            if values is not None and len(values) != wanted[name]
        ]
        if len(set(self.names)) != size:
            problems.append(Problem("names", f"{', '.join(self.names)}: each is given once"))
        counts = {"buckets": self.buckets, "units": self.units, "unknown": self.unknown}
        problems += [
            Problem(name, f"{count} is negative")
            for name, count in counts.items()
            if count is not None and count < 0
        ]
        if problems:
            raise DefinitionError("UnitMoments", problems)

    @classmethod
    def of(
        cls,
        buckets: Iterable[Mapping[str, Number]],
        *,
        units: int | None = None,
        unknown: int = 0,
        skewed: Iterable[tuple[str, str, str]] = (),
    ) -> UnitMoments:
        """The moments of buckets that are at hand: measures by name, one mapping per bucket.

        Args:
            buckets: the measures of each bucket.
            units: how many units are in all of them.
            unknown: how many rows have no unit.
            skewed: the triples whose products are summed as well.
        """
        rows = list(buckets)
        names = tuple(rows[0]) if rows else ()
        return cls(
            names,
            len(rows),
            tuple(sum(row[name] for row in rows) for name in names),
            tuple(sum(row[one] * row[two] for row in rows) for one, two in pairs(names)),
            tuple(sum(row[name] != 0 for row in rows) for name in names),
            units,
            unknown,
            {each: sum(math.prod(row[name] for name in each) for row in rows) for each in skewed},
        )

    @classmethod
    def of_rows(cls, counts: Mapping[str, Number], nested: Mapping[str, str] | None = None) -> Self:
        """The moments of rows that are each a unit of their own, from counts of rows alone.

        Args:
            counts: how many rows are counted, by name of the count.
            nested: for a count of some rows of another count, that other one's name. Two counts
                that are not nested in one another count different rows.
        """
        inside = nested or {}
        names = tuple(counts)
        outer = [name for name in names if name not in inside]
        rows = int(sum(counts[name] for name in outer))

        def shared(one: str, two: str) -> Number:
            if one == two or inside.get(one) == two:
                return counts[one]
            return counts[two] if inside.get(two) == one else 0

        return cls(
            names,
            rows,
            tuple(counts[name] for name in names),
            tuple(shared(one, two) for one, two in pairs(names)),
            tuple(int(counts[name]) for name in names),
            rows,
        )

    def combined(self, sums: Mapping[str, Mapping[str, Number]]) -> UnitMoments:
        """The moments of sums of these measures, such as all errors of two kinds.

        Args:
            sums: by the name of a new measure, the factor of each old one that it is made of. How
                many buckets a sum fills is known only at least: as many as the most filled of them.
        """
        names = tuple(sums)
        products = tuple(
            sum(
                a * b * self.product(old, other)
                for old, a in sums[one].items()
                for other, b in sums[two].items()
            )
            for one, two in pairs(names)
        )
        return UnitMoments(
            names,
            self.buckets,
            tuple(sum(a * self.total(old) for old, a in sums[name].items()) for name in names),
            products,
            tuple(max(map(self.filled_by, sums[name])) for name in names),
            self.units,
            self.unknown,
            behind={
                name: max((self.behind[old] for old in olds), key=lambda each: each.units)
                for name, olds in sums.items()
                if olds and all(old in self.behind for old in olds)
            },
        )

    def total(self, name: str) -> Number:
        """A measure over all buckets."""
        return self.sums[self.names.index(name)]

    def product(self, one: str, two: str) -> Number:
        """The sum over buckets of the product of two measures."""
        i, j = sorted((self.names.index(one), self.names.index(two)))
        size = len(self.names)
        return self.products[i * size - i * (i - 1) // 2 + j - i]

    def cube(self, one: str, two: str, three: str) -> Number:
        """The sum over buckets of the product of three measures.

        Raises:
            KeyError: it was not read.
        """
        first, second, third = sorted((one, two, three), key=self.names.index)
        return self.cubes[first, second, third]

    def filled_by(self, name: str) -> int:
        """How many buckets hold something of a measure; all of them where that is not known."""
        return self.buckets if self.filled is None else self.filled[self.names.index(name)]

    def units_behind(self, name: str) -> int:
        """How many units hold something of a measure, as far as that is known."""
        if name in self.behind:
            return self.behind[name].units
        return self.filled_by(name) if self.units is None else self.units

    @property
    def totals(self) -> dict[str, Number]:
        """What a formula is computed from, the measures over all buckets by name."""
        return dict(zip(self.names, self.sums, strict=True))

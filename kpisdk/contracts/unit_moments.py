"""What one scan keeps of a cell's units, whatever their number.

Rows are grouped by bucket of units first, and the buckets' totals are then summed, squared and
multiplied with one another. From those sums follows the variance of every smooth formula of
additive measures (:mod:`kpisdk.statistics`), and a cell costs a handful of numbers where it would
cost a thousand rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from kpisdk.errors import DefinitionError, Problem

Number = int | float


def pairs(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The pairs of measures whose products are summed, in the order of ``UnitMoments.products``.

    Each name with itself and with every later one: ``a a``, ``a b``, ``b b`` of ``a`` and ``b``.
    """
    listed = tuple(names)
    return tuple((first, second) for place, first in enumerate(listed) for second in listed[place:])


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
    ) -> UnitMoments:
        """The moments of buckets that are at hand: measures by name, one mapping per bucket."""
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
        )

    def total(self, name: str) -> Number:
        """A measure over all buckets."""
        return self.sums[self.names.index(name)]

    def product(self, one: str, two: str) -> Number:
        """The sum over buckets of the product of two measures."""
        i, j = sorted((self.names.index(one), self.names.index(two)))
        size = len(self.names)
        return self.products[i * size - i * (i - 1) // 2 + j - i]

    def filled_by(self, name: str) -> int:
        """How many buckets hold something of a measure; all of them where that is not known."""
        return self.buckets if self.filled is None else self.filled[self.names.index(name)]

    @property
    def totals(self) -> dict[str, Number]:
        """The measures over all buckets, by name: what a formula is computed from."""
        return dict(zip(self.names, self.sums, strict=True))

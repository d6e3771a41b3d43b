"""Moments by unit, in the database: sums of measures and of their products over patients.

They are what the errors of a figure are made of, a handful of numbers whatever the rows. Rows whose
unit is NULL come as one group, and are units of their own: what they add to a product is the sum
over rows of the product, which each relation says for its measures.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations_with_replacement
from typing import Any

from kpisdk import UnitMoments


def moment_names(measures: Sequence[str]) -> tuple[str, ...]:
    """The columns that :func:`moment_columns` adds."""
    products = (f"{one}_x_{two}" for one, two in combinations_with_replacement(measures, 2))
    return ("units", *(f"units_of_{name}" for name in measures), *products)


def moment_columns(
    units: Any,
    measures: Sequence[str],
    everything: Any,
    rows: Mapping[str, Any],
    products_of_rows: Mapping[tuple[str, str], Any],
) -> Iterator[Any]:
    """The aggregates over units that :func:`moments_of` reads.

    Args:
        units: columns of a selectable with one row per unit: ``unit``, and the measures' sums.
        measures: their names.
        everything: how many rows of a unit take part.
        rows: by measure, how many rows of a unit hold something of it.
        products_of_rows: by pair of measures, the sum over a unit's rows of their product; a pair
            that is left out has no row with both.
    """
    from sqlalchemy import case, func

    alone = units.unit.is_(None)

    def count(held: Any) -> Any:
        return func.sum(case((alone, held), (held > 0, 1.0), else_=0.0))

    yield count(everything).label("units")
    for name in measures:
        yield count(rows[name]).label(f"units_of_{name}")
    for one, two in combinations_with_replacement(measures, 2):
        by_row = products_of_rows.get((one, two), 0.0)
        by_unit = units[one] * units[two]
        yield func.sum(case((alone, by_row), else_=by_unit)).label(f"{one}_x_{two}")


def moments_of(cell: Mapping[str, float], measures: Sequence[str]) -> UnitMoments:
    """The moments of one cell, from its columns.

    Args:
        cell: ``unknown``, the measures' sums and the columns of :func:`moment_names`.
        measures: their names.
    """
    units, *rest = (cell[name] for name in moment_names(measures))
    return UnitMoments(
        tuple(measures),
        int(units),
        tuple(cell[name] for name in measures),
        tuple(rest[len(measures) :]),
        filled=tuple(int(each) for each in rest[: len(measures)]),
        units=int(units),
        unknown=int(cell["unknown"]),
    )


def cell_of(frame: Any, columns: Sequence[str]) -> dict[str, float]:
    """The one row of a cell as numbers; what no row adds to is 0.

    Args:
        frame: a pandas frame with one row, or none.
        columns: those that are read.
    """
    rows = frame[list(columns)].fillna(0.0).to_dict("records")
    return {name: float(rows[0][name]) if rows else 0.0 for name in columns}

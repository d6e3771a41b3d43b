"""How the filters and groups of one request apply to relations, worked out once for each."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from kpisdk.contracts.calculators import Calculator, options_of
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.plans import Dimension, Slicing
from kpisdk.contracts.relations import Relation
from kpisdk.contracts.requests import Request
from kpisdk.engine.catalog import Catalog
from kpisdk.planner.slicing import UnsupportedSliceError, dimensions, slicing

Sliced = tuple[Relation, tuple[str, ...]]
"""A relation that a slice applies to, and the slice columns that it does not follow."""

Join = tuple[str, str, str]
"""A join that a slice needs: a table, its column, the table that this refers to."""


@attrs.define
class RequestSlicing:
    """How each relation is filtered and grouped by a request."""

    request: Request
    catalog: Catalog
    _known: dict[Sliced, Slicing | str] = attrs.field(factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the request filters or groups by."""
        return (*self.request.where, *self.request.by)

    def of(self, relation: Relation, across: tuple[str, ...] = ()) -> Slicing | str:
        """How a relation is sliced; a column that it does not carry.

        Args:
            relation: a dataset or a derived relation.
            across: slice columns that what is measured over it does not follow.

        Raises:
            SliceValueError: a value that cannot be one of its column.
        """
        key = (relation, across)
        if key not in self._known:
            request = self.request
            where = {name: given for name, given in request.where.items() if name not in across}
            by = [name for name in request.by if name not in across]
            self._known[key] = slicing(relation, where, by, request.grain, self.catalog.find)
        return self._known[key]

    def settled(self, kpi: Kpi, relation: Relation, across: tuple[str, ...] = ()) -> Slicing:
        """How a relation is sliced that carries all columns of the slice.

        Raises:
            UnsupportedSliceError: it does not.
        """
        found = self.of(relation, across)
        if isinstance(found, Slicing):
            return found
        raise UnsupportedSliceError(kpi.id, found, self.supported(kpi))

    def dimensions(self, sliced: Iterable[Sliced]) -> list[tuple[Relation, Dimension]]:
        """The columns that relations are filtered and grouped by, where they carry them all."""
        found: list[tuple[Relation, Dimension]] = []
        for relation, across in sliced:
            made = self.of(relation, across)
            if isinstance(made, Slicing):
                found += [(relation, each) for each in made.by]
                found += [(relation, each) for each, _ in made.filters]
        return found

    def joins(self, sliced: Iterable[Sliced]) -> frozenset[Join]:
        """The joins that the slice of these relations needs."""
        return frozenset(
            (relation.base.name, each.via, each.table)
            for relation, each in self.dimensions(sliced)
            if each.table is not None and each.via is not None
        )

    def supported(self, kpi: Kpi) -> tuple[str, ...]:
        """The columns that a KPI can be sliced by on this source."""
        common: set[str] | None = None
        for option in options_of(kpi.calculation):
            if isinstance(option.calculation, Calculator):
                continue
            for measure in option.calculation.measures().values():
                carried = {*dimensions(measure.relation, self.catalog.find), *measure.across}
                common = carried if common is None else common & carried
        if common is None and kpi.own_base is not None:
            common = set(dimensions(kpi.own_base, self.catalog.find))
        return tuple(sorted(name for name in common or () if kpi.refusal(name) is None))

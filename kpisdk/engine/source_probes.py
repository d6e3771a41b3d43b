"""Questions about whole tables of a source, asked only when they are necessary."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from typing import Any

import attrs

from kpisdk.contracts.datasets import Column, Dataset
from kpisdk.contracts.plans import Dimension
from kpisdk.contracts.relations import Relation
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.engine.catalog import Catalog
from kpisdk.errors import UsageError
from kpisdk.sql import probe_statements
from kpisdk.sql.bound_tables import BoundTable
from kpisdk.sql.expression_sql import Environment

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands where an environment needs an instant that nothing refers to."""


@attrs.define
class SourceProbes:
    """Questions about whole tables, asked only when a zero or an absence makes them necessary."""

    catalog: Catalog
    _known: dict[Hashable, bool] = attrs.field(factory=dict)

    def any_row(
        self, relation: Relation, where: Any, as_of: datetime, parameters: Mapping[str, Any]
    ) -> bool:
        """Whether any row of a relation, whatever its slice, satisfies ``where``.

        Args:
            relation: the rows.
            where: a predicate.
            as_of: the instant that it may name.
            parameters: the parameters that it may name.
        """
        used = tuple((name, repr(value)) for name, value in sorted(parameters.items()))
        key = (relation, where, as_of, used)
        if key not in self._known:
            env = Environment(self.catalog.session.dialect, as_of, parameters)
            statement = probe_statements.any_row(relation, where, self.catalog.table, env, None)
            self._known[key] = bool(self.catalog.session.rows(statement))
        return self._known[key]

    def require_unique(self, kpi_id: str, table: BoundTable) -> None:
        """Refuse to slice through a table whose key occurs twice.

        Raises:
            MultipliedRowsError: it does.
        """
        key = ("unique", table.name)
        if key not in self._known:
            found = self.catalog.session.rows(probe_statements.duplicate_keys(table))
            self._known[key] = not found
        if not self._known[key]:
            raise MultipliedRowsError(kpi_id, table.physical, table.key or "")

    def table_holds_rows(self, dataset: Dataset) -> bool:
        """Whether a dataset has any row at all."""
        key = ("table", dataset.name)
        if key not in self._known:
            env = Environment(self.catalog.session.dialect, _EPOCH)
            statement = probe_statements.any_row(
                attrs.evolve(dataset, time=None), None, self.catalog.table, env, None
            )
            self._known[key] = bool(self.catalog.session.rows(statement))
        return self._known[key]

    def column_holds_values(self, dataset: str, column: Column) -> bool:
        """Whether a column of a dataset has any value at all."""
        key = ("column", dataset, column.name)
        if key not in self._known:
            # Any name may be asked about: a column that slices need not be a declared one.
            statement = probe_statements.any_value(self.catalog.table(dataset), column.name)
            self._known[key] = bool(self.catalog.session.rows(statement))
        return self._known[key]

    def any_match(self, table: str, dimension: Dimension, values: tuple[Any, ...]) -> bool:
        """Whether any row of a table passes a filter, whatever its time."""
        key = ("filter", table, dimension.name, repr(values))
        if key not in self._known:
            statement = probe_statements.any_match(self.catalog.table(table), dimension, values)
            self._known[key] = bool(self.catalog.session.rows(statement))
        return self._known[key]


@attrs.define(eq=False)
class MultipliedRowsError(UsageError):
    """A slice through a table in which a key occurs more than once: rows would count twice."""

    kpi_id: str
    table: str
    key: str

    template = (
        "{kpi_id} cannot be sliced through table {table!r}: its key {key!r} occurs more than once, "
        "so that rows would be counted several times. Make it unique."
    )


def require_alike(kpi_id: str, table: BoundTable, column: str, other: BoundTable) -> None:
    """Refuse to slice through a table whose key is of another type than what refers to it.

    Raises:
        UnlikeKeysError: it is.
    """
    own, key = table.columns[column], other.columns[other.key or ""]
    kinds = {own.logical, key.logical}
    if len(kinds - {None}) > 1 and not kinds <= {LogicalType.INT, LogicalType.FLOAT}:
        raise UnlikeKeysError(
            kpi_id,
            f"{own.name!r} of {table.physical!r} is {own.native}",
            f"the key {key.name!r} of {other.physical!r} is {key.native}",
        )


@attrs.define(eq=False)
class UnlikeKeysError(UsageError):
    """A slice through a table whose key is of another type: engines would match what differs."""

    kpi_id: str
    column: str
    key: str

    template = (
        "{kpi_id} cannot be sliced through another table: column {column}, and {key}. '01' and '1' "
        "would be one key, or none. Give both the same type."
    )

"""Which of the values that definitions look for occur nowhere in a source."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from datetime import UTC, datetime

import attrs

from kpisdk.contracts.calculators import Calculator, options_of
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.expression_tree import (
    ColumnRef,
    Comparison,
    Containment,
    Expression,
    Function,
    Literal,
    Membership,
)
from kpisdk.contracts.kpis import Kpi
from kpisdk.engine.catalog import Catalog
from kpisdk.errors import ConnectionLostError, KpisdkError
from kpisdk.sql import probe_statements
from kpisdk.sql.expression_sql import Environment

_NEVER_ASKED = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands where an environment needs an instant that no constant refers to."""


@attrs.frozen
class Sought:
    """One value that a definition looks for in a column of a table."""

    dataset: Dataset
    column: str
    words: str
    test: Expression

    def __str__(self) -> str:
        return f"{self.dataset.name}.{self.column} {self.words}"


@attrs.define
class ValueOccurrence:
    """Looks for values in a source, each once, whatever the number of definitions that want it."""

    catalog: Catalog
    _known: dict[Hashable, bool] = attrs.field(factory=dict)

    def never(self, kpi: Kpi) -> tuple[str, ...]:
        """The values that a KPI's definition looks for and no row holds.

        Predicates of measures are looked at, and not what a relation's function does. A column that
        the source lacks, or that cannot be read, is a gap of its own and left out here.
        """
        found = dict.fromkeys(sought for sought in _sought(kpi) if not self._occurs(sought))
        return tuple(map(str, found))

    def _occurs(self, sought: Sought) -> bool:
        key = str(sought)
        if key not in self._known:
            self._known[key] = self._looked_up(sought)
        return self._known[key]

    def _looked_up(self, sought: Sought) -> bool:
        table = self.catalog.find(sought.dataset.name)
        wanted = {sought.column: sought.dataset.column(sought.column).type}
        if table is None or self.catalog.faults({sought.dataset.name: wanted}):
            return True
        session = self.catalog.session
        env = Environment(session.dialect, _NEVER_ASKED)
        rows = attrs.evolve(sought.dataset, time=None)
        statement = probe_statements.any_row(rows, sought.test, self.catalog.table, env, None)
        try:
            return bool(session.rows(statement))
        except ConnectionLostError:
            raise
        except KpisdkError:
            return True


def _sought(kpi: Kpi) -> Iterator[Sought]:
    for option in options_of(kpi.calculation):
        calculation = option.calculation
        if isinstance(calculation, Calculator):
            asked = () if callable(calculation.inputs) else calculation.inputs
            wheres = [(ask.relation.base, ask.where) for ask in asked]
        else:
            measures = calculation.measures().values()
            wheres = [(each.relation.base, each.where) for each in measures]
        for base, where in wheres:
            declared = {column.name for column in base.columns}
            for node in () if where is None else where.walk():
                yield from (each for each in _of_node(base, node) if each.column in declared)


def _of_node(base: Dataset, node: Expression) -> Iterator[Sought]:
    """The values that one node of a predicate compares a bare column with."""
    if isinstance(node, Comparison) and node.operator == "=":
        column, value = _column(node.left), node.right
        if column is not None and isinstance(value, Literal):
            yield Sought(base, column, f"= {value.value!r}", node)
    elif isinstance(node, Membership):
        column = _column(node.operand)
        for value in () if column is None else node.values:
            if isinstance(value, Literal):
                test = Membership(node.operand, (value,))
                yield Sought(base, column or "", f"= {value.value!r}", test)
    elif isinstance(node, Containment):
        column = _column(node.operand)
        if column is not None:
            yield Sought(base, column, f"contains {node.part!r}", node)


def _column(node: Expression) -> str | None:
    """The column that a node stands for, whatever the case of its letters."""
    if isinstance(node, Function) and node.name == "ascii_lower":
        node = node.arguments[0]
    return node.name if isinstance(node, ColumnRef) else None

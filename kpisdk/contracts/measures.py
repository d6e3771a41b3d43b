"""One aggregate over one relation, with an optional predicate."""

from __future__ import annotations

from enum import StrEnum

import attrs

from kpisdk.contracts.expression_tree import Expression, column_names, parameter_names
from kpisdk.contracts.relations import Derived, Relation, columns_of
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import DefinitionError, Problem


class Aggregate(StrEnum):
    """What is made of the rows."""

    COUNT = "count"
    DISTINCT = "distinct"
    SUM = "sum"
    MEAN = "mean"
    VARIANCE = "variance"
    """Sample variance, divisor n - 1."""
    MIN = "min"
    MAX = "max"
    QUANTILE = "quantile"
    """Continuous quantile, interpolated linearly between the two nearest rows."""
    RANK = "rank"
    """Discrete quantile, the value of a row, as order-statistic intervals need it."""

    @property
    def is_count(self) -> bool:
        """Whether its value is a number of rows or of distinct values."""
        return self in (Aggregate.COUNT, Aggregate.DISTINCT)

    @property
    def is_extensive(self) -> bool:
        """Whether its value grows with the rows that it is taken over."""
        return self.is_count or self is Aggregate.SUM


_NEEDS_NUMBER = tuple(each for each in Aggregate if not each.is_count)


# A planner looks records up by value many times over: the hash is computed once.
@attrs.frozen(cache_hash=True)
class Measure:
    """One aggregate over the rows of ``relation`` where ``where`` is true.

    ``across`` names slice columns that the measure does not follow: it is taken over all of their
    values (the category total behind a brand's share). ``q`` is the level of a quantile, 0 to 1.

    Raises:
        DefinitionError: a column that the relation does not have, a predicate that is no predicate,
            an aggregate that its value's type does not carry.
    """

    aggregate: Aggregate
    relation: Relation
    value: Expression | None = None
    where: Expression | None = None
    q: float | None = None
    across: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        problems = []
        known = {column.name for column in columns_of(self.relation)}
        unknown = sorted(column_names(self.value, self.where) - known)
        problems += [
            Problem(name, f"is not a column of {self.relation.name!r}") for name in unknown
        ]
        if self.where is not None and self.where.type is not LogicalType.BOOL:
            problems.append(Problem("where", f"is {self.where.type.value}, not a predicate"))
        if (self.value is None) != (self.aggregate is Aggregate.COUNT):
            what = "takes no value; use where" if self.value is not None else "needs a value"
            problems.append(Problem(self.aggregate.value, what))
        elif (
            self.value is not None
            and self.aggregate in _NEEDS_NUMBER
            and not self.value.type.is_numeric
        ):
            what = f"needs a number, not {self.value.type.value}"
            problems.append(Problem(self.aggregate.value, what))
        is_level = self.aggregate in (Aggregate.QUANTILE, Aggregate.RANK)
        if is_level != (self.q is not None) or (self.q is not None and not 0 <= self.q <= 1):
            problems.append(Problem("q", f"{self.q!r} is no level of a {self.aggregate.value}"))
        if problems:
            raise DefinitionError(f"Measure over {self.relation.name!r}", problems)

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the relation that the measure reads."""
        return column_names(self.value, self.where)

    @property
    def parameters(self) -> frozenset[str]:
        """The parameters of the KPI that the measure (or its relation) refers to."""
        own = parameter_names(self.value, self.where)
        return own.union(self.relation.parameters if isinstance(self.relation, Derived) else ())


def count(
    relation: Relation, where: Expression | None = None, *, across: tuple[str, ...] = ()
) -> Measure:
    """The number of rows for which ``where`` is true."""
    return Measure(Aggregate.COUNT, relation, where=where, across=across)


def count_distinct(
    relation: Relation,
    value: Expression,
    where: Expression | None = None,
    *,
    across: tuple[str, ...] = (),
) -> Measure:
    """The exact number of distinct values that are not NULL."""
    return Measure(Aggregate.DISTINCT, relation, value, where, across=across)


def total(
    relation: Relation,
    value: Expression,
    where: Expression | None = None,
    *,
    across: tuple[str, ...] = (),
) -> Measure:
    """The sum of the values that are not NULL; absent where there is none."""
    return Measure(Aggregate.SUM, relation, value, where, across=across)


def mean(relation: Relation, value: Expression, where: Expression | None = None) -> Measure:
    """The arithmetic mean of the values that are not NULL."""
    return Measure(Aggregate.MEAN, relation, value, where)


def variance(relation: Relation, value: Expression, where: Expression | None = None) -> Measure:
    """The sample variance (divisor n - 1) of the values that are not NULL."""
    return Measure(Aggregate.VARIANCE, relation, value, where)


def minimum(relation: Relation, value: Expression, where: Expression | None = None) -> Measure:
    """The least value."""
    return Measure(Aggregate.MIN, relation, value, where)


def maximum(relation: Relation, value: Expression, where: Expression | None = None) -> Measure:
    """The largest value."""
    return Measure(Aggregate.MAX, relation, value, where)


def quantile(
    relation: Relation, value: Expression, q: float, where: Expression | None = None
) -> Measure:
    """The quantile of level ``q``, interpolated linearly between rows."""
    return Measure(Aggregate.QUANTILE, relation, value, where, q=q)


def median(relation: Relation, value: Expression, where: Expression | None = None) -> Measure:
    """The median: the mean of the two middle values where their number is even."""
    return quantile(relation, value, 0.5, where)

"""How each engine likes its statements: the one place where fusion is decided, from measurements.

Figures (``benchmarks/``, and the design notes behind them): algebraic aggregates and the median of
a relation in one statement are 1.1 (DuckDB) to 3.6 (PostgreSQL) times faster than one statement
each, more with a grouping. Exact distinct counts beside them cost more than they save (on Spark the
plan explodes); rewritten as a two-level GROUP BY they are 1.3 to 1.4 times faster on DuckDB.
"""

from __future__ import annotations

import attrs

from kpisdk.contracts.measures import Aggregate
from kpisdk.contracts.plans import Shape


@attrs.frozen
class FusionRule:
    """What may share a statement on one engine.

    ``distinct`` is the shape of exact distinct counts; ``limit`` bounds the measures of a
    statement (PostgreSQL allows 1 664 columns, SQLite 2 000).
    """

    fuse: bool = True
    distinct: Shape = Shape.TWO_LEVEL
    limit: int = 400

    def shape(self, aggregate: Aggregate) -> Shape:
        """The shape of the statement that computes such a measure."""
        return self.distinct if aggregate is Aggregate.DISTINCT else Shape.FUSED


UNFUSED = FusionRule(fuse=False, distinct=Shape.FUSED, limit=1)
"""One plain statement a KPI: what ``--no-fuse`` asks for, and what fused results must equal."""

RULES: dict[str, FusionRule] = {
    "duckdb": FusionRule(),
    "postgresql": FusionRule(),
    "sqlite": FusionRule(),
}


def rule_for(dialect: str, *, fuse: bool) -> FusionRule:
    """The rule of an engine; one that was never measured gets the rule of the measured ones."""
    return RULES.get(dialect, FusionRule()) if fuse else UNFUSED

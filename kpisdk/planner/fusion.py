"""How each engine likes its statements: the one place where fusion is decided, from measurements.

Figures (``benchmarks/``, and the design notes behind them): algebraic aggregates and the median of
a relation in one statement are 1.1 (DuckDB) to 3.6 (PostgreSQL) times faster than one statement
each, more with a grouping. Exact distinct counts beside them cost more than they save (on Spark the
plan explodes); rewritten as a two-level GROUP BY they are 1.3 to 1.4 times faster on DuckDB.
"""

from __future__ import annotations

from kpisdk.contracts.engine_traits import FusionRule
from kpisdk.contracts.plans import Shape
from kpisdk.sql.rendering import traits_of

UNFUSED = FusionRule(fuse=False, distinct=Shape.FUSED, limit=1)
"""One plain statement a KPI: what ``--no-fuse`` asks for, and what fused results must equal."""


def rule_for(dialect: str, *, fuse: bool) -> FusionRule:
    """The rule of an engine, as its traits say.

    Raises:
        UnsupportedByEngineError: there is no such engine.
    """
    return traits_of(dialect).fusion if fuse else UNFUSED

"""What PostgreSQL can do, and its SQL for every construct."""

from __future__ import annotations

from kpisdk.contracts.engine_traits import Engine, EngineTraits
from kpisdk.sql import constructs as c, moving
from kpisdk.sql.dialects import json_sql
from kpisdk.sql.dialects.duckdb_sql import bucket

_PLAIN = ("TEXT", "VARCHAR")


def compares_by_code_point(native: str) -> bool:
    """Whether a column of that type is equal to what has the same characters, and to nothing else.

    ``char(n)`` ignores blanks at its end, ``citext`` case; a collation of a column's own may take
    anything for equal, while that of a database never does.
    """
    return native.startswith(_PLAIN) and "COLLATE" not in native


# The snapshot counts the transactions that write, of the whole server: a row that is changed in
# place has no trace in its table, but its transaction has a number. Rows of foreign tables have no
# such number here. Which server it is, its start says: no right is needed to ask for it.
_SNAPSHOT = """
    SELECT CASE WHEN NOT EXISTS (SELECT FROM pg_foreign_table)
        AND NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'dblink')
    THEN concat_ws(
        ' ',
        pg_postmaster_start_time(),
        current_database(),
        pg_current_snapshot()
    ) END
"""

# In the C locale lower() knows the ASCII letters alone, and beats translate() many times over.
POSTGRESQL = Engine(
    dialect="postgresql",
    traits=EngineTraits(
        title="PostgreSQL",
        exact_text=compares_by_code_point,
        json_as_text=True,
        holds_nul=False,
        materialized_views=True,
        snapshot=_SNAPSHOT,
        savepoints=True,
        driver="psycopg",
        own_catalog="SELECT current_database()",
        isolation={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
        set_up=("SET LOCAL statement_timeout = {milliseconds}", "SET LOCAL TIME ZONE 'UTC'"),
        connect_timeout="connect_timeout",
        oldest=(13,),
    ),
    renderings={
        c.CountIf: "count(*) FILTER (WHERE {0})",
        c.AnyTrue: "bool_or({0})",
        c.Sum: "sum({0})",
        c.Mean: "avg({0})",
        c.Quantile: "percentile_cont({1}) WITHIN GROUP (ORDER BY {0})",
        c.Rank: "percentile_disc({1}) WITHIN GROUP (ORDER BY {0})",
        c.Variance: "var_samp({0})",
        c.JsonNumber: json_sql.number_postgresql,
        c.CanonicalJson: json_sql.canonical_postgresql,
        c.JsonKind: json_sql.kind_postgresql,
        c.Finite: "nullif({0}, 'NaN')",
        c.ExactText: '(CAST({0} AS TEXT) COLLATE "C")',
        c.UtcColumn: "{0}",
        c.AsciiLower: 'lower(({0}) COLLATE "C")',
        c.Contains: "(strpos({all}) > 0)",
        c.ByteOrder: '(({0}) COLLATE "C")',
        c.UnitBucket: "mod(hashtextextended(CAST({0} AS TEXT), 0) & 4294967295, {1})",
        c.AsInstant: "CAST({0} AS TIMESTAMP)",
        c.AsDay: "CAST({0} AS DATE)",
        c.DaysBetween: (
            "((extract(epoch FROM {1}) - extract(epoch FROM {0}))::double precision / 86400.0)"
        ),
        c.Bucket: bucket,
        c.AddDays: "({0} + CAST({1} AS INTEGER))",
        moving.NowUtc: "(now() AT TIME ZONE 'UTC')",
        moving.MovingPoint: moving.point,
    },
    standalone={c.UtcColumn: "({0} AT TIME ZONE 'UTC')"},
    proven_on=("PostgreSQL 15.18, 2026-11-30", "PostgreSQL 18.4, 2026-11-30"),
)

"""The built-in engines, one table of words each; importing this makes them known."""

from kpisdk.sql.dialects.duckdb_sql import DUCKDB
from kpisdk.sql.dialects.postgresql_sql import POSTGRESQL
from kpisdk.sql.dialects.sqlite_sql import SQLITE
from kpisdk.sql.rendering import register

BUILT_IN = (DUCKDB, SQLITE, POSTGRESQL)
"""Engines whose contract the core's own tests keep."""

for _engine in BUILT_IN:
    register(_engine)

"""Functions that differ between engines, each compiled to its fastest exact form.

Every function is a SQLAlchemy construct with one rendering an engine; they inherit SQLAlchemy's
statement cache. SQLite lacks most of them and calls Python functions that
:mod:`kpisdk.sql.sqlite` registers on its connections.
"""

from kpisdk.sql.functions.counting import AnyTrue, CountIf, Quantile, Rank, Variance
from kpisdk.sql.functions.json_values import CanonicalJson, JsonKind, JsonNumber
from kpisdk.sql.functions.stored_columns import (
    Finite,
    SqliteDay,
    SqliteFlag,
    SqliteInstant,
    SqliteNumber,
    UtcColumn,
)
from kpisdk.sql.functions.texts import AsciiLower, ByteOrder, Contains
from kpisdk.sql.functions.times import AddDays, Bucket, DaysBetween

__all__ = [
    "AddDays",
    "AnyTrue",
    "AsciiLower",
    "Bucket",
    "ByteOrder",
    "CanonicalJson",
    "Contains",
    "CountIf",
    "DaysBetween",
    "Finite",
    "JsonKind",
    "JsonNumber",
    "Quantile",
    "Rank",
    "SqliteDay",
    "SqliteFlag",
    "SqliteInstant",
    "SqliteNumber",
    "UtcColumn",
    "Variance",
]

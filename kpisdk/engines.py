"""Engines for plugin authors: what an engine must word, and the record that says how.

A plugin yields :class:`Engine` records from its hook ``kpisdk_engines``. The built-in engines come
in through the same door; their tables (``kpisdk/sql/dialects``) are examples to follow. Importing
this loads SQLAlchemy, so import it where the tables are made, not at the head of a plugin.
"""

from kpisdk.contracts.engine_traits import Engine, EngineTraits, FusionRule, Rendering
from kpisdk.contracts.source_kinds import ZONED
from kpisdk.errors import UnsupportedByEngineError
from kpisdk.sql.constructs import (
    AddDays,
    AnyTrue,
    AsciiLower,
    AsDay,
    AsInstant,
    Bucket,
    ByteOrder,
    CanonicalJson,
    CheckedDay,
    CheckedFlag,
    CheckedInstant,
    CheckedNumber,
    CheckedText,
    Contains,
    CountIf,
    DaysBetween,
    ExactText,
    Finite,
    JsonKind,
    JsonNumber,
    Mean,
    Quantile,
    Rank,
    Sum,
    UnitBucket,
    UtcColumn,
    Variance,
)
from kpisdk.sql.moving import MovingPoint, NowUtc, point as moving_point
from kpisdk.sql.rendering import STANDALONE, Construct, arguments_of, engines, register, traits_of
from kpisdk.sql.types import Day, Instant, aware, logical_type

__all__ = [
    "STANDALONE",
    "ZONED",
    "AddDays",
    "AnyTrue",
    "AsDay",
    "AsInstant",
    "AsciiLower",
    "Bucket",
    "ByteOrder",
    "CanonicalJson",
    "CheckedDay",
    "CheckedFlag",
    "CheckedInstant",
    "CheckedNumber",
    "CheckedText",
    "Construct",
    "Contains",
    "CountIf",
    "Day",
    "DaysBetween",
    "Engine",
    "EngineTraits",
    "ExactText",
    "Finite",
    "FusionRule",
    "Instant",
    "JsonKind",
    "JsonNumber",
    "Mean",
    "MovingPoint",
    "NowUtc",
    "Quantile",
    "Rank",
    "Rendering",
    "Sum",
    "UnitBucket",
    "UnsupportedByEngineError",
    "UtcColumn",
    "Variance",
    "arguments_of",
    "aware",
    "engines",
    "logical_type",
    "moving_point",
    "register",
    "traits_of",
]

"""Functions of instants and days."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from kpisdk.sql import standalone
from kpisdk.sql.functions.construct import Construct, two
from kpisdk.sql.types import Day


class DaysBetween(Construct):
    """Days from the first instant to the second, with fractions."""

    name = "kpisdk_days_between"
    type = sa.Double()
    inherit_cache = True


@compiles(DaysBetween)
def _days_epoch(element: Any, compiler: Any, **kw: Any) -> str:
    earlier, later = two(element, compiler, **kw)
    return (
        f"((extract(epoch FROM {later}) - extract(epoch FROM {earlier}))"
        "::double precision / 86400.0)"
    )


@compiles(DaysBetween, "duckdb")
def _days_duckdb(element: Any, compiler: Any, **kw: Any) -> str:
    earlier, later = two(element, compiler, **kw)
    return (
        f"((epoch_us({later}::TIMESTAMP) - epoch_us({earlier}::TIMESTAMP)) / 86400000000.0::DOUBLE)"
    )


@compiles(DaysBetween, "sqlite")
def _days_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    if standalone.is_asked(kw):
        return standalone.sqlite_days_between(*two(element, compiler, **kw))
    return f"kpisdk_days_between({compiler.process(element.clauses, **kw)})"


class Bucket(Construct):
    """The first day of the calendar bucket (second argument, a constant) of an instant."""

    name = "kpisdk_bucket"
    type = Day()
    inherit_cache = True


@compiles(Bucket)
def _bucket(element: Any, compiler: Any, **kw: Any) -> str:
    instant, grain = element.clauses
    unit = compiler.process(grain, **{**kw, "literal_execute": True})
    return f"CAST(date_trunc({unit}, {compiler.process(instant, **kw)}) AS DATE)"


@compiles(Bucket, "sqlite")
def _bucket_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    if standalone.is_asked(kw):
        return standalone.sqlite_bucket(*two(element, compiler, **kw))
    return f"kpisdk_bucket({compiler.process(element.clauses, **kw)})"


class AddDays(Construct):
    """A day so many days later."""

    name = "kpisdk_add_days"
    type = Day()
    inherit_cache = True


@compiles(AddDays)
def _add_days(element: Any, compiler: Any, **kw: Any) -> str:
    day, days = two(element, compiler, **kw)
    return f"({day} + CAST({days} AS INTEGER))"


@compiles(AddDays, "sqlite")
def _add_days_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    day, days = two(element, compiler, **kw)
    return f"date({day}, {days} || ' days')"

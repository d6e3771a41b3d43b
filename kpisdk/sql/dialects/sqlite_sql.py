"""What SQLite can do, and its SQL for every construct.

The engine lacks most of them: sessions register functions of :mod:`kpisdk.sql.sqlite_functions`,
and a view, which has none of these, says the same in the engine's own words or leaves it out.
"""

from __future__ import annotations

from typing import Any

from kpisdk.contracts.engine_traits import Engine, EngineTraits
from kpisdk.errors import UnsupportedByEngineError
from kpisdk.sql import constructs as c, moving
from kpisdk.sql.dialects import json_sql
from kpisdk.sql.rendering import arguments_of


def _of_one(word: Any) -> Any:
    """A rendering of a construct with one argument."""

    def render(element: Any, compiler: Any, **kw: Any) -> str:
        return str(word(compiler.process(arguments_of(element)[0], **kw)))

    return render


def _refused(text: str, what: str) -> str:
    """What makes SQLite stop: reading junk as JSON fails, and names what it is on the way."""
    return f"json('{what}: ' || {text})"


def _is_instant(text: str) -> str:
    # SQLite reads more than ISO 8601 (a Julian day, "now", 30 February): none of that is let in.
    shape = "'[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'"
    begins = f"date(substr({text}, 1, 10)) = substr({text}, 1, 10)"
    known = f"strftime('%s', {text}) IS NOT NULL"
    return f"typeof({text}) = 'text' AND {text} GLOB {shape} AND {begins} AND {known}"


@_of_one
def _instant(text: str) -> str:
    """An instant as fixed-width UTC text; the usual form is taken as it is, to the microsecond."""
    return (
        f"CASE WHEN {text} IS NULL THEN NULL WHEN NOT ({_is_instant(text)}) "
        f"THEN {_refused(text, 'no instant')} WHEN length({text}) = 26 "
        f"THEN replace({text}, 'T', ' ') ELSE strftime('%Y-%m-%d %H:%M:%f', {text}) || '000' END"
    )


@_of_one
def _day(text: str) -> str:
    """A day as ISO text, from a day or an instant."""
    return (
        f"CASE WHEN {text} IS NULL THEN NULL WHEN NOT ({_is_instant(text)}) "
        f"THEN {_refused(text, 'no day')} ELSE date({text}) END"
    )


def _microseconds(text: str) -> str:
    seconds = f"CAST(strftime('%s', substr({text}, 1, 19)) AS INTEGER)"
    return f"({seconds} * 1000000 + CAST(substr({text}, 21, 6) AS INTEGER))"


def _days_between(element: Any, compiler: Any, **kw: Any) -> str:
    """Days with fractions between two days or instants in fixed-width text."""
    earlier, later = (compiler.process(each, **kw) for each in arguments_of(element))
    return f"(({_microseconds(later)} - {_microseconds(earlier)}) / 86400000000.0)"


def _bucket(element: Any, compiler: Any, **kw: Any) -> str:
    """The first day of the calendar month or year of a day or instant, or the day itself."""
    text, grain = (compiler.process(each, **kw) for each in arguments_of(element))
    if grain == "'day'":
        return f"date({text})"
    if grain not in ("'month'", "'year'"):
        raise UnsupportedByEngineError("sqlite", f"a bucket of a {grain[1:-1]} in a view", ())
    return f"date({text}, 'start of {grain[1:]})"


_NOT_NUMBER = "typeof({0}) IN ('text', 'blob')"
_NOT_TEXT = "typeof({0}) NOT IN ('text', 'null')"

# Functions are called for what is of another type only: values of the right one cost no step into
# Python. A sum of integers would be an error beyond 64 bits, so that it is one of doubles.
SQLITE = Engine(
    dialect="sqlite",
    traits=EngineTraits(title="SQLite", loose_types=True, begin_writing="BEGIN"),
    renderings={
        c.CountIf: "count(*) FILTER (WHERE {0})",
        c.AnyTrue: "max({0})",
        c.Sum: "sum(CAST({0} AS REAL))",
        c.Mean: "avg({0})",
        c.Quantile: "kpisdk_quantile({all})",
        c.Rank: "kpisdk_rank({all})",
        c.Variance: "kpisdk_variance({0})",
        c.JsonNumber: "kpisdk_json_number({all})",
        c.CanonicalJson: "kpisdk_canonical_json({0})",
        c.JsonKind: json_sql.kind_sqlite,
        c.Finite: "{0}",  # it stores a not-a-number as NULL
        c.ExactText: "(({0}) COLLATE BINARY)",
        c.UtcColumn: "{0}",
        c.CheckedNumber: f"CASE WHEN {_NOT_NUMBER} THEN kpisdk_not_number({{0}}) ELSE {{0}} END",
        c.CheckedFlag: "CASE WHEN {0} NOT IN (0, 1) THEN kpisdk_not_flag({0}) ELSE {0} END",
        c.CheckedText: f"CASE WHEN {_NOT_TEXT} THEN kpisdk_not_text({{0}}) ELSE {{0}} END",
        c.CheckedInstant: "kpisdk_instant({0})",
        c.CheckedDay: "kpisdk_day({0})",
        c.AsciiLower: "lower({0})",
        c.Contains: "(instr({all}) > 0)",
        c.ByteOrder: "(({0}) COLLATE BINARY)",
        c.UnitBucket: "kpisdk_unit_bucket({all})",
        c.AsInstant: "kpisdk_instant({0})",
        c.AsDay: "kpisdk_day({0})",
        c.DaysBetween: "kpisdk_days_between({all})",
        c.Bucket: "kpisdk_bucket({all})",
        c.AddDays: "date({0}, {1} || ' days')",
        moving.NowUtc: "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')",
        moving.MovingPoint: moving.point_sqlite,
    },
    standalone={
        c.Quantile: None,
        c.Rank: None,
        c.Variance: None,
        c.JsonNumber: None,
        c.UnitBucket: None,
        c.CanonicalJson: json_sql.canonical_sqlite_view,
        c.JsonKind: json_sql.kind_sqlite_view,
        c.CheckedNumber: (
            f"CASE WHEN {_NOT_NUMBER} THEN {_refused('{0}', 'no number')} ELSE {{0}} END"
        ),
        c.CheckedFlag: (
            "CASE WHEN {0} NOT IN (0, 1) "
            f"THEN {_refused('{0}', 'neither true nor false')} ELSE {{0}} END"
        ),
        c.CheckedText: f"CASE WHEN {_NOT_TEXT} THEN {_refused('{0}', 'no text')} ELSE {{0}} END",
        c.CheckedInstant: _instant,
        c.CheckedDay: _day,
        c.AsInstant: _instant,
        c.AsDay: _day,
        c.DaysBetween: _days_between,
        c.Bucket: _bucket,
    },
    proven_on=("SQLite 3.40.1, 2026-11-30",),
)

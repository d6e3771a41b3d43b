"""Standalone SQL: statements that a view can hold, without values to bind or functions of ours.

A session registers functions that SQLite and DuckDB lack; whoever else reads a view has none of
them. Compiled with :data:`STANDALONE`, the constructs of :mod:`kpisdk.sql.functions` say the same
in the engine's own words, or refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk.contracts.measures import Aggregate, Measure
from kpisdk.errors import KpisdkError
from kpisdk.sql.sqlite import PAIR, UNHELD

STANDALONE = "kpisdk_standalone"
"""The keyword that asks for it, in a statement's ``compile_kwargs``."""


def is_asked(keywords: Mapping[str, Any]) -> bool:
    """Whether a statement is compiled for a view."""
    return bool(keywords.get(STANDALONE))


@attrs.define(eq=False)
class NotStandaloneError(KpisdkError):
    """Something that an engine cannot say without a function of the SDK's."""

    what: str
    dialect: str

    @property
    def message(self) -> str:
        return f"{self.dialect} has no SQL of its own for {self.what}, so no view can hold it."


_UNSAID = {"sqlite": frozenset({Aggregate.QUANTILE, Aggregate.RANK, Aggregate.VARIANCE})}


def is_sayable(measure: Measure, dialect: str) -> bool:
    """Whether an engine has the measure's aggregate itself."""
    return measure.aggregate not in _UNSAID.get(dialect, frozenset())


def sqlite_instant(text: str) -> str:
    """An instant as fixed-width UTC text; the usual form is taken as it is, to the microsecond."""
    return (
        f"CASE WHEN {text} IS NULL THEN NULL WHEN NOT ({_sqlite_is_instant(text)}) "
        f"THEN {_refused(text, 'no instant')} WHEN length({text}) = 26 "
        f"THEN replace({text}, 'T', ' ') ELSE strftime('%Y-%m-%d %H:%M:%f', {text}) || '000' END"
    )


def sqlite_day(text: str) -> str:
    """A day as ISO text, from a day or an instant."""
    return (
        f"CASE WHEN {text} IS NULL THEN NULL WHEN NOT ({_sqlite_is_instant(text)}) "
        f"THEN {_refused(text, 'no day')} ELSE date({text}) END"
    )


def sqlite_number(column: str) -> str:
    """A number; a text is refused."""
    refused = _refused(column, "no number")
    return f"CASE WHEN typeof({column}) IN ('text', 'blob') THEN {refused} ELSE {column} END"


def sqlite_flag(column: str) -> str:
    """0 or 1; anything else is refused."""
    refused = _refused(column, "neither true nor false")
    return f"CASE WHEN {column} NOT IN (0, 1) THEN {refused} ELSE {column} END"


def _sqlite_is_instant(text: str) -> str:
    # SQLite reads more than ISO 8601 (a Julian day, "now", 30 February): none of that is let in.
    shape = "'[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'"
    begins = f"date(substr({text}, 1, 10)) = substr({text}, 1, 10)"
    known = f"strftime('%s', {text}) IS NOT NULL"
    return f"typeof({text}) = 'text' AND {text} GLOB {shape} AND {begins} AND {known}"


def _refused(text: str, what: str) -> str:
    """What makes SQLite stop: reading junk as JSON fails, and names what it is on the way."""
    return f"json('{what}: ' || {text})"


def sqlite_days_between(earlier: str, later: str) -> str:
    """Days with fractions between two days or instants in fixed-width text."""
    return f"(({_sqlite_micros(later)} - {_sqlite_micros(earlier)}) / 86400000000.0)"


def _sqlite_micros(text: str) -> str:
    seconds = f"CAST(strftime('%s', substr({text}, 1, 19)) AS INTEGER)"
    return f"({seconds} * 1000000 + CAST(substr({text}, 21, 6) AS INTEGER))"


def sqlite_bucket(text: str, grain: str) -> str:
    """The first day of the calendar month or year of a day or instant, or the day itself.

    Raises:
        NotStandaloneError: another grain.
    """
    if grain == "'day'":
        return f"date({text})"
    if grain not in ("'month'", "'year'"):
        raise NotStandaloneError(f"buckets of {grain}", "sqlite")
    return f"date({text}, 'start of {grain[1:]})"


# Two documents are equal exactly when the same values stand at the same paths. Numbers are compared
# by value, so that 1.0 is 1.
def duckdb_canonical_json(text: str) -> str:
    """A text that equal JSON documents share: what stands at each path; NULL for junk."""
    held = f"NOT regexp_matches(regexp_replace({text}, '{PAIR}', '', 'g'), '{UNHELD}')"
    valid = f"json_valid({text}) AND {held}"
    number = "CAST(CAST(atom AS VARCHAR) AS DOUBLE)"
    whole = f"{number} = trunc({number}) AND abs({number}) < 1e18"
    atom = (
        f"CASE WHEN type = 'DOUBLE' THEN 'n' || CASE WHEN {whole} "
        f"THEN CAST(CAST({number} AS BIGINT) AS VARCHAR) ELSE CAST({number} AS VARCHAR) END "
        "WHEN type IN ('BIGINT', 'UBIGINT', 'HUGEINT') THEN 'n' || CAST(atom AS VARCHAR) "
        "ELSE type || coalesce(CAST(atom AS VARCHAR), '') END"
    )
    tree = f"json_tree(CASE WHEN {valid} THEN {text} END)"
    nodes = f"SELECT string_agg(fullkey || ' ' || {atom}, chr(31) ORDER BY fullkey) FROM {tree}"
    return f"CASE WHEN {valid} THEN ({nodes}) END"


def sqlite_canonical_json(text: str) -> str:
    """The same for SQLite, but for halves of surrogate pairs, which it does not see."""
    valid = f"json_valid({text}) AND instr({text}, '\\u0000') = 0"
    atom = (
        "CASE WHEN type = 'real' THEN 'n' || CASE WHEN atom = CAST(atom AS INTEGER) "
        "THEN CAST(CAST(atom AS INTEGER) AS TEXT) ELSE printf('%!.17g', atom) END "
        "WHEN type = 'integer' THEN 'n' || atom ELSE type || coalesce(CAST(atom AS TEXT), '') END"
    )
    tree = f"json_tree(CASE WHEN {valid} THEN {text} END)"
    nodes = f"SELECT fullkey || ' ' || {atom} AS node FROM {tree} ORDER BY fullkey"
    return f"CASE WHEN {valid} THEN (SELECT group_concat(node, char(31)) FROM ({nodes})) END"

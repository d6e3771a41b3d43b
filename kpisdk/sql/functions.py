"""Functions that differ between engines, each compiled to its fastest exact form.

Every function is a SQLAlchemy construct with one rendering an engine; they inherit SQLAlchemy's
statement cache. SQLite lacks most of them and calls Python functions that
:mod:`kpisdk.sql.sqlite` registers on its connections.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from kpisdk.sql import standalone
from kpisdk.sql.sqlite import PAIR, UNHELD
from kpisdk.sql.types import Day, Instant


class CountIf(sa.sql.expression.ColumnElement[int]):
    """The number of rows for which a predicate is true.

    On DuckDB ``count_if`` beats a filtered count by a quarter to a factor of several (it works on
    the predicate's vector); PostgreSQL and SQLite are fastest with FILTER.
    """

    inherit_cache = True
    type = sa.BigInteger()
    _traverse_internals = (("predicate", sa.sql.visitors.InternalTraversal.dp_clauseelement),)  # type: ignore[assignment]

    def __init__(self, predicate: Any) -> None:
        self.predicate = predicate


@compiles(CountIf)
def _count_filter(element: CountIf, compiler: Any, **kw: Any) -> str:
    return f"count(*) FILTER (WHERE {compiler.process(element.predicate, **kw)})"


@compiles(CountIf, "duckdb")
def _count_if(element: CountIf, compiler: Any, **kw: Any) -> str:
    return f"count_if({compiler.process(element.predicate, **kw)})"


class _Construct(GenericFunction[Any]):
    """A function of the project's own: rendered per engine, never sent under its own name."""

    _is_abstract = True
    inherit_cache = True


class AnyTrue(_Construct):
    """Whether a predicate is true for any row of a group."""

    name = "kpisdk_any_true"
    type = sa.Boolean()
    inherit_cache = True


@compiles(AnyTrue)
def _bool_or(element: Any, compiler: Any, **kw: Any) -> str:
    return f"bool_or({compiler.process(element.clauses, **kw)})"


@compiles(AnyTrue, "sqlite")
def _max_bool(element: Any, compiler: Any, **kw: Any) -> str:
    return f"max({compiler.process(element.clauses, **kw)})"


class DaysBetween(_Construct):
    """Days from the first instant to the second, with fractions."""

    name = "kpisdk_days_between"
    type = sa.Double()
    inherit_cache = True


def _two(element: Any, compiler: Any, **kw: Any) -> tuple[str, str]:
    first, second = element.clauses
    return compiler.process(first, **kw), compiler.process(second, **kw)


@compiles(DaysBetween)
def _days_epoch(element: Any, compiler: Any, **kw: Any) -> str:
    earlier, later = _two(element, compiler, **kw)
    return (
        f"((extract(epoch FROM {later}) - extract(epoch FROM {earlier}))"
        "::double precision / 86400.0)"
    )


@compiles(DaysBetween, "duckdb")
def _days_duckdb(element: Any, compiler: Any, **kw: Any) -> str:
    earlier, later = _two(element, compiler, **kw)
    return (
        f"((epoch_us({later}::TIMESTAMP) - epoch_us({earlier}::TIMESTAMP)) / 86400000000.0::DOUBLE)"
    )


@compiles(DaysBetween, "sqlite")
def _days_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    if standalone.is_asked(kw):
        return standalone.sqlite_days_between(*_two(element, compiler, **kw))
    return f"kpisdk_days_between({compiler.process(element.clauses, **kw)})"


class Bucket(_Construct):
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
        return standalone.sqlite_bucket(*_two(element, compiler, **kw))
    return f"kpisdk_bucket({compiler.process(element.clauses, **kw)})"


class AsciiLower(_Construct):
    """Text with its ASCII capitals in lower case, whatever the locale."""

    name = "kpisdk_ascii_lower"
    type = sa.Text()
    inherit_cache = True


_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@compiles(AsciiLower)
def _translate(element: Any, compiler: Any, **kw: Any) -> str:
    text = compiler.process(element.clauses, **kw)
    return f"translate({text}, '{_CAPITALS}', '{_CAPITALS.lower()}')"


@compiles(AsciiLower, "postgresql")
def _lower_c(element: Any, compiler: Any, **kw: Any) -> str:
    # In the C locale lower() knows the ASCII letters alone, and beats translate() many times over.
    return f'lower({compiler.process(element.clauses, **kw)} COLLATE "C")'


@compiles(AsciiLower, "duckdb")
def _lower_or_translate(element: Any, compiler: Any, **kw: Any) -> str:
    # lower() is ten times faster than translate(), and says the same where a text is ASCII: where
    # it has as many bytes as characters.
    text = compiler.process(element.clauses, **kw)
    exact = _translate(element, compiler, **kw)
    return f"CASE WHEN strlen({text}) = length({text}) THEN lower({text}) ELSE {exact} END"


@compiles(AsciiLower, "sqlite")
def _lower(element: Any, compiler: Any, **kw: Any) -> str:
    return f"lower({compiler.process(element.clauses, **kw)})"


class Contains(_Construct):
    """Whether the first text contains the second, exactly."""

    name = "kpisdk_contains"
    type = sa.Boolean()
    inherit_cache = True


@compiles(Contains)
def _strpos(element: Any, compiler: Any, **kw: Any) -> str:
    return f"(strpos({compiler.process(element.clauses, **kw)}) > 0)"


@compiles(Contains, "sqlite")
def _instr(element: Any, compiler: Any, **kw: Any) -> str:
    return f"(instr({compiler.process(element.clauses, **kw)}) > 0)"


class Finite(_Construct):
    """A floating-point column without its not-a-numbers, which count as missing everywhere.

    SQLite needs none of it: it stores a not-a-number as NULL.
    """

    name = "kpisdk_finite"
    type = sa.Double()
    inherit_cache = True


@compiles(Finite)
def _nullif_nan(element: Any, compiler: Any, **kw: Any) -> str:
    return f"nullif({compiler.process(element.clauses, **kw)}, 'NaN'::double precision)"


@compiles(Finite, "duckdb")
def _isnan(element: Any, compiler: Any, **kw: Any) -> str:
    column = compiler.process(element.clauses, **kw)
    return f"CASE WHEN NOT isnan({column}) THEN {column} END"


class Quantile(_Construct):
    """Continuous quantile of the first argument at the level of the second."""

    name = "kpisdk_quantile"
    type = sa.Double()
    inherit_cache = True


@compiles(Quantile)
def _percentile_cont(element: Any, compiler: Any, **kw: Any) -> str:
    value, level = _two(element, compiler, **kw)
    return f"percentile_cont({level}) WITHIN GROUP (ORDER BY {value})"


@compiles(Quantile, "duckdb")
def _quantile_cont(element: Any, compiler: Any, **kw: Any) -> str:
    value, level = _two(element, compiler, **kw)
    return f"quantile_cont({value}, {level})"


@compiles(Quantile, "sqlite")
def _quantile_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"kpisdk_quantile({compiler.process(element.clauses, **kw)})"


class Rank(_Construct):
    """Discrete quantile: the value of the row at rank ``ceil(level * n)``."""

    name = "kpisdk_rank"
    type = sa.Double()
    inherit_cache = True


@compiles(Rank)
def _percentile_disc(element: Any, compiler: Any, **kw: Any) -> str:
    value, level = _two(element, compiler, **kw)
    return f"percentile_disc({level}) WITHIN GROUP (ORDER BY {value})"


@compiles(Rank, "duckdb")
def _quantile_disc(element: Any, compiler: Any, **kw: Any) -> str:
    value, level = _two(element, compiler, **kw)
    return f"quantile_disc({value}, {level})"


@compiles(Rank, "sqlite")
def _rank_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"kpisdk_rank({compiler.process(element.clauses, **kw)})"


class Variance(_Construct):
    """Sample variance, divisor n - 1."""

    name = "kpisdk_variance"
    type = sa.Double()
    inherit_cache = True


@compiles(Variance)
def _var_samp(element: Any, compiler: Any, **kw: Any) -> str:
    return f"var_samp({compiler.process(element.clauses, **kw)})"


@compiles(Variance, "duckdb")
def _variance_duckdb(element: Any, compiler: Any, **kw: Any) -> str:
    # var_samp refuses infinities, and with it the whole statement; the covariance of a value with
    # itself is its variance, as fast, and not a number where an infinity is among the values.
    value = compiler.process(element.clauses, **kw)
    return f"covar_samp({value}, {value})"


@compiles(Variance, "sqlite")
def _variance_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"kpisdk_variance({compiler.process(element.clauses, **kw)})"


class JsonNumber(_Construct):
    """The number at a path (the further arguments, one a key) of a JSON document, or NULL."""

    name = "kpisdk_json_number"
    type = sa.Double()
    inherit_cache = True


@compiles(JsonNumber)
def _json_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    document, *keys = (compiler.process(clause, **kw) for clause in element.clauses)
    text = f"CAST({document} AS TEXT)"
    path = ", ".join(f"CAST({key} AS TEXT)" for key in keys)
    found = f"CAST({text} AS JSONB) #> ARRAY[{path}]"
    # The outer CASE keeps junk from reaching the cast, which would fail the whole statement.
    return (
        f"CASE WHEN {text} IS JSON THEN CASE WHEN jsonb_typeof({found}) = 'number' "
        f"THEN CAST(CAST({found} AS TEXT) AS DOUBLE PRECISION) END END"
    )


_LENIENT = r"(?i)nan|inf|,[ \t\r\n]*[\]}]"
_STRINGS = r'"(\\.|[^"\\])*"'


def _valid_duckdb(text: str) -> str:
    """Whether a text is JSON: DuckDB's own test lets NaN, Infinity and trailing commas pass.

    Those are looked for outside strings, and strings are taken out only where there is cause to:
    of an AND DuckDB evaluates both sides for every row, of a CASE only the branch that is taken.
    """
    bare = f"regexp_replace({text}, '{_STRINGS}', '\"\"', 'g')"
    strict = f"NOT regexp_matches({bare}, '{_LENIENT}')"
    held = f"CASE WHEN regexp_matches({text}, '{_LENIENT}') THEN {strict} ELSE true END"
    return f"json_valid({text}) AND {held}"


@compiles(JsonNumber, "duckdb")
def _json_duckdb(element: Any, compiler: Any, **kw: Any) -> str:
    document, *keys = (compiler.process(clause, **kw) for clause in element.clauses)
    pointer = " || ".join(
        f"'/' || replace(replace({key}::VARCHAR, '~', '~0'), '/', '~1')" for key in keys
    )
    text = f"{document}::VARCHAR"
    kinds = "('DOUBLE', 'UBIGINT', 'BIGINT', 'HUGEINT')"
    return (
        f"CASE WHEN {_valid_duckdb(text)} THEN "
        f"CASE WHEN json_type({text}, {pointer}) IN {kinds} "
        f"THEN json_extract_string({text}, {pointer})::DOUBLE END END"
    )


@compiles(JsonNumber, "sqlite")
def _json_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    if standalone.is_asked(kw):
        raise standalone.NotStandaloneError("a number within JSON", "sqlite")
    return f"kpisdk_json_number({compiler.process(element.clauses, **kw)})"


class CanonicalJson(_Construct):
    """A JSON document in a form that equal documents share; junk becomes NULL.

    Keys in any order, spaces and the spelling of numbers (1.0 is 1) make no difference.
    """

    name = "kpisdk_canonical_json"
    type = sa.Text()
    inherit_cache = True


@compiles(CanonicalJson)
def _canonical_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    # jsonb compares by value; it refuses some escapes that JSON allows, and would fail on them.
    text = f"CAST({compiler.process(element.clauses, **kw)} AS TEXT)"
    return (
        f"CASE WHEN {text} IS JSON AND (strpos({text}, '\\u') = 0 OR "
        f"regexp_replace({text}, '{PAIR}', '', 'g') !~ '{UNHELD}') THEN CAST({text} AS JSONB) END"
    )


@compiles(CanonicalJson, "sqlite")
def _canonical_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    text = compiler.process(element.clauses, **kw)
    if standalone.is_asked(kw):
        return standalone.sqlite_canonical_json(text)
    return f"kpisdk_canonical_json({text})"


@compiles(CanonicalJson, "duckdb")
def _canonical_duckdb(element: Any, compiler: Any, **kw: Any) -> str:
    text = f"{compiler.process(element.clauses, **kw)}::VARCHAR"
    if standalone.is_asked(kw):
        return standalone.duckdb_canonical_json(text)
    return f"kpisdk_canonical_json({text})"


class JsonKind(_Construct):
    """What a JSON document is, in one word; NULL where there is no document.

    ``junk`` (no JSON at all), ``null``, ``empty`` (``{}`` or ``[]``), ``object``, ``array`` or
    ``scalar``.
    """

    name = "kpisdk_json_kind"
    type = sa.Text()
    inherit_cache = True


_EMPTY = r"[ \t\r\n]*(\{[ \t\r\n]*\}|\[[ \t\r\n]*\])[ \t\r\n]*"


@compiles(JsonKind)
def _kind_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    text = f"CAST({compiler.process(element.clauses, **kw)} AS TEXT)"
    # The first branches keep junk from reaching the cast, which would fail the whole statement.
    return (
        f"CASE WHEN {text} IS NULL THEN NULL WHEN {text} IS NOT JSON THEN 'junk' "
        f"WHEN {text} ~ '^{_EMPTY}$' THEN 'empty' ELSE CASE json_typeof(CAST({text} AS JSON)) "
        "WHEN 'null' THEN 'null' WHEN 'object' THEN 'object' WHEN 'array' THEN 'array' "
        "ELSE 'scalar' END END"
    )


@compiles(JsonKind, "duckdb")
def _kind_duckdb(element: Any, compiler: Any, **kw: Any) -> str:
    text = f"{compiler.process(element.clauses, **kw)}::VARCHAR"
    return (
        f"CASE WHEN {text} IS NULL THEN NULL WHEN NOT ({_valid_duckdb(text)}) THEN 'junk' "
        f"WHEN regexp_full_match({text}, '{_EMPTY}') THEN 'empty' ELSE CASE json_type({text}) "
        "WHEN 'NULL' THEN 'null' WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' "
        "ELSE 'scalar' END END"
    )


@compiles(JsonKind, "sqlite")
def _kind_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    text = compiler.process(element.clauses, **kw)
    return (
        f"CASE WHEN {text} IS NULL THEN NULL WHEN NOT json_valid({text}) THEN 'junk' "
        f"WHEN json({text}) IN ('{{}}', '[]') THEN 'empty' ELSE CASE json_type({text}) "
        "WHEN 'null' THEN 'null' WHEN 'object' THEN 'object' WHEN 'array' THEN 'array' "
        "ELSE 'scalar' END END"
    )


class ByteOrder(_Construct):
    """A text that sorts by its bytes (by code points, then), whatever the database's collation."""

    name = "kpisdk_byte_order"
    type = sa.Text()
    inherit_cache = True


@compiles(ByteOrder)
def _bytes_as_is(element: Any, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(element.clauses, **kw))


@compiles(ByteOrder, "postgresql")
def _bytes_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f'({compiler.process(element.clauses, **kw)} COLLATE "C")'


class SqliteNumber(_Construct):
    """SQLite only: a number column whose texts are refused, and not read as zero."""

    name = "kpisdk_number"
    type = sa.Double()
    inherit_cache = True


@compiles(SqliteNumber)
def _number(element: Any, compiler: Any, **kw: Any) -> str:
    # The function is called for what is no number only: numbers cost no step into Python.
    column = compiler.process(element.clauses, **kw)
    if standalone.is_asked(kw):
        return standalone.sqlite_number(column)
    return (
        f"CASE WHEN typeof({column}) IN ('text', 'blob') THEN kpisdk_not_number({column}) "
        f"ELSE {column} END"
    )


class SqliteFlag(_Construct):
    """SQLite only: a bool column in which anything but 0 and 1 is refused."""

    name = "kpisdk_flag"
    type = sa.Boolean()
    inherit_cache = True


@compiles(SqliteFlag)
def _flag(element: Any, compiler: Any, **kw: Any) -> str:
    column = compiler.process(element.clauses, **kw)
    if standalone.is_asked(kw):
        return standalone.sqlite_flag(column)
    return f"CASE WHEN {column} NOT IN (0, 1) THEN kpisdk_not_flag({column}) ELSE {column} END"


class SqliteInstant(_Construct):
    """SQLite only: an instant as fixed-width UTC text, whatever form it is stored in."""

    name = "kpisdk_instant"
    type = Instant()
    inherit_cache = True


@compiles(SqliteInstant)
def _instant_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    text = compiler.process(element.clauses, **kw)
    return standalone.sqlite_instant(text) if standalone.is_asked(kw) else f"kpisdk_instant({text})"


class SqliteDay(_Construct):
    """SQLite only: a day as ISO text, from a day or an instant."""

    name = "kpisdk_day"
    type = Day()
    inherit_cache = True


@compiles(SqliteDay)
def _day_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    text = compiler.process(element.clauses, **kw)
    return standalone.sqlite_day(text) if standalone.is_asked(kw) else f"kpisdk_day({text})"


class UtcColumn(_Construct):
    """A column of instants with a zone. Sessions run in UTC; a view says so itself."""

    name = "kpisdk_utc"
    type = Instant()
    inherit_cache = True


@compiles(UtcColumn)
def _utc(element: Any, compiler: Any, **kw: Any) -> str:
    column = compiler.process(element.clauses, **kw)
    return f"({column} AT TIME ZONE 'UTC')" if standalone.is_asked(kw) else str(column)


@compiles(UtcColumn, "duckdb")
def _utc_duckdb(element: Any, compiler: Any, **kw: Any) -> str:
    column = compiler.process(element.clauses, **kw)
    return f"make_timestamp(epoch_us({column}))" if standalone.is_asked(kw) else str(column)


class AddDays(_Construct):
    """A day so many days later."""

    name = "kpisdk_add_days"
    type = Day()
    inherit_cache = True


@compiles(AddDays)
def _add_days(element: Any, compiler: Any, **kw: Any) -> str:
    day, days = _two(element, compiler, **kw)
    return f"({day} + CAST({days} AS INTEGER))"


@compiles(AddDays, "sqlite")
def _add_days_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    day, days = _two(element, compiler, **kw)
    return f"date({day}, {days} || ' days')"

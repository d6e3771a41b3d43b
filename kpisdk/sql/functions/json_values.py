"""Functions of JSON documents, in which junk is NULL and never an error."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from kpisdk.sql import standalone
from kpisdk.sql.functions.construct import Construct
from kpisdk.sql.sqlite import PAIR, UNHELD


class JsonNumber(Construct):
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


class CanonicalJson(Construct):
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


class JsonKind(Construct):
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

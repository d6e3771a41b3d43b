"""JSON by one rule on every engine, in each engine's words.

The rule: a document is what RFC 8259 says, and nothing before or after it; ``NaN``, ``Infinity``,
comments and trailing commas are junk, and so is an escape that stands for no character of a text
(NUL, half a surrogate pair). Of a key that is named twice, the last one counts. A number beyond the
range of doubles (``1e999``) is no number to read; between documents, numbers are compared exactly.
"""

from __future__ import annotations

from typing import Any

from kpisdk.sql.rendering import arguments_of
from kpisdk.sql.sqlite_functions import PAIR, UNHELD

_EMPTY = r"[ \t\r\n]*(\{[ \t\r\n]*\}|\[[ \t\r\n]*\])[ \t\r\n]*"
_WORDS = {"null": "null", "object": "object", "array": "array"}


def _processed(element: Any, compiler: Any, **kw: Any) -> list[str]:
    return [compiler.process(each, **kw) for each in arguments_of(element)]


def _kinds(kind: str, words: dict[str, str]) -> str:
    cases = " ".join(f"WHEN '{word}' THEN '{meant}'" for word, meant in words.items())
    return f"CASE {kind} {cases} ELSE 'scalar' END"


# --- DuckDB ---------------------------------------------------------------------------------------

_LENIENT = r"(?i)nan|inf|,[ \t\r\n]*[\]}]"
_STRINGS = r'"(\\.|[^"\\])*"'


def _valid_duckdb(text: str) -> str:
    """Whether a text is JSON: DuckDB's own test lets NaN, Infinity and trailing commas pass.

    Those are looked for outside strings, and strings are taken out only where there is cause to:
    of an AND DuckDB evaluates both sides for every row, of a CASE only the branch that is taken.
    """
    bare = f"regexp_replace({text}, '{_STRINGS}', '\"\"', 'g')"
    strict = f"NOT regexp_matches({bare}, '{_LENIENT}')"
    plain = f"CASE WHEN regexp_matches({text}, '{_LENIENT}') THEN {strict} ELSE true END"
    return f"json_valid({text}) AND {plain} AND {_held_duckdb(text)}"


def _held_duckdb(text: str) -> str:
    """Whether a text can hold every character that a document escapes."""
    bare = rf"regexp_replace(replace({text}, '\\', ''), '{PAIR}', '', 'g')"
    held = f"NOT regexp_matches({bare}, '{UNHELD}')"
    return rf"CASE WHEN contains({text}, '\u') THEN {held} ELSE true END"


def number_duckdb(element: Any, compiler: Any, **kw: Any) -> str:
    """The engine takes the first of equal keys: where there may be two, a function reads."""
    document, *keys = _processed(element, compiler, **kw)
    path = f"CAST(to_json([{', '.join(f'CAST({key} AS VARCHAR)' for key in keys)}]) AS VARCHAR)"
    text = f"CAST({document} AS VARCHAR)"
    twice = f"kpisdk_json_number({text}, {path})"
    return _number_duckdb(text, keys, twice)


def number_duckdb_view(element: Any, compiler: Any, **kw: Any) -> str:
    """The same without a function of ours."""
    document, *keys = _processed(element, compiler, **kw)
    text = f"CAST({document} AS VARCHAR)"
    is_read = f"{_valid_duckdb(text)} AND ({_twice_duckdb(text, keys)})"
    found = f"CASE WHEN {is_read} THEN CAST({text} AS JSON) END"
    for key in keys:
        named = f"key = CAST({key} AS VARCHAR)"
        found = f"(SELECT last(value ORDER BY id) FROM json_each({found}) WHERE {named})"
    is_number = f"json_type({found}) IN {_NUMBERS}"
    twice = _finite_duckdb(f"CASE WHEN {is_number} THEN CAST({found} AS VARCHAR)::DOUBLE END")
    return _number_duckdb(text, keys, twice)


_NUMBERS = "('DOUBLE', 'UBIGINT', 'BIGINT', 'HUGEINT')"


def _number_duckdb(text: str, keys: list[str], twice: str) -> str:
    pointer = " || ".join(
        f"'/' || replace(replace(CAST({key} AS VARCHAR), '~', '~0'), '/', '~1')" for key in keys
    )
    found = _finite_duckdb(f"json_extract_string({text}, {pointer})::DOUBLE")
    once = f"CASE WHEN json_type({text}, {pointer}) IN {_NUMBERS} THEN {found} END"
    return (
        f"CASE WHEN {_valid_duckdb(text)} THEN "
        f"CASE WHEN {_twice_duckdb(text, keys)} THEN {twice} ELSE {once} END END"
    )


def _twice_duckdb(text: str, keys: list[str]) -> str:
    """Whether a key of the path may stand twice in a document: cheap, and never wrongly no.

    A key that is spelt with escapes would not be seen, so any of these is cause enough.
    """
    marks = [f"('\"' || CAST({key} AS VARCHAR) || '\"')" for key in keys]
    seen = [f"contains(substr({text}, strpos({text}, {m}) + 1), {m})" for m in marks]
    return " OR ".join([rf"contains({text}, '\')", *seen])


def _finite_duckdb(number: str) -> str:
    # Nothing shares what stands twice in a CASE: the number is worked out once, as a list of one.
    return f"list_transform([{number}], lambda n: CASE WHEN isfinite(n) THEN n END)[1]"


def kind_duckdb(element: Any, compiler: Any, **kw: Any) -> str:
    """The word for a document."""
    text = f"CAST({_processed(element, compiler, **kw)[0]} AS VARCHAR)"
    kinds = _kinds(f"json_type({text})", {word.upper(): meant for word, meant in _WORDS.items()})
    return (
        f"CASE WHEN {text} IS NULL THEN NULL WHEN NOT ({_valid_duckdb(text)}) THEN 'junk' "
        f"WHEN regexp_full_match({text}, '{_EMPTY}') THEN 'empty' ELSE {kinds} END"
    )


def canonical_duckdb_view(element: Any, compiler: Any, **kw: Any) -> str:
    """What stands at each path; two documents are equal exactly when these are.

    Numbers are compared by value, so that 1.0 is 1. A node is hidden by a later one of its name.
    """
    text = f"CAST({_processed(element, compiler, **kw)[0]} AS VARCHAR)"
    valid = _valid_duckdb(text)
    number = "CAST(CAST(n.atom AS VARCHAR) AS DOUBLE)"
    whole = f"{number} = trunc({number}) AND abs({number}) < 1e18"
    atom = (
        f"CASE WHEN n.type = 'DOUBLE' THEN 'n' || CASE WHEN {whole} "
        f"THEN CAST(CAST({number} AS BIGINT) AS VARCHAR) ELSE CAST({number} AS VARCHAR) END "
        "WHEN n.type IN ('BIGINT', 'UBIGINT', 'HUGEINT') THEN 'n' || CAST(n.atom AS VARCHAR) "
        "ELSE n.type || coalesce(CAST(n.atom AS VARCHAR), '') END"
    )
    tree = f"json_tree(CASE WHEN {valid} THEN {text} END)"
    hidden = _hidden(tree, "starts_with(n.fullkey, s.fullkey || '{}')")
    nodes = (
        f"SELECT string_agg(n.fullkey || ' ' || {atom}, chr(31) ORDER BY n.fullkey) "
        f"FROM {tree} n WHERE NOT {hidden}"
    )
    return f"CASE WHEN {valid} THEN ({nodes}) END"


def _hidden(tree: str, within: str) -> str:
    """Whether a node of a document is, or stands in, what a later one of the same name replaces."""
    inside = " OR ".join(within.format(mark) for mark in (".", "["))
    same = f"n.fullkey = s.fullkey OR {inside}"
    return f"EXISTS (SELECT 1 FROM {tree} s WHERE s.id > n.id AND ({same}))"


# --- PostgreSQL -----------------------------------------------------------------------------------

_IS_JSON = (16,)
"""The first version that can ask whether a text is JSON."""


def _valid_postgresql(text: str, compiler: Any) -> str:
    version = getattr(compiler.dialect, "server_version_info", None) or (0,)
    valid = f"{text} IS JSON" if version >= _IS_JSON else _reduces_to_a_value(text)
    bare = rf"regexp_replace(replace({text}, '\\', ''), '{PAIR}', '', 'g')"
    return rf"{valid} AND (strpos({text}, '\u') = 0 OR {bare} !~ '{UNHELD}')"


def _reduces_to_a_value(text: str) -> str:
    """Whether a text is JSON, by its grammar: before version 16, casting junk is an error.

    Strings become chr(2), other scalars chr(1), which JSON allows nowhere; then what is innermost
    becomes a value until nothing changes. What is left of a document is one value.
    """
    string = r'"([^"\\\u0001-\u001f]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*"'
    scalar = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?|true|false|null"
    value, pair = r"[\u0001\u0002]", r"\u0002:[\u0001\u0002]"
    inner = rf"\[({value}(,{value})*)?\]|\{{({pair}(,{pair})*)?\}}"
    tokens = f"regexp_replace({text}, '{string}', chr(2), 'g')"
    tokens = f"regexp_replace({tokens}, '{scalar}', chr(1), 'g')"
    tokens = rf"regexp_replace({tokens}, '[ \t\n\r]+', '', 'g')"
    controls = r"[\u0001-\u0008\u000b\u000c\u000e-\u001f]"
    return (
        f"({text} !~ '{controls}' AND (WITH RECURSIVE reduced(rest, step) AS (SELECT {tokens}, 0 "
        f"UNION ALL SELECT regexp_replace(rest, '{inner}', chr(1), 'g'), step + 1 FROM reduced "
        f"WHERE rest ~ '{inner}') SELECT rest IN (chr(1), chr(2)) FROM reduced "
        "ORDER BY step DESC LIMIT 1))"
    )


def number_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    """The number as a double; the outer CASE keeps junk from the cast, which would fail."""
    document, *keys = _processed(element, compiler, **kw)
    text = f"CAST({document} AS TEXT)"
    path = ", ".join(f"CAST({key} AS TEXT)" for key in keys)
    # jsonb cannot hold exponents of thousands, and no double can.
    tiny, huge = r"-?[0-9.]+[eE]-0*[1-9][0-9]{3,}", r"-?[0-9.]+[eE]\+?0*[1-9][0-9]{3,}"
    held = f"regexp_replace(regexp_replace({text}, '{tiny}', '0', 'g'), '{huge}', 'null', 'g')"
    held = f"CASE WHEN {text} ~ '[eE][+-]?[0-9]{{4}}' THEN {held} ELSE {text} END"
    found = f"CAST({held} AS JSONB) #> ARRAY[{path}]"
    number = f"CAST({found} AS TEXT)"
    exact = f"CAST({number} AS NUMERIC)"
    return (
        f"CASE WHEN {_valid_postgresql(text, compiler)} THEN "
        f"CASE WHEN jsonb_typeof({found}) = 'number' THEN "
        f"CASE WHEN length({number}) < 300 THEN CAST({number} AS DOUBLE PRECISION) "
        f"WHEN abs({exact}) > 1.7976931348623157e308 THEN NULL "
        f"WHEN abs({exact}) < 5e-324 THEN 0 "
        f"ELSE CAST({exact} AS DOUBLE PRECISION) END END END"
    )


def canonical_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    """``jsonb``, which compares by value."""
    text = f"CAST({_processed(element, compiler, **kw)[0]} AS TEXT)"
    beyond = "[eE][+-]?0*[1-9][0-9]{4}"
    valid = f"{_valid_postgresql(text, compiler)} AND {text} !~ '{beyond}'"
    return f"CASE WHEN {valid} THEN CAST({text} AS JSONB) END"


def kind_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    """The word for a document; the first branches keep junk from the cast, which would fail."""
    text = f"CAST({_processed(element, compiler, **kw)[0]} AS TEXT)"
    kinds = _kinds(f"json_typeof(CAST({text} AS JSON))", _WORDS)
    return (
        f"CASE WHEN {text} IS NULL THEN NULL WHEN NOT ({_valid_postgresql(text, compiler)}) "
        f"THEN 'junk' WHEN {text} ~ '^{_EMPTY}$' THEN 'empty' ELSE {kinds} END"
    )


# --- SQLite ---------------------------------------------------------------------------------------


def _kind_sqlite(text: str, held: str) -> str:
    valid = rf"json_valid({text}) AND (instr({text}, '\u') = 0 OR {held})"
    return (
        f"CASE WHEN {text} IS NULL THEN NULL WHEN NOT ({valid}) THEN 'junk' "
        f"WHEN json({text}) IN ('{{}}', '[]') THEN 'empty' "
        f"ELSE {_kinds(f'json_type({text})', _WORDS)} END"
    )


def kind_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    """The word for a document."""
    text = _processed(element, compiler, **kw)[0]
    return _kind_sqlite(text, f"kpisdk_json_held({text})")


def kind_sqlite_view(element: Any, compiler: Any, **kw: Any) -> str:
    """The same for a view, but for halves of surrogate pairs, which the engine does not see."""
    text = _processed(element, compiler, **kw)[0]
    return _kind_sqlite(text, rf"instr({text}, '\u0000') = 0")


def canonical_sqlite_view(element: Any, compiler: Any, **kw: Any) -> str:
    """What stands at each path; the engine does not see halves of surrogate pairs."""
    text = _processed(element, compiler, **kw)[0]
    valid = rf"json_valid({text}) AND instr({text}, '\u0000') = 0"
    atom = (
        "CASE WHEN n.type = 'real' THEN 'n' || CASE WHEN n.atom = CAST(n.atom AS INTEGER) "
        "THEN CAST(CAST(n.atom AS INTEGER) AS TEXT) ELSE printf('%!.17g', n.atom) END "
        "WHEN n.type = 'integer' THEN 'n' || n.atom "
        "ELSE n.type || coalesce(CAST(n.atom AS TEXT), '') END"
    )
    tree = f"json_tree(CASE WHEN {valid} THEN {text} END)"
    hidden = _hidden(tree, "instr(n.fullkey, s.fullkey || '{}') = 1")
    nodes = (
        f"SELECT n.fullkey || ' ' || {atom} AS node FROM {tree} n WHERE NOT {hidden} "
        "ORDER BY n.fullkey"
    )
    return f"CASE WHEN {valid} THEN (SELECT group_concat(node, char(31)) FROM ({nodes})) END"

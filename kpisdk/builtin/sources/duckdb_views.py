"""What the rows of a DuckDB view depend on outside of its database: the files that it reads.

A view keeps the name of a file and not its rows, so the database file does not change where that
file does. DuckDB's own parser says what a view reads; what it does not say for certain (a path that
is made up, another database, a server) leaves the view without an identity.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import attrs

from kpisdk.builtin.sources.duckdb_imports import without_pandas
from kpisdk.contracts.file_identity import file_identity

_HARMLESS = frozenset(
    ("range", "generate_series", "unnest", "json_each", "json_tree", "repeat", "repeat_row")
)
"""Table functions that make rows of their arguments alone."""

_READERS = frozenset(
    (
        *("read_csv", "read_csv_auto", "read_parquet", "parquet_scan", "read_text", "read_blob"),
        *("read_json", "read_json_auto", "read_json_objects", "read_json_objects_auto"),
        *("read_ndjson", "read_ndjson_auto", "read_ndjson_objects"),
    )
)
"""Table functions whose first argument names files."""


class _UnknownError(Exception):
    """Something that a view reads cannot be determined."""


@attrs.frozen
class ViewFiles:
    """The views and macros of one database, as one connection sees them."""

    connection: Any
    database: str
    tables: frozenset[tuple[str, str]]
    views: dict[tuple[str, str], str]
    macros: dict[str, list[str]]

    @classmethod
    def of(cls, connection: Any) -> ViewFiles:
        """Those that a raw DuckDB connection sees."""

        def asked(statement: str) -> list[Any]:
            return list(connection.execute(statement).fetchall())

        macros: dict[str, list[str]] = {}
        for name, kind, text in asked(
            "SELECT function_name, function_type, macro_definition FROM duckdb_functions() "
            "WHERE NOT internal AND macro_definition IS NOT NULL"
        ):
            query = text if kind == "table_macro" else f"SELECT {text}"
            macros.setdefault(name.lower(), []).append(query)
        views = asked(
            "SELECT lower(schema_name), lower(view_name), sql, internal FROM duckdb_views()"
        )
        tables = asked("SELECT lower(schema_name), lower(table_name) FROM duckdb_tables()")
        plain = [(schema, name) for schema, name, _, internal in views if internal]
        return cls(
            connection,
            asked("SELECT lower(current_database())")[0][0],
            frozenset([*map(tuple, tables), *plain]),
            {(schema, name): sql for schema, name, sql, internal in views if not internal},
            macros,
        )

    def identity(self, table: str) -> str | None:
        """The files behind a table or view with their identities; ``None``: nobody can tell."""
        schema, _, name = table.lower().rpartition(".")
        try:
            found = sorted(set(self._of_table(schema or "main", name, set())))
        except (_UnknownError, OSError):
            return None
        return "\0".join(f"{file}\0{file_identity(file)}" for file in found)

    def _of_table(self, schema: str, name: str, seen: set[Any]) -> Iterator[str]:
        text = self.views.get((schema, name))
        if text is None or (schema, name) in seen:
            return
        seen.add((schema, name))
        yield from self._of_query(_query_of(text), seen)

    def _of_query(self, query: str, seen: set[Any]) -> Iterator[str]:
        with without_pandas():
            found = self.connection.execute("SELECT json_serialize_sql(?)", [query]).fetchone()
        (text,) = found
        tree = json.loads(text)
        if tree.get("error"):
            raise _UnknownError
        named = {str(each).lower() for each in _named_queries(tree)}
        for node in _nodes(tree):
            if node.get("type") == "BASE_TABLE":
                yield from self._of_reference(node, named, seen)
            elif node.get("type") == "TABLE_FUNCTION":
                yield from self._of_function(node["function"], seen)
            elif node.get("class") == "FUNCTION":
                yield from self._of_macro(str(node["function_name"]).lower(), seen)

    def _of_reference(self, node: dict[str, Any], named: set[str], seen: set[Any]) -> Iterator[str]:
        parts = [str(node.get(key) or "") for key in ("catalog_name", "schema_name", "table_name")]
        catalog, schema, name = (part.lower() for part in parts)
        if not schema and not catalog and name in named:
            return
        # "a.b" may be a schema or a catalogue before a table.
        places = {schema or "main", *({"main"} if schema == self.database else ())}
        for place in places:
            if catalog in ("", self.database) and (place, name) in self.views:
                yield from self._of_table(place, name, seen)
                return
            if catalog in ("", self.database) and (place, name) in self.tables:
                return
        # Else DuckDB takes the name for that of a file.
        yield from self._files(".".join(part for part in parts if part))

    def _of_function(self, function: dict[str, Any], seen: set[Any]) -> Iterator[str]:
        name = str(function["function_name"]).lower()
        if name in self.macros:
            yield from self._of_macro(name, seen)
        elif name in _READERS:
            for path in _paths(function["children"][:1]):
                yield from self._files(path)
        elif name not in _HARMLESS:
            raise _UnknownError

    def _of_macro(self, name: str, seen: set[Any]) -> Iterator[str]:
        if name in seen:
            return
        seen.add(name)
        for query in self.macros.get(name, ()):
            yield from self._of_query(query, seen)

    def _files(self, pattern: str) -> Iterator[str]:
        if "://" in pattern:
            raise _UnknownError
        found = self.connection.execute("SELECT file FROM glob(?)", [pattern]).fetchall()
        if not found:
            raise _UnknownError  # a frame of Python, a table elsewhere, or a file that is not there
        for (file,) in found:
            yield str(file)


def _query_of(view: str) -> str:
    """The query of ``CREATE VIEW … AS query``, behind the first AS that is no name."""
    import duckdb

    for offset, kind in duckdb.tokenize(view):
        is_word = kind == duckdb.token_type.keyword
        if is_word and view.encode()[offset : offset + 2].upper() == b"AS":
            return view.encode()[offset + 2 :].decode()
    raise _UnknownError


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """All objects of a parsed query."""
    if isinstance(tree, dict):
        yield tree
        for each in tree.values():
            yield from _nodes(each)
    elif isinstance(tree, list):
        for each in tree:
            yield from _nodes(each)


def _named_queries(tree: Any) -> Iterator[str]:
    """The names that WITH gives to queries."""
    for node in _nodes(tree):
        for each in (node.get("cte_map") or {}).get("map") or ():
            yield each["key"]


def _paths(arguments: list[dict[str, Any]]) -> Iterator[str]:
    """The paths that a reader is given: a text, or a list of texts."""
    if not arguments:
        raise _UnknownError
    for argument in arguments:
        if argument.get("type") == "VALUE_CONSTANT" and isinstance(
            argument["value"].get("value"), str
        ):
            yield argument["value"]["value"]
        elif argument.get("class") == "FUNCTION" and argument["function_name"] == "list_value":
            yield from _paths(argument["children"])
        else:
            raise _UnknownError

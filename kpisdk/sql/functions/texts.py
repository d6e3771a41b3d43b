"""Functions of texts that no locale or collation may change."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from kpisdk.sql.functions.construct import Construct


class AsciiLower(Construct):
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


class Contains(Construct):
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


class ByteOrder(Construct):
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

"""One expression as the tree that sqlglot parses it into, and places in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from kpisdk import quoted

if TYPE_CHECKING:
    from sqlglot import exp

LONGEST = 4_000
"""No expression is longer; a longer one is refused before anything looks into it."""

SUPPORTED = (
    "An expression holds columns, :parameters, constants, comparisons, AND, OR, NOT, IN, BETWEEN, "
    "IS NULL, LIKE '%part%', + - * / and functions such as coalesce and days_between"
)
"""What an expression may hold, for messages."""

Fault: TypeAlias = tuple[int, str]
"""Where in the text (a character's offset), and what is wrong there."""


def parsed(text: str) -> exp.Expr | list[Fault]:
    """The tree of one expression, or what is wrong with the text."""
    from sqlglot import Dialect, TokenType, errors, exp

    if len(text) > LONGEST:
        return [(0, f"is {len(text)} characters long; {LONGEST} are the most")]
    dialect = Dialect.get_or_raise(None)
    try:
        tokens = dialect.tokenize(text)
        ends = [each.start for each in tokens if each.token_type is TokenType.SEMICOLON]
        remarked = [each.start for each in tokens if each.comments]
        if ends or remarked:
            told = [(start, "';' ends a statement; this is one expression") for start in ends]
            return told + [(start, "an expression holds no comments") for start in remarked]
        # A condition, and not a statement: the parser then knows no SELECT, DROP or SET.
        (tree,) = dialect.parser().parse_into(exp.Condition, tokens, text)
    except errors.TokenError:
        return [(0, "is no SQL expression: a text or a quoted name has no end")]
    except errors.ParseError as error:
        return [_unparsable(error, text)]
    except RecursionError:
        return [(0, "is nested too deeply to be read")]
    return tree if tree is not None else [(0, "must not be empty")]


def _unparsable(error: Any, text: str) -> Fault:
    said = error.errors[0]
    lines = text.split("\n")
    end = sum(len(line) + 1 for line in lines[: said["line"] - 1]) + said["col"]
    fragment = said["highlight"] or ""
    near = f" near {quoted(fragment)}" if fragment else ""
    hint = " A column of that name is put in double quotes." if fragment.isidentifier() else ""
    return max(0, end - len(fragment)), f"is no SQL expression{near}.{hint} {SUPPORTED}"


def is_text(node: exp.Expr) -> bool:
    """Whether a node is a constant text."""
    return type(node).__name__ == "Literal" and bool(node.is_string)


def shown(node: exp.Expr) -> str:
    """A node as it may stand in a sentence."""
    return quoted(node.sql(), 60)


def call_of(node: exp.Expr) -> tuple[str, list[exp.Expr]]:
    """The name of a function as SQL has it, and its arguments in order."""
    if type(node).__name__ == "Anonymous":
        return str(node.this).lower(), list(node.expressions)
    operands = [node.args.get("this"), node.args.get("expression"), *node.expressions]
    name: str = node.sql_name()  # type: ignore[attr-defined] # each function has one
    return name.lower(), [each for each in operands if each is not None]


def offset_of(node: exp.Expr, text: str) -> int:
    """Where the first known part of a node stands in the text that it was parsed from.

    Args:
        node: of a parsed tree.
        text: the text.
    """
    return min(_starts(node, text), default=0)


def _starts(node: exp.Expr, text: str) -> Iterator[int]:
    for each in node.walk():
        start = each.meta.get("start")
        if start is not None:
            yield start
        elif type(each).__name__ == "Placeholder":  # the parser does not say where they stand
            yield max(0, text.find(f":{each.this}" if each.this else "?"))

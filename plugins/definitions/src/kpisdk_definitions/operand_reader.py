"""What an expression is made of: the columns, parameters and constants of a parsed text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

import attrs

from kpisdk import (
    Expression,
    KpisdkError,
    LogicalType,
    ProblemsError,
    UnknownNameError,
    expressions as ex,
    nearest,
    quoted,
)
from kpisdk_definitions.sql_text import Fault, is_text, offset_of, shown

if TYPE_CHECKING:
    from sqlglot import exp

AS_OF = "as_of"
"""The parameter that is the instant of the question."""


@attrs.frozen
class Names:
    """What an expression may refer to: columns and parameters, with their types.

    Attributes:
        relation: the name of the rows.
        columns: the types of its columns, by name.
        parameters: the types of the parameters, by name.
    """

    relation: str
    columns: Mapping[str, LogicalType]
    parameters: Mapping[str, LogicalType] = attrs.field(factory=dict)


class Refused(Exception):  # noqa: N818 - it carries nothing: the faults are noted already
    """A part of the tree is wrong; its faults are noted."""


@attrs.define(eq=False)
class Operands:
    """What an expression is made of, read part by part; the faults are collected on the way.

    Attributes:
        names: what may be referred to.
        text: the text that was parsed, for the places of faults.
        faults: what is wrong so far.
    """

    names: Names
    text: str
    faults: list[Fault] = attrs.field(factory=list)

    def refuse(self, node: exp.Expr, what: str) -> Refused:
        self.faults.append((offset_of(node, self.text), what))
        return Refused()

    def each(self, *reads: Callable[[], Expression]) -> list[Expression]:
        """What the functions read; the faults of all of them are noted before it stops."""
        found, failed = [], False
        for read in reads:
            try:
                found.append(read())
            except Refused:
                failed = True
        if failed:
            raise Refused
        return found

    def made(self, node: exp.Expr, make: Callable[[], Expression]) -> Expression:
        """A record that may refuse its operands.

        Args:
            node: where its faults are noted.
            make: makes the record.
        """
        try:
            return make()
        except ProblemsError as error:
            what = "; ".join(f"{each.where} {each.what}" for each in error.problems)
            advice = what.replace("use days_since", "use days_between(earlier, later)")
            raise self.refuse(node, advice) from error

    def column(self, node: exp.Expr, _: LogicalType | None) -> Expression:
        identifier = node.this
        if node.args.get("table") is not None and node.args["table"].name != self.names.relation:
            what = f"{shown(node)} is of another table; the rows are those of "
            raise self.refuse(node, f"{what}{self.names.relation!r}")
        written = str(identifier.this)
        name = written if identifier.args.get("quoted") else written.lower()
        logical = self.names.columns.get(name)
        if logical is not None:
            return ex.ColumnRef(name, logical)
        known = tuple(self.names.columns)
        said = UnknownNameError(f"column of {self.names.relation!r}", written, known).message
        if identifier.args.get("quoted") and not nearest(written, known):
            said += " A text stands in single quotes."
        raise self.refuse(node, said)

    def parameter(self, node: exp.Expr, _: LogicalType | None) -> Expression:
        name = str(node.this or "")
        if not name:
            raise self.refuse(node, "? has no name; a parameter is written :name")
        if name == AS_OF:
            return ex.AsOf()
        logical = self.names.parameters.get(name)
        if logical is None:
            known = (*self.names.parameters, AS_OF)
            raise self.refuse(node, UnknownNameError("parameter", f"{name}", known).message)
        return ex.ParameterRef(name, logical)

    def literal(self, node: exp.Expr, beside: LogicalType | None) -> Expression:
        text = str(node.this)
        if not node.is_string:
            return self.number(node, text)
        if beside is not None and beside.is_temporal:
            return self.instant(node, text, beside)
        return self.made(node, lambda: ex.Literal(text, LogicalType.TEXT))

    def number(self, node: exp.Expr, text: str) -> Expression:
        if text.isascii() and text.isdigit() and len(text) <= 25:
            return self.made(node, lambda: ex.Literal(int(text), LogicalType.INT))
        try:
            return self.made(node, lambda: ex.Literal(float(text), LogicalType.FLOAT))
        except ValueError as error:
            raise self.refuse(node, f"{quoted(text)} is not a number") from error

    def instant(self, node: exp.Expr, text: str, logical: LogicalType) -> Expression:
        from kpisdk import is_date, parse_instant

        try:
            moment = parse_instant(text)
        except KpisdkError as error:
            raise self.refuse(node, error.message) from error
        if logical is LogicalType.DATE and is_date(text):
            return ex.Literal(date(moment.year, moment.month, moment.day), LogicalType.DATE)
        return ex.Literal(moment, LogicalType.TIMESTAMP)

    def cast(self, node: exp.Expr, _: LogicalType | None) -> Expression:
        kind = node.args["to"].this.value
        if not is_text(node.this) or kind not in ("DATE", "TIMESTAMP"):
            what = f"{shown(node)}: types are not converted; DATE '2026-01-31' and "
            raise self.refuse(node, f"{what}TIMESTAMP '2026-01-31 12:00' are read")
        return self.instant(node.this, str(node.this.this), LogicalType(kind.lower()))

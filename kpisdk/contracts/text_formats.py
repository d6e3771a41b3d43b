"""How people write numbers, days and truth values in files: what a settings file says of it."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import attrs

from kpisdk.contracts.date_formats import fault_of
from kpisdk.errors import DefinitionError, Problem, nearest, quoted

DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
"""What may separate columns, and the words for it."""

MARKS = (".", ",", "'", " ")
"""What may stand between groups of three digits; the blank stands for the narrow and the
no-break one too, and the apostrophe for the typographic one."""


@attrs.frozen
class ColumnFormat:
    """How the texts of a column are written; what is not set is said by the table or the source.

    ``decimal`` is the decimal mark, ``.`` or ``,``. ``thousands`` is what stands between groups of
    three digits: ``.``, ``,``, ``'`` or a blank (narrow and no-break ones count as blanks).
    ``dates`` are the formats of days and instants, such as ``%d.%m.%Y`` or ``%d.%m.%Y %H:%M``;
    ``excel`` and ``excel-1904`` are numbers of days as Excel counts them. ``nulls`` are texts
    that mean a missing value, beside an empty cell. ``true`` and ``false`` are the words for truth
    values. ``symbols`` are texts beside a number that say nothing more, such as a currency's sign.
    ``percent`` says what 12 % stands for: ``ratio`` (0.12) or ``points`` (12).
    """

    decimal: Literal[".", ","] | None = None
    thousands: Literal[".", ",", "'", " "] | None = None
    dates: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    percent: Literal["ratio", "points"] | None = None

    def __attrs_post_init__(self) -> None:
        problems = list(self._faults())
        if problems:
            raise DefinitionError("Format", problems)

    def _faults(self) -> Iterator[Problem]:
        if self.thousands is not None and self.thousands == (self.decimal or "."):
            what = f"is {self.thousands!r}, which is the decimal mark; set decimal to the other one"
            yield Problem("thousands", what)
        for position, form in enumerate(self.dates):
            if (fault := fault_of(form)) is not None:
                yield Problem(f"dates[{position}]", f"{quoted(form)} {fault}")
        both = {word.casefold() for word in self.true} & {word.casefold() for word in self.false}
        for word in sorted(both):
            yield Problem("false", f"{quoted(word)} is one of true as well")
        for symbol in self.symbols:
            if not symbol.strip() or any(sign.isdigit() or sign in ".,'+-" for sign in symbol):
                what = f"{quoted(symbol)} is no sign beside a number: it is empty, or part of one"
                yield Problem("symbols", what)

    def over(self, other: ColumnFormat) -> ColumnFormat:
        """This one, and of ``other`` what is not set here."""
        own = {field.name: getattr(self, field.name) for field in attrs.fields(ColumnFormat)}
        said = {name: value for name, value in own.items() if value not in (None, ())}
        rest = {field.name: getattr(other, field.name) for field in attrs.fields(ColumnFormat)}
        if "decimal" in said and rest["thousands"] == said["decimal"]:
            rest["thousands"] = None  # the other one is for numbers of the other decimal mark
        return ColumnFormat(**{**rest, **said})


@attrs.frozen
class TableFormat(ColumnFormat):
    """How one table's file is written, and which of its columns are written otherwise.

    The keys of a column are for all of its columns: ``decimal``, ``thousands``, ``dates``,
    ``nulls``, ``true``, ``false``, ``symbols``, ``percent``. ``delimiter`` separates columns (a
    comma, a semicolon, a tab or a bar). ``encoding`` is such as ``utf-8``, ``cp1252`` or
    ``utf-16``. ``header`` is the line, or the row of a sheet, that names the columns, counted from
    1; what stands above is left out. ``footer`` is how many lines or rows at the end are no rows of
    the table, such as totals. ``columns`` are the formats of single columns by the names that the
    file gives them.
    """

    delimiter: str | None = None
    encoding: str | None = None
    header: int | None = None
    footer: int | None = None
    columns: Mapping[str, ColumnFormat] = attrs.field(factory=dict)

    def _faults(self) -> Iterator[Problem]:
        yield from super()._faults()
        if self.delimiter is not None and self.delimiter not in DELIMITERS:
            words = ", ".join(DELIMITERS.values())
            yield Problem("delimiter", f"must be one of {words}; it is {quoted(self.delimiter)}")
        if self.encoding is not None and not _is_encoding(self.encoding):
            close = nearest(self.encoding, _ENCODINGS, 1) or (f"one of {', '.join(_ENCODINGS)}",)
            hint = f"; did you mean {close[0]}?"
            yield Problem("encoding", f"{quoted(self.encoding)} is no encoding of text{hint}")
        if self.header is not None and self.header < 1:
            what = f"is the number of a line, from 1; it is {self.header}"
            yield Problem("header", f"{what}. A file without names of columns cannot be read")
        if self.footer is not None and self.footer < 0:
            yield Problem("footer", f"must be 0 or more; it is {self.footer}")

    def of(self, column: str) -> ColumnFormat:
        """How a column is written; its name's case does not matter."""
        folded = column.casefold()
        own = [each for name, each in self.columns.items() if name.casefold() == folded]
        plain = ColumnFormat().over(self)
        return own[0].over(plain) if own else plain


@attrs.frozen
class FileFormat(TableFormat):
    """How a source's files are written; ``tables`` says it of single tables.

    It is for CSV files, and for the texts in spreadsheets, whose numbers, days and truth values
    are told from texts. The keys of a column are for all columns (``decimal``, ``thousands``,
    ``dates``, ``nulls``, ``true``, ``false``, ``symbols``, ``percent``), those of a table for all
    tables (``delimiter``, ``encoding``, ``header``, ``footer``, ``columns``). ``tables`` are the
    formats of single tables by the names of their files or sheets.
    """

    tables: Mapping[str, TableFormat] = attrs.field(factory=dict)

    def table(self, name: str) -> TableFormat:
        """How a table is written; its name's case does not matter."""
        own = next((each for each in self.tables if each.casefold() == name.casefold()), None)
        plain = _as_table(self)
        if own is None:
            return plain
        given = self.tables[own]
        layout = {
            key: getattr(plain if getattr(given, key) is None else given, key)
            for key in ("delimiter", "encoding", "header", "footer")
        }
        cells = _fields(given.over(plain), ColumnFormat)
        # What a table says of all of its columns comes before what the source says of one.
        return TableFormat(**cells, **layout, columns={**plain.columns, **given.columns})


_ENCODINGS = ("utf-8", "utf-16", "cp1252", "latin-1", "cp1250", "cp437", "cp850", "mac-roman")


def _as_table(format_: FileFormat) -> TableFormat:
    return TableFormat(**_fields(format_, TableFormat))


def _fields(record: Any, cls: type) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in attrs.fields(cls)}


def _is_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding  # noqa: SLF001 - what open() itself asks
    except LookupError:
        return False

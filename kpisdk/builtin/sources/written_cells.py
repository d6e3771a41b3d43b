"""From cells as people write them to the one form that is read strictly, in DuckDB's SQL.

What is not written as the settings say is no value: it becomes NULL where the cell is not, which
:mod:`kpisdk.builtin.sources.text_cells` tells as a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import attrs

from kpisdk.builtin.sources import sheet_rows
from kpisdk.builtin.sources.typed_views import text
from kpisdk.builtin.sources.workbook_marks import PERCENT
from kpisdk.contracts.date_formats import EXCEL, EXCEL_1904, SERIALS, pattern_of
from kpisdk.contracts.text_formats import ColumnFormat
from kpisdk.contracts.vocabulary import LogicalType

GROUPED = r"\s*[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+\s*"
"""A number with a point before every three digits: thousands to some, a fraction to others."""

_BLANKS = r"[\s\x{a0}\x{202f}]*"
_INFINITE = r"(?i)[+-]?(inf|infinity|nan)"
_SEPARATORS = {".": r"\.", ",": ",", "'": "['\u2019]", " ": r"[ \x{a0}\x{202f}]"}
_FIRST_SERIAL = {EXCEL: 61, EXCEL_1904: 0}
_ZERO = {EXCEL: "1899-12-30", EXCEL_1904: "1904-01-01"}
_PAST_SERIALS = 2958466
"""The first number of a day that Excel does not know; before 61 its 1900 has a day too many."""

_READ_AS = {
    LogicalType.TEXT: (sheet_rows.NUMBER, sheet_rows.FLAG),
    LogicalType.JSON: (sheet_rows.NUMBER, sheet_rows.FLAG),
    LogicalType.INT: (sheet_rows.NUMBER,),
    LogicalType.FLOAT: (sheet_rows.NUMBER, sheet_rows.LONG),
    LogicalType.BOOL: (sheet_rows.FLAG, sheet_rows.NUMBER),
    LogicalType.DATE: (sheet_rows.DAY,),
    LogicalType.TIMESTAMP: (sheet_rows.DAY,),
}
"""The values of a spreadsheet that a declared type takes as they are."""

_UNDECLARED = (
    *(sheet_rows.NUMBER, sheet_rows.LONG, sheet_rows.FLAG, sheet_rows.DAY, sheet_rows.SPAN),
    PERCENT,
)


@attrs.frozen
class WrittenCells:
    """The cells of one column: how its texts are written, and where they come from.

    ``has_points`` says that a point may stand between thousands in the file, since nothing says
    that it is the decimal mark; ``is_sheet`` that its values are marked
    (:mod:`kpisdk.builtin.sources.sheet_rows`), and ``is_1904`` from where the workbook counts days.
    """

    how: ColumnFormat
    declared: LogicalType | None
    has_points: bool = False
    is_sheet: bool = False
    is_1904: bool = False

    def given(self, cell: str) -> str:
        """The cell, or NULL where it is one of the texts for a missing value."""
        if not self.how.nulls:
            return cell
        nulls = [each.strip() for each in self.how.nulls]
        if self.is_sheet:
            nulls += [f"{sheet_rows.VALUE}{sheet_rows.NUMBER}{each}" for each in nulls]
        return f"CASE WHEN {_trimmed(cell)} NOT IN ({_listed(nulls)}) THEN {cell} END"

    def plain(self, cell: str) -> str:
        """The one form of a cell that is read strictly; NULL where it is not written so."""
        if not self.is_sheet:
            return self._text(cell)
        value, written = self._value(cell), self._text(cell)
        return f"CASE WHEN {self._is_value(cell)} THEN {value} ELSE {written} END"

    def instant(self, cell: str) -> str | None:
        """A cell in one of the formats of days and instants, as TIMESTAMP; ``None``: none is set.

        A text that two formats read as different days is of neither.
        """
        if not self.how.dates:
            return None
        found = [self._dated(cell, form) for form in self.how.dates]
        written = found[0]
        if len(found) > 1:
            every = ", ".join(found)
            written = f"CASE WHEN least({every}) = greatest({every}) THEN least({every}) END"
        if not self.is_sheet:
            return written
        return (
            f"CASE WHEN {self._is_value(cell)} THEN {self._serial_value(cell)} ELSE {written} END"
        )

    def is_day_value(self, cell: str) -> str:
        """Whether a cell is a day or an instant of the spreadsheet itself."""
        return f"starts_with({cell}, {text(sheet_rows.VALUE + sheet_rows.DAY)})"

    def _is_value(self, cell: str) -> str:
        return f"starts_with({cell}, {text(sheet_rows.VALUE)})"

    def _value(self, cell: str) -> str:
        """A value of the spreadsheet as text, where it is of the column's type."""
        taken = _UNDECLARED if self.declared is None else _READ_AS[self.declared]
        kept = f"WHEN substr({cell}, 2, 1) IN ({_listed(taken)}) THEN substr({cell}, 3)"
        percent = ""
        if self.declared is not None and self.declared.is_numeric and self.how.percent:
            points = "" if self.how.percent == "ratio" else " || 'e2'"
            letter = f"substr({cell}, 2, 1) = {text(PERCENT)}"
            percent = f" WHEN {letter} THEN substr({cell}, 3){points}"
        return f"CASE {kept}{percent} END"

    def _serial_value(self, cell: str) -> str:
        serials = [form for form in self.how.dates if form in SERIALS]
        if not serials:
            return "CAST(NULL AS TIMESTAMP)"
        of_book = EXCEL_1904 if self.is_1904 else EXCEL
        is_number = f"starts_with({cell}, {text(sheet_rows.VALUE + sheet_rows.NUMBER)})"
        return f"CASE WHEN {is_number} THEN {_serial(f'substr({cell}, 3)', of_book)} END"

    def _text(self, cell: str) -> str:
        if self.declared is None or self.declared in (LogicalType.TEXT, LogicalType.JSON):
            return cell
        if self.declared.is_numeric:
            return self._number(cell)
        if self.declared is LogicalType.BOOL:
            return self._flag(cell)
        return cell

    def _flag(self, cell: str) -> str:
        words = {"true": self.how.true, "false": self.how.false}
        parts = [
            f"WHEN lower({_trimmed(cell)}) IN ({_listed(each.strip().lower() for each in said)}) "
            f"THEN '{value}'"
            for value, said in words.items()
            if said
        ]
        return f"CASE {' '.join(parts)} ELSE {cell} END" if parts else cell

    def _number(self, cell: str) -> str:
        how = self.how
        if how.decimal is None and how.thousands is None:
            if self.has_points:
                guarded = f"regexp_full_match({cell}, {text(GROUPED)})"
                cell = f"CASE WHEN NOT {guarded} THEN {cell} END"
            if not how.symbols and how.percent is None:
                return cell
            return self._without_signs(cell, lambda bare: bare)
        return self._without_signs(cell, self._marked)

    def _without_signs(self, cell: str, read: Callable[[str], str]) -> str:
        """A number without what stands beside it; one with a sign of percent is of hundredths."""
        bare = _trimmed(cell)
        for symbol in self.how.symbols:
            sign = re.escape(symbol.strip())
            bare = f"regexp_replace({bare}, {text(f'^([+-]?){_BLANKS}{sign}{_BLANKS}')}, '\\1')"
            bare = f"regexp_replace({bare}, {text(f'{_BLANKS}{sign}$')}, '')"
        if self.how.percent is None:
            return read(bare)
        points = read(f"regexp_replace({bare}, {text(f'{_BLANKS}%$')}, '')")
        hundredth = " || 'e-2'" if self.how.percent == "ratio" else ""
        is_percent = f"suffix({bare}, '%')"
        return f"CASE WHEN {is_percent} THEN ({points}){hundredth} ELSE {read(bare)} END"

    def _marked(self, bare: str) -> str:
        """A number with the decimal mark and the thousands that are set, as a plain one."""
        decimal = self.how.decimal or "."
        mark = _SEPARATORS[decimal]
        whole = "[0-9]+"
        plain = bare
        if self.how.thousands is not None:
            between = _SEPARATORS[self.how.thousands]
            whole = f"(?:[1-9][0-9]{{0,2}}(?:{between}[0-9]{{3}})+|[0-9]+)"
            plain = f"regexp_replace({plain}, {text(between)}, '', 'g')"
        if decimal != ".":
            plain = f"replace({plain}, {text(decimal)}, '.')"
        form = f"[+-]?(?:{whole}(?:{mark}[0-9]*)?|{mark}[0-9]+)(?:[eE][+-]?[0-9]+)?"
        return (
            f"CASE WHEN regexp_full_match({bare}, {text(form)}) THEN {plain} "
            f"WHEN regexp_full_match({bare}, {text(_INFINITE)}) THEN {bare} END"
        )

    def _dated(self, cell: str, form: str) -> str:
        bare = _trimmed(cell)
        if form in SERIALS:
            return _serial(bare, form)
        matches = f"regexp_full_match({bare}, {text(pattern_of(form))})"
        read = f"try_strptime({bare}, {text(form)})"
        if "%z" in form:
            read = f"timezone('UTC', {read})"
        return f"CASE WHEN {matches} THEN {read} END"


def _serial(number: str, form: str) -> str:
    """A number of days as an instant, to the millisecond that its digits hold."""
    days = f"TRY_CAST({number} AS DOUBLE)"
    within = f"{days} >= {_FIRST_SERIAL[form]} AND {days} < {_PAST_SERIALS}"
    written = f"regexp_full_match({number}, '[0-9]+(\\.[0-9]+)?')"
    since = f"to_milliseconds(CAST(round({days} * 86400000) AS BIGINT))"
    zero = f"TIMESTAMP '{_ZERO[form]}'"
    return f"CASE WHEN {written} AND {within} THEN {zero} + {since} END"


_AROUND = " \t\r\n\u00a0\u202f"


def _trimmed(cell: str) -> str:
    return f"trim({cell}, {text(_AROUND)})"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(map(text, words))

"""Why a cell is not what its column is declared to be, and the setting that would read it."""

from __future__ import annotations

import re

from kpisdk.builtin.sources import sheet_rows
from kpisdk.builtin.sources.workbook_marks import ERROR, PERCENT, UNCOMPUTED
from kpisdk.builtin.sources.written_cells import GROUPED
from kpisdk.contracts.datasets import NAME_PATTERN
from kpisdk.contracts.text_formats import ColumnFormat
from kpisdk.contracts.vocabulary import LogicalType

_COMMA = re.compile(r"[+-]?\d+,\d+")
_GROUPS = re.compile(r"[+-]?\d{1,3}([.,' \u00a0\u202f\u2019]\d{3})+([.,]\d+)?")
_SIGNED = re.compile(r"([^\d\s.,'%+-]{1,4})\s*[\d.,' +-]+|[\d.,' +-]+\s*([^\d\s.,'%+-]{1,4})")
_DAY = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b.*")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_PERCENT = 'set percent = "ratio" (12 % is 0.12) or "points" (12) for the column'

FORMS = {
    LogicalType.TEXT: "a text",
    LogicalType.INT: "a number, written as 14 or 14.4",
    LogicalType.FLOAT: "a number, written as 14.4 or 1.44e1",
    LogicalType.BOOL: "true or false",
    LogicalType.DATE: "a day, written as 2025-03-01",
    LogicalType.TIMESTAMP: "an instant, written as 2025-03-01 or 2025-03-01T10:00Z",
}
"""What a cell of a declared type is, and how it is written where nothing else is set."""


def setting_of(source: str) -> str:
    """The table of settings that says how the texts of a source's files are written."""
    name = source if NAME_PATTERN.fullmatch(source) else "<name>"
    return f"[sources.{name}.csv]"


def why_not(cell: str, declared: LogicalType, how: ColumnFormat, setting: str) -> str | None:
    """What to say of a cell behind its text; ``None``: nothing better than what it is not."""
    if cell.startswith(sheet_rows.VALUE):
        return _of_value(cell[1:2], declared, setting)
    text = cell.strip(" \t\r\n\u00a0\u202f")
    if declared.is_numeric and re.fullmatch(GROUPED, text, re.ASCII):
        return _of_points(how, setting)
    advice = None
    if declared.is_numeric:
        advice = _for_number(text, how)
    elif declared.is_temporal:
        advice = _for_day(text, how)
    elif declared is LogicalType.BOOL and len(text) < 20 and text.isalpha():
        advice = 'set its words as true = ["…"] and false = ["…"]'
    return None if advice is None else f"is not {FORMS[declared]}; {advice} in {setting}"


def _of_value(letter: str, declared: LogicalType, setting: str) -> str | None:
    if letter == PERCENT and not declared.is_numeric:
        return None
    if letter == sheet_rows.NUMBER and not declared.is_temporal:
        return None
    said = _SAID.get(letter)
    return None if said is None else said.format(setting)


_SAID = {
    ERROR: "is an error of the spreadsheet (#N/A, #REF! …); mend it, or empty the cell",
    UNCOMPUTED: (
        "is a formula, and the file does not hold its value: open it in the spreadsheet program "
        "and save it there"
    ),
    PERCENT: f"is a percentage; {_PERCENT} in {{}}",
    sheet_rows.LONG: "has more digits than the 15 that spreadsheets keep; write such ids as text",
    sheet_rows.DAY: (
        "is a date in the spreadsheet, which its program may have made of what was typed; give the "
        "column's cells the format of what they are"
    ),
    sheet_rows.SPAN: "is a time of day or a span of time in the spreadsheet",
    sheet_rows.NUMBER: (
        "is a number in the spreadsheet: format the column as a date there, or set "
        'dates = ["excel"] for it in {}, if it is days as Excel counts them'
    ),
}
"""What to say of the values of a spreadsheet where another type is declared."""


def _of_points(how: ColumnFormat, setting: str) -> str | None:
    if how.decimal is None and how.thousands is None:
        return (
            'may be thousands, or a number with a decimal point: set decimal = ".", or '
            f'decimal = "," with thousands = ".", in {setting}'
        )
    if how.decimal == "," and how.thousands is None:
        return (
            'holds points, and the decimal mark is a comma: set thousands = "." in '
            f'{setting}, or decimal = "." for the column'
        )
    return None


def _for_number(text: str, how: ColumnFormat) -> str | None:
    if text.endswith("%") and how.percent is None:
        return _PERCENT
    if _GROUPS.fullmatch(text) or _COMMA.fullmatch(text):
        thousands = "not set" if how.thousands is None else repr(how.thousands)
        return f"decimal is {how.decimal or '.'!r} and thousands {thousands}: set them"
    if (signed := _SIGNED.fullmatch(text)) is not None:
        sign = signed[1] or signed[2]
        if sign not in (*how.symbols, "e", "E", "\\") and sign.isprintable():
            return f'set symbols = ["{sign}"]'
    return None


def _for_day(text: str, how: ColumnFormat) -> str | None:
    if how.dates:
        return f"in none of the formats {', '.join(how.dates)}, or two days by them: mend dates"
    if _DAY.fullmatch(text):
        return 'which of day and month is first is not said: set dates = ["%d.%m.%Y"] or the like'
    if _SERIAL.fullmatch(text):
        return 'if it counts days as Excel does, set dates = ["excel"]'
    return None

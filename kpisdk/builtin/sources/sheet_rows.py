"""A sheet's cells as rows of text: each text as it is, each value under a mark of what it is."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from kpisdk.builtin.sources.closing_lines import looks_like_totals
from kpisdk.builtin.sources.workbook_marks import (
    ERROR,
    PERCENT,
    UNCOMPUTED,
    Marks,
    UnmarkedError,
    marks_of,
)
from kpisdk.builtin.sources.workbooks import grid_of
from kpisdk.contracts.text_formats import TableFormat
from kpisdk.errors import QueryError

VALUE = "\x1f"
"""How a cell begins that is a value of the spreadsheet, and no text; one letter follows."""

NUMBER, LONG, FLAG, DAY, SPAN = "n", "l", "b", "d", "t"
"""A number; one of more digits than spreadsheets keep; true or false; a day or an instant; a time
of day or a span of time. The other letters are those of marks."""

_KEPT_DIGITS = 15


@attrs.frozen
class SheetRows:
    """The rows of a sheet, written to a file as CSV; a last column holds the number of each row."""

    names: tuple[str, ...]
    path: str
    is_1904: bool


def sheet_rows(
    source: str, file: str, sheet: str, how: TableFormat, to: Path, advice: str
) -> SheetRows:
    """Write the rows of a sheet to the file ``to``; rows without a value are left out.

    Args:
        source: the name that errors give the source.
        file: the workbook.
        sheet: the sheet's name.
        how: where the header is, and how many rows at the end are no rows.
        to: the file that is written.
        advice: the setting that errors name, such as ``[sources.x.csv.tables.y]``.

    Raises:
        QueryError: the sheet cannot be read, or could be read in more than one way.
    """
    where = f"{file!r}, sheet {sheet!r}"
    grid = grid_of(source, file, sheet)
    try:
        marks = marks_of(file, sheet)
    except UnmarkedError as error:
        detail = f"{where} cannot be read: {error}; save it anew, or as CSV"
        raise QueryError(source, detail) from error
    rows = [(number, row) for number, row in enumerate(grid.rows) if _holds_something(row)]
    rows = [each for each in rows if how.header is None or each[0] >= how.header - 1]
    if not rows or (how.header is not None and rows[0][0] != how.header - 1):
        at = "" if how.header is None else f" in row {how.header}"
        detail = f"{where} holds nothing{at}: a row must name the columns"
        raise QueryError(source, detail)
    (top, head), *body = rows
    kept = _without_footer(source, where, body, how.footer, advice)
    last = kept[-1][0] if kept else top
    merged = [each for each in (*grid.merged, *marks.merged) if each[1][0] > top >= 0]
    spoilt = next((each for each in merged if each[0][0] <= last), None)
    if spoilt is not None:
        detail = (
            f"{where}: cells {_reference(spoilt[0])} to {_reference(spoilt[1])} are merged, and "
            "only the first of them holds what all show; unmerge them and fill them in"
        )
        raise QueryError(source, detail)
    names = tuple(_name(cell, place) for place, cell in enumerate(head))
    with to.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*names, "row"])
        for number, row in kept:
            writer.writerow([*_texts(number, row, marks), number + 1])
    return SheetRows(names, str(to), marks.is_1904)


def _without_footer(
    source: str, where: str, body: list[tuple[int, list[Any]]], footer: int | None, advice: str
) -> list[tuple[int, list[Any]]]:
    if footer is not None:
        return body[: len(body) - footer] if footer else body
    if body:
        number, row = body[-1]
        held = [str(cell) for cell in row if cell != ""]
        what = None
        if looks_like_totals(map(str, row)):
            what = f"begins with {held[0]!r}, as a row of totals does"
        elif len(held) == 1 and len(row) > 2:
            what = "holds a single cell, as a remark does"
        if what is not None:
            detail = (
                f"{where}, row {number + 1} is the last one and {what}: set footer = 1 in {advice} "
                "to leave it out, or footer = 0 if it is a row like the others"
            )
            raise QueryError(source, detail)
    return body


def _holds_something(row: list[Any]) -> bool:
    return any(cell != "" and str(cell).strip() for cell in row)


def _name(cell: Any, place: int) -> str:
    text = " ".join((_value(cell)[1] if not isinstance(cell, str) else cell).split())
    return text or f"column{place}"


def _texts(number: int, row: list[Any], marks: Marks) -> Iterator[str]:
    for place, cell in enumerate(row):
        mark = marks.cells.get((number, place))
        if mark in (ERROR, UNCOMPUTED):
            yield f"{VALUE}{mark}{'#' if mark == ERROR else '='}"
        elif isinstance(cell, str):
            # No text of ours: what begins with the sign of a value would be taken for one.
            yield cell.lstrip(VALUE) if cell.startswith(VALUE) else cell
        elif mark == PERCENT and isinstance(cell, int | float) and not isinstance(cell, bool):
            yield f"{VALUE}{PERCENT}{_value(cell)[1]}"
        else:
            yield VALUE + "".join(_value(cell))


def _value(cell: Any) -> tuple[str, str]:
    """The letter of a value, and the value as text."""
    if isinstance(cell, bool):
        return FLAG, str(cell).lower()
    if isinstance(cell, int | float):
        whole = float(cell).is_integer()
        text = str(int(cell)) if whole else format(Decimal(repr(float(cell))), "f")
        return (LONG if whole and len(text.lstrip("-")) > _KEPT_DIGITS else NUMBER), text
    if isinstance(cell, dt.date):  # an instant is one as well
        return DAY, cell.isoformat()
    return SPAN, str(cell)


def _reference(place: tuple[int, int]) -> str:
    """A cell's name, such as B7."""
    row, column = place
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"

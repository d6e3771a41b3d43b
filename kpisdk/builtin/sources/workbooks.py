"""Workbooks (.xlsx, .xlsm, .ods): their sheets, and the cells of one as the file holds them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import attrs

from kpisdk.contracts.file_identity import file_identity
from kpisdk.errors import KpisdkError, MissingDependencyError, QueryError

INSTALL = "pip install 'kpisdk[files]'"


@attrs.frozen
class Sheet:
    """A sheet of a workbook, and whether people who open it see it."""

    name: str
    is_shown: bool


@attrs.frozen
class Grid:
    """The cells of a sheet by rows, from its first row and column on.

    A cell is a text, number, truth value, day, instant or time; an empty one is an empty text.
    ``merged`` are cells that are shown as one: rows and columns of the first and the last of them.
    """

    rows: list[list[Any]]
    merged: list[tuple[tuple[int, int], tuple[int, int]]]


@attrs.define(eq=False)
class UnreadableWorkbookError(KpisdkError):
    """A file that is no workbook, is protected by a password, or is damaged."""

    file: str
    detail: str

    template = "{file!r} cannot be read as a workbook: {detail}"


def sheets_of(file: str) -> tuple[Sheet, ...]:
    """The sheets of a workbook that hold cells, in order (charts and macros are none).

    Raises:
        UnreadableWorkbookError: it cannot be opened.
        MissingDependencyError: the library that reads workbooks is not installed.
    """
    return _sheets(file, file_identity(file, content=False))


@lru_cache(maxsize=64)
def _sheets(file: str, _version: str) -> tuple[Sheet, ...]:
    import python_calamine as calamine

    with _workbook(file) as book:
        return tuple(
            Sheet(each.name, each.visible == calamine.SheetVisibleEnum.Visible)
            for each in book.sheets_metadata
            if each.typ == calamine.SheetTypeEnum.WorkSheet
        )


def grid_of(source: str, file: str, sheet: str) -> Grid:
    """The cells of one sheet.

    Raises:
        QueryError: the workbook or the sheet cannot be read.
    """
    try:
        with _workbook(file) as book:
            found = book.get_sheet_by_name(sheet)
            rows = found.to_python(skip_empty_area=False)
            return Grid(rows, list(found.merged_cell_ranges or ()))
    except UnreadableWorkbookError as error:
        raise QueryError(source, error.message) from error


def fault_of(error: KpisdkError) -> str:
    """Why a table cannot be read, from what its workbook raised."""
    return error.message.removesuffix(".")


def _workbook(file: str) -> Any:
    try:
        import python_calamine as calamine
    except ImportError as error:
        raise MissingDependencyError(
            "python-calamine", f"Reading the workbook {file!r}", INSTALL
        ) from error
    try:
        return calamine.CalamineWorkbook.from_path(file)
    except calamine.PasswordError as error:
        detail = "it is protected by a password; save it without one"
        raise UnreadableWorkbookError(file, detail) from error
    except (calamine.CalamineError, OSError) as error:
        raise UnreadableWorkbookError(file, str(error) or type(error).__name__) from error

"""Sheets of workbooks are tables; what a cell shows and does not hold is refused, never missing."""

from __future__ import annotations

import datetime as dt

import pytest

from kpisdk.builtin.sources.file_tables import Place
from kpisdk.contracts.text_formats import ColumnFormat, FileFormat, TableFormat

openpyxl = pytest.importorskip("openpyxl")
pytest.importorskip("python_calamine")


@pytest.fixture
def book(tmp_path):
    """``book(rows, change)``: a workbook ``t.xlsx`` with one sheet, and its path."""

    def write(rows, change=None, name="t.xlsx", sheet="Tabelle1"):
        made = openpyxl.Workbook()
        made.active.title = sheet
        for row in rows:
            made.active.append(row)
        if change is not None:
            change(made.active)
        made.save(tmp_path / name)
        return tmp_path / name

    return write


def test_values_are_read_as_what_the_sheet_holds(book, column):
    """Numbers, days, instants and truth values need no format, whatever is set for texts."""
    when = dt.datetime(2025, 3, 1, 10, 30)
    file = book(
        [
            ["ID", "Wert", "Tag", "Zeit", "Ja", "Nr"],
            ["a", 1234.5, dt.date(2025, 3, 1), when, True, 7],
            ["b", None, None, None, False, 8],
        ]
    )
    how = {"decimal": ",", "thousands": ".", "dates": ("%d.%m.%Y",)}

    for said in ({}, how):
        assert column(file, "wert", "float", **said) == [1234.5, None]
        assert column(file, "tag", "date", **said) == [dt.date(2025, 3, 1), None]
        assert column(file, "zeit", "timestamp", **said) == [when.replace(tzinfo=dt.UTC), None]
        assert column(file, "ja", "bool", **said) == [True, False]
        assert column(file, "nr", "int", **said) == [7, 8]
        assert column(file, "nr", "text", **said) == ["7", "8"]


def test_texts_in_a_sheet_are_read_as_they_are_written(book, column):
    """Numbers and dates that were typed as text follow the same settings as those of CSV."""
    file = book([["x", "d"], ["1.234", "03.04.2025"], [5.5, dt.date(2025, 4, 4)]])

    assert "row 2, column 'x': '1.234' may be thousands" in column(file, "x", "float")
    assert column(file, "x", "float", decimal=",", thousands=".") == [1234, 5.5]
    assert column(file, "x", "float", decimal=".") == [1.234, 5.5]
    assert "which of day and month is first is not said" in column(file, "d", "date")
    days = column(file, "d", "date", dates=("%d.%m.%Y",))
    assert days == [dt.date(2025, 4, 3), dt.date(2025, 4, 4)]


@pytest.mark.parametrize(
    ("value", "declared", "said"),
    [
        ("=1+1", "int", "is a formula, and the file does not hold its value"),
        ("=1+1", "text", "is a formula, and the file does not hold its value"),
        ("#N/A", "float", "is an error of the spreadsheet"),
        ("#REF!", "text", "is an error of the spreadsheet"),
        (45321, "date", 'set dates = ["excel"] for it in [sources.shop.csv]'),
        (dt.date(2025, 3, 1), "text", "is a date in the spreadsheet, which its program may have"),
        (dt.date(2025, 3, 1), "float", "is a date in the spreadsheet"),
        (dt.time(3, 4), "float", "is a time of day"),
        (1234567890123456789, "text", "has more digits than the 15 that spreadsheets keep"),
        (1234567890123456789, "int", "has more digits than the 15 that spreadsheets keep"),
        (True, "int", "is not a number"),
        (2, "bool", "is not true or false"),
    ],
)
def test_a_value_of_another_kind_is_refused_with_its_row(book, column, value, declared, said):
    """An error and a formula without a value would else be missing values."""

    def change(sheet):
        if isinstance(value, str) and value.startswith("#"):
            sheet["B3"].data_type = "e"

    found = column(book([["id", "x"], ["a", None], ["b", value]], change), "x", declared)

    assert "t.xlsx, sheet Tabelle1', row 3, column 'x'" in found
    assert said in found


def test_a_percentage_is_a_ratio_or_points_only_where_it_is_said(book, column):
    """15 % is 0.15 to a spreadsheet, and 15 to a column of percents."""

    def change(sheet):
        sheet["A2"].number_format, sheet["A3"].number_format = "0.0%", "0%"

    file = book([["x", "y"], [0.153, 1], [1e-05, 2], [0.5, 3]], change)

    assert 'is a percentage; set percent = "ratio"' in column(file, "x", "float")
    assert column(file, "x", "float", percent="ratio") == [0.153, 1e-05, 0.5]
    said = {"columns": {"X": ColumnFormat(percent="points")}}
    assert column(file, "x", "float", **said) == [15.3, 0.001, 0.5]
    assert column(file, "y", "int") == [1, 2, 3]


@pytest.mark.parametrize("is_1904", [False, True])
def test_days_count_from_where_the_workbook_says(tmp_path, column, is_1904):
    """Dates, and numbers of days that no format makes dates."""
    made = openpyxl.Workbook()
    if is_1904:
        made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    serial = 45321 - (1462 if is_1904 else 0)
    for row in (["d", "n"], [dt.date(2024, 1, 30), 1], [serial, 2]):
        made.active.append(row)
    made.save(tmp_path / "t.xlsx")

    assert column(tmp_path, "d", "date", dates=("excel",)) == [dt.date(2024, 1, 30)] * 2


def test_merged_cells_among_the_rows_are_refused(book, column):
    """All but the first would be missing; above the header they are a title."""
    rows = [["Bericht", None, None], ["id", "x", "y"], ["a", 1, 2], ["b", 3, 4]]

    def title(sheet):
        sheet.merge_cells("A1:C1")

    def cells(sheet):
        sheet.merge_cells("A3:A4")

    assert column(book(rows, title), "x", "int", header=2) == [1, 3]
    found = column(book(rows, cells), "x", "int", header=2)
    assert "cells A3 to A4 are merged" in found


@pytest.mark.parametrize("last", [["Summe", 3], ["Gesamtergebnis", 3], ["Stand: 1.3.2025", None]])
def test_a_last_row_of_totals_or_a_remark_is_left_out_only_where_it_is_said(book, column, last):
    """Rows without any value are none, at the end and between."""
    empty = [None, None, " "]
    file = book([["id", "x", "y"], ["a", 1, 1], empty, ["b", 2, 1], empty, [*last, None], empty])

    assert "row 6 is the last one and" in column(file, "x", "int")
    assert column(file, "x", "int", footer=1) == [1, 2]
    assert len(column(file, "id", "text", footer=0)) == 3


def test_two_columns_of_one_name_and_columns_without_a_name(book, column):
    """The former are refused where they are read, the latter go by their places."""
    file = book([["id", "x", "X ", None], ["a", 1, 2, 3]])

    assert "names 'x' twice; keep one" in column(file, "x", "int")
    assert column(file, "column3", "int") == [3]
    assert column(file, "id", "text") == ["a"]


def test_sheets_are_tables_by_their_names_and_the_only_one_by_that_of_its_file(tmp_path, column):
    """A hidden sheet is refused where it is read; Excel's own lock files are no workbooks."""
    made = openpyxl.Workbook()
    made.active.title = "Trigger"
    made.active.append(["x"])
    made.active.append([1])
    hidden = made.create_sheet("Alt")
    hidden.append(["x"])
    hidden.append([2])
    hidden.sheet_state = "hidden"
    made.save(tmp_path / "export.xlsx")
    (tmp_path / "~$export.xlsx").write_bytes(b"")

    for name in ("Trigger", "trigger", "export", "EXPORT"):
        assert column(tmp_path, "x", "int", table=name) == [1]
    assert "sheet 'Alt' of" in column(tmp_path, "x", "int", table="Alt")
    assert "is hidden: show it" in column(tmp_path, "x", "int", table="alt")
    assert column(tmp_path, "x", "int", table="Tabelle1") is None
    assert [each.name for each in Place("shop", str(tmp_path)).tables()] == ["Trigger", "Alt"]


def test_a_file_that_is_no_workbook_leaves_the_other_tables_alone(tmp_path, column):
    """It is told where it is read."""
    (tmp_path / "broken.xlsx").write_bytes(b"PK no")
    (tmp_path / "t.csv").write_text("id,x\na,1\n")

    assert column(tmp_path, "x", "int") == [1]
    assert "cannot be read as a workbook" in column(tmp_path, "x", "int", table="broken")


def test_an_open_document_is_read_as_one_of_excel_is(tmp_path, column):
    """Its errors and percentages are told as well."""
    pytest.importorskip("odf")
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    document = OpenDocumentSpreadsheet()
    table = Table(name="t")
    rows = [
        [{"text": "x"}, {"text": "p"}, {"text": "d"}, {"text": "f"}],
        [
            {"valuetype": "float", "value": "1.5"},
            {"valuetype": "percentage", "value": "0.15"},
            {"valuetype": "date", "datevalue": "2025-03-01"},
            {"formula": "of:=1+1"},
        ],
    ]
    for row in rows:
        line = TableRow()
        for cell in row:
            text = cell.pop("text", None)
            made = TableCell(**({"valuetype": "string"} if text else cell))
            if text:
                made.addElement(P(text=text))
            line.addElement(made)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    document.save(str(tmp_path / "t.ods"))

    assert column(tmp_path, "x", "float") == [1.5]
    assert column(tmp_path, "d", "date") == [dt.date(2025, 3, 1)]
    assert "is a percentage" in column(tmp_path, "p", "float")
    assert column(tmp_path, "p", "float", percent="points") == [15]
    assert "is a formula" in column(tmp_path, "f", "int")


def test_the_same_numbers_come_from_a_sheet_and_from_its_csv(book, tmp_path, column):
    """One mechanism reads both."""
    rows = [["id", "x"], ["a", "1.234,5"], ["b", "7"], ["c", "k.A."]]
    book(rows)
    (tmp_path / "u.csv").write_text("\n".join(";".join(row) for row in rows) + "\n")
    how = {"decimal": ",", "thousands": ".", "nulls": ("k.A.",)}

    assert column(tmp_path, "x", "float", **how) == [1234.5, 7, None]
    assert column(tmp_path, "x", "float", table="u", **how) == [1234.5, 7, None]


def test_a_workbook_that_is_written_again_is_read_again(book, tmp_path, column):
    """What was made of it goes by the file's version."""
    import sqlalchemy as sa

    from kpisdk.builtin.sources.file_source import FilesSource
    from kpisdk.contracts.source_kinds import SourceOptions

    source = FilesSource(str(book([["x"], [1]])), SourceOptions("shop"))

    def read():
        with source.session() as session:
            session.columns("t")
            return session.rows(sa.text("SELECT x FROM t"))

    first = read()
    book([["x"], [2]])

    assert (first, read()) == ([("1",)], [("2",)])
    assert FileFormat(tables={"t": TableFormat(footer=1)}).table("T").footer == 1

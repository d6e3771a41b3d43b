"""Cells as people write them are what the settings say, or a fault; nothing is guessed."""

from __future__ import annotations

import datetime as dt
import gzip

import pytest

from kpisdk import DefinitionError
from kpisdk.contracts.text_formats import ColumnFormat, FileFormat, TableFormat


@pytest.fixture
def cells(tmp_path, column):
    """``cells(declared, *texts, **format)``: what a semicolon file's column becomes."""

    def read(declared, *texts, **how):
        lines = ["id;x", *(f'{n};"{text}"' for n, text in enumerate(texts))]
        (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
        return column(tmp_path, "x", declared, **how)

    return read


@pytest.mark.parametrize(
    ("how", "texts", "numbers"),
    [
        (
            {"decimal": ","},
            ["1,5", "-0,25", ",5", "7", "1e3", "2,5e-1"],
            [1.5, -0.25, 0.5, 7, 1000, 0.25],
        ),
        (
            {"decimal": ",", "thousands": "."},
            ["1.234", "1.234.567,8", "12", "1234,5"],
            [1234, 1234567.8, 12, 1234.5],
        ),
        ({"thousands": ","}, ["1,234.5", "12,345,678", "-1,000"], [1234.5, 12345678, -1000]),
        (
            {"decimal": ",", "thousands": " "},
            ["1\u202f234,5", "1\u00a0234", "1 234 567"],
            [1234.5, 1234, 1234567],
        ),
        ({"thousands": "'"}, ["1'234.5", "1\u2019234"], [1234.5, 1234]),
        ({"decimal": "."}, ["1.234"], [1.234]),
        (
            {"decimal": ",", "symbols": ("€", "EUR")},
            ["1,5 €", "€ 2", "-3 EUR", "-€4,5"],
            [1.5, 2, -3, -4.5],
        ),
        ({"decimal": ",", "percent": "ratio"}, ["12,5 %", "100%", "0,5"], [0.125, 1, 0.5]),
        ({"decimal": ",", "percent": "points"}, ["12,5 %", "100%"], [12.5, 100]),
        ({"nulls": ("k.A.", "-", "NULL")}, ["k.A.", "-", " NULL ", "1.5"], [None, None, None, 1.5]),
    ],
)
def test_a_number_is_read_as_it_is_written(cells, how, texts, numbers):
    """By hand; in a column declared int as well, where a fraction is one."""
    assert cells("float", *texts, **how) == numbers
    assert [
        None if each is None else float(each) for each in cells("int", *texts, **how)
    ] == numbers


@pytest.mark.parametrize("declared", ["int", "float"])
@pytest.mark.parametrize(
    ("how", "text", "said"),
    [
        ({}, "1.234", 'may be thousands, or a number with a decimal point: set decimal = "."'),
        ({"decimal": ","}, "1.234", 'the decimal mark is a comma: set thousands = "."'),
        ({"decimal": ","}, "1.5", "is not a number"),
        ({"decimal": ",", "thousands": "."}, "1.23", "is not a number"),
        ({"decimal": ",", "thousands": "."}, "1.2345", "is not a number"),
        ({"decimal": ",", "thousands": "."}, "0.234", "is not a number"),
        ({"decimal": ",", "thousands": "."}, "12.34.567", "is not a number"),
        ({"thousands": ","}, "1,5", "decimal is '.' and thousands ',': set them"),
        ({"thousands": ","}, "1.234,5", "is not a number"),
        ({}, "1,5", "decimal is '.' and thousands not set: set them"),
        ({"decimal": ",", "thousands": "'"}, "1 234,5", "is not a number"),
        ({}, "12 %", 'set percent = "ratio" (12 % is 0.12) or "points" (12)'),
        ({}, "5 €", 'set symbols = ["€"]'),
        ({"symbols": ("€",)}, "5 €€", "is not a number"),
        ({"decimal": ","}, "(1,5)", "is not a number"),
        ({"decimal": ","}, "1,5-", "is not a number"),
        ({"decimal": ","}, "−1,5", "is not a number"),
    ],
)
def test_what_is_not_written_so_is_refused(cells, declared, how, text, said):
    """With the cell, its line, and the setting that would read it."""
    found = cells(declared, "7", text, **how)

    assert "line 3, column 'x'" in found
    assert said in found
    assert "[sources.shop.csv]" in found or "is not a number" in found


def test_a_point_between_three_digits_is_a_decimal_one_in_a_file_of_commas(tmp_path, column):
    """Where commas separate columns they are no decimal marks, so nothing is in doubt."""
    (tmp_path / "t.csv").write_text("id,x\n1,1.234\n")

    assert column(tmp_path, "x", "float") == [1.234]


def test_one_column_is_written_otherwise_than_the_others(tmp_path, column):
    """A decimal comma here, a point there; the column's own setting comes first."""
    (tmp_path / "t.csv").write_text("a;b\n1,5;2.5\n1.000;3.125\n")
    how = {
        "decimal": ",",
        "thousands": ".",
        "tables": {"T": TableFormat(columns={"B": ColumnFormat(decimal=".")})},
    }

    assert column(tmp_path, "a", "float", **how) == [1.5, 1000]
    assert column(tmp_path, "b", "float", **how) == [2.5, 3.125]


@pytest.mark.parametrize(
    ("dates", "texts", "days"),
    [
        (("%d.%m.%Y",), ["03.04.2025", "3.4.2025"], [(2025, 4, 3)] * 2),
        (("%m/%d/%Y",), ["03/04/2025"], [(2025, 3, 4)]),
        (("%d.%m.%y",), ["03.04.25", "01.01.69"], [(2025, 4, 3), (1969, 1, 1)]),
        (("%d %b %Y", "%d %B %Y"), ["3 Apr 2025", "3 March 2025"], [(2025, 4, 3), (2025, 3, 3)]),
        (("excel",), ["45321", "45321.5"], [(2024, 1, 30)] * 2),
        (("excel-1904",), ["43859"], [(2024, 1, 30)]),
        (
            ("%d/%m/%Y", "%m/%d/%Y"),
            ["25/12/2025", "12/25/2025", "05/05/2025"],
            [(2025, 12, 25)] * 2 + [(2025, 5, 5)],
        ),
        (("%Y-%m-%d", "%d.%m.%Y"), ["2025-04-03", "03.04.2025"], [(2025, 4, 3)] * 2),
    ],
)
def test_a_day_is_read_in_the_formats_that_are_set(cells, dates, texts, days):
    """By hand; as a day, and as midnight where an instant is declared."""
    expected = [dt.date(*day) for day in days]

    assert cells("date", *texts, dates=dates) == expected
    assert [each.date() for each in cells("timestamp", *texts, dates=dates)] == expected


def test_an_instant_is_read_with_its_clock_and_offset(cells):
    """Clocks of 12 and of 24 hours; an offset is taken off."""
    forms = ("%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%d.%m.%Y %H:%M %z", "%d.%m.%Y %H:%M:%S.%f")
    texts = [
        "03.04.2025 17:05",
        "04/03/2025 5:05:00 PM",
        "03.04.2025 17:05 +02:00",
        "03.04.2025 17:05:00.5",
    ]

    found = cells("timestamp", *texts, dates=forms)

    at = dt.datetime(2025, 4, 3, 17, 5, tzinfo=dt.UTC)
    assert found == [at, at, at - dt.timedelta(hours=2), at + dt.timedelta(seconds=0.5)]


@pytest.mark.parametrize("declared", ["date", "timestamp"])
@pytest.mark.parametrize(
    ("dates", "text"),
    [
        (("%d/%m/%Y", "%m/%d/%Y"), "03/04/2025"),  # two days
        (("%d.%m.%Y",), "03.04.25"),  # a year of two digits is none of four
        (("%d.%m.%Y",), "31.02.2025"),
        (("%d.%m.%Y",), "2025-04-03"),
        (("%d.%m.%Y",), "03.04.2025 10:00"),
        (("excel",), "60"),  # the 29th of February 1900 that never was
        (("excel",), "45321,5"),
        (("excel",), "-5"),
        ((), "03.04.2025"),
        ((), "45321"),
    ],
)
def test_a_day_in_no_format_or_in_two_is_refused(cells, declared, dates, text):
    """Mixed formats in one column are read only where every cell has one meaning."""
    found = cells(declared, text, dates=dates)

    assert "line 2, column 'x'" in found
    assert "dates" in found or "is not a day" in found or "is not an instant" in found


def test_words_for_truth_values_are_said(cells):
    """WAHR and FALSCH are refused until then."""
    said = {"true": ("WAHR", "ja"), "false": ("FALSCH", "nein")}

    assert 'set its words as true = ["…"]' in cells("bool", "WAHR")
    assert cells("bool", "WAHR", "falsch", "Ja", "true", "", **said) == [
        True,
        False,
        True,
        True,
        None,
    ]


@pytest.mark.parametrize(
    ("how", "where"),
    [
        ({"decimal": ",", "thousands": ","}, "thousands"),
        ({"thousands": "."}, "thousands"),
        ({"dates": ("dd.mm.yyyy",)}, "dates[0]"),
        ({"dates": ("%d.%m",)}, "dates[0]"),
        ({"dates": ("%d.%m.%Y %I:%M",)}, "dates[0]"),
        ({"dates": ("%d.%m.%Y %Q",)}, "dates[0]"),
        ({"encoding": "cp1525"}, "encoding"),
        ({"delimiter": ";;"}, "delimiter"),
        ({"header": 0}, "header"),
        ({"footer": -1}, "footer"),
        ({"true": ("x",), "false": ("X",)}, "false"),
        ({"symbols": ("1",)}, "symbols"),
    ],
)
def test_a_format_that_contradicts_itself_is_refused(how, where):
    """When it is made, with the key that is at fault."""
    with pytest.raises(DefinitionError) as refused:
        FileFormat(**how)

    assert refused.value.problems[0].where == where


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "latin-1"])
def test_text_in_another_encoding_is_read_where_it_is_said(tmp_path, column, encoding):
    """Umlauts are the same letters; without the setting the file is refused with it."""
    (tmp_path / "t.csv").write_bytes("id;ort\n1;Zürich\n".encode(encoding))

    assert column(tmp_path, "ort", "text", encoding=encoding) == ["Zürich"]
    assert "not UTF-8" in column(tmp_path, "ort", "text")
    assert "set encoding" in column(tmp_path, "ort", "text")


def test_utf_8_under_the_name_of_another_encoding_is_refused(tmp_path, column):
    """Every byte is a letter in cp1252, so that nothing else would tell."""
    (tmp_path / "t.csv").write_text("id;ort\n1;Zürich\n", encoding="utf-8")

    found = column(tmp_path, "ort", "text", encoding="cp1252")

    assert "is UTF-8 text, and [sources.shop.csv] says that it is cp1252" in found


@pytest.mark.parametrize("is_cut", [False, True])
def test_zst_is_read_to_its_end(tmp_path, column, is_cut):
    """One that is cut off is refused, as gz is."""
    zstandard = pytest.importorskip("zstandard")
    content = zstandard.compress(b"id,x\n" + b"".join(b"%d,1.5\n" % n for n in range(9999)))
    (tmp_path / "t.csv.zst").write_bytes(content[:-900] if is_cut else content)

    found = column(tmp_path, "x", "float")

    assert ("cut off or damaged" in found) if is_cut else (sum(found) == 14998.5)


@pytest.mark.parametrize("end", ["Summe;30", "Total :;30", '"Grand Total";30', ";;\nGesamt;30\n;;"])
@pytest.mark.parametrize("is_compressed", [False, True])
def test_a_line_of_totals_is_left_out_only_where_it_is_said(tmp_path, column, end, is_compressed):
    """It would count as a row; a row that is called so is read where that is said."""
    content = f"id;x\na;10\nb;20\n{end}\n".replace(";;", ";").encode()
    name = "t.csv.gz" if is_compressed else "t.csv"
    (tmp_path / name).write_bytes(gzip.compress(content) if is_compressed else content)

    assert "set footer = 1 in [sources.shop.csv] to leave it out" in column(tmp_path, "x", "float")
    assert column(tmp_path, "x", "float", footer=1) == [10, 20]
    assert column(tmp_path, "x", "float", footer=0) == [10, 20, 30]


def test_lines_of_separators_alone_are_no_rows(tmp_path, column):
    """Excel writes them for rows that were emptied, at the end and between."""
    (tmp_path / "t.csv").write_bytes(b'id;x\r\na;1\r\n;\r\n" ";""\r\nb;\r\n;\r\n')

    assert column(tmp_path, "id", "text") == ["a", "b"]


def test_lines_above_the_header_are_passed_by_where_it_is_said(tmp_path, column):
    """A title, and a first row of a header of two; lines are still counted from the top."""
    (tmp_path / "t.csv").write_text("Report 2025;\n\nid;Menge\nx;units\na;1\nb;zwei\n")

    assert column(tmp_path, "id", "text", header=4, footer=1) is not None
    assert column(tmp_path, "x", "text", header=4) == ["a", "b"]
    assert "line 6, column 'units'" in column(tmp_path, "units", "float", header=4)
    assert "holds nothing in line 2" in column(tmp_path, "units", "float", header=2)


def test_a_separator_is_said_where_it_cannot_be_told(tmp_path, column):
    """Two of them fit every line."""
    (tmp_path / "t.csv").write_text("a,b;c\n1,2;3\n")

    assert "set delimiter in [sources.shop.csv]" in column(tmp_path, "c", "int")
    assert column(tmp_path, "c", "int", delimiter=";") == [3]


def test_a_format_for_what_is_not_there_is_refused(tmp_path, column):
    """The table or column that was meant would be read without it."""
    (tmp_path / "t.csv").write_text("id,menge\n1,2\n")
    other = {"tables": {"tt": TableFormat()}}
    misspelt = {"tables": {"t": TableFormat(columns={"Mengen": ColumnFormat(decimal=",")})}}

    assert "Did you mean menge?" in column(tmp_path, "menge", "int", **misspelt)
    assert "There is no table 'tt'" in column(tmp_path, "menge", "int", **other)

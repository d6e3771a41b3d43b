"""What a workbook says of its cells and its reader does not tell: errors, percentages, merges.

The reader gives an error (``#N/A``) and a formula whose value the file does not hold as empty
cells, which would be missing values, and 12 % as 0.12 without saying so.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.parsers import expat  # its own limits hold against what is written to exhaust a reader
from zipfile import BadZipFile, ZipFile

import attrs

ERROR, UNCOMPUTED, PERCENT = "e", "f", "p"
"""What a cell may be marked as: an error, a formula without a value, a percentage."""

Place = tuple[int, int]
"""A row and a column, from 0."""


@attrs.define
class Marks:
    """The cells of one sheet that are more than their values, by their places.

    ``merged`` are first and last cells of what is shown as one; ``is_1904`` says that the
    workbook counts its days from 1904.
    """

    cells: dict[Place, str] = attrs.field(factory=dict)
    merged: list[tuple[Place, Place]] = attrs.field(factory=list)
    is_1904: bool = False


def marks_of(file: str, sheet: str) -> Marks:
    """The marks of a sheet; none where the file is put together in another way than usual."""
    try:
        with ZipFile(file) as archive:
            if "content.xml" in archive.namelist():
                return _of_open_document(archive, sheet)
            return _of_office(archive, sheet)
    except (BadZipFile, KeyError, expat.ExpatError, OSError) as error:
        raise UnmarkedError(str(error) or type(error).__name__) from error


class UnmarkedError(Exception):
    """A workbook whose marks cannot be read."""


def _of_office(archive: ZipFile, sheet: str) -> Marks:
    book = _Elements.of(archive.read(_main_part(archive)))
    properties = book.named("workbookPr")
    flag = properties[0].get("date1904", "0") if properties else "0"
    marks = Marks(is_1904=flag in ("1", "true"))
    part = _part_of(archive, book, sheet)
    content = archive.read(part)
    percent = _percent_styles(archive)
    # A look at the bytes spares most sheets the walk over all of their cells.
    if percent or re.search(rb'<(?:\w+:)?f[ >/]|t="e"', content):
        _OfficeCells(marks, percent).read(content)
    return marks


def _main_part(archive: ZipFile) -> str:
    for each in _Elements.of(archive.read("_rels/.rels")).named("Relationship"):
        if each.get("Type", "").endswith("/officeDocument"):
            return each["Target"].lstrip("/")
    return "xl/workbook.xml"


def _part_of(archive: ZipFile, book: _Elements, sheet: str) -> str:
    """The part of the archive that holds a sheet's cells."""
    main = _main_part(archive)
    folder, name = posixpath.split(main)
    links = _Elements.of(archive.read(f"{folder}/_rels/{name}.rels")).named("Relationship")
    targets = {each["Id"]: each["Target"] for each in links}
    for each in book.named("sheet"):
        if each.get("name") == sheet:
            link = next(value for key, value in each.items() if key.rpartition(":")[2] == "id")
            target = targets[link]
            return target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
    raise KeyError(sheet)


def _percent_styles(archive: ZipFile) -> frozenset[str]:
    """The styles, by their numbers, that show a number as a percentage."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    percent = {"9", "10"}  # "0%" and "0.00%", which every workbook has
    found, position, inside = set(), 0, False

    def begin(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal position, inside
        if name == "numFmt" and "%" in _UNQUOTED.sub("", attributes.get("formatCode", "")):
            percent.add(attributes["numFmtId"])
        inside = name == "cellXfs" or (inside and name not in _AFTER_STYLES)
        if inside and name == "xf":
            if attributes.get("numFmtId") in percent:
                found.add(str(position))
            position += 1

    _walk(archive.read("xl/styles.xml"), begin)
    return frozenset(found)


_UNQUOTED = re.compile(r'"[^"]*"|\\.')
_AFTER_STYLES = ("cellStyles", "dxfs", "tableStyles", "colors", "extLst")


@attrs.define
class _OfficeCells:
    """The walk over the cells of a sheet of an Office workbook."""

    marks: Marks
    percent: frozenset[str]
    row: int = -1
    column: int = -1
    kind: str = ""
    style: str = "0"
    has_formula: bool = False
    has_value: bool = False
    inside: bool = False

    def read(self, content: bytes) -> None:
        _walk(content, self.begin, self.end, self.text)

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
        elif name == "c":
            self.column = _column(attributes["r"]) if "r" in attributes else self.column + 1
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "0")
            self.has_formula = self.has_value = False
        elif name == "f":
            self.has_formula = True
        elif name in ("v", "is"):
            self.inside = name == "v"
            # A formula's empty text is a value; any other empty one is none.
            self.has_value = self.has_value or name == "is" or self.kind == "str"

    def text(self, _: str) -> None:
        self.has_value = self.has_value or self.inside

    def end(self, name: str) -> None:
        self.inside = False
        if name != "c":
            return
        place = (self.row, self.column)
        if self.kind == "e":
            self.marks.cells[place] = ERROR
        elif self.has_formula and not self.has_value:
            self.marks.cells[place] = UNCOMPUTED
        elif self.kind == "n" and self.style in self.percent:
            self.marks.cells[place] = PERCENT


def _column(reference: str) -> int:
    number = 0
    for letter in reference:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number - 1


def _of_open_document(archive: ZipFile, sheet: str) -> Marks:
    cells = _OpenCells(Marks(), sheet)
    _walk(archive.read("content.xml"), cells.begin, cells.end)
    return cells.marks


@attrs.define
class _OpenCells:
    """The walk over the cells of a sheet of an OpenDocument workbook."""

    marks: Marks
    sheet: str
    inside: bool = False
    row: int = 0
    rows: int = 1
    column: int = 0

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "table":
            self.inside = attributes.get("table:name") == self.sheet
            self.row = 0
        elif self.inside and name == "table-row":
            self.rows, self.column = int(attributes.get("table:number-rows-repeated", "1")), 0
        elif self.inside and name in ("table-cell", "covered-table-cell"):
            self.cell(attributes)

    def cell(self, attributes: Mapping[str, str]) -> None:
        columns = int(attributes.get("table:number-columns-repeated", "1"))
        mark = _open_mark(attributes)
        if mark is not None:
            for row in range(self.row, self.row + self.rows):
                for column in range(self.column, self.column + columns):
                    self.marks.cells[row, column] = mark
        wide = int(attributes.get("table:number-columns-spanned", "1"))
        high = int(attributes.get("table:number-rows-spanned", "1"))
        if wide > 1 or high > 1:
            last = (self.row + high - 1, self.column + wide - 1)
            self.marks.merged.append(((self.row, self.column), last))
        self.column += columns

    def end(self, name: str) -> None:
        if name == "table":
            self.inside = False
        elif self.inside and name == "table-row":
            self.row += self.rows


def _open_mark(attributes: Mapping[str, str]) -> str | None:
    kind = attributes.get("office:value-type")
    if attributes.get("calcext:value-type") == "error":
        return ERROR
    if kind == "percentage":
        return PERCENT
    if "table:formula" in attributes and kind is None:
        return UNCOMPUTED
    return None


@attrs.define
class _Elements:
    """The elements of a small document with their attributes."""

    found: list[tuple[str, dict[str, str]]]

    @classmethod
    def of(cls, content: bytes) -> _Elements:
        found: list[tuple[str, dict[str, str]]] = []
        _walk(content, lambda name, attributes: found.append((name, dict(attributes))))
        return cls(found)

    def named(self, name: str) -> list[dict[str, str]]:
        return [attributes for each, attributes in self.found if each == name]


def _walk(
    content: bytes,
    begin: Callable[[str, Mapping[str, str]], Any],
    end: Callable[[str], Any] | None = None,
    text: Callable[[str], Any] | None = None,
) -> None:
    """Call ``begin`` and ``end`` with names of elements, prefixes left out, ``text`` between."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: begin(_local(name), attributes)
    if end is not None:
        parser.EndElementHandler = lambda name: end(_local(name))
    if text is not None:
        parser.CharacterDataHandler = text
    parser.Parse(content, True)


def _local(name: str) -> str:
    return name.rpartition(":")[2]

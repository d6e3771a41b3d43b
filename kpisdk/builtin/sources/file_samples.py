"""The rows of files as they lie there, for a first look: nothing is read as anything yet."""

from __future__ import annotations

import codecs
import csv
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import attrs

from kpisdk.builtin.sources.closing_lines import looks_like_totals
from kpisdk.builtin.sources.csv_headers import reason
from kpisdk.builtin.sources.file_tables import FileTable
from kpisdk.builtin.sources.uncompressed import chunks_of
from kpisdk.builtin.sources.workbooks import grid_of, sheets_of
from kpisdk.contracts.text_formats import DELIMITERS
from kpisdk.errors import QueryError

_LOOKED_AT = 16 << 20
"""How many bytes of a file are looked at; what a column holds further down is not seen."""


@attrs.frozen
class FileSample:
    """The first rows of a file or sheet, and how it seems to be laid out.

    ``rows`` are those behind the header, cells as texts (or values of a sheet), rows without a
    value left out. ``header`` is the line or row of the names, from 1; ``footer`` counts what at
    the end is no row. ``encoding`` and ``delimiter`` are ``None`` where they need not be said.
    """

    table: str
    is_sheet: bool
    names: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    header: int
    footer: int
    encoding: str | None = None
    delimiter: str | None = None


def sample_of(source: str, table: FileTable) -> FileSample:
    """A first look at a table's first file.

    Raises:
        QueryError: it cannot be read, or no line of it names columns.
        MissingDependencyError: a library that reads it is not installed.
    """
    file = table.files[0]
    if table.fault is not None:
        raise QueryError(source, table.fault)
    if table.format == "sheet":
        sheet = table.sheet or next(each.name for each in sheets_of(file) if each.is_shown)
        numbered = list(enumerate(grid_of(source, file, sheet).rows, start=1))
        return _laid_out(source, table, numbered, is_sheet=True)
    try:
        content, cut = _beginning(file)
    except (OSError, EOFError, zlib.error) as error:
        raise QueryError(source, f"{file!r} cannot be read: {reason(error)}") from error
    text, encoding = _decoded(content)
    if cut:
        text = text[: text.rfind("\n") + 1]
    delimiter, rows = _separated(text)
    found = _laid_out(source, table, rows, is_sheet=False, is_cut=cut)
    return attrs.evolve(found, encoding=encoding, delimiter=delimiter)


def _beginning(file: str) -> tuple[bytes, bool]:
    content = b""
    for chunk in chunks_of(file):
        content += chunk
        if len(content) > _LOOKED_AT:
            return content, True
    return content, False


def _decoded(content: bytes) -> tuple[str, str | None]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace"), "utf-16"
    try:
        return content.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        if error.start > len(content) - 4 and len(content) > _LOOKED_AT:
            return content[: error.start].decode("utf-8-sig"), None  # cut within a letter
    try:
        return content.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "latin-1"


def _separated(text: str) -> tuple[str, list[tuple[int, list[str]]]]:
    """What separates the columns, by the most rows of one width, and the rows with their lines."""
    best: tuple[tuple[int, int], str, list[tuple[int, list[str]]]] | None = None
    for delimiter in DELIMITERS:
        reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
        rows, line = [], 1
        for row in reader:
            rows.append((line, row))
            line = reader.line_num + 1
        widths = Counter(len(row) for _, row in rows if row)
        width, count = max(widths.items(), key=lambda each: (each[0] > 1, each[1], each[0]))
        rank = (count if width > 1 else 0, width)
        if best is None or rank > best[0]:
            best = (rank, delimiter, rows)
    if best is None:  # there are separators
        raise AssertionError
    return best[1], best[2]


def _laid_out(
    source: str,
    table: FileTable,
    numbered: Sequence[tuple[int, Sequence[Any]]],
    *,
    is_sheet: bool,
    is_cut: bool = False,
) -> FileSample:
    held = [(number, row) for number, row in numbered if any(str(cell).strip() for cell in row)]
    if not held:
        raise QueryError(source, f"{table.files[0]!r} holds no rows")
    width = Counter(_filled(row) for _, row in held).most_common(1)[0][0]
    top = next(
        (n for n, (_, row) in enumerate(held) if _filled(row) >= max(1, width - width // 4)), 0
    )
    top = _below_groups(held, top)
    names = tuple(
        " ".join(str(cell).split()) or f"column{place}" for place, cell in enumerate(held[top][1])
    )
    body = held[top + 1 :]
    footer = 0
    while body[:-1] and not is_cut and _is_closing(body[-1][1]):
        footer += 1
        body = body[:-1]
    return FileSample(table.name, is_sheet, names, [row for _, row in body], held[top][0], footer)


def _filled(row: Sequence[Any]) -> int:
    return sum(1 for cell in row if str(cell).strip())


def _below_groups(held: Sequence[tuple[int, Sequence[Any]]], top: int) -> int:
    """The second of two rows of names, where the first names groups of columns."""
    if len(held) < top + 3:
        return top
    first, second = held[top][1], held[top + 1][1]
    texts = [isinstance(cell, str) and not any(map(str.isdigit, cell)) for cell in second]
    groups = _filled(first) < _filled(second) and len({*map(str, second)}) == len(second)
    return top + 1 if groups and all(texts) and _filled(second) == len(second) else top


def _is_closing(row: Sequence[Any]) -> bool:
    return looks_like_totals(map(str, row)) or (len(row) > 2 and _filled(row) == 1)

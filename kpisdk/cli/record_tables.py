"""Plain records as a table, for people (aligned, rounded) and for machines (in full)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

# No more of the room than this: a list is to start at once.
from kpisdk.builtin.reports.escaping import visible
from kpisdk.contracts.results import plain

FORMATS = ("table", "json", "jsonl", "csv", "md", "html")
"""The formats of a table of records."""

FOR_PEOPLE = ("table", "md", "html")
"""Those of them that people read; the others are for programs, and know no language."""

GAP = "  "
"""What stands between two columns of an aligned table."""

Row: TypeAlias = Mapping[str, Any]


def render(rows: Sequence[Row], columns: Sequence[str], form: str, document: Any = None) -> str:
    """Records as text in one of :data:`FORMATS`.

    Args:
        rows: the records.
        columns: the keys to show, in order; ``json`` and ``jsonl`` hold all of a record.
        form: the format.
        document: what ``json`` holds instead of the list of records.
    """
    if form == "json":
        return _json(list(rows) if document is None else document, indent=2)
    if form == "jsonl":
        return "\n".join(_json(row) for row in rows)
    if form == "csv":
        return _csv(rows, columns)
    cells = [[shown(row.get(column)) for column in columns] for row in rows]
    if form == "md":
        return _markdown(cells, columns)
    if form == "html":
        return _html(cells, columns)
    return _aligned(cells, columns)


# Each format's library is imported by the format: a plain table is to start at once.
def _json(value: Any, indent: int | None = None) -> str:
    from kpisdk.reporting import json_text

    return json_text(value, indent)


def shown(value: Any) -> str:
    """A value as people read it: rounded to four figures, lists with commas, one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    return visible(" ".join(_without_controls(str(plain(value))).split()))


def _without_controls(text: str) -> str:
    """``text`` without what could move the cursor or change colours.

    What turns the direction of writing, or cannot be seen, is left to be written out.
    """
    return "".join(
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text
    )


def _csv(rows: Sequence[Row], columns: Sequence[str]) -> str:
    from kpisdk.reporting import csv_text

    return csv_text([columns, *([row.get(each) for each in columns] for row in rows)], end="\n")


def _aligned(cells: Sequence[Sequence[str]], columns: Sequence[str]) -> str:
    lines = [[column.replace("_", " ") for column in columns], *cells]
    widths = [max(width(line[place]) for line in lines) for place in range(len(columns))]
    return "\n".join(
        GAP.join(
            cell + " " * (size - width(cell)) for cell, size in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def width(text: str) -> int:
    """How many columns of a terminal a text takes: wide East Asian characters take two."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _markdown(cells: Sequence[Sequence[str]], columns: Sequence[str]) -> str:
    from kpisdk.reporting import markdown_text as escaped

    def line(parts: Sequence[str]) -> str:
        return f"| {' | '.join(parts)} |"

    rows = [line(list(map(escaped, each))) for each in (columns, *cells)]
    return "\n".join([rows[0], line(["---"] * len(columns)), *rows[1:]])


def _html(cells: Sequence[Sequence[str]], columns: Sequence[str]) -> str:
    from html import escape

    def row(tag: str, parts: Sequence[str]) -> str:
        return f"<tr>{''.join(f'<{tag}>{escape(part)}</{tag}>' for part in parts)}</tr>"

    body = "\n".join(row("td", line) for line in cells)
    return (
        '<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"><title>kpisdk</title>\n'
        "<style>body{font-family:sans-serif}table{border-collapse:collapse}"
        "th,td{border:1px solid #bbb;padding:.3em .6em;text-align:left;vertical-align:top}</style>"
        f"</head>\n<body>\n<table>\n{row('th', columns)}\n{body}\n</table>\n</body>\n</html>"
    )

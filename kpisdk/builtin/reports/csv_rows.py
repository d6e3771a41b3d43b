"""A report as CSV (RFC 4180): one row per result, full precision, harmless in spreadsheets.

A column is the path of its value in the JSON object (``interval.low``). Texts that a spreadsheet
would take for a formula get an apostrophe in front, and so do texts that begin with one: a reader
that drops one leading apostrophe has the text back. Numbers are never touched. An absent value is
an empty field, an empty text a quoted one (``""``). The columns ``slice``, ``where``,
``parameters``, ``warnings``, ``details`` and ``manifest`` hold JSON, in which the slice is exact
even where the column beside it is guarded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kpisdk.builtin.reports.escaping import encodable
from kpisdk.builtin.reports.json_texts import json_text
from kpisdk.builtin.reports.scorecard import slice_names
from kpisdk.contracts.results import Report, plain

_IDENTITY = ("kpi_id", "name", "workstream")
_FACTS = (
    *("period", "value", "unit", "status", "reason", "message", "decided"),
    *("interval.low", "interval.high", "interval.level", "interval.method", "interval.unit"),
    *("interval_reason", "status_p", "family.method", "family.size"),
    *("numerator", "denominator", "n", "p_value"),
    *("thresholds.target", "thresholds.warning", "thresholds.critical", "thresholds.direction"),
    *("window.start", "window.end", "window.label", "data_through", "stale"),
    *("comparison.to", "comparison.period", "comparison.window.start", "comparison.window.end"),
    *("comparison.window.label", "comparison.value", "comparison.change", "comparison.relative"),
    *("comparison.interval.low", "comparison.interval.high", "comparison.decided"),
    *(
        "slice",
        "where",
        "parameters",
        "warnings",
        "answered_by",
        "definition_version",
        "cached",
        "computed_at",
    ),
    *("duration_ms", "details", "manifest", "as_of", "source.name", "source.kind"),
    "source.synthetic",
)
# What OWASP lists as the start of a formula (CSV injection), full-width signs included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
# Semicolons and tabs part fields where a spreadsheet's locale says so: what follows one unquoted
# would be a field of its own, and perhaps a formula.
_QUOTED = frozenset('",;\t\r\n')


def render(report: Report, colour: bool = False) -> str:
    """A header and one row a result; the header is there without results, too."""
    del colour
    document = report.to_dict()
    shared = {"source": document["source"]}
    names = slice_names(report)
    rows = [[*_IDENTITY, *(f"slice.{name}" for name in names), *_FACTS]]
    for result in document["results"]:
        facts = {**result, **shared, "as_of": result["as_of"] or document["as_of"]}
        values = [_at(facts, path) for path in _IDENTITY]
        values += [facts["slice"].get(str(name)) for name in names]
        values += [_at(facts, path) for path in _FACTS]
        rows.append(values)
    return csv_text(rows)


def csv_text(rows: Iterable[Iterable[Any]], end: str = "\r\n") -> str:
    """Rows of values as CSV, each field as ``csv_field`` writes it, each line closed by ``end``."""
    return "".join(f"{','.join(map(field, row))}{end}" for row in rows)


def _at(facts: Mapping[str, Any], path: str) -> Any:
    value: Any = facts
    for key in path.split("."):
        value = None if value is None else value[key]
    return value


def field(value: Any) -> str:
    """A value as one field: numbers as they are, texts guarded, everything else as JSON.

    Not-a-numbers and infinities are empty fields, as they are null in JSON.
    """
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = encodable(value) if isinstance(value, str) else json_text(value)
    if text.startswith(_FORMULA):
        text = f"'{text}"
    if not text or not _QUOTED.isdisjoint(text):
        return '"' + text.replace('"', '""') + '"'
    return text

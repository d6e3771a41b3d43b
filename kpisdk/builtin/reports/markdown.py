"""The scorecard as a GitHub table."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kpisdk.builtin.reports.explanations import explanations, summary
from kpisdk.builtin.reports.scorecard import columns
from kpisdk.contracts.results import Report
from kpisdk.contracts.translations import ENGLISH, Language

# Only what would be markup is escaped, so that the source stays readable. A backslash becomes an
# entity: how many of them stand before a pipe would otherwise decide where a cell ends.
# A dollar sign would begin a formula, a word between colons be a little picture.
_ENTITIES = {"&": "&amp;", "<": "&lt;", "\\": "&#92;", "$": "&#36;", ":": "&#58;"}
_ENTITY = re.compile(r"&(?=[#A-Za-z])|<(?=[A-Za-z/!?])|\\|\$|:(?=[A-Za-z0-9_+-]+:)")
# Emphasis, code, cells, the middle of a link; underscores between letters and digits are none.
_MARKUP = re.compile(r"([|`*~]|(?<=\])\(|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")


def render(report: Report, colour: bool = False, language: Language = ENGLISH) -> str:
    """A table of the results, a list of explanations, and a summary."""
    del colour
    shown = columns(report, language)
    lines = []
    if report.results:
        lines.append(_row(escaped(column.heading) for column in shown))
        lines.append(_row("---:" if column.right else "---" for column in shown))
        lines += [_row(escaped(each.cell(result)) for each in shown) for result in report.results]
        lines.append("")
    notes = [f"- {escaped(note.line(language))}" for note in explanations(report)]
    lines += [*notes, ""] if notes else []
    lines.append("  \n".join(escaped(line) for line in summary(report, language)))
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """A visible text as Markdown that shows it as it is, inside a table or outside."""
    harmless = _ENTITY.sub(lambda found: _ENTITIES[found[0]], text)
    return _MARKUP.sub(r"\\\1", harmless)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"

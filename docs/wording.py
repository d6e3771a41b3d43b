"""Docstrings as Markdown, and pages that are written only when they change."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

_ROLE = re.compile(r":[a-z]+:`~?(?:[\w.]+\.)?(?P<name>\w+)`")
_SECTION = re.compile(r"^(Args|Attributes|Returns|Raises):$", re.MULTILINE)
_ENTRY = re.compile(r"^ {4}(?P<name>\w+): (?P<text>(?:.*\n?(?: {8}.*\n?)*))", re.MULTILINE)


def markdown(docstring: str | None) -> str:
    """A docstring as Markdown: code in single backticks, arguments as a list."""
    text = inspect.cleandoc(docstring or "")
    text = _ROLE.sub(lambda found: f"`{found['name']}`", text).replace("``", "`")
    if not _SECTION.search(text):
        return text
    parts = _SECTION.split(text)
    listed = [
        "\n".join(f"* `{name}`: {' '.join(said.split())}" for name, said in _ENTRY.findall(part))
        for part in parts[2::2]
    ]
    return "\n\n".join([parts[0].strip(), *listed])


def sentence(docstring: str | None) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join(markdown(docstring).split("\n\n", maxsplit=1)[0].split())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; pipes in cells are escaped."""
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for row in rows:
        cells = (" ".join(cell.split()).replace("|", "\\|") for cell in row)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def update(path: Path, text: str) -> None:
    """Write a page, unless it says that already: Sphinx reads what changed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")

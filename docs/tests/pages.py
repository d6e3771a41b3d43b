"""Pages of the documentation: their fences, which of them are run, and in what surroundings."""

from __future__ import annotations

import re
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
EXAMPLES = DOCS / "examples"

RUN = ("console", "python", "toml")
"""Languages of fences that are run (console, python) or written to a file and read (toml)."""

PICTURES = ("text",)
"""Languages of fences that hold nothing to run: drawings and forms."""

TESTED_ELSEWHERE = ("gate-a-pipeline.md", "kpis-without-python.md", "versions.md")
"""Pages whose examples have tests of their own, beside the code that they are about."""

_FENCE = re.compile(
    r"^(?P<before>[^\n]*)\n+(?P<ticks>`{3,})(?P<language>[^\n`]*)\n(?P<text>.*?)^(?P=ticks)\s*$",
    re.MULTILINE | re.DOTALL,
)
_NOT_RUN = re.compile(r"<!-- not run: (?P<why>\S.{10,}) -->")
_NEEDS = re.compile(r"<!-- needs: (?P<what>[^>]+) -->")


@attrs.frozen
class Fence:
    """A fence: its line, language, and why it is not run (empty where nothing says so)."""

    line: int
    language: str
    why: str

    @property
    def is_directive(self) -> bool:
        """Whether it is Sphinx's: a list of pages, a file included, a note."""
        return self.language.startswith("{")


def written_by_hand() -> list[Path]:
    """The README of the repository, and the pages that neither a program nor another test has."""
    generated = [DOCS / "reference" / "kpis", DOCS / "reference" / "generated", DOCS / "_build"]
    found = [
        page
        for page in sorted(DOCS.rglob("*.md"))
        if EXAMPLES not in page.parents
        and not any(folder in page.parents for folder in generated)
        and page != DOCS / "reference" / "cli.md"
        and page.name not in TESTED_ELSEWHERE
    ]
    return [ROOT / "README.md", *found]


def name_of(page: Path) -> str:
    """A page's path in the repository."""
    return page.relative_to(ROOT).as_posix()


def fences_of(page: Path) -> list[Fence]:
    """The fences of a page, in order."""
    text = "\n" + page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        reason = _NOT_RUN.search(match["before"])
        line = text.count("\n", 0, match.start("ticks"))
        why = "" if reason is None else reason["why"]
        found.append(Fence(line, match["language"].strip(), why))
    return found


def needs_of(page: Path) -> list[str]:
    """What a page's reader has at hand: ``demo.duckdb``, an installed example, a file of one."""
    text = page.read_text(encoding="utf-8")
    return [match["what"].strip() for match in _NEEDS.finditer(text)]

"""Definition files: which files of a project define KPIs."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

import attrs

from kpisdk.errors import Problem, quoted

NAMES = ("kpis.yaml", "kpis.yml", "kpis.toml")
"""Files that are read without being named, beside the settings file or where the user works."""


@attrs.frozen
class Found:
    """Definition files in order, each once, and patterns that no file matches."""

    files: tuple[Path, ...]
    problems: tuple[Problem, ...]


def definition_files(start: Path, project: Path | None, patterns: Iterable[Path]) -> Found:
    """The definition files of a project.

    Args:
        start: the folder where the user works; it and the folders above it, up to the project's,
            are searched for the nearest one with a file of :data:`NAMES`.
        project: the folder of the settings file, if there is one.
        patterns: paths and globs that the settings name.
    """
    found: list[Path] = [] if project is None else _beside(project)
    for folder in (start, *start.parents):
        beside = _beside(folder)
        found += beside
        if beside or folder == project:
            break
    problems = []
    for place, pattern in enumerate(patterns):
        matches = sorted(Path(each) for each in glob.glob(str(pattern), recursive=True))  # noqa: PTH207 - a pattern may be absolute
        files = [each for each in matches if each.is_file()]
        if not files:
            what = f"no file is called or matches {quoted(pattern)}"
            problems.append(Problem(f"definitions[{place}]", what))
        found += files
    return Found(tuple({each.resolve(): each for each in found}.values()), tuple(problems))


def _beside(folder: Path) -> list[Path]:
    return [folder / name for name in NAMES if (folder / name).is_file()]

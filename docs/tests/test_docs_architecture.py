"""The page on the architecture shows the packages that there are, and its picture is as drawn."""

from __future__ import annotations

import re
import sys
import tomllib

from pages import DOCS, ROOT

sys.path.insert(0, str(DOCS))

from architecture_picture import CORE, STEPS, WIDTH, picture

PAGE = (DOCS / "explanation" / "architecture.md").read_text(encoding="utf-8")


def test_the_picture_is_the_one_that_the_script_draws():
    """Whoever changes the script draws anew: ``python docs/architecture_picture.py``."""
    stored = (DOCS / "explanation" / "architecture.svg").read_text(encoding="utf-8")

    assert stored == picture()


def test_the_picture_names_packages_that_exist():
    """A package that is renamed is renamed in the picture."""
    named = {*CORE, *(package for step in STEPS for package in step.packages)}

    assert {name for name in named if not list((ROOT / "kpisdk").glob(f"{name}*"))} == set()


def test_nothing_of_the_picture_leaves_it():
    """All of it is seen: every box begins and ends inside the drawing."""
    boxes = re.findall(r'<rect [^>]*\bx="([\d.]+)"[^>]* width="([\d.]+)"', picture())

    assert len(boxes) > len(STEPS) + len(CORE)
    assert all(float(left) + float(width) <= WIDTH for left, width in boxes)


def test_the_page_lists_the_floors_that_the_linter_enforces():
    """The order of imports on the page is the one of the import contract."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]

    (drawn,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)

    assert [line.split() for line in drawn.splitlines()] == [
        [name for name in layer.split() if name not in "|:"] for layer in layers
    ]

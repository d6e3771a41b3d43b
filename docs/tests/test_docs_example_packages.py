"""The examples are what the pages say of them: small, and packages that build."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest
from pages import DOCS, EXAMPLES

PACKAGES = sorted(path.parent for path in EXAMPLES.glob("*/pyproject.toml"))


def lines_of_code(path: Path) -> int:
    """The lines of a file that are neither blank, nor a comment, nor of a docstring."""
    text = path.read_text(encoding="utf-8")
    told: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            told.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(text.splitlines(), start=1)
    return sum(
        number not in told and bool(line.strip()) and not line.lstrip().startswith("#")
        for number, line in lines
    )


def test_a_whole_plugin_is_under_thirty_lines_of_python_and_fifteen_of_toml():
    """The tutorial's package keeps the promise, and the page says the numbers that are true."""
    bakery = EXAMPLES / "bakery"
    python = sum(map(lines_of_code, bakery.glob("src/**/*.py")))
    text = (bakery / "pyproject.toml").read_text(encoding="utf-8")
    toml = sum(bool(line.strip()) for line in text.splitlines())
    page = (DOCS / "tutorial" / "first-plugin.md").read_text(encoding="utf-8")

    assert python < 30
    assert toml < 15
    assert f"is {python} lines of\nPython and {toml} of TOML" in page


def imported(path: Path) -> set[str]:
    """The names that a file imports from the facade, with a dot before those of its packages."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "kpisdk":
            room = (node.module or "").removeprefix("kpisdk")
            found.update(f"{room}.{each.name}" if room else each.name for each in node.names)
        elif isinstance(node, ast.Import):
            found.update(f".{each.name}" for each in node.names if each.name.startswith("kpisdk."))
    return found


def test_the_tutorials_package_names_only_what_the_first_version_offered():
    """Built once, it runs on every later core: ``make installed`` builds it, lists and computes."""
    first = tomllib.loads((DOCS / "first_version.toml").read_text(encoding="utf-8"))
    sources = sorted((EXAMPLES / "bakery").glob("src/**/*.py"))
    names = set().union(*map(imported, sources))

    assert {"Kpi", "Ratio", "count", "hookimpl"} <= names
    assert names <= set(first["names"])


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_an_example_names_itself_and_its_door(package):
    """Each is a distribution of the core's line that names one module in the group kpisdk."""
    project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (target,) = project["entry-points"]["kpisdk"].values()

    assert project["name"].startswith("kpisdk-")
    assert any(need.startswith("kpisdk>=0.1,<0.2") for need in project["dependencies"])
    assert (package / "src" / f"{target.replace('.', '/')}.py").is_file()
    assert list((package / "tests").glob("test_*.py"))

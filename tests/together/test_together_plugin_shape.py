"""Plugins have one shape: hooks alone in plugin.py, columns in datasets.py, families of KPIs."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from kpisdk import Kpi

ROOT = Path(__file__).resolve().parents[2] / "plugins"
PACKAGES = {path.parents[1].name: path for path in sorted(ROOT.glob("*/src/kpisdk_*"))}
"""The packages by the name of their plugin's folder."""

OF_FILES = ("definitions",)
"""Plugins whose datasets and KPIs are those of the files that they read."""

HOOKS = ast.FunctionDef | ast.AsyncFunctionDef


def modules(package: Path) -> Iterator[tuple[Path, ast.Module]]:
    """The modules of a package, as parsed."""
    for path in sorted(package.rglob("*.py")):
        yield path, ast.parse(path.read_text())


def dotted(package: Path, path: Path) -> str:
    """The name that a module is imported by."""
    return ".".join(path.relative_to(package.parent).with_suffix("").parts)


def is_hook(statement: ast.stmt) -> bool:
    """Whether a statement implements a hook: decorated as one, and named like one."""
    return (
        isinstance(statement, HOOKS)
        and statement.name.startswith("kpisdk_")
        and any(
            isinstance(each, ast.Name) and each.id == "hookimpl"
            for each in statement.decorator_list
        )
    )


def is_import(statement: ast.stmt) -> bool:
    """Whether a statement imports, for the running program or for the type checker alone."""
    if isinstance(statement, ast.If):
        named = isinstance(statement.test, ast.Name) and statement.test.id == "TYPE_CHECKING"
        return named and not statement.orelse and all(map(is_import, statement.body))
    return isinstance(statement, ast.Import | ast.ImportFrom)


def is_docstring(statement: ast.stmt) -> bool:
    """Whether a statement is a text that stands by itself."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def is_called(node: ast.AST, name: str) -> bool:
    """Whether a node calls the function or class of that name."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def families(package: Path) -> list[str]:
    """The modules that have KPIs of their own: they write ``KPIS``, and records in it."""
    found = []
    for path, tree in modules(package):
        names = {
            target.id
            for statement in tree.body
            for target in getattr(statement, "targets", [getattr(statement, "target", None)])
            if isinstance(target, ast.Name)
        }
        if "KPIS" in names and any(is_called(node, "Kpi") for node in ast.walk(tree)):
            found.append(dotted(package, path))
    return found


def records(package: Path) -> list[Kpi]:
    """What the plugin's hook yields; nothing where it has none."""
    hook = getattr(import_module(f"{package.name}.plugin"), "kpisdk_kpis", None)
    return [] if hook is None else list(hook())


def test_all_plugins_are_walked():
    """The ten of this repository: an eleventh is walked as soon as it is there."""
    assert {
        "brand",
        "causal",
        "definitions",
        "demo",
        "edu_dkt",
        "history",
        "web",
        "ws1_quality",
        "ws2_triggers",
        "ws3_business",
    } <= set(PACKAGES)


@pytest.mark.parametrize("name", PACKAGES)
def test_plugin_py_holds_hooks_and_nothing_else(name):
    """A docstring, imports and hook implementations: what a hook gives is made elsewhere."""
    tree = ast.parse((PACKAGES[name] / "plugin.py").read_text())

    others = [
        ast.unparse(statement)
        for statement in tree.body
        if not (is_docstring(statement) or is_import(statement) or is_hook(statement))
    ]

    assert others == []
    assert any(map(is_hook, tree.body))


@pytest.mark.parametrize("name", sorted(set(PACKAGES) - set(OF_FILES)))
def test_the_columns_that_a_plugin_reads_stand_in_files_named_for_them(name):
    """No table is declared anywhere but in ``datasets.py`` or ``*_datasets.py``."""
    declared = [
        path.relative_to(PACKAGES[name]).as_posix()
        for path, tree in modules(PACKAGES[name])
        if any(is_called(node, "Dataset") for statement in tree.body for node in walk(statement))
    ]

    assert [path for path in declared if not path.endswith("datasets.py")] == []
    if records(PACKAGES[name]):
        assert any(path.rpartition("/")[2] == "datasets.py" for path in declared)


def walk(statement: ast.stmt) -> Iterator[ast.AST]:
    """What runs when the module is imported: the bodies of functions do not."""
    if not isinstance(statement, HOOKS):
        yield from ast.walk(statement)


@pytest.mark.parametrize("name", PACKAGES)
def test_every_record_stands_in_one_family(name):
    """The hook yields the records of the families: each once, none beside them, none forgotten."""
    package = PACKAGES[name]
    yielded = Counter(kpi.id for kpi in records(package))

    gathered = Counter(kpi.id for each in families(package) for kpi in import_module(each).KPIS)

    assert yielded == gathered
    assert set(yielded.values()) <= {1}

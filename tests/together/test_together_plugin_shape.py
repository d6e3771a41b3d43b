"""Plugins have one shape: hooks alone in plugin.py, columns in datasets.py, families of KPIs."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from itertools import takewhile
from pathlib import Path

import pytest

from kpisdk import Kpi, Measure
from kpisdk.contracts.calculators import options_of

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
        and any(map(is_hookimpl, statement.decorator_list))
    )


def is_hookimpl(decorator: ast.expr) -> bool:
    """Whether a decorator marks a hook: plainly, or as one of a plugin that may not be there."""
    name = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(name, ast.Name) and name.id == "hookimpl"


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


def is_record(node: ast.ClassDef) -> bool:
    """Whether a class is one of attrs."""
    return any("attrs." in ast.unparse(each) for each in node.decorator_list)


def fields_of(node: ast.ClassDef) -> list[str]:
    """The public fields that a class declares itself."""
    return [
        each.target.id
        for each in node.body
        if isinstance(each, ast.AnnAssign)
        and isinstance(each.target, ast.Name)
        and not each.target.id.startswith("_")
    ]


def arguments_of(node: ast.FunctionDef) -> list[str]:
    """The arguments that a caller gives to a function, but for hooks and commands."""
    decorators = [ast.unparse(each) for each in node.decorator_list]
    if any("hookimpl" in each or "command" in each or "click" in each for each in decorators):
        return []
    given = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    return [each.arg for each in given if each.arg not in ("self", "cls", "_")]


def listed_in(docstring: str, section: str) -> set[str]:
    """The names that a section of a docstring lists, each at the beginning of a line."""
    below = docstring.partition(f"\n{section}:\n")[2]
    lines = takewhile(lambda line: line.startswith(" ") or not line, below.splitlines())
    return {line.strip().partition(":")[0] for line in lines if re.match(r" {4}\w+: ", line)}


def unsaid(node: ast.ClassDef | ast.FunctionDef) -> set[str]:
    """What a public docstring does not list: fields of a record, arguments beyond a single one.

    One argument is what the first sentence is about. What implements another's method has no
    docstring of its own.
    """
    docstring = ast.get_docstring(node)
    if docstring is None:
        return set()
    if isinstance(node, ast.ClassDef):
        return (
            set(fields_of(node)) - listed_in(docstring, "Attributes") if is_record(node) else set()
        )
    arguments = arguments_of(node)
    return set(arguments) - listed_in(docstring, "Args") if len(arguments) > 1 else set()


def public(statements: list[ast.stmt]) -> Iterator[ast.ClassDef | ast.FunctionDef]:
    """The public classes and functions among statements, and the methods of those classes."""
    for each in statements:
        if isinstance(each, ast.ClassDef | ast.FunctionDef) and not each.name.startswith("_"):
            yield each
            if isinstance(each, ast.ClassDef):
                yield from public(each.body)


@pytest.mark.parametrize("name", PACKAGES)
def test_public_docstrings_list_attributes_and_arguments(name):
    """Whoever reads a record or a call finds what each part of it is, in every plugin alike."""
    missing = {
        f"{dotted(PACKAGES[name], path)}.{node.name}": sorted(unsaid(node))
        for path, tree in modules(PACKAGES[name])
        for node in public(tree.body)
        if unsaid(node)
    }

    assert missing == {}


DATA = {"definitions/grammar.py"}
"""Longer files that are one piece of data: the keys of definition files."""


@pytest.mark.parametrize("name", PACKAGES)
def test_no_file_of_a_plugin_is_longer_than_one_sitting(name):
    """As in the core."""
    long = {
        f"{name}/{path.name}"
        for path, _ in modules(PACKAGES[name])
        if len(path.read_text().splitlines()) > 300
    }

    assert long <= DATA


def test_a_measure_that_two_kpis_share_has_one_name():
    """A denominator is written once: two that are equal are the same object."""
    for name, package in PACKAGES.items():
        written: dict[Measure, Measure] = {}
        for kpi in records(package):
            for option in options_of(kpi.calculation):
                measures = getattr(option.calculation, "measures", dict)()
                shared = {each: written.setdefault(each, each) for each in measures.values()}
                assert all(one is other for one, other in shared.items()), (name, kpi.id)

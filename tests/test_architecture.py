"""The shape of the core: a file knows one thing, is named for it, and says it in its first line."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import kpisdk

CORE = Path(kpisdk.__file__).parent
MODULES = sorted(path for path in CORE.rglob("*.py") if "__pycache__" not in path.parts)

LONGEST = 300
"""Lines that a file has at most: what one person reads in one sitting."""

TREES = {"contracts/expression_tree.py"}
"""Longer files that are one piece of data: the kinds of node that an expression is made of."""


def place(module: Path) -> str:
    """A module's path inside the core, with slashes."""
    return module.relative_to(CORE).as_posix()


def may_share_its_name(module: Path) -> bool:
    """Whether a name says where in the architecture a file stands, and not what it knows.

    A package's face, the hooks of a plugin, a command (named for what users type), and the public
    modules beside the facade (named for the package that they open).
    """
    at = place(module)
    return (
        module.name in {"__init__.py", "plugin.py"}
        or at.startswith("cli/commands/")
        or "/" not in at
    )


def test_no_file_name_stands_for_two_jobs():
    """Who is told a file's name needs no folder to know which one is meant."""
    places = defaultdict(list)
    for module in MODULES:
        if not may_share_its_name(module):
            places[module.name].append(place(module))

    twice = {name: found for name, found in places.items() if len(found) > 1}

    assert twice == {}


def test_a_module_named_plugin_holds_hooks_and_nothing_else():
    """What a hook yields is worked out elsewhere, so that the hooks can be read at a glance."""
    for module in MODULES:
        if module.name != "plugin.py" or "commands" in module.parts:
            continue
        functions = [
            node.name
            for node in ast.parse(module.read_text()).body
            if isinstance(node, ast.FunctionDef)
        ]
        public = [name for name in functions if not name.startswith("_")]

        assert public, place(module)
        assert all(name.startswith("kpisdk_") for name in public), place(module)


def test_no_file_is_longer_than_one_sitting():
    """A file beyond 300 lines knows more than one thing; a tree of node kinds is one thing."""
    lengths = {place(module): len(module.read_text().splitlines()) for module in MODULES}

    long = {at for at, lines in lengths.items() if lines > LONGEST}

    assert long - TREES == set()


def words(text: str) -> Iterator[str]:
    """The words of a name or a phrase, without endings and articles: *Calls*, *calling*: call."""
    for word in re.findall(r"[a-z]+", text.lower()):
        if word not in {"the", "a", "an", "of", "and", "in", "at"}:
            yield re.sub(r"(ing|ed|es|s|e|y|ies)$", "", word)


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_the_first_line_says_what_a_module_knows(module):
    """``Verdicts: from changes to ...`` says nothing before its colon that the name did not say."""
    first = (ast.get_docstring(ast.parse(module.read_text())) or "").partition("\n")[0]

    head, colon, rest = first.partition(":")

    assert len(list(words(first))) > 3, first
    own = set(words(module.parent.name if module.name == "__init__.py" else module.stem))
    assert not (colon and rest and set(words(head)) <= own), first

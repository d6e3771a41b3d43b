"""The facade: what it promises to type checkers is what it gives, and nothing more."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import kpisdk

STUB = Path(kpisdk.__file__).with_suffix(".pyi")


def stub_names() -> set[str]:
    """The names that the stub exports: re-exports (``X as X``), and what its ``__all__`` lists."""
    tree = ast.parse(STUB.read_text())
    return {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_facade_and_stub_list_the_same_names():
    """A name that one of the two forgets would be missing to some users."""
    assert set(kpisdk.__all__) == stub_names()


@pytest.mark.parametrize("name", kpisdk.__all__)
def test_every_name_imports(name):
    """What is listed exists, and comes from the same module in the stub."""
    value = getattr(kpisdk, name)

    assert value is not None
    assert name in dir(kpisdk)


def test_an_unknown_name_is_an_attribute_error():
    """As of any module."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = kpisdk.nothing


def test_importing_the_facade_imports_none_of_its_rooms():
    """A plugin pays for what it names, and for nothing else."""
    code = "import sys, kpisdk; print([m for m in sys.modules if m.startswith('kpisdk.')])"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"


def test_records_import_nothing_heavy():
    """A module of KPI records loads neither SQLAlchemy nor pandas, DuckDB, SciPy or Torch."""
    code = (
        "import sys\n"
        "from kpisdk import Kpi, Ratio, Median, Thresholds, Trailing, Derived, Calculator\n"
        "heavy = {'sqlalchemy', 'pandas', 'numpy', 'duckdb', 'scipy', 'torch', 'click', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"

"""The public door of reports: what a plugin writes is escaped as the core's own reports are."""

import ast
import csv
import io
from pathlib import Path

import pytest

from kpisdk import reporting
from kpisdk.reporting import csv_field, csv_text

PLUGINS = sorted(Path(__file__).parents[3].glob("plugins/*/src/**/*.py"))


@pytest.mark.parametrize("name", reporting.__all__)
def test_every_public_name_is_there(name):
    """A star import takes what the documentation lists."""
    assert getattr(reporting, name) is not None


@pytest.mark.parametrize("text", ["=1+1", "@a", "+1", "-1", "\t=1", "\r=1", "＝1", "'x"])
def test_a_text_that_could_be_a_formula_is_guarded(text):
    """An apostrophe in front makes a spreadsheet show it as it is."""
    (row,) = csv.reader(io.StringIO(csv_text([[text]]), newline=""))

    assert row == [f"'{text}"]


@pytest.mark.parametrize("text", ["a;=1+1", "a\t=1+1", "a,=1+1", 'a"=1+1', "a\n=1+1"])
def test_a_text_that_some_locale_would_split_is_quoted(text):
    """Where a semicolon or a tab parts fields, what follows one would be a field of its own."""
    written = csv_field(text)

    assert written.startswith('"')
    assert written.endswith('"')
    assert next(csv.reader(io.StringIO(written, newline=""))) == [text]


def test_numbers_of_numpy_are_numbers_and_missing_ones_are_empty():
    """A negative number is no formula; a not-a-number is nothing."""
    numpy = pytest.importorskip("numpy")
    row = [numpy.float64(-1.5), numpy.int64(3), numpy.float64("nan"), float("inf"), None, True]

    assert csv_text([row], end="\n") == "-1.5,3,,,,true\n"


def test_no_plugin_writes_csv_on_its_own():
    """A writer of the standard library escapes nothing that a spreadsheet would run."""
    writers = [
        f"{path.name}:{node.lineno}"
        for path in PLUGINS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("writer", "DictWriter", "to_csv")
        and isinstance(node.value, ast.Name)
    ]

    assert writers == []

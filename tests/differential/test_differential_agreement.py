"""Whatever holds the rows, every figure of every cell is the one that plain Python computes."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings

from kpisdk.testing.databases import temporary_database
from kpisdk.testing.differential.agreement import disagreements
from kpisdk.testing.differential.containers import CONTAINERS
from kpisdk.testing.differential.drawn_questions import questions
from kpisdk.testing.differential.event_rows import tables
from kpisdk.testing.differential.places import Place


@pytest.fixture(scope="module")
def database(request):
    """The URL of a PostgreSQL database of this module's own, made when it is first asked for."""
    with temporary_database(request.getfixturevalue("postgresql_server")) as url:
        yield url


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda each: each.name)
def test_every_cell_of_every_figure_is_that_of_plain_python(container, request):
    """Random tables and questions; the long search with other seeds is a benchmark."""
    if container.needs == "polars" and importlib.util.find_spec("polars") is None:
        pytest.skip("polars is not installed")
    url = request.getfixturevalue("database") if container.needs == "postgresql" else ""

    @settings(max_examples=7, derandomize=True, database=None, phases=[Phase.generate])
    @given(tables(), questions())
    def search(rows, question):
        with TemporaryDirectory() as folder:
            found = disagreements(rows, question, container, Place(Path(folder), url))
        assert not found, "\n".join([*found[:8], str(question), *map(str, rows)])

    search()

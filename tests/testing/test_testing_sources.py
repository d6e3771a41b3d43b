"""The built-in kinds of source keep the contract that plugins' kinds are asked to keep."""

from __future__ import annotations

import itertools

import pytest

from kpisdk.builtin.sources.plugin import kpisdk_sources
from kpisdk.contracts.source_kinds import SourceKind
from kpisdk.testing import SourceContract, put
from kpisdk.testing.databases import temporary_database
from kpisdk.testing.source_contract import VISITS

KINDS = {kind.name: kind for kind in kpisdk_sources()}


class TestFrames(SourceContract):
    """Pandas frames in memory."""

    kind = KINDS["frames"]

    def location(self, folder, frames, datasets):
        """The frames themselves."""
        return dict(frames)


class TestFolderOfCsv(SourceContract):
    """A folder of CSV files, typed by what is declared."""

    kind = KINDS["files"]

    def location(self, folder, frames, datasets):
        """The folder's path."""
        return put("csv", frames, datasets, folder)


class TestFolderOfParquet(SourceContract):
    """A folder of Parquet files."""

    kind = KINDS["files"]

    def location(self, folder, frames, datasets):
        """The folder's path."""
        return put("parquet", frames, datasets, folder)


class TestDuckdb(SourceContract):
    """A DuckDB file, by URL."""

    kind = KINDS["database"]

    def location(self, folder, frames, datasets):
        """The file's URL."""
        return put("duckdb", frames, datasets, folder)


class TestSqlite(SourceContract):
    """An SQLite file, by URL."""

    kind = KINDS["database"]

    def location(self, folder, frames, datasets):
        """The file's URL."""
        return put("sqlite", frames, datasets, folder)


class TestPostgresql(SourceContract):
    """A PostgreSQL database, by URL."""

    kind = KINDS["database"]

    @pytest.fixture
    def contract_location(self, postgresql_server, tmp_path):
        """Every source is a database of its own."""
        with (
            temporary_database(postgresql_server) as one,
            temporary_database(postgresql_server) as two,
        ):
            urls = iter((one, two))
            yield lambda frames: put("postgresql", frames, [VISITS], tmp_path, next(urls))


def a_faulty(kind: SourceKind, number: itertools.count):
    """A kind of source whose identity is another one each time it is asked."""

    class Faulty:
        def __init__(self, source):
            self.source = source

        @property
        def identity(self):
            import attrs

            return attrs.evolve(self.source.identity, fingerprint=str(next(number)))

    return SourceKind(kind.name, lambda _: True, lambda *given: Faulty(kind.open(*given)))


def test_a_source_that_breaks_its_promises_is_caught():
    """It takes whatever it is shown, and never is the same."""

    class Contract(SourceContract):
        kind = a_faulty(KINDS["frames"], itertools.count())

    with pytest.raises(pytest.fail.Exception, match="what else it accepts"):
        Contract().test_knows_its_locations(dict)
    with pytest.raises(pytest.fail.Exception, match="the identity, asked twice"):
        Contract().test_has_an_identity(dict)

"""The tables that migrations make are those that the program reads and writes."""

from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import kpisdk_history.store
from kpisdk_history.store.tables import METADATA, RUNS
from kpisdk_history.store.versions import HEAD, VERSION_TABLE


def test_migrations_make_the_tables_of_the_program(store):
    """Alembic finds no difference, on either engine."""
    with store.writing() as writing:
        context = MigrationContext.configure(
            writing.connection,
            opts={"version_table": VERSION_TABLE, "compare_type": True},
        )
        found = compare_metadata(context, METADATA)

    assert found == []


def test_the_newest_migration_is_the_version_that_the_program_knows():
    """One without the other would upgrade on every opening, or never."""
    config = Config()
    folder = Path(kpisdk_history.store.__file__).with_name("migrations")
    config.set_main_option("script_location", str(folder))

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_the_number_of_a_run_that_was_taken_out_is_never_used_again(file_store):
    """SQLite would give it to the next run, unless it is told to count up."""
    with file_store.writing() as writing:
        made = writing.connection.execute(
            sa.text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": RUNS.name}
        ).scalar()

    assert "AUTOINCREMENT" in made

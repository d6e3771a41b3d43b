"""What Alembic runs for an upgrade: on the connection, and in the transaction, that it is given."""

from __future__ import annotations

from alembic import context

from kpisdk_history.store.tables import METADATA
from kpisdk_history.store.versions import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
)
context.run_migrations()

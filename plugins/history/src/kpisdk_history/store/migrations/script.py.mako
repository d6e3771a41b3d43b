"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kpisdk_history.store.instants import Instant

revision = "${up_revision}"
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Make it."""
    ${upgrades if upgrades else "pass"}

"""Results keep the range that was expected of their value when their period was first recorded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the ends of the range; results that are there have none."""
    op.add_column("kpisdk_results", sa.Column("expected_low", sa.Double(), nullable=True))
    op.add_column("kpisdk_results", sa.Column("expected_high", sa.Double(), nullable=True))

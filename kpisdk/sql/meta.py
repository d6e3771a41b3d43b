"""The meta table: what a source says of itself, such as that its rows are synthetic."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

META_TABLE = "kpisdk_meta"
"""A table of (key, value) texts that a generator of data leaves in its source."""


def synthetic_marks() -> Any:
    """One row if the source marks its rows as synthetic."""
    table = sa.table(META_TABLE, sa.column("key", sa.Text()), sa.column("value", sa.Text()))
    marked = sa.and_(table.c.key == "synthetic", table.c.value == "true")
    return sa.select(sa.literal(1)).select_from(table).where(marked).limit(1)

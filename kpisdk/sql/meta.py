"""The meta table: what a source says of itself, such as that its rows are synthetic."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

META_TABLE = "kpisdk_meta"
"""A table of (key, value) texts that a generator of data leaves in its source."""


def synthetic_marks() -> Any:
    """What the source says under ``synthetic``: one row for each different answer."""
    table = sa.table(META_TABLE, sa.column("key", sa.Text()), sa.column("value", sa.Text()))
    said = sa.cast(table.c.value, sa.Text())
    marks = sa.select(said).select_from(table).where(table.c.key == "synthetic")
    return marks.distinct().limit(2)


def is_synthetic(marks: Any) -> bool | None:
    """What the marks say: no mark is a no, and one that is neither true nor false is not known."""
    answers = {str(mark).strip().lower() for (mark,) in marks}
    if "true" in answers:
        return True
    return False if answers <= {"false"} else None

"""How a written data set is known: its marks, and whether a file or folder bears them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

import attrs

from kpisdk import KpisdkError
from kpisdk_demo.contract import META
from kpisdk_demo.plan import plan

VERSION: Final = "2"
"""Version of the generator: equal arguments give equal rows only within one version."""


@attrs.define(eq=False)
class NotADemoError(KpisdkError):
    """The place to write to holds something that this plugin did not write.

    Attributes:
        path: the place.
    """

    path: str

    template = (
        "{path!r} exists and cannot be read as a demo data set, so it is left as it is. Give "
        "another path, or --force to replace a file."
    )


def meta(scale: float, seed: int, end: datetime) -> dict[str, str]:
    """What marks a written data set: that it is synthetic, and how to make it again.

    Args:
        scale: 1 is 10,000 patients.
        seed: a non-negative integer.
        end: the instant (UTC) that every row lies before.
    """
    agreed = plan(scale, seed, end)
    return {
        "synthetic": "true",
        "generator": "kpisdk-demo",
        "version": VERSION,
        "seed": str(agreed.seed),
        "scale": repr(agreed.scale),
        "end": f"{agreed.end.isoformat()}Z",
    }


def is_demo_file(path: Path) -> bool:
    """Whether ``path`` is a DuckDB file that this plugin wrote."""
    import duckdb

    if not path.is_file():
        return False
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            found = connection.execute(
                f"SELECT count(*) FROM {META} WHERE key = 'generator' AND value = 'kpisdk-demo'"
            ).fetchone()
    except duckdb.Error:  # not a database, or one without our table
        return False
    return found is not None and found[0] == 1


def is_demo_folder(target: Path) -> bool:
    """Whether ``target`` is a folder that is empty or that this plugin wrote."""
    if not target.is_dir():
        return False
    entries = list(target.iterdir())
    return not entries or any(entry.stem == META for entry in entries)

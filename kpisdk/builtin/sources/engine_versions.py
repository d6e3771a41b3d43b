"""Which engine and which driver answer a connection, in which versions."""

from __future__ import annotations

import sys
from typing import Any


def engine_and_driver(dialect: Any) -> tuple[str, str]:
    """Name and version of both, of a SQLAlchemy dialect that has connected.

    SQLite and DuckDB run inside of their drivers; of a server SQLAlchemy asks at the first
    connection.
    """
    module = dialect.dbapi
    if not hasattr(module, "__name__") or isinstance(module, type):
        module = sys.modules.get(dialect.name)  # a class of the dialect's stands for the library
    name = getattr(module, "__name__", dialect.driver).partition(".")[0]
    own = _text(getattr(module, "__version__", None) or getattr(module, "version", ""))
    within = _text(getattr(module, "sqlite_version", ""))
    server = getattr(dialect, "server_version_info", None) or ()
    number = within or (own if name == dialect.name else ".".join(map(str, server)))
    return f"{dialect.name} {number}".strip(), f"{name} {own}".strip()


def _text(version: object) -> str:
    return version if isinstance(version, str) else ""

"""Instants in the store: zoned timestamps on PostgreSQL, elsewhere texts that sort alike."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa


class Instant(sa.types.TypeDecorator[datetime]):
    """An instant in UTC, to the microsecond.

    SQLite and MySQL know no zones. There it is the text ``2026-03-01T12:00:00.000000Z``, which any
    tool reads, and which is always as long, so that comparing texts compares instants.
    """

    impl = sa.String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        """A zoned timestamp where the engine has one."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.DateTime(timezone=True))
        return dialect.type_descriptor(sa.String(27))

    def process_bind_param(self, value: datetime | None, dialect: Any) -> Any:
        """Write an instant; a naive one is taken as UTC.

        Args:
            value: the instant.
            dialect: the engine's; only PostgreSQL keeps zones.
        """
        if value is None:
            return None
        zoned = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        if dialect.name == "postgresql":
            return zoned
        return f"{zoned.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:
        """Read an instant, in UTC.

        Args:
            value: what the engine gave: an instant, or its text.
            dialect: the engine's; the value itself says how it is read.
        """
        del dialect
        return _read(value)


@lru_cache(maxsize=4096)
def _read(value: datetime | str | None) -> datetime | None:
    """The instant of a text; the slices of a run share their windows, so that few are new."""
    if value is None:
        return None
    given = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return given.astimezone(UTC)


class Instants(dict[Any, datetime | None]):
    """Instants by what a driver gives for them, each read once: ``instants[given]``."""

    def __missing__(self, given: Any) -> datetime | None:
        self[given] = found = _read(given)
        return found

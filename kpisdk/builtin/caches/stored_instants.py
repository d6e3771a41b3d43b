"""Instants as stores hold them: whole microseconds since 1970, exact and comparable everywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kpisdk.contracts.time_windows import TICK, utc

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970 UTC; integer arithmetic, since a float would lose the last ones."""
    return (utc(instant) - _EPOCH) // TICK


def from_micros(micros: int) -> datetime:
    """The inverse of :func:`to_micros`."""
    return _EPOCH + timedelta(microseconds=micros)

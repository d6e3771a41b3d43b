"""The key of a run, which makes recording it again a no-op."""

from __future__ import annotations

from datetime import UTC, datetime

from kpisdk_history.errors import BadRunKeyError

LONGEST = 200


def key_of(given: str | None, now: datetime) -> str:
    """The key that was given, or the minute: ``2026-03-01T12:05Z``.

    Args:
        given: the key; space around it is none of it. ``None`` takes the minute.
        now: what the clock says.

    Raises:
        BadRunKeyError: it is empty, too long, or holds control characters.
    """
    if given is None:
        return f"{now.astimezone(UTC):%Y-%m-%dT%H:%M}Z"
    key = given.strip()
    if not key or len(key) > LONGEST or not key.isprintable():
        raise BadRunKeyError(given)
    return key

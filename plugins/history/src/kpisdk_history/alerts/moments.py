"""Instants that a command is given: a date, or a span of time before or after now."""

from __future__ import annotations

from datetime import datetime, timedelta

from kpisdk import KpisdkError, parse_instant, parse_seconds
from kpisdk_history.errors import BadInstantError


def ahead(option: str, given: str, now: datetime) -> datetime:
    """The instant that a date, or a span from now on, names.

    Args:
        option: what it was given to, for the error.
        given: such as ``2026-03-08`` (its beginning, UTC) or ``3d``.
        now: when this is.

    Raises:
        BadInstantError: it is none, or lies behind.
    """
    accepted = "a date ahead such as 2026-03-08, or a span such as 3d"
    moment = _moment(option, given, now, accepted, 1)
    if moment <= now:
        raise BadInstantError(option, given, accepted)
    return moment


def back(option: str, given: str, now: datetime) -> datetime:
    """The instant that a date, or a span before now, names.

    Args:
        option: what it was given to, for the error.
        given: such as ``2026-03-01`` or ``90d``.
        now: when this is.

    Raises:
        BadInstantError: it is none.
    """
    accepted = "an instant such as 2026-03-01, or a span such as 90d"
    return _moment(option, given, now, accepted, -1)


def _moment(option: str, given: str, now: datetime, accepted: str, sign: int) -> datetime:
    try:
        return now + sign * timedelta(seconds=parse_seconds(given))
    except OverflowError as error:
        raise BadInstantError(option, given, accepted) from error
    except ValueError:
        try:
            return parse_instant(given)
        except KpisdkError as error:
            raise BadInstantError(option, given, accepted) from error

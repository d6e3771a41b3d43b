"""What databases raise, as the errors of a store: full, locked, damaged, away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from kpisdk_history.errors import (
    CorruptStoreError,
    StoreError,
    StoreFullError,
    StoreLockedError,
    StoreUnavailableError,
)

_SIGNS: tuple[tuple[type[StoreError], tuple[str, ...]], ...] = (
    (StoreFullError, ("disk is full", "disk full", "no space left", "table is full")),
    (StoreLockedError, ("database is locked", "table is locked", "lock timeout", "locknotavail")),
    (CorruptStoreError, ("malformed", "not a database", "file is encrypted", "no such table")),
    (
        StoreUnavailableError,
        (
            *("unable to open", "readonly", "read-only", "could not connect", "connection"),
            *("refused", "disk i/o error"),
        ),
    ),
)
"""What drivers say, in lower case, and what it means."""


@contextmanager
def faults(store: str, doing: str) -> Iterator[None]:
    """Turn whatever the database raises inside into an error of the store.

    Args:
        store: the store as it may be shown, without secrets.
        doing: what the store was asked, as ``could not ...`` goes on.

    Raises:
        StoreError: the database raised something; one of its kinds where that is known.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        told = " ".join(str(error.orig).split()) or type(error.orig).__name__
        sign = f"{told} {type(error.orig).__name__}".lower()
        for kind, words in _SIGNS:
            if any(word in sign for word in words):
                raise kind(store, told) from error
        raise StoreError(store, f"{doing}: {told}") from error
    except (sa.exc.SQLAlchemyError, OSError) as error:
        raise StoreUnavailableError(store, " ".join(str(error).split())) from error

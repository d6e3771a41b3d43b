"""What errors of databases and their drivers mean: lost, late, locked, denied, or plain wrong."""
# ruff: noqa: TID253
# The whole job of this file is SQLAlchemy; the plugin imports it when a source is opened.

from __future__ import annotations

import sqlalchemy.exc

from kpisdk.errors import (
    ConnectionLostError,
    LockTimeoutError,
    PermissionDeniedError,
    ReadError,
    SourceDeniedError,
    SourceLockedError,
    SourceUnavailableError,
)
from kpisdk.settings import redact
from kpisdk.sql.sqlite_functions import BAD_VALUE

_LOCKED = (
    "set lock on file",
    "database is locked",
    "conflicting lock",
    "database table is locked",
    "database schema is locked",
)
"""What engines say of a file that another process writes to."""

_ELSEWHERE = "same database file with a different configuration"
"""What DuckDB says of a file that the same process has open, to write to it for instance."""

_LOST = (
    "server closed the connection unexpectedly",
    "connection reset by peer",
    "broken pipe",
    "eof detected",
    "consuming input failed",
    "sending query and params failed",
    "the connection is lost",
    "the connection is closed",
    "could not receive data from server",
    "could not send data to server",
    "terminating connection",
)
"""What drivers say of a connection that was there, and has no code for."""

_SQLITE_BUSY, _SQLITE_LOCKED, _SQLITE_DENIED = 5, 6, (3, 23)


def detail_of(error: BaseException, secrets: frozenset[str] = frozenset()) -> str:
    """The engine's own words on one line, without secrets, and not too many of them."""
    return one_line(words_of(error), secrets)


def words_of(error: BaseException) -> str:
    """What the engine or its driver said, as it said it."""
    return str(_original(error))


def one_line(words: str, secrets: frozenset[str] = frozenset()) -> str:
    """Words on one line, without secrets, and not too many of them."""
    return redact(" ".join(words.split()), secrets)[:500]


def is_timeout(error: BaseException) -> bool:
    """Whether the engine cancelled the statement because of its limit."""
    return _state(error) == "57014"  # PostgreSQL: query_canceled is what statement_timeout raises


def is_lost(error: BaseException) -> bool:
    """Whether the connection broke, so that all may be tried again on another one."""
    if getattr(error, "connection_invalidated", False):
        return True
    # PostgreSQL: class 08 is "connection exception", 57P0x is "server shuts down"; a transaction
    # that was sacrificed to another one (class 40) is as worth another try.
    state = _state(error)
    if state:
        return state.startswith(("08", "57P", "40"))
    kinds = ("OperationalError", "InterfaceError")
    is_connection = any(type(each).__name__ in kinds for each in (error, _original(error)))
    words = str(_original(error)).lower()
    return is_connection and any(each in words for each in _LOST)


def is_locked(error: BaseException) -> bool:
    """Whether somebody else holds a lock, and did not let go in time."""
    if _state(error) == "55P03" or _sqlite_code(error) in (_SQLITE_BUSY, _SQLITE_LOCKED):
        return True
    words = str(_original(error)).lower()
    return any(each in words for each in _LOCKED)


def is_denied(error: BaseException) -> bool:
    """Whether the user lacks the right to what the statement reads."""
    return _state(error) == "42501" or _sqlite_code(error) in _SQLITE_DENIED


def of_statement(error: BaseException, name: str, detail: str) -> ReadError | None:
    """The error for a statement that could not be run for want of a connection, lock or right."""
    if is_lost(error):
        return ConnectionLostError(name, detail)
    if is_locked(error):
        return LockTimeoutError(name, detail)
    return PermissionDeniedError(name, detail) if is_denied(error) else None


def of_opening(error: BaseException, name: str, secrets: frozenset[str]) -> ReadError:
    """The error for what failed while a source was being opened."""
    detail = detail_of(error, secrets)
    if is_locked(error):
        what = f"another process is writing to it; close that one and try again ({detail})"
        return SourceLockedError(name, what)
    if _ELSEWHERE in detail:
        what = "this program has it open otherwise: pass that connection as the source"
        return SourceUnavailableError(name, what)
    if is_denied(error):
        return SourceDeniedError(name, detail)
    if is_lost(error):
        return ConnectionLostError(name, detail)
    return SourceUnavailableError(name, detail)


def interrupt_in(error: BaseException) -> KeyboardInterrupt | None:
    """The interrupt (Ctrl-C, SIGTERM) that an error comes from: DuckDB makes a fault of it."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        if isinstance(found, KeyboardInterrupt):
            return found
        seen.add(id(found))
        found = found.__cause__ or found.__context__
    return None


def _original(error: BaseException) -> BaseException:
    original = getattr(error, "orig", None)
    return original if isinstance(original, BaseException) else error


def _state(error: BaseException) -> str:
    return str(getattr(_original(error), "sqlstate", None) or "")


def _sqlite_code(error: BaseException) -> int:
    return int(getattr(_original(error), "sqlite_errorcode", 0)) & 0xFF


DATABASE_ERRORS = (sqlalchemy.exc.SQLAlchemyError, OSError, RuntimeError, ImportError)
"""What SQLAlchemy and the systems below it raise; drivers have classes of their own beside."""


BAD_VALUE_WORDS = (
    BAD_VALUE,
    "conversion error",
    "could not convert",
    "invalid input syntax",
    "user-defined function raised",
    "out of range for",
    "date/time field value out of range",
    "(before year 1)",
    "(after year 10k)",
)
"""How engines, and our own functions, say that a cell cannot be read as what it is declared."""

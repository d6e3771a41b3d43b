"""How often a question is put to a source whose connection breaks, and what is done once only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from kpisdk.contracts.results import SourceIdentity
from kpisdk.contracts.source_kinds import Session, Source
from kpisdk.errors import ConnectionLostError, KpisdkError

T = TypeVar("T")


def in_a_session(source: Source, ask: Callable[[Session, SourceIdentity], T]) -> T:
    """What ``ask`` makes of a session and of the source's identity before it was opened.

    Where the connection breaks it is asked again, in a session of its own, as often as the source
    allows: half a snapshot is no snapshot. What breaks after the answer, while the session is being
    closed, costs nothing.

    Raises:
        ConnectionLostError: it broke in the last attempt as well.
        SourceUnavailableError: the source cannot be opened.
    """
    for attempts_left in range(source.retries, -1, -1):
        answers: list[T] = []
        try:
            # Before the snapshot: what is written between the two must not pass for what was read.
            identity = source.identity
            with source.session() as session:
                answers.append(ask(session, identity))
        except ConnectionLostError:
            if not answers and not attempts_left:
                raise
        except KpisdkError:
            if not answers:
                raise
        if answers:
            return answers[0]
    raise AssertionError  # the last attempt returns or raises

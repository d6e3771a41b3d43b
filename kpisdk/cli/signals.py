"""A request to terminate ends a command as Ctrl-C does, with all that is undone on it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

TERMINATED = 143
"""128 + SIGTERM, as shells report a command that was told to end."""


class Terminated(KeyboardInterrupt):
    """SIGTERM, raised where Ctrl-C would be: statements are cancelled, temporary files removed."""


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM raises :class:`Terminated` inside; a handler that the host program has set stays."""
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def is_terminated(error: BaseException | None) -> bool:
    """Whether an exception, or one that it came from, is :class:`Terminated`."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, Terminated):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False

"""How a watched terminal shows how far a computation is, without leaving a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, TypeAlias

from kpisdk.cli.terminal import is_watched

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done, and how many there are."""

_CLEAR = "\r\x1b[2K"
_WIDTH = 20


@contextmanager
def progress_on(stream: IO[Any], environ: Mapping[str, str]) -> Iterator[Progress | None]:
    """A progress line on ``stream``; ``None`` where nobody watches it."""
    if not is_watched(stream, environ):
        yield None
        return

    def show(what: str, done: int, total: int) -> None:
        stream.write(f"{_CLEAR}{bar(done, total)} {what[:60]}")
        stream.flush()

    try:
        yield show
    finally:
        stream.write(_CLEAR)
        stream.flush()


def bar(done: int, total: int) -> str:
    """``[#####     ] 3/6``; without a total only what is done."""
    if total <= 0:
        return f"[{done}]"
    filled = min(_WIDTH, _WIDTH * done // total)
    return f"[{'#' * filled}{' ' * (_WIDTH - filled)}] {done}/{total}"

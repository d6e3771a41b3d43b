"""Progress: one line on a terminal that somebody watches, gone when the work is done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, TypeAlias

Show: TypeAlias = Callable[[str, float], None]
"""Called with what is being done and the share (0 to 1) that is done."""

_CLEAR = "\r\x1b[2K"
_WIDTH = 20


def watched(stream: IO[Any], environ: Mapping[str, str]) -> bool:
    """Whether ``stream`` is a terminal with somebody before it: not a pipe, and not CI.

    Args:
        stream: where the line would be written.
        environ: the environment's variables.
    """
    return stream.isatty() and not environ.get("CI") and environ.get("TERM") != "dumb"


@contextmanager
def line_on(stream: IO[Any], environ: Mapping[str, str] = os.environ) -> Iterator[Show | None]:
    """A progress line on ``stream``; ``None`` where nobody watches it.

    Args:
        stream: where the line is written.
        environ: the environment's variables.
    """
    if not watched(stream, environ):
        yield None
        return

    def show(what: str, done: float) -> None:
        filled = "#" * round(_WIDTH * done)
        stream.write(f"{_CLEAR}[{filled:<{_WIDTH}}] {done:4.0%} {what[:50]}")
        stream.flush()

    try:
        yield show
    finally:
        stream.write(_CLEAR)
        stream.flush()

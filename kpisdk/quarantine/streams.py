"""Standard output while plugins' functions run: what they print goes to standard error."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs

from kpisdk.quarantine.workers import has_abandoned, is_abandoned


class _Aside(io.TextIOBase):
    """Standard output for strangers: another stream, which they cannot close."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return int(self._stream.write(text) or 0)

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        """Nothing: standard error is needed afterwards."""

    def __getattribute__(self, name: str) -> Any:
        # TextIOBase has attributes of its own for these, which say that there is none.
        if name in ("encoding", "errors", "buffer", "fileno", "isatty", "newlines"):
            return getattr(object.__getattribute__(self, "_stream"), name)
        return super().__getattribute__(name)


class _Sorting:
    """Standard output beside threads that were left behind: what these print goes aside."""

    def __init__(self, stream: Any, aside: Any) -> None:
        self.stream, self._aside = stream, aside

    def write(self, text: str) -> Any:
        return (self._aside if is_abandoned() else self.stream).write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._aside if is_abandoned() else self.stream, name)


@attrs.define(eq=False)
class Diversion:
    """One function's time with standard output turned away; ``changed`` is what it replaced."""

    changed: tuple[str, ...] = ()


@attrs.define(eq=False)
class _Streams:
    """The process's streams while anything is diverted, in whichever threads."""

    depth: int = 0
    stdin: Any = None
    stdout: Any = None
    stderr: Any = None
    aside: Any = None
    lock: Any = attrs.field(factory=threading.Lock)

    def turn(self) -> None:
        with self.lock:
            self.depth += 1
            if self.depth > 1:
                return
            self.stdin, self.stderr = sys.stdin, sys.stderr
            self.stdout = sys.stdout.stream if isinstance(sys.stdout, _Sorting) else sys.stdout
            self.aside = _Aside(self.stderr if self.stderr is not None else io.StringIO())
            sys.stdout = self.aside

    def put_back(self) -> tuple[str, ...]:
        with self.lock:
            self.depth -= 1
            changed = []
            if sys.stdout is not self.aside:
                changed.append("sys.stdout")
            if sys.stderr is not self.stderr or getattr(self.stderr, "closed", False):
                changed.append("sys.stderr")
            if sys.stdin is not self.stdin:
                changed.append("sys.stdin")
            sys.stdin, sys.stderr, sys.stdout = self.stdin, self.stderr, self.aside
            if getattr(self.stderr, "closed", False):
                # It was closed for good, and whoever warns on it must not fail for that.
                sys.stderr = self.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
            if self.depth == 0:
                sorts = has_abandoned() and self.stdout is not None
                sys.stdout = _Sorting(self.stdout, self.aside) if sorts else self.stdout
            return tuple(changed)


_STREAMS = _Streams()


@contextmanager
def diverted() -> Iterator[Diversion]:
    """Standard output turned to standard error inside; all streams as they were afterwards."""
    found = Diversion()
    _STREAMS.turn()
    try:
        yield found
    finally:
        found.changed = _STREAMS.put_back()

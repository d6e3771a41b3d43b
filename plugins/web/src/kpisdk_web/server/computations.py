"""Computations beside the server's loop: few at a time, each question once, none for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import attrs

from kpisdk_web.server.server_errors import (
    BusyError,
    ComputationTimeoutError,
    StillComputingError,
)

KEPT = 60.0
"""Seconds for which an answer is kept for who was told to ask again."""


@attrs.define(eq=False)
class _Running:
    """A computation, when it began, and whether somebody was told to ask for it again."""

    future: Future[Any]
    since: float
    is_awaited_later: bool = False


class Computations:
    """A pool of workers that computes each question once, however many ask it.

    Args:
        workers: how many questions are computed at a time.
        seconds: how long a request waits for its answer. What is computed goes on after that, since
            a statement cannot be recalled; whoever asks again waits for the same computation, or
            finds its result, which is kept for a minute.
        most: how many questions are computed or waiting; more are turned away.
    """

    def __init__(self, workers: int = 2, seconds: float = 30.0, most: int = 32) -> None:
        self.seconds = seconds
        self.most = most
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="kpisdk-serve")
        self._running: dict[Hashable, _Running] = {}

    async def answer(
        self, question: Hashable, compute: Callable[[], Any], patience: float | None = None
    ) -> Any:
        """What ``compute`` returns, in a worker; who asks the same meanwhile gets the same.

        Only the server's loop calls this.

        Args:
            question: what is asked; equal questions are computed once.
            compute: computes it.
            patience: after how many seconds who asks is told that it is still being computed; by
                default nobody is told before the answer is there or takes too long.

        Raises:
            BusyError: too many other questions are computed or waiting.
            StillComputingError: the answer is not there yet.
            ComputationTimeoutError: the answer takes too long.
            KpisdkError: whatever the computation raised.
        """
        running = self._running.get(question) or self._started(question, compute)
        if not running.future.done():
            wait = self.seconds if patience is None else min(patience, self.seconds)
            # The computation ends neither with a time-out nor with a client that goes away. What it
            # raises is read below, or by who asks again: the loop shall not warn of it.
            waiting = asyncio.wrap_future(running.future)
            waiting.add_done_callback(lambda done: done.cancelled() or done.exception())
            await asyncio.wait([waiting], timeout=wait)
        if running.future.done():
            self._forget(question, running)
            return running.future.result()
        running.is_awaited_later = True
        elapsed = time.monotonic() - running.since
        if patience is not None and elapsed < self.seconds:
            raise StillComputingError(elapsed, self.seconds)
        raise ComputationTimeoutError(self.seconds)

    def _started(self, question: Hashable, compute: Callable[[], Any]) -> _Running:
        busy = sum(not each.future.done() for each in self._running.values())
        if busy >= self.most:
            raise BusyError(busy)
        running = _Running(self._pool.submit(compute), time.monotonic())
        self._running[question] = running
        loop = asyncio.get_running_loop()
        running.future.add_done_callback(
            lambda _: loop.call_soon_threadsafe(self._finished, loop, question, running)
        )
        return running

    def _finished(
        self, loop: asyncio.AbstractEventLoop, question: Hashable, running: _Running
    ) -> None:
        # Who was told to ask again finds the answer, even where no cache keeps it.
        if running.is_awaited_later:
            loop.call_later(KEPT, self._forget, question, running)
        else:
            self._forget(question, running)

    def _forget(self, question: Hashable, running: _Running) -> None:
        if self._running.get(question) is running:
            del self._running[question]

    def close(self) -> None:
        """Take no more questions, and forget those that wait."""
        self._pool.shutdown(wait=False, cancel_futures=True)

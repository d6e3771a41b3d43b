"""Computations beside the server's loop: few at a time, each question once, none for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from kpisdk_web.server.server_errors import BusyError, ComputationTimeoutError


class Computations:
    """A pool of workers that computes each question once, however many ask it.

    Args:
        workers: how many questions are computed at a time.
        seconds: how long a request waits for its answer. What is computed goes on after that, since
            a statement cannot be recalled; its result is kept by the cache, and whoever asks again
            waits for the same computation.
        most: how many questions are computed or waiting; more are turned away.
    """

    def __init__(self, workers: int = 2, seconds: float = 30.0, most: int = 32) -> None:
        self.seconds = seconds
        self.most = most
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="kpisdk-serve")
        self._running: dict[Hashable, Future[Any]] = {}

    async def answer(self, question: Hashable, compute: Callable[[], Any]) -> Any:
        """What ``compute`` returns, in a worker; who asks the same meanwhile gets the same.

        Only the server's loop calls this.

        Raises:
            BusyError: too many other questions are computed or waiting.
            ComputationTimeoutError: the answer takes too long.
            KpisdkError: whatever the computation raised.
        """
        running = self._running.get(question)
        if running is None:
            if len(self._running) >= self.most:
                raise BusyError(len(self._running))
            running = self._pool.submit(compute)
            self._running[question] = running
            loop = asyncio.get_running_loop()
            running.add_done_callback(
                lambda _: loop.call_soon_threadsafe(self._running.pop, question, None)
            )
        # Shielded: neither a time-out nor a client that goes away ends it for the others.
        waiting = asyncio.shield(asyncio.wrap_future(running))
        try:
            return await asyncio.wait_for(waiting, self.seconds)
        except TimeoutError as error:
            if running.done():
                raise  # the computation's own
            raise ComputationTimeoutError(self.seconds) from error

    def close(self) -> None:
        """Take no more questions, and forget those that wait."""
        self._pool.shutdown(wait=False, cancel_futures=True)

"""Threads that plugins' functions run in, so that one that hangs can be left behind."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

import attrs

T = TypeVar("T")


@attrs.define(eq=False)
class _Job:
    """One call: the function, the context it runs in, and what came of it."""

    call: Callable[[], Any]
    context: contextvars.Context
    done: threading.Event = attrs.field(factory=threading.Event)
    value: Any = None
    error: BaseException | None = None

    def run(self) -> None:
        try:
            self.value = self.context.run(self.call)
        except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that waits
            self.error = error
        finally:
            self.done.set()


class _Worker:
    """A thread that runs one job after the other, until nobody holds the worker any more.

    One thread for all jobs of a caller, because strangers keep what belongs to a thread (an open
    SQLite connection, a pool of OpenMP threads) from one call to the next.
    """

    def __init__(self) -> None:
        self.jobs: SimpleQueue[_Job | None] = SimpleQueue()
        # A daemon, because one that was left behind must not keep the process from ending.
        self.thread = threading.Thread(
            target=_work, args=(self.jobs,), name="kpisdk-plugins", daemon=True
        )
        self.thread.start()

    def __del__(self) -> None:
        self.jobs.put(None)


def _work(jobs: SimpleQueue[_Job | None]) -> None:
    while (job := jobs.get()) is not None:
        job.run()
        del job  # what a job holds (frames of rows) is not kept until the next one comes


_OWN = threading.local()
"""``worker``: that of the calling thread, if it has one. A worker that calls has its own."""

_ABANDONED: set[threading.Thread] = set()


def run_in_worker(call: Callable[[], T], seconds: float) -> T:
    """What ``call`` returns or raises, run in another thread.

    Raises:
        TimeoutError: it did not come back; its thread goes on, and nobody waits for it.
    """
    worker: _Worker | None = getattr(_OWN, "worker", None)
    if worker is None or not worker.thread.is_alive():  # after a fork, it is another process's
        worker = _OWN.worker = _Worker()
    job = _Job(call, contextvars.copy_context())
    worker.jobs.put(job)
    came_back = False
    try:
        came_back = job.done.wait(min(seconds, threading.TIMEOUT_MAX))
    finally:
        if not came_back:  # also where an interrupt ends the waiting
            _ABANDONED.add(worker.thread)
            _OWN.worker = None
            worker.jobs.put(None)  # it ends when that job does, if ever
    if not came_back:
        raise TimeoutError
    if job.error is not None:
        raise job.error
    value: T = job.value
    return value


def has_abandoned() -> bool:
    """Whether any thread is still at what it was left behind with."""
    _ABANDONED.difference_update([each for each in _ABANDONED if not each.is_alive()])
    return bool(_ABANDONED)


def is_abandoned() -> bool:
    """Whether the calling thread was left behind."""
    return bool(_ABANDONED) and threading.current_thread() in _ABANDONED

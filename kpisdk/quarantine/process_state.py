"""What belongs to the whole process and a function may change: looked at before, put back after."""

from __future__ import annotations

import decimal
import locale
import os
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Self

import attrs

_SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM", "SIGPIPE", "SIGCHLD")
    if hasattr(signal, name)
)


@attrs.frozen
class ProcessState:
    """Environment, folder, locale, warnings, signals, timers, recursion, random numbers, decimals.

    Random numbers and decimals are put back without a word: to draw numbers is no fault. So are
    warning filters that name a message, a module or a class of warning that is not Python's own:
    libraries bring those when they are imported.
    """

    environ: dict[str, str]
    folder: str | None
    locale: str
    filters: tuple[Any, ...]
    handlers: dict[int, Any]
    timer: float
    recursion: int
    drawn: Any
    drawn_by_numpy: Any
    decimals: decimal.Context

    @classmethod
    def taken(cls) -> Self:
        """The state as it is."""
        return cls(
            environ=dict(os.environ),
            folder=_folder(),
            locale=locale.setlocale(locale.LC_ALL),
            filters=tuple(warnings.filters),
            handlers={each: signal.getsignal(each) for each in _SIGNALS},
            timer=_timer(),
            recursion=sys.getrecursionlimit(),
            drawn=random.getstate(),
            drawn_by_numpy=_numpy_state(),
            decimals=decimal.getcontext().copy(),
        )

    def put_back(self) -> tuple[str, ...]:
        """Make the process what it was; what was changed, in words."""
        random.setstate(self.drawn)
        _numpy_back(self.drawn_by_numpy)
        decimal.setcontext(self.decimals)
        return tuple(self._put_back())

    def _put_back(self) -> Iterator[str]:
        now = dict(os.environ)
        if now != self.environ:
            names = sorted(
                name
                for name in now.keys() | self.environ.keys()
                if now.get(name) != self.environ.get(name)
            )
            for name in names:
                os.environ.pop(name, None)
            os.environ.update({name: self.environ[name] for name in names if name in self.environ})
            if "TZ" in names and hasattr(time, "tzset"):
                time.tzset()
            yield f"the environment ({', '.join(names)[:200]})"
        if self.folder is not None and _folder() != self.folder:
            with suppress(OSError):  # it may be gone by now
                os.chdir(self.folder)
            yield "the working directory"
        if locale.setlocale(locale.LC_ALL) != self.locale:
            with suppress(locale.Error):  # its files may be gone by now
                locale.setlocale(locale.LC_ALL, self.locale)
            yield "the locale"
        if self._filters_back():
            yield "the warning filters"
        if threading.current_thread() is threading.main_thread():
            changed = [each for each in _SIGNALS if signal.getsignal(each) != self.handlers[each]]
            for each in changed:
                if self.handlers[each] is not None:  # one that was not set from Python stays
                    signal.signal(each, self.handlers[each])
            if changed:
                yield "signal handlers"
        if self.timer == 0 and _timer() > 0:
            signal.setitimer(signal.ITIMER_REAL, 0)
            yield "an alarm"
        if sys.getrecursionlimit() != self.recursion:
            sys.setrecursionlimit(self.recursion)
            yield "the recursion limit"

    def _filters_back(self) -> bool:
        now = tuple(warnings.filters)
        if now == self.filters:
            return False
        kept = [each for each in now if each not in self.filters and _is_narrow(each)]
        wanted = (*kept, *self.filters)
        if now == wanted:
            return False
        warnings.resetwarnings()  # it also drops what Python remembers of the filters before
        warnings.filters[:] = wanted  # type: ignore[index] # typeshed knows it as a sequence
        return True


def _is_narrow(entry: Any) -> bool:
    """Whether a warning filter leaves Python's own classes of warnings alone, by and large."""
    _, message, category, module, _ = entry
    return message is not None or module is not None or category.__module__ != "builtins"


def _folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - a deleted folder has no path, and that is no fault here
    except OSError:
        return None


def _timer() -> float:
    if not hasattr(signal, "getitimer"):
        return 0.0
    return signal.getitimer(signal.ITIMER_REAL)[0]


def _numpy_state() -> Any:
    numpy = sys.modules.get("numpy.random")
    return None if numpy is None else numpy.get_state()


def _numpy_back(state: Any) -> None:
    numpy = sys.modules.get("numpy.random")
    if numpy is not None and state is not None:
        numpy.set_state(state)

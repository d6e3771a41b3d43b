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
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Self

import attrs

_SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM", "SIGPIPE", "SIGCHLD")
    if hasattr(signal, name)
)


_LEFT: ContextVar[bool] = ContextVar("kpisdk_state_as_left", default=False)


@contextmanager
def as_left() -> Iterator[None]:
    """Leave what functions change as they leave it, for whoever wants to see what that is."""
    token = _LEFT.set(True)
    try:
        yield
    finally:
        _LEFT.reset(token)


def is_left() -> bool:
    """Whether what functions change is not put back here."""
    return _LEFT.get()


_OF_LIBRARIES = frozenset(("KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK"))
"""Variables of OpenMP that scikit-learn sets when it is first imported, whoever does that: they are
no deed of a plugin's, and what was loaded counts on them."""


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
        names = self._environ_back()
        found = {
            f"the environment ({', '.join(names)[:200]})": bool(names),
            "the working directory": self._folder_back(),
            "the locale": self._locale_back(),
            "the warning filters": self._filters_back(),
            "signal handlers": self._handlers_back(),
            "an alarm": self._timer_back(),
            "the recursion limit": sys.getrecursionlimit() != self.recursion,
        }
        sys.setrecursionlimit(self.recursion)
        return tuple(what for what, is_changed in found.items() if is_changed)

    def _environ_back(self) -> list[str]:
        now = dict(os.environ)
        if now == self.environ:
            return []
        every = now.keys() | self.environ.keys()
        changed = {name for name in every if now.get(name) != self.environ.get(name)}
        names = sorted(changed - (_OF_LIBRARIES - self.environ.keys()))
        for name in names:
            os.environ.pop(name, None)
        os.environ.update({name: self.environ[name] for name in names if name in self.environ})
        if "TZ" in names and hasattr(time, "tzset"):
            time.tzset()
        return names

    def _folder_back(self) -> bool:
        if self.folder is None or _folder() == self.folder:
            return False
        with suppress(OSError):  # it may be gone by now
            os.chdir(self.folder)
        return True

    def _locale_back(self) -> bool:
        if locale.setlocale(locale.LC_ALL) == self.locale:
            return False
        with suppress(locale.Error):  # its files may be gone by now
            locale.setlocale(locale.LC_ALL, self.locale)
        return True

    def _handlers_back(self) -> bool:
        if threading.current_thread() is not threading.main_thread():
            return False  # nobody but the main thread can set one
        changed = [each for each in _SIGNALS if signal.getsignal(each) != self.handlers[each]]
        for each in changed:
            if self.handlers[each] is not None:  # one that was not set from Python stays
                signal.signal(each, self.handlers[each])
        return bool(changed)

    def _timer_back(self) -> bool:
        if self.timer or not _timer():
            return False
        signal.setitimer(signal.ITIMER_REAL, 0)
        return True

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

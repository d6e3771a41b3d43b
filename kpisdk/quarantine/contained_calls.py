"""How a plugin's function is called: its value, or an error of ours, and the process as it was."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from kpisdk.errors import KpisdkError
from kpisdk.quarantine.exception_text import described, is_sentence
from kpisdk.quarantine.plugin_faults import PluginFaultError, PluginTimeoutError
from kpisdk.quarantine.process_state import ProcessState, is_left
from kpisdk.quarantine.streams import diverted
from kpisdk.quarantine.workers import run_in_worker

T = TypeVar("T")

Told = Callable[[str], None]
"""Called with what a function changed of the process and what was put back, in words."""


def contained(call: Callable[[], T], seconds: float | None, changed: Told | None = None) -> T:
    """What ``call`` returns; nothing else that it does reaches the rest of the process.

    Whatever it raises (``SystemExit`` and ``KeyboardInterrupt`` too) is an error; what it prints
    goes to standard error; what it changes of the process (see :class:`ProcessState`) is put back.

    Args:
        call: the function of a stranger, bound to its arguments.
        seconds: how long it may take. It then runs in a thread of its own, which is left behind
            when the time is over: nothing in Python can end a thread. ``None`` runs it in this
            thread for as long as it takes, for what must stay in the thread that goes on with it;
            an interrupt (Ctrl-C) then cannot be told from one that the function raises itself.
        changed: called with what it changed of the process, if anything.

    Raises:
        PluginTimeoutError: it did not return in time.
        KpisdkError: the error of ours that it raised.
        PluginFaultError: it raised anything else.
    """
    before = None if is_left() else ProcessState.taken()
    try:
        with diverted() as stream:
            if seconds is None:
                return _in_this_thread(call)
            try:
                return run_in_worker(lambda: _in_this_thread(call), seconds)
            except TimeoutError:
                what = f"it did not come back within {seconds:g} s and was left behind"
                raise PluginTimeoutError(what, seconds=seconds) from None
    finally:
        found = (*stream.changed, *(() if before is None else before.put_back()))
        if found and changed is not None:
            changed(", ".join(found))


def _in_this_thread(call: Callable[[], T]) -> T:
    """The value of ``call``; whatever it raises as an error of ours.

    Its words are read in here: a ``__str__`` may hang as well as any other function.
    """
    try:
        return call()
    except KeyboardInterrupt as error:
        if threading.current_thread() is threading.main_thread():
            raise  # somebody pressed Ctrl-C, for all that can be known
        raise PluginFaultError(described(error), error) from error
    except KpisdkError as error:
        if is_sentence(error):
            raise
        raise PluginFaultError(described(error), error) from error
    except BaseException as error:  # a stranger's function may raise anything
        raise PluginFaultError(described(error), error) from error

"""Quarantine: whatever a stranger's function does, its caller gets a value or an error of ours."""

import decimal
import locale
import os
import random
import signal
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

from kpisdk.errors import KpisdkError, UsageError
from kpisdk.quarantine import (
    PluginFaultError,
    PluginTimeoutError,
    as_left,
    contained,
    described,
    has_abandoned,
    words_of,
    workers,
)

BOTH = pytest.mark.parametrize("seconds", [30.0, None], ids=["own thread", "same thread"])


@pytest.fixture(autouse=True)
def alone():
    """Nothing that another test left behind still runs."""
    for thread in tuple(workers._ABANDONED):
        thread.join(30)
    assert not has_abandoned()


class UnspeakableError(Exception):
    """An exception whose words raise what is not even an Exception."""

    def __str__(self):
        raise SystemExit(0)

    __repr__ = __str__


class StrangeError(KpisdkError):
    """An error of ours, of a stranger's class, without a sentence."""

    @property
    def message(self):
        raise ValueError("no words")


@BOTH
def test_a_value_comes_back(seconds):
    """A function that behaves is simply called."""
    assert contained(lambda: 7, seconds) == 7


@BOTH
@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (SystemExit(0), "SystemExit: 0"),
        (GeneratorExit(), "GeneratorExit"),
        (BaseException("rude"), "BaseException: rude"),
        (KeyError("x"), "KeyError: 'x'"),
        (UnspeakableError(), "UnspeakableError: (its words cannot be read"),
        (ValueError("x" * 10_000), "(10000 characters)"),
        (StrangeError(), "StrangeError: (its words cannot be read"),
    ],
)
def test_whatever_is_raised_is_one_error_with_type_and_words(seconds, raised, told):
    """No exception of a stranger ends the process, and none is too long to read."""

    def call():
        raise raised

    with pytest.raises(PluginFaultError) as caught:
        contained(call, seconds)

    assert told in caught.value.message
    assert len(caught.value.message) < 500
    assert caught.value.cause is raised


def test_a_keyboard_interrupt_of_its_own_is_not_the_users():
    """In a thread of its own nobody but the function can have raised it."""

    def call():
        raise KeyboardInterrupt

    with pytest.raises(PluginFaultError, match="KeyboardInterrupt"):
        contained(call, 30)
    with pytest.raises(KeyboardInterrupt):
        contained(call, None)


@BOTH
def test_an_error_of_ours_keeps_its_sentence(seconds):
    """A plugin may refuse in its own words."""

    def call():
        raise UsageError

    with pytest.raises(UsageError):
        contained(call, seconds)


def test_a_generator_that_raises_midway_raises_where_it_is_read():
    """What is yielded is read inside, or the fault would come out later."""

    def records():
        yield 1
        raise SystemExit("midway")

    with pytest.raises(PluginFaultError, match="midway"):
        contained(lambda: list(records()), 30)


def test_a_function_that_hangs_is_left_behind_and_the_next_one_is_called():
    """The thread goes on alone; what it prints later does not reach standard output."""
    release = threading.Event()

    with pytest.raises(PluginTimeoutError, match=r"within 0\.05 s") as caught:
        contained(release.wait, 0.05)

    assert caught.value.seconds == 0.05
    assert has_abandoned()
    assert contained(lambda: "next", 30) == "next"
    release.set()
    for _ in range(1000):
        if not has_abandoned():
            break
        time.sleep(0.001)
    assert not has_abandoned()


def test_what_one_that_was_left_behind_prints_goes_to_standard_error(capsys):
    """A JSON document on standard output stays whole, however late the other prints."""
    release, printed = threading.Event(), threading.Event()

    def call():
        release.wait()
        print("late")
        printed.set()

    with pytest.raises(PluginTimeoutError):
        contained(call, 0.05)
    print("{}")
    release.set()
    printed.wait(10)

    out, err = capsys.readouterr()
    assert out == "{}\n"
    assert err == "late\n"


@BOTH
def test_what_is_printed_goes_to_standard_error(seconds, capsys):
    """However it is written: by print, by the stream, and after closing it."""

    def call():
        print("one")
        sys.stdout.write("two\n")
        sys.stdout.close()
        print("three")

    contained(call, seconds)
    print("{}")

    out, err = capsys.readouterr()
    assert out == "{}\n"
    assert err == "one\ntwo\nthree\n"


def test_calls_of_several_threads_at_once_leave_standard_output_as_it_was(capsys):
    """The last one to end turns it back, whichever that is."""
    inside, go = threading.Event(), threading.Event()

    def slow():
        inside.set()
        go.wait()

    other = threading.Thread(target=lambda: contained(slow, 30))
    other.start()
    inside.wait()
    contained(lambda: print("quick"), 30)
    go.set()
    other.join()
    print("{}")

    assert capsys.readouterr().out == "{}\n"


def changes_environment():
    os.environ["KPISDK_SOURCE"] = "elsewhere"
    os.environ.pop("PATH")


def changes_folder():
    os.chdir("/")


def changes_locale():
    locale.setlocale(locale.LC_ALL, "C.UTF-8" if locale.setlocale(locale.LC_ALL) == "C" else "C")


def changes_filters():
    warnings.simplefilter("ignore")


def changes_recursion():
    sys.setrecursionlimit(sys.getrecursionlimit() + 1)


def changes_alarm():
    signal.setitimer(signal.ITIMER_REAL, 1000)


def changes_output():
    sys.stdout = None


STATE = {
    "environment": lambda: dict(os.environ),
    "directory": os.getcwd,
    "locale": lambda: locale.setlocale(locale.LC_ALL),
    "filters": lambda: list(warnings.filters),
    "recursion": sys.getrecursionlimit,
    "alarm": lambda: signal.getitimer(signal.ITIMER_REAL)[0],
    "sys.stdout": lambda: sys.stdout,
}


@BOTH
@pytest.mark.parametrize(
    ("call", "word"),
    [
        (changes_environment, "environment"),
        (changes_folder, "directory"),
        (changes_locale, "locale"),
        (changes_filters, "filters"),
        (changes_recursion, "recursion"),
        (changes_alarm, "alarm"),
        (changes_output, "sys.stdout"),
    ],
)
def test_what_is_changed_of_the_process_is_put_back_and_told(seconds, call, word):
    """The next function, and the host, find the process as it was."""
    before = STATE[word]()
    told = []

    contained(call, seconds, told.append)

    assert STATE[word]() == before
    (what,) = told
    assert word in what


def test_a_signal_handler_cannot_be_set_from_a_thread_and_is_put_back_in_this_one():
    """SIGTERM keeps ending the command."""

    def call():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    before, told = signal.getsignal(signal.SIGTERM), []

    with pytest.raises(PluginFaultError, match="main thread"):
        contained(call, 30)
    contained(call, None, told.append)

    assert signal.getsignal(signal.SIGTERM) == before
    assert told == ["signal handlers"]


def test_random_numbers_decimals_and_narrow_warning_filters_are_no_fault():
    """To draw numbers is none, and libraries bring filters of their own when they are imported."""
    told = []
    random.seed(3)
    first = random.random()
    random.seed(3)

    def call():
        random.seed(99)
        decimal.getcontext().prec = 2
        warnings.filterwarnings("ignore", message="numpy.ndarray size changed")

    with warnings.catch_warnings():
        contained(call, 30, told.append)
        assert any(
            each[1] is not None and "ndarray" in each[1].pattern for each in warnings.filters
        )

    assert told == []
    assert random.random() == first
    assert decimal.getcontext().prec == 28


def test_words_never_raise():
    """Not even those of a class that has no name to speak of."""

    class Nameless(type):
        @property
        def __name__(cls):
            raise ValueError

    class OddError(Exception, metaclass=Nameless):
        pass

    assert words_of(UnspeakableError()).startswith("(its words cannot be read")
    assert described(OddError("x")) == "an exception without a name: x"


def test_checks_may_see_what_is_left_behind(tmp_path, monkeypatch):
    """The kit that proves plugins wants to know, and puts it back itself."""
    monkeypatch.chdir(tmp_path)

    with as_left():
        contained(changes_folder, 30)

    assert Path.cwd() == Path("/")

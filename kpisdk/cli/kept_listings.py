"""What ``list``, ``show`` and ``--help`` printed before, printed again while nothing has changed.

Of these commands everything that they depend on can be named: the arguments, the environment, the
folder, this Python, and the files that were imported, opened or listed while they ran (installed
distributions, modules, settings, definition files). All of it is kept beside what was printed, and
compared before that is printed again. So nothing is imported that makes a listing: no click, no
attrs, no plugin. Where anything differs, or something was read that is no file (a connection, a
program), the command is run.

Imported before everything else: nothing here costs more than a moment to import.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence

TYPE_CHECKING = False  # type checkers take it for true; the module of that name is slow to import
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Any

    Watched = Callable[[], AbstractContextManager[None]]

SWITCH = "KPISDK_LISTINGS"
"""The variable of the environment that is ``off`` where nothing is to be kept."""
KEPT = 64
"""How many listings are kept: those that were printed longest ago give way."""

_FORMAT = "kpisdk listing 1"
_COMMANDS = ("list", "show")
_HELP = ("--help", "-h")
_NOT_PRINTED = ("-o", "--output", "--debug", "--config")
_OF_A_SHELL = ("_", "SHLVL", "PWD", "OLDPWD", "SHELL_SESSION_ID", "WINDOWID")
"""Variables that differ from shell to shell, and say nothing."""
_ELSEWHERE = frozenset(
    (
        *("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system"),
        *("os.posix_spawn", "os.exec", "os.fork", "sqlite3.connect"),
    )
)
_SYSTEM = ("/proc/", "/sys/", "/dev/")
_PROJECT = ("kpisdk.toml", "pyproject.toml", "kpis.yaml", "kpis.yml", "kpis.toml")
_TICK_NS, _COARSE_NS = 20_000_000, 2_000_000_000
"""The grain of the clocks of file systems, and of the coarsest of them."""
_PRIME = 2**61 - 1


def answered(
    arguments: Sequence[str],
    run: Callable[[], int],
    watched: Callable[[Watched], int],
    environ: dict[str, str] | None = None,
) -> int:
    """The exit code of a command: of one that was kept, printed again, or of ``run``.

    Args:
        arguments: those of the command line.
        run: runs the command.
        watched: runs it with what it prints and reads seen inside of the context that it is given.
        environ: variables of the environment; by default those of the process.
    """
    variables = dict(os.environ) if environ is None else environ
    folder = _folder(variables) if _is_listing(arguments, variables) else None
    if folder is None:
        return run()
    try:
        key = _key(arguments, variables)
    except OSError:  # the working folder is no longer there
        return run()
    path = os.path.join(folder, f"{_number(chr(0).join(key).encode(*_CODING)):016x}")  # noqa: PTH118
    found = _read(path, key)
    if found is not None:
        return _printed(*found)
    recording = _Recording(key)
    code = watched(lambda: recording)
    if code == 0:
        recording.keep(path)
    return code


_CODING = ("utf-8", "surrogateescape")


def _is_listing(arguments: Sequence[str], variables: dict[str, str]) -> bool:
    if not arguments or variables.get(SWITCH) == "off" or variables.get("KPISDK_DEBUG"):
        return False
    if any(each.startswith(_NOT_PRINTED) for each in arguments):
        return False
    return arguments[0] in (*_COMMANDS, *_HELP) or arguments[-1] in _HELP


def _folder(variables: dict[str, str]) -> str | None:
    from kpisdk.builtin.caches.user_folders import cache_folder, user_home

    try:
        home = user_home(variables)
    except RuntimeError:
        return None
    return os.path.join(cache_folder(sys.platform, variables, home), "listings")  # noqa: PTH118


def _key(arguments: Sequence[str], variables: dict[str, str]) -> list[str]:
    """What tells one question from every other, but for the files."""
    streams = (sys.stdout, sys.stderr)
    shown = [f"{_is_terminal(each)} {getattr(each, 'encoding', None)}" for each in streams]
    width = ""
    if any(map(_is_terminal, streams)):
        for stream in (sys.__stdin__, *streams):
            try:
                width = f"{width} {os.get_terminal_size(stream.fileno())}"  # type: ignore[union-attr]
            except (OSError, ValueError, AttributeError):
                width = f"{width} -"
    known = sorted(f"{name}={each}" for name, each in variables.items() if name not in _OF_A_SHELL)
    python = [sys.version, sys.executable, repr(sys.flags), repr(sys.warnoptions), *sys.path]
    parts = (list(arguments), known, python, [os.getcwd(), width, *shown])  # noqa: PTH109
    return [str(len(each)) for each in parts] + [each for part in parts for each in part]


def _is_terminal(stream: Any) -> bool:
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):
        return False


def _number(data: bytes) -> int:
    """A number that tells two contents apart unless somebody is bent upon it."""
    return int.from_bytes(data, "big") % _PRIME


def _mark(path: str, start: int) -> str | None:
    """What tells a version of a file or folder from others; ``None``: it may change unnoticed.

    What changed shortly before ``start`` (in nanoseconds) goes by its content too: a file system
    with a coarse clock would give its next version the same times.
    """
    try:
        facts = os.stat(path)  # noqa: PTH116 - pathlib would take as long as all the rest
    except (OSError, ValueError):
        return "absent"
    newest = max(facts.st_mtime_ns, facts.st_ctime_ns)
    if newest >= start - _TICK_NS:
        return None
    mark = f"{facts.st_size} {facts.st_mtime_ns} {facts.st_ctime_ns} {facts.st_ino} {facts.st_dev}"
    return f"{mark} {_content(path)}" if newest >= start - _COARSE_NS else mark


def _content(path: str) -> int:
    try:
        if os.path.isdir(path):  # noqa: PTH112
            return _number("\0".join(sorted(os.listdir(path))).encode(*_CODING))  # noqa: PTH208
        with open(path, "rb") as file:  # noqa: PTH123
            return _number(file.read())
    except OSError:
        return -1


def _is_same(path: str, mark: str) -> bool:
    try:
        facts = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return mark == "absent"
    now = f"{facts.st_size} {facts.st_mtime_ns} {facts.st_ctime_ns} {facts.st_ino} {facts.st_dev}"
    return mark == now or (mark.startswith(f"{now} ") and mark == f"{now} {_content(path)}")


def _read(path: str, key: list[str]) -> tuple[str, str] | None:
    """What was printed to standard output and error, if all that it depends on is the same."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            parts = file.read().decode(*_CODING).split("\0")
        files, end = int(parts[1]), 2 + len(key)
        is_whole = parts[0] == _FORMAT and len(parts) == end + 2 * files + 2
        if not is_whole or parts[2:end] != key:
            return None
        pairs = parts[end : end + 2 * files]
        if not all(map(_is_same, pairs[::2], pairs[1::2])):
            return None
        os.utime(path)
    except (OSError, ValueError, IndexError):
        return None
    return parts[-2], parts[-1]


def _printed(out: str, err: str) -> int:
    try:
        for stream, text in ((sys.stderr, err), (sys.stdout, out)):
            if text:
                stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
                stream.write(text)
                stream.flush()
    except BrokenPipeError:
        # Whatever is still buffered is thrown away, or the interpreter would complain at its end.
        with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return 141  # 128 + SIGPIPE
    return 0


class _Recording:
    """What one run of a command printed and read."""

    def __init__(self, key: list[str]) -> None:
        self.key = key
        self.start = time.time_ns()
        self.paths: set[str] = set()
        self.beyond = False
        self.out: list[str] = []
        self.err: list[str] = []
        self.on = True
        sys.addaudithook(self._see)  # it stays: after the run it returns at once

    def __enter__(self) -> None:
        self.plain = sys.stdout, sys.stderr
        sys.stdout = _Copied(sys.stdout, self.out, self)
        sys.stderr = _Copied(sys.stderr, self.err, self)

    def __exit__(self, *_: object) -> None:
        self.on = False
        sys.stdout, sys.stderr = self.plain

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, str | bytes) and not flags & (os.O_WRONLY | os.O_RDWR):
                self.paths.add(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100
        elif event in ("os.listdir", "os.scandir"):
            path = "." if arguments[0] is None else arguments[0]
            if isinstance(path, str | bytes):
                self.paths.add(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100
        elif event in _ELSEWHERE:
            self.beyond = True

    def keep(self, path: str) -> None:
        """Keep what was printed, if all that it depends on can be named and looked at again."""
        printed = ["".join(self.out), "".join(self.err)]
        if self.beyond or any("\0" in each for each in printed):
            return
        marks = {each: _mark(each, self.start) for each in self._depended_on()}
        if None in marks.values():
            return  # it changed while the command ran
        pairs = [part for name, mark in sorted(marks.items()) for part in (name, str(mark))]
        text = "\0".join((_FORMAT, str(len(marks)), *self.key, *pairs, *printed))
        try:
            _written(path, text.encode(*_CODING))
        except (OSError, ValueError):
            return  # a listing that is not kept is made again

    def _depended_on(self) -> Iterator[str]:
        modules = [getattr(each, "__file__", None) for each in tuple(sys.modules.values())]
        for path in {*self.paths, *filter(None, modules), *sys.path_importer_cache}:
            if not path.endswith(".pyc") and not path.startswith(_SYSTEM):
                yield path
        folder = os.getcwd()  # noqa: PTH109
        while True:
            for name in _PROJECT:
                yield os.path.join(folder, name)  # noqa: PTH118
            above = os.path.dirname(folder)  # noqa: PTH120
            if above == folder:
                return
            folder = above


class _Copied:
    """A stream that keeps what is written to it; all else is the stream's own."""

    def __init__(self, stream: Any, written: list[str], recording: _Recording) -> None:
        self._stream, self._written, self._recording = stream, written, recording

    def write(self, text: str) -> int:
        count: int = self._stream.write(text)
        self._written.append(text)  # what the stream refuses (click tries bytes) is not printed
        return count

    def writelines(self, lines: Sequence[str]) -> None:
        for each in lines:
            self.write(each)

    def __getattr__(self, name: str) -> Any:
        if name in ("buffer", "detach"):  # what is written past us is not known
            self._recording.beyond = True
        return getattr(self._stream, name)


def _written(path: str, data: bytes) -> None:
    folder = os.path.dirname(path)  # noqa: PTH120
    os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103
    beside = f"{path}.{os.getpid()}.part"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    os.replace(beside, path)  # noqa: PTH105
    kept = sorted(os.scandir(folder), key=lambda entry: entry.stat().st_mtime_ns)
    for entry in kept[:-KEPT]:
        os.unlink(entry.path)  # noqa: PTH108

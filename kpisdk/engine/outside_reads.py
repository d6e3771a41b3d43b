"""What Python code reads beside its arguments while it runs, as Python's audit events tell.

Seen are files that Python opens, SQLite databases, folders that are listed, connections, name
look-ups and programs that are started, by the thread that watches. Not seen is what compiled
libraries do without Python (DuckDB, Arrow and Polars open files themselves), what other threads do,
``stat`` without opening, and values that a module has kept from an earlier call. Variables of the
environment have no event either. For these, :func:`names_environment` and :func:`names_libraries`
look at the names in the code, as far as functions of one package call one another by name.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import attrs

from kpisdk.registry.installed_code import is_code

_SYSTEM = ("/proc/", "/sys/", "/dev/", "/usr/share/zoneinfo/", "/etc/localtime")
_LISTED = ("os.listdir", "os.scandir")
_ELSEWHERE = {
    "socket.connect": "a connection",
    "socket.getaddrinfo": "a host",
    "subprocess.Popen": "a program",
    "os.system": "a program",
    "os.posix_spawn": "a program",
}
_IMPORTING = "importlib"


@attrs.define
class OutsideReads:
    """What was read in one run: whole paths of files and folders, and other things in words."""

    files: set[str] = attrs.field(factory=set)
    others: set[str] = attrs.field(factory=set)
    _written: set[str] = attrs.field(factory=set)

    def beyond(self, named: Iterable[str | Path]) -> list[str]:
        """Everything that was read and is neither one of the named files nor in a named folder."""
        known = [os.path.realpath(Path(path)) for path in named]
        unnamed = [
            file
            for file in sorted(self.files)
            if not any(file == each or file.startswith(f"{each}{os.sep}") for each in known)
        ]
        return [*unnamed, *sorted(self.others)]

    def see(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take note of one audit event."""
        if event in _ELSEWHERE:
            self.others.add(f"{_ELSEWHERE[event]} ({event})")
        elif event == "sqlite3.connect":
            self._file(str(arguments[0]).removeprefix("file:").partition("?")[0])
        elif event == "open":
            path, mode, flags = arguments
            self._file(path, writes=_writes(mode, flags))
        elif event in _LISTED:
            self._file("." if arguments[0] is None else arguments[0])

    def _file(self, path: Any, *, writes: bool = False) -> None:
        if isinstance(path, bytes | os.PathLike):
            path = os.fsdecode(path)
        if not isinstance(path, str) or path == ":memory:":
            return  # a number: whatever it stands for was opened before
        whole = os.path.realpath(path)
        if writes:
            self._written.add(whole)
        elif whole not in self._written and not whole.startswith(_SYSTEM) and not is_code(whole):
            self.files.add(whole)


def _writes(mode: Any, flags: Any) -> bool:
    if isinstance(mode, str):
        return "r" not in mode and "+" not in mode
    return isinstance(flags, int) and bool(flags & os.O_WRONLY)


_watching: ContextVar[tuple[OutsideReads, ...]] = ContextVar("kpisdk_outside_reads", default=())
_installing = threading.Lock()
_EVENTS = frozenset((*_ELSEWHERE, *_LISTED, "open", "sqlite3.connect"))


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _EVENTS:
        return
    watchers = _watching.get()
    if not watchers or _is_importing():
        return
    _watching.set(())  # looking at a path must not be seen itself
    try:
        for each in watchers:
            each.see(event, arguments)
    finally:
        _watching.set(watchers)


def _is_importing() -> bool:
    """Whether a module or its metadata are looked for: these are code, and go by versions."""
    frame: types.FrameType | None = sys._getframe()  # noqa: SLF001 - there is no other way to ask
    while frame is not None:
        if str(frame.f_globals.get("__name__")).startswith(_IMPORTING):
            return True
        frame = frame.f_back
    return False


def _install() -> None:
    """Put the hook in place, once a process: audit hooks stay, so this one is quick to pass."""
    with _installing:
        if not hasattr(sys, _INSTALLED):
            setattr(sys, _INSTALLED, True)
            sys.addaudithook(_hook)


_INSTALLED = "_kpisdk_audit_hook"


@contextmanager
def outside_reads() -> Iterator[OutsideReads]:
    """Watch what this thread reads until the block ends, blocks within it included."""
    _install()
    seen = OutsideReads()
    token = _watching.set((*_watching.get(), seen))
    try:
        yield seen
    finally:
        _watching.reset(token)


@contextmanager
def unwatched() -> Iterator[None]:
    """A block whose reading is ours: to ask what a file's identity is, it may have to be read."""
    token = _watching.set(())
    try:
        yield
    finally:
        _watching.reset(token)


def home_of(function: Callable[..., Any] | None) -> tuple[Path, ...]:
    """The folder of the package that a function is of: what lies there goes by its version."""
    inner = getattr(function, "func", function)
    package = sys.modules.get(str(getattr(inner, "__module__", "")).partition(".")[0])
    return tuple(map(Path, getattr(package, "__path__", ())))


_ENVIRONMENT = frozenset(("environ", "environb", "getenv", "getenvb"))
_BY_ITSELF = frozenset(
    (
        *("duckdb", "connect", "read_parquet", "scan_parquet", "read_csv", "scan_csv", "read_ipc"),
        *("scan_ipc", "read_ndjson", "scan_ndjson", "read_delta", "read_table", "read_feather"),
        *("ParquetFile", "ParquetDataset", "memory_map", "load_file", "from_pretrained"),
        *("stat", "lstat", "exists", "is_file", "is_dir", "getmtime", "getsize"),
    )
)
"""Names of libraries and functions that look at files without Python opening them."""


_OPENING = frozenset(("open", "read_text", "read_bytes", "urlopen", "request", "Popen", "run"))


def names_environment(function: Callable[..., Any]) -> bool:
    """Whether a function, or one of its own package that it calls by name, reads variables.

    Told by the names in the code: ``os.environ`` and ``os.getenv`` under any spelling of ``os``.
    """
    return bool(_ENVIRONMENT & _names(function))


def names_libraries(function: Callable[..., Any], *, opening: bool = False) -> bool:
    """Whether its code names what looks at files without an event: a DuckDB connection, a stat.

    ``opening`` asks for names too that open files with an event, for code that nobody watches.
    """
    return bool((_BY_ITSELF | _OPENING if opening else _BY_ITSELF) & _names(function))


@functools.lru_cache(maxsize=256)
def _names(function: Callable[..., Any]) -> frozenset[str]:
    return frozenset(name for code in _codes(function, set()) for name in code.co_names)


def _codes(function: Any, seen: set[int]) -> Iterator[types.CodeType]:
    while isinstance(function, functools.partial | types.MethodType):
        function = function.func if isinstance(function, functools.partial) else function.__func__
    if not isinstance(function, types.FunctionType) or id(function) in seen:
        return
    seen.add(id(function))
    yield from _nested(function.__code__)
    package = function.__module__.partition(".")[0]
    cells = [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
    names = {name for code in _nested(function.__code__) for name in code.co_names}
    called = [function.__globals__[name] for name in names & function.__globals__.keys()]
    for each in (*cells, *called):
        if str(getattr(each, "__module__", "")).partition(".")[0] == package:
            yield from _codes(each, seen)


def _is_filled(cell: types.CellType) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


def _nested(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _nested(constant)

"""What a calculator reads beside its rows: it is named, and a change of it changes the answer."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from kpisdk.builtin.caches.memory_cache import MemoryCache
from kpisdk.contracts.calculators import Calculator, options_of
from kpisdk.engine.outside_reads import OutsideReads, home_of, outside_reads
from kpisdk.errors import listed
from kpisdk.testing.benches import Bench
from kpisdk.testing.checks.applying import DoesNotApplyError, Faults
from kpisdk.workspace import Workspace


def reads_are_named(bench: Bench, kpi_id: str) -> Faults:
    """What it reads beside rows and parameters is named, and is read again when it changes.

    Seen are the files that Python opens, connections, programs and variables of the environment, in
    the thread that computes. What compiled libraries open by themselves, other threads do, or a
    server answers differently is not. All KPIs are watched together, and one by one only where
    anything is read at all.
    """
    if not _calculators(bench, kpi_id):
        raise DoesNotApplyError(f"{kpi_id} is computed of rows alone, by no calculator")
    if bench.once("reads nothing", lambda: _reads_nothing(bench)):
        return
    subject = _Subject(bench, kpi_id)
    kept = subject.computed()
    hidden = subject.hidden(kept)
    if hidden:
        yield (
            f"It reads {listed(hidden)}, which it does not name, so that an answer outlives its "
            "change. Name files in Calculator.reads and anything else in Calculator.state (None "
            "where its version cannot be told: nothing is then kept)."
        )
        return
    if not subject.computed().cached:
        return  # nothing is kept, so nothing outlives anything
    for file in subject.files(kept):
        with _changed(file) as is_changed:
            again = subject.computed() if is_changed else None
        yield from subject.faults(again, file, read=again is not None and file in again.reads.files)
    for name in sorted(kept.variables):
        with _set(name):
            again = subject.computed()
        yield from subject.faults(again, f"the variable {name}", read=name in again.variables)


def _calculators(bench: Bench, kpi_id: str) -> list[Calculator]:
    options = [each.calculation for each in options_of(bench.subject.kpis[kpi_id].calculation)]
    return [each for each in options if isinstance(each, Calculator)]


def _reads_nothing(bench: Bench) -> bool:
    """Whether no calculator of the plugin reads anything beside its rows, now or earlier."""
    kpis = {each: _calculators(bench, each) for each in bench.subject.kpis}
    calculated = [each for each, calculators in kpis.items() if calculators]
    packages = {_package(each) for calculators in kpis.values() for each in calculators}
    with outside_reads() as seen, _variables(packages) as variables:
        for together in bench.groups(calculated):
            bench.computed(together, "frames")
    return not (seen.files or seen.others or variables or bench.files_read)


@attrs.frozen
class _Run:
    """One computation: whether its results were kept ones, and what it read."""

    cached: bool
    reads: OutsideReads
    variables: frozenset[str]


class _Subject:
    """A KPI in a workspace of its own, with a cache."""

    def __init__(self, bench: Bench, kpi_id: str) -> None:
        kpi = bench.subject.kpis[kpi_id]
        self.calculators = _calculators(bench, kpi_id)
        self._bench, self._kpi_id, self._request = bench, kpi_id, bench.request(kpi)
        self._settings = bench.subject.own_settings
        defaults = {each.name: each.default for each in kpi.parameters}
        self._parameters = {**defaults, **self._request["parameters"]}
        self._packages = {_package(each) for each in self.calculators}
        self._workspace = Workspace(
            bench.source("frames", "rows"),
            settings=bench.subject.settings,
            plugins=bench.subject.beside,
            cache=MemoryCache(),
            clock=lambda: bench.terms.as_of,
        )

    def computed(self) -> _Run:
        """The KPI computed, or taken from the cache."""
        with outside_reads() as seen, _variables(self._packages) as variables:
            report = self._workspace.compute(self._kpi_id, **self._request)
        return _Run(all(result.cached for result in report), seen, frozenset(variables))

    def files(self, run: _Run) -> list[str]:
        """The files that this run read, and those named that an earlier one did."""
        earlier = OutsideReads(set(self._bench.files_read))
        unnamed = {*earlier.beyond(self._named())}
        return sorted(run.reads.files | (earlier.files - unnamed))

    def _named(self) -> list[str | Path]:
        given = (self._parameters, self._settings)
        return [place for each in self.calculators for place in each.outside(*given)]

    def hidden(self, run: _Run) -> list[str]:
        """What was read and is named by no calculator."""
        if any(each.state is not None for each in self.calculators):
            return []  # what a state stands for is seen when it is changed
        homes = [place for each in self.calculators for place in home_of(each.function)]
        variables = [f"the variable {name}" for name in sorted(run.variables)]
        return [*map(repr, run.reads.beyond((*self._named(), *homes))), *variables]

    def faults(self, again: _Run | None, what: str, *, read: bool) -> Iterator[str]:
        """What is wrong with an answer after a change."""
        if again is None:
            return
        if again.cached:
            yield (
                f"It reads {what}, which was changed (with its size and time of modification left "
                "as they were), and the answer came from the cache. Put what is read into "
                "Calculator.reads, or its content into Calculator.state."
            )
        elif not read:
            yield (
                f"It reads {what} once and keeps it: after a change it was not read again. Read it "
                "each time, or keep it under kpisdk.file_identity of the file."
            )


def _package(calculator: Calculator) -> str:
    function: Any = calculator.function
    function = getattr(function, "func", function)
    return str(getattr(function, "__module__", "")).partition(".")[0]


@contextmanager
def _changed(file: str) -> Iterator[bool]:
    """A file with another last byte, its size and time of modification as before.

    It is put back afterwards; one that cannot be written stays as it is.
    """
    path = Path(file)
    try:
        facts, held = path.stat(), path.read_bytes()
        if not held or not os.access(path, os.W_OK):
            yield False
            return
    except OSError:
        yield False
        return
    times = (facts.st_atime_ns, facts.st_mtime_ns)
    try:
        path.write_bytes(held[:-1] + (b"\n" if held.endswith(b" ") else b" "))
        os.utime(path, ns=times)
        yield True
    finally:
        path.write_bytes(held)
        os.utime(path, ns=times)


@contextmanager
def _set(name: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = f"{before or ''}1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


@contextmanager
def _variables(packages: set[str]) -> Iterator[set[str]]:
    """The variables that code of those packages reads in the block."""
    seen: set[str] = set()
    environment = os.environ
    os.environ = _Environment(environment, packages, seen)  # type: ignore[assignment]  # noqa: B003
    try:
        yield seen
    finally:
        os.environ = environment  # noqa: B003 - put back as it was


class _Environment(MutableMapping[str, str]):
    """The environment, which notes what code of some packages reads of it."""

    def __init__(self, held: MutableMapping[str, str], packages: set[str], seen: set[str]) -> None:
        self._held, self._packages, self._seen = held, packages, seen

    def __getitem__(self, name: str) -> str:
        if self._is_theirs():
            self._seen.add(name)
        return self._held[name]

    def __setitem__(self, name: str, value: str) -> None:
        self._held[name] = value

    def __delitem__(self, name: str) -> None:
        del self._held[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def copy(self) -> Mapping[str, str]:
        """As ``os.environ.copy``."""
        return dict(self._held)

    def _is_theirs(self) -> bool:
        """Whether the nearest code that is neither of the library nor ours is of the packages."""
        frame: types.FrameType | None = sys._getframe(2)  # noqa: SLF001 - who asks stands nowhere else
        while frame is not None:
            name = str(frame.f_globals.get("__name__", "")).partition(".")[0]
            if name not in ("os", "collections", "_collections_abc"):
                return name in self._packages
            frame = frame.f_back
        return False

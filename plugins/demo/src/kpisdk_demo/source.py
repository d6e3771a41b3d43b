"""The ``demo:`` kind of source: rows that are made when they are first read.

What a location says becomes a plan; the plan becomes a temporary DuckDB file, once; and that file
is opened by the core's own kind of source for databases, which reads and never writes.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl

import attrs

from kpisdk import (
    KpisdkError,
    Problem,
    Session,
    Source,
    SourceIdentity,
    SourceOptions,
    SourceUnavailableError,
    Workspace,
)
from kpisdk_demo.marks import VERSION
from kpisdk_demo.plan import DemoPlanError, Plan, instant, midnight, plan
from kpisdk_demo.writing import write_duckdb

DEFAULTS = {"scale": "1", "seed": "7"}
"""What a location that does not say so means; ``end`` is the last midnight in UTC."""


def planned(location: str, options: SourceOptions, now: datetime) -> Plan:
    """The plan that ``demo:?scale=0.1&seed=7&end=2026-03-01`` asks for.

    Options of the source's settings count where the location says nothing.

    Args:
        location: the location, ``demo:`` and its options.
        options: those of the source's settings.
        now: the clock, for an ``end`` that nobody gives.

    Raises:
        DemoPlanError: everything that is wrong with the location, at once.
    """
    _, _, query = location.partition("?")
    texts = {**DEFAULTS, **{name: str(value) for name, value in options.options.items()}}
    texts |= dict(parse_qsl(query, keep_blank_values=True))
    problems = [
        Problem(name, "is no option of demo:. There are scale, seed and end.")
        for name in sorted(texts.keys() - {"scale", "seed", "end"})
    ]
    try:
        scale = float(texts["scale"])
    except ValueError:
        problems.append(Problem("scale", f"{texts['scale']!r} is no number."))
    try:
        seed = int(texts["seed"])
    except ValueError:
        problems.append(Problem("seed", f"{texts['seed']!r} is no whole number."))
    try:
        end = instant(texts["end"]) if "end" in texts else midnight(now)
    except ValueError:
        problems.append(Problem("end", f"{texts['end']!r} is no date or instant (2026-03-01)."))
    if problems:
        raise DemoPlanError(f"Source {location!r}", tuple(problems))
    return plan(scale, seed, end)


@attrs.define(eq=False)
class DemoSource:
    """Synthetic rows: made at the first session, gone with the source.

    Attributes:
        plan: what the rows follow from, and so the identity: equal plans hold equal rows.
        options: how the source is to be opened.
    """

    plan: Plan
    options: SourceOptions
    _database: Source | None = attrs.field(default=None, init=False)

    @classmethod
    def at(cls, location: str, options: SourceOptions) -> Self:
        """The source that a location stands for; nothing is made yet.

        Args:
            location: the location, ``demo:`` and its options.
            options: those of the source's settings.

        Raises:
            DemoPlanError: the location asks for what cannot be made.
        """
        return cls(planned(location, options, datetime.now(UTC)), options)

    @property
    def identity(self) -> SourceIdentity:
        made_from = (VERSION, self.plan.scale, self.plan.seed, self.plan.end.isoformat())
        fingerprint = "-".join(map(str, ("demo", *made_from)))
        return SourceIdentity(self.options.name, "demo", fingerprint, synthetic=True)

    @property
    def retries(self) -> int:
        return 0

    @contextmanager
    def session(self) -> Iterator[Session]:
        # A generator, so that an open session keeps the source, and with it the file, alive.
        if self._database is None:
            self._database = self._made()
        with self._database.session() as session:
            yield session

    def _made(self) -> Source:
        folder = tempfile.mkdtemp(prefix="kpisdk-demo-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        try:
            path = write_duckdb(
                Path(folder) / "demo.duckdb", self.plan.scale, self.plan.seed, self.plan.end
            )
        except KpisdkError as error:
            raise SourceUnavailableError(self.options.name, error.message) from error
        # The core's own kind opens the file, with the same patience that was requested of this one.
        kinds = Workspace(cache="off").registry.sources
        return kinds["database"].open(f"duckdb:///{path}", self.options)

"""What is to be generated: scale, seed and end, and the random streams that follow from them.

Patients come in cells of :data:`CELL`. Every (stream, cell) has a random generator of its own, so
that the rows of a cell are the same whatever is generated before or beside it.
"""

from __future__ import annotations

import math
import zlib
from datetime import UTC, datetime
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk import Problem, ProblemsError

CELL: Final = 500
"""Patients of a cell; the last one may hold fewer."""

PATIENTS_PER_SCALE: Final = 10_000
SMALLEST_SCALE: Final = 0.002
LARGEST_SCALE: Final = 999.0

HISTORY: Final = 365
"""Days of triggers before ``end``."""


@attrs.define(eq=False)
class DemoPlanError(ProblemsError):
    """Arguments that no data set can be generated from, all of them listed."""


@attrs.frozen
class Plan:
    """One data set: everything in it follows from these three values.

    Attributes:
        scale: 1 is about 10 000 patients.
        seed: a non-negative integer; equal seeds give equal rows.
        end: the instant (naive UTC) that every row lies before.
    """

    scale: float
    seed: int
    end: datetime

    @property
    def patients(self) -> int:
        """How many patients there are."""
        return round(PATIENTS_PER_SCALE * self.scale)

    @property
    def cells(self) -> int:
        """How many cells of patients there are."""
        return math.ceil(self.patients / CELL)

    def size(self, cell: int) -> int:
        """The number of patients in a cell."""
        return min(CELL, self.patients - cell * CELL)

    @property
    def end64(self) -> np.datetime64:
        """``end`` for arithmetic."""
        return np.datetime64(self.end, "us")

    @property
    def last_day(self) -> np.datetime64:
        """The newest calendar day that begins before ``end``."""
        day: np.datetime64 = (self.end64 - np.timedelta64(1, "us")).astype("datetime64[D]")
        return day

    def rng(self, stream: str, cell: int = 0) -> np.random.Generator:
        """The random generator of one stream in one cell.

        Args:
            stream: name of what is drawn.
            cell: number of the cell, from 0.
        """
        key = (zlib.crc32(stream.encode()), cell)
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))

    def instants(self, days_ago: NDArray[np.floating[Any]]) -> NDArray[np.datetime64]:
        """Instants (``datetime64[us]``, whole seconds) that many days before ``end``."""
        seconds = np.ceil(days_ago * 86_400).astype(np.int64)
        ago = seconds.astype("timedelta64[s]").astype("timedelta64[us]")
        instants: NDArray[np.datetime64] = self.end64 - ago
        return instants

    def dates(self, days_ago: NDArray[np.integer[Any]]) -> NDArray[np.datetime64]:
        """Calendar days (``datetime64[D]``), 0 being the last day before ``end``."""
        return self.last_day - days_ago.astype("timedelta64[D]")


def midnight(now: datetime) -> datetime:
    """The last midnight in UTC at or before ``now`` (aware)."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)


def instant(text: str) -> datetime:
    """An ISO 8601 date or instant; what has no zone is UTC.

    Raises:
        ValueError: it is neither.
    """
    return datetime.fromisoformat(text.strip())


def plan(scale: float, seed: int, end: datetime) -> Plan:
    """A checked plan; an aware ``end`` is converted to UTC, a naive one is taken as UTC.

    Args:
        scale: 1 is 10,000 patients.
        seed: a non-negative integer.
        end: the instant that every row lies before.

    Raises:
        DemoPlanError: a scale, seed or end that cannot be used; all faults at once.
    """
    problems = []
    if not (math.isfinite(scale) and SMALLEST_SCALE <= scale <= LARGEST_SCALE):
        problems.append(
            Problem(
                "scale",
                f"{scale!r} is not between {SMALLEST_SCALE} (20 patients) and {LARGEST_SCALE:g}."
                " Scale 1 is 10,000 patients.",
            )
        )
    if seed < 0:
        problems.append(Problem("seed", f"{seed!r} is negative. Give 0 or more."))
    if not 1980 <= end.year <= 2200:
        problems.append(Problem("end", f"{end.isoformat()} is not between 1980 and 2200."))
    if problems:
        raise DemoPlanError("The demo data set", tuple(problems))
    if end.tzinfo is not None:
        end = end.astimezone(UTC).replace(tzinfo=None)
    return Plan(float(scale), seed, end)

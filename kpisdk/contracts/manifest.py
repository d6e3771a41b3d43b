"""What a result rests on: versions, source, statements. Enough to compute it again and compare."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import attrs

Bound: TypeAlias = Mapping[str, Any] | Sequence[Any]
"""The values of a statement, by name or in order."""


@attrs.frozen
class StatementReceipt:
    """One statement that was run: what it was can be checked, and not read.

    Attributes:
        digest: SHA-256 (hex) of its text and its bound values, as the driver received them.
        rows: how many rows it gave.
    """

    digest: str
    rows: int

    @classmethod
    def of(cls, text: str, values: Bound, rows: int) -> StatementReceipt:
        """The receipt of a statement; bound values go by their type and their ``repr``."""
        bound = values.items() if isinstance(values, Mapping) else enumerate(values)
        written = sorted([str(name), type(each).__name__, repr(each)] for name, each in bound)
        content = json.dumps([text, written]).encode()
        return cls(hashlib.sha256(content).hexdigest(), rows)


@attrs.frozen(kw_only=True)
class Manifest:
    """What one result was computed by and from.

    Attributes:
        core: the version of kpisdk.
        plugin: the distribution that brings the KPI, and its version.
        python: the version of Python.
        engine: the engine that ran the statements, and its version.
        driver: the driver that spoke to it, and its version.
        source: a hash (hex) of what identifies the rows: that of the source, and of the tables that
            the KPI reads. On a server it is the snapshot, another one as soon as anything was
            written; ``None`` where nothing can tell (a view over a server elsewhere).
        definition_version: that of the KPI, with the version of the core.
        statements: what was run for this KPI, alone or shared with others, in order.
        rows_read: how many rows these statements gave.
        interval_method: how the interval was made; ``None`` without one.
        interval_unit: what it takes for independent.
        seed: what random numbers began with; ``None`` where none were drawn.
    """

    core: str
    plugin: str
    python: str
    engine: str | None = None
    driver: str | None = None
    source: str | None = None
    definition_version: str
    statements: tuple[StatementReceipt, ...] = ()
    rows_read: int = 0
    interval_method: str | None = None
    interval_unit: str | None = None
    seed: int | None = None

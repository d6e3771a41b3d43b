"""What an execution needs besides its request: definitions, source, cache, clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

import attrs

from kpisdk.contracts.cache_backends import Cache
from kpisdk.contracts.source_kinds import Source
from kpisdk.engine.definitions import Definitions
from kpisdk.settings import TableMapping

CALCULATOR_TIMEOUT = 600.0
"""Seconds that one call of a plugin's calculation may take where nobody says otherwise."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done, and how many there are."""


class Elsewhere(Protocol):
    """The datasets whose tables lie in other sources than the workspace's, and how to get there."""

    @property
    def own(self) -> str:
        """The name of the workspace's own source."""
        ...

    @property
    def places(self) -> Mapping[str, str]:
        """Datasets to the names of the sources that their tables lie in."""
        ...

    def context(
        self, own: ExecutionContext, datasets: frozenset[str], columns: frozenset[str]
    ) -> ExecutionContext:
        """The context that answers KPIs over just these datasets, one of them elsewhere.

        Args:
            own: the context of the workspace's own source.
            datasets: the datasets that are read.
            columns: columns that a request names, which no plugin may declare.

        Raises:
            SourceUnavailableError: a source that is needed does not exist.
        """
        ...


@attrs.frozen
class ExecutionContext:
    """Everything that an execution needs besides the request."""

    definitions: Definitions
    source: Source
    mappings: Mapping[str, TableMapping]
    cache: Cache | None
    clock: Callable[[], datetime]
    progress: Progress | None = None
    calculator_timeout: float = CALCULATOR_TIMEOUT
    elsewhere: Elsewhere | None = None

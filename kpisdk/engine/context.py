"""What an execution needs besides its request: definitions, source, cache, clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import attrs

from kpisdk.contracts.cache_backends import Cache
from kpisdk.contracts.source_kinds import Source
from kpisdk.engine.definitions import Definitions
from kpisdk.settings import TableMapping

CALCULATOR_TIMEOUT = 600.0
"""Seconds that one call of a plugin's calculation may take where nobody says otherwise."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done, and how many there are."""


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

"""Whether a check applies: a property that a KPI cannot have is told, and never passes silently."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import attrs

from kpisdk.errors import KpisdkError

Faults: TypeAlias = Iterator[str]
"""What a check finds: a sentence each, for the plugin's author. None: the property holds."""


@attrs.define(eq=False)
class DoesNotApplyError(KpisdkError):
    """A property that the subject cannot have, and why."""

    reason: str

    @property
    def message(self) -> str:
        return self.reason

"""Whether a check applies: what a KPI cannot have, or leaves open, never passes silently."""

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


@attrs.define(eq=False)
class NotProvedError(KpisdkError):
    """A property that is left open, and what its author has to say for it to be looked at."""

    template = "{reason}"

    reason: str

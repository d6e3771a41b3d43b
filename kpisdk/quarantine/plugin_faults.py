"""The errors for a plugin's function that does not return: it raises, ends the process, hangs."""

from __future__ import annotations

import attrs

from kpisdk.errors import KpisdkError


@attrs.define(eq=False)
class PluginFaultError(KpisdkError):
    """A plugin's function raised what is no sentence of ours; ``what`` is its type and words."""

    what: str
    cause: BaseException | None = attrs.field(default=None, repr=False)

    @property
    def message(self) -> str:
        return self.what


@attrs.define(eq=False)
class PluginTimeoutError(PluginFaultError):
    """A plugin's function that did not come back in time, and was left behind."""

    seconds: float = 0.0

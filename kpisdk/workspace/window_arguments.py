"""Windows and instants as a caller may write them."""

from __future__ import annotations

from datetime import datetime

import attrs

from kpisdk.contracts.time_windows import Window, WindowRule


@attrs.frozen
class Fixed:
    """A window that a caller gave as a record: it is what it is at any instant."""

    window: Window

    @property
    def label(self) -> str:
        """The window's own label, and its bounds: two windows never share it."""
        return f"{self.window.label} [{self.window.start}, {self.window.end})"

    def resolve(self, as_of: datetime) -> Window:  # noqa: ARG002 - the instant changes nothing
        """The window."""
        return self.window


def rule(window: str | Window | WindowRule | None) -> WindowRule | None:
    """A window rule from a text, a record or a rule.

    Raises:
        UnparsableWindowError: a text that is none of the accepted forms.
    """
    if window is None:
        return None
    if isinstance(window, str):
        from kpisdk.windows import parse_window

        return parse_window(window)
    return Fixed(window) if isinstance(window, Window) else window


def instant(as_of: str | datetime | None) -> datetime | None:
    """An instant from ISO 8601 text; a datetime as it is.

    Raises:
        UnparsableInstantError: a text that is no instant.
    """
    if isinstance(as_of, str):
        from kpisdk.windows import parse_instant

        return parse_instant(as_of)
    return as_of

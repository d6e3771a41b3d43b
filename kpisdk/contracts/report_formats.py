"""What shows results: a report format that a plugin brings."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from kpisdk.contracts.results import Report


@attrs.frozen
class ReportFormat:
    """A way to show a report: ``render`` returns text, rounded only where people read it.

    ``machine`` formats hold full precision. ``colour`` is passed to formats that can use it.
    ``wide`` is what ``--wide`` shows: the same with nothing left out for want of room; a format
    that leaves nothing out has none.
    """

    name: str
    render: Callable[[Report, bool], str]
    machine: bool = False
    suffix: str = ".txt"
    wide: Callable[[Report, bool], str] | None = None

"""What shows results: a report format that a plugin brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.results import Report
from kpisdk.contracts.translations import Language


@attrs.frozen
class ReportFormat:
    """A way to show a report: ``render`` returns text, rounded only where people read it.

    ``machine`` formats hold full precision. ``colour`` is passed to formats that can use it.
    ``wide`` is what ``--wide`` shows: the same with nothing left out for want of room; a format
    that leaves nothing out has none. ``with_kpis`` shows a report with what the KPIs' records say
    and results do not (their owners); the records come by id. ``in_language`` shows it in another
    language than English, with colour and whether it is to be wide; a format without it, as all
    machine formats are, is the same in every language.
    """

    name: str
    render: Callable[[Report, bool], str]
    machine: bool = False
    suffix: str = ".txt"
    wide: Callable[[Report, bool], str] | None = None
    with_kpis: Callable[[Report, Mapping[str, Kpi]], str] | None = None
    in_language: Callable[[Report, Language, bool, bool], str] | None = None

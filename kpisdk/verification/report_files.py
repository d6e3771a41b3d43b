"""A report as ``kpisdk compute --format json`` wrote it, read back with what was asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import attrs

from kpisdk.contracts.json_records import converter
from kpisdk.contracts.results import SCHEMA_VERSION, Result
from kpisdk.contracts.time_windows import Window
from kpisdk.errors import KpisdkError, UsageError
from kpisdk.windows import parse_window

_ASKED = (
    *("as_of", "where", "by", "grain", "compare", "parameters", "fuse", "use_views", "max_groups"),
    *("intervals", "family", "repeated"),
)
"""The parts of a request that are asked again as they were written."""

_REFUSED = (ValueError, TypeError, KeyError, AttributeError, RecursionError, KpisdkError)


@attrs.define(eq=False)
class NoReportError(UsageError):
    """A file that holds no report in JSON."""

    path: str
    reason: str

    template = (
        "{path:quoted} is no report that can be checked: {reason}. "
        "`kpisdk compute --format json` writes one."
    )


@attrs.frozen
class ReportFile:
    """A report out of a file: its results, its source's name, what was asked, and all it says.

    Attributes:
        results: as they were computed and judged.
        source: the name of the source; ``None`` where the report names none.
        kpi_ids: the KPIs that were asked for.
        asked: arguments of :meth:`kpisdk.Workspace.compute`; ``None`` where the report does not
            say, as those of older versions do not.
        document: the whole of the JSON object.
    """

    results: tuple[Result, ...]
    source: str | None
    kpi_ids: tuple[str, ...]
    asked: Mapping[str, Any] | None
    document: Mapping[str, Any]

    @property
    def can_be_asked_again(self) -> bool:
        """Whether it says how it was asked, and of every result what it rests on."""
        return self.asked is not None and all(each.manifest for each in self.results)

    @property
    def computed_at(self) -> datetime:
        """When the newest of its results was computed."""
        known = [each.computed_at for each in self.results if each.computed_at is not None]
        return max(known, default=datetime.now(UTC))


def read_report(path: Path) -> ReportFile:
    """The report in a file.

    Raises:
        NoReportError: the file cannot be read, or holds something else.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise NoReportError(str(path), error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise NoReportError(str(path), "it is not UTF-8") from error
    try:
        document = json.loads(text, object_pairs_hook=_mapping, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NoReportError(str(path), f"it is not JSON ({error})") from error
    if not isinstance(document, dict) or not isinstance(document.get("results"), list):
        raise NoReportError(str(path), "it is not the object of a report, with its results")
    if document.get("schema_version") != SCHEMA_VERSION:
        found = document.get("schema_version")
        raise NoReportError(str(path), f"its schema_version is {found!r}, not {SCHEMA_VERSION}")
    try:
        return _report(document)
    except _REFUSED as error:
        raise NoReportError(str(path), f"a part of it is not as it is written ({error})") from error


def _report(document: Mapping[str, Any]) -> ReportFile:
    results = tuple(Result.from_dict(each) for each in document["results"])
    source = (document.get("source") or {}).get("name")
    request = document.get("request")
    if request is None:
        ids = tuple(dict.fromkeys(each.kpi_id for each in results))
        return ReportFile(results, source, ids, None, document)
    asked = {name: request[name] for name in _ASKED if request.get(name) is not None}
    is_screening = request.get("everything") and not request.get("by")
    if is_screening and request.get("family") is None:
        asked["family"] = "bh"  # the default for all KPIs, whichever are installed now
    asked["window"] = _window(request.get("window"))
    return ReportFile(results, source, tuple(request["kpi_ids"]), asked, document)


def _window(written: Any) -> Any:
    if isinstance(written, dict):
        return converter().structure(written, Window)
    return None if written is None else parse_window(written)


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        # Readers differ in which of two they take, so that a signature would hold for both.
        raise ValueError("a key stands twice in one object")
    return made


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")

"""The scorecard and its KPIs as a folder of files that any web server can publish."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import attrs

from kpisdk import Report, Result
from kpisdk.reporting import json_text, page_asset, published
from kpisdk_web.errors import SiteWriteError
from kpisdk_web.pages import HERE, Copies, kpi_page, scorecard_page
from kpisdk_web.records import events_csv, events_document, record_of, statements_document
from kpisdk_web.snapshot import Snapshot

SHARED = ("page.css", "kpi.css", "filter.js", "picture.js")
"""Style sheets and scripts that the core has for all pages."""


def write_site(folder: Path, shown: Snapshot, csv: Callable[[Report], str]) -> None:
    """Write the pages, their copies and what they load into a folder.

    Args:
        folder: made where it is not there; files of the same names are replaced.
        shown: what is on the pages.
        csv: from a report to its text as CSV.

    Raises:
        SiteWriteError: a folder or file cannot be written.
    """
    try:
        _write_all(folder, shown, csv)
    except OSError as error:
        where = str(error.filename or folder)
        raise SiteWriteError(where, error.strerror or str(error)) from error


def _write_all(folder: Path, shown: Snapshot, csv: Callable[[Report], str]) -> None:
    static, kpis = folder / "static", folder / "kpis"
    kpis.mkdir(parents=True, exist_ok=True)
    shutil.copytree(HERE / "static", static, dirs_exist_ok=True)
    for name in SHARED:
        _write(static / name, page_asset(name))
    _write_copies(folder / "report", shown.report, csv)
    index = scorecard_page(
        shown,
        static="static",
        href=lambda kpi_id: f"kpis/{kpi_id}.html",
        copies=_links("report"),
    )
    _write(folder / "index.html", index)
    for kpi_id in dict.fromkeys(result.kpi_id for result in shown.report.results):
        written: dict[str, Copies] = {}
        for view, report in _views(kpi_id, shown):
            _write_copies(kpis / f"{kpi_id}-{view}", report, csv)
            written[view] = _links(f"{kpi_id}-{view}")
        for view, form, text in _records(kpi_id, shown):
            name = f"{kpi_id}-{view}.{form}"
            _write(kpis / name, text)
            written[view] = [*written.get(view, ()), (form.upper(), name)]
        text = kpi_page(
            kpi_id,
            shown,
            static="../static",
            home="../index.html",
            href=lambda other: f"{other}.html",
            copies=functools.partial(_copies_in, written),
        )
        _write(kpis / f"{kpi_id}.html", text)


def _views(kpi_id: str, shown: Snapshot) -> Iterator[tuple[str, Report]]:
    yield "now", of_kpi(shown.report, kpi_id)
    yield "trend", of_kpi(shown.trends, kpi_id)
    if any(each.comparison is not None for each in of_kpi(shown.report, kpi_id).results):
        yield "change", of_kpi(shown.report, kpi_id)
    guards = [each.kpi_id for each in shown.guardrails_of(kpi_id)]
    if guards:
        yield "guardrails", of_kpi(shown.report, *guards)
    cut = [of_kpi(each, kpi_id) for each in shown.slices]
    with_value = [each for each in cut if any(result.ok for result in each.results)]
    for place, report in enumerate(with_value, start=1):
        yield f"by-{place}", report


def _records(kpi_id: str, shown: Snapshot) -> Iterator[tuple[str, str, str]]:
    """Copies that are no results: view, format, text."""
    events = shown.events.get(kpi_id, ())
    if events:
        yield "events", "csv", events_csv(kpi_id, events)
        yield "events", "json", _pretty(events_document(kpi_id, events))
    if kpi_id in shown.kpis:
        yield "meaning", "json", _pretty(record_of(shown.kpis[kpi_id]))
    statements = [each for each in shown.statements if kpi_id in each.kpis]
    if statements:
        yield "statements", "json", _pretty(statements_document(statements))


def _copies_in(written: Mapping[str, Copies], view: str) -> Copies:
    return written.get(view, ())


def of_kpi(report: Report, *kpi_ids: str) -> Report:
    """The part of a report that is about some KPIs.

    Args:
        report: the whole report.
        *kpi_ids: the KPIs.
    """
    own: tuple[Result, ...] = tuple(each for each in report.results if each.kpi_id in kpi_ids)
    return attrs.evolve(report, results=own, request=None)


def _links(stem: str) -> Copies:
    return [("CSV", f"{stem}.csv"), ("JSON", f"{stem}.json")]


def _write_copies(stem: Path, report: Report, csv: Callable[[Report], str]) -> None:
    # What is published names its source, not the folder or the host where it lies.
    told = published(report)
    _write(stem.with_name(f"{stem.name}.csv"), csv(told))
    _write(stem.with_name(f"{stem.name}.json"), _pretty(told.to_dict()))


def _pretty(document: object) -> str:
    return f"{json_text(document, indent=2)}\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")

"""What a published page says of its source: its name, and neither its place nor who may open it."""

from __future__ import annotations

import re

import attrs

from kpisdk.contracts.estimates import Note
from kpisdk.contracts.results import Report

_SEPARATORS = re.compile(r"[/\\]+")


def published(report: Report) -> Report:
    """The report with the name of its source alone, as :func:`source_name` has it.

    A page is passed on. Its readers recognise a source by its name and kind; the folder that it
    lies in, or the host and the account that open it, tell them of somebody's machine instead.

    Args:
        report: what is shown, or copied for readers of the page.
    """
    if report.source is None:
        return report
    location = report.source.name
    name = source_name(location)
    if name == location:
        return report
    # Sentences about a source that does not answer name it as it was given, or its path alone.
    rest = location.partition("://")[2]
    places = [each for each in (location, rest, rest[1:]) if len(each) > len(name)]

    def told(text: str | None) -> str | None:
        for place in places:
            text = text.replace(place, name) if text else text
        return text

    def note(each: Note) -> Note:
        return attrs.evolve(each, message=told(each.message) or "")

    return attrs.evolve(
        report,
        source=attrs.evolve(report.source, name=name),
        warnings=tuple(map(note, report.warnings)),
        results=tuple(
            attrs.evolve(each, message=told(each.message), warnings=tuple(map(note, each.warnings)))
            for each in report.results
        ),
    )


def source_name(location: str) -> str:
    """The last part of a path or URL: ``shop.duckdb`` of ``duckdb:////data/shop.duckdb``.

    A name from the settings is itself. Of a server it is the database, and the host only where no
    database is named; accounts, passwords and options are never part of it.

    Args:
        location: a name, a path or a URL.
    """
    scheme, is_url, rest = location.partition("://")
    if not is_url:
        rest, scheme = location, ""
    else:
        rest = rest.partition("?")[0].partition("#")[0]
    parts = [part for part in _SEPARATORS.split(rest) if part]
    if not parts:
        return scheme or location
    return parts[-1].rpartition("@")[2] if is_url and len(parts) == 1 else parts[-1]

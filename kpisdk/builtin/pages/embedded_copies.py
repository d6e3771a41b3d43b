"""The numbers of a page inside of the page: compressed CSV and JSON behind links that hold them.

A page that is one file has no other file to link. A link that holds its own data works without a
script and without a request; compressed, because twelve periods of 57 KPIs are half a megabyte as
JSON, and a page is mailed. Where a script runs, it saves the file unpacked.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator

import attrs

from kpisdk.builtin.pages.cards import LAST, by_key
from kpisdk.builtin.pages.publishing import published
from kpisdk.builtin.pages.trend_points import trimmed
from kpisdk.builtin.reports import csv_rows
from kpisdk.builtin.reports.json_texts import json_text
from kpisdk.contracts.results import Report, Result

LONGEST = 150_000
"""Bytes of a page that can be mailed; copies that would make it longer are left out."""

_AROUND = 500  # bytes of the elements around the links

Copy = tuple[str, str]
"""A format's name, and a link that holds the text."""


def embedded_copies(report: Report, length: int) -> tuple[tuple[Copy, ...], tuple[str, ...]]:
    """Links that hold what a page shows of a report, and the formats that are too long for one.

    They hold the same periods as the page, in full precision; receipts, details, times of
    computation and ``status_p``, which no page shows, are left to the report's other formats.

    Args:
        report: what is on the page.
        length: how many bytes the page has without them.
    """
    shown = _shown(report)
    texts = (("CSV", csv_rows.render(shown)), ("JSON", f"{json_text(shown.to_dict())}\n"))
    found: list[Copy] = []
    left_out: list[str] = []
    room = LONGEST - length - _AROUND
    for name, text in texts:
        link = _link(text)
        if len(link) > room:
            left_out.append(name)
        else:
            room -= len(link)
            found.append((name, link))
    return tuple(found), tuple(left_out)


def _shown(report: Report) -> Report:
    results = tuple(
        attrs.evolve(
            each, manifest=None, details={}, computed_at=None, duration_ms=0.0, status_p=None
        )
        for group in by_key(report).values()
        for each in _periods(group)
    )
    return published(attrs.evolve(report, results=results, request=None))


def _periods(results: list[Result]) -> Iterator[Result]:
    """The periods that a card shows, and the newer ones that it counts; an absent one is one."""
    known = len(trimmed(results))
    yield from results[max(0, known - LAST) :] if known else results[-1:]


def _link(text: str) -> str:
    # No time of writing inside: equal reports are equal pages.
    packed = gzip.compress(text.encode(), compresslevel=9, mtime=0)
    return f"data:application/gzip;base64,{base64.b64encode(packed).decode()}"

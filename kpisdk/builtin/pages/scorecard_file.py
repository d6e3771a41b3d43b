"""The scorecard as one HTML file that needs nothing else: no request, and no script to read it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from kpisdk.builtin.pages.page_templates import asset, page
from kpisdk.builtin.pages.scorecard_view import scorecard_view
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.results import Report


def render(report: Report, colour: bool = False) -> str:
    """A page with all results; readable in light and dark, and on paper."""
    del colour
    return render_with(report, {})


def render_with(report: Report, kpis: Mapping[str, Kpi]) -> str:
    """The same page with the owners that the KPIs' records name, to filter by."""
    # The policy makes the promise binding: a browser loads nothing, whatever a text smuggles in,
    # and runs no other script than the one whose digest stands there.
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src {digest('filter.js')}"
    return page("scorecard_file.html", view=scorecard_view(report, kpis=kpis), policy=policy)


def digest(name: str) -> str:
    """A script of ours as a content security policy names it."""
    found = hashlib.sha256(asset(name).encode()).digest()
    return f"'sha256-{base64.b64encode(found).decode()}'"

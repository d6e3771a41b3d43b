"""The scorecard as one HTML file that needs nothing else: no request, and no script to read it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from kpisdk.builtin.pages.embedded_copies import embedded_copies
from kpisdk.builtin.pages.page_templates import page, slim_asset
from kpisdk.builtin.pages.scorecard_view import scorecard_view
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.results import Report

SCRIPTS = ("filter.js", "picture.js", "unpack.js")
"""What stands in the file: filters, pictures, and copies that are saved unpacked."""


def render(report: Report, colour: bool = False) -> str:
    """A page with all results; readable in light and dark, and on paper."""
    del colour
    return render_with(report, {})


def render_with(report: Report, kpis: Mapping[str, Kpi]) -> str:
    """The same page with the owners that the KPIs' records name, to filter by."""
    from markupsafe import Markup

    # The policy makes the promise binding: a browser loads nothing, whatever a text smuggles in,
    # and runs no other script than the one whose digest stands there. Images are those that the
    # page draws of itself, for its copies as PNG.
    script = "\n".join(map(slim_asset, SCRIPTS))
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src {digest(script)}; base-uri 'none'; form-action 'none'"
    )
    shown: dict[str, Any] = {
        "view": scorecard_view(report, kpis=kpis),
        "policy": policy,
        "style": Markup(slim_asset("page.css")),  # noqa: S704 - a file of ours
        "script": Markup(script),  # noqa: S704 - files of ours
        "name": "kpis",
    }
    whole = page("scorecard_file.html", **shown)
    copies, left_out = embedded_copies(report, len(whole.encode()))
    return page("scorecard_file.html", **shown, copies=copies, left_out=left_out)


def digest(script: str) -> str:
    """A script of ours as a content security policy names it."""
    found = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(found).decode()}'"

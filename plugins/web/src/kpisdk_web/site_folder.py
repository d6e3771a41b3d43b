"""The scorecard as a folder of files that any web server can publish."""

from __future__ import annotations

from pathlib import Path

from kpisdk.reporting import json_text, page, page_asset, scorecard_view
from kpisdk_web.snapshot import Snapshot

HERE = Path(__file__).parent
STATIC = ("page.css", "filter.js")


def write_site(folder: Path, shown: Snapshot) -> None:
    """Write the pages and what they load into a folder, which is made where it is not there."""
    (folder / "static").mkdir(parents=True, exist_ok=True)
    for name in STATIC:
        (folder / "static" / name).write_text(page_asset(name), encoding="utf-8")
    view = scorecard_view(shown.report, shown.trends, shown.kpis)
    text = page("site.html", [HERE / "templates"], view=view, policy=POLICY, static="static")
    (folder / "index.html").write_text(text, encoding="utf-8")
    document = json_text(shown.report.to_dict(), indent=2)
    (folder / "report.json").write_text(f"{document}\n", encoding="utf-8")


POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:"
"""What the pages may load: their own files."""

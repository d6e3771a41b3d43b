"""Makes the pictures of the landing page from the demo data: the scorecard, and a trend.

    python docs/page_pictures.py [demo.duckdb]

It needs Chromium (Debian's ``chromium``) and the plugins of all KPIs; without a file the demo data
are made anew. The pictures are kept in the repository, so that building the pages needs neither.
"""
# ruff: noqa: S603
# The commands are its own.

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PICTURES = Path(__file__).parent / "pictures"
KPIS = (
    *("WS2-TR-004", "WS2-TR-001", "WS2-TR-007", "WS2-TR-008", "WS1-DQ-005", "WS1-DQ-007"),
    *("WS3-BI-009", "WS3-BI-003", "EDU-KX-001", "EDU-KX-004"),
)
TREND = ("WS2-TR-004", "--by", "brand", "--grain", "month")


def main(given: list[str]) -> None:
    """Write both pictures."""
    browser = shutil.which("chromium")
    if browser is None:
        raise SystemExit("Chromium is not installed: apt-get install chromium")
    kpisdk = str(Path(sys.executable).with_name("kpisdk"))
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = Path(given[0]).resolve() if given else folder / "demo.duckdb"
        if not given:
            subprocess.run([kpisdk, "demo", "--no-compute", "--out", source], check=True)
        # By its name alone: pictures do not show where it lay.
        shown = ["--source", source.name]
        site = [kpisdk, "site", *KPIS, *shown, "--out", folder / "site"]
        subprocess.run(site, check=True, cwd=source.parent)
        subprocess.run(
            [
                *(browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
                *(f"--user-data-dir={folder / 'profile'}", "--window-size=1280,1100"),
                f"--screenshot={PICTURES / 'scorecard.png'}",
                (folder / "site" / "index.html").as_uri(),
            ],
            check=True,
            capture_output=True,
        )
        trend = PICTURES / "trend.png"
        plot = [kpisdk, "plot", *TREND, *shown, "--out", trend]
        subprocess.run(plot, check=True, cwd=source.parent)


if __name__ == "__main__":
    main(sys.argv[1:])

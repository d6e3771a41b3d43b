"""Where the files of the pages lie."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent.parent
TEMPLATES = [HERE / "templates"]
STATIC = HERE / "static"

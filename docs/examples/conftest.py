"""Makes the examples importable where they are not installed: from their own folders."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

for folder in Path(__file__).parent.glob("*/src"):
    for package in folder.iterdir():
        if importlib.util.find_spec(package.stem) is None:
            sys.path.append(str(folder))

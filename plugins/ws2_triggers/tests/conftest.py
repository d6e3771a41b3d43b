"""The trigger KPIs on every engine: sources made once a module, because PostgreSQL takes its time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

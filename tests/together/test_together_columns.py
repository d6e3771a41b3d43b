"""A KPI needs the columns that it uses, and no other: each declared one is taken away in turn."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kpisdk_demo import frames

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
PARAMETERS = {"source": "stored"}


@pytest.fixture(scope="module")
def whole() -> dict[str, pd.DataFrame]:
    """The demo data: every table that the commercial KPIs read."""
    return dict(frames(0.02, 7, NOW))
